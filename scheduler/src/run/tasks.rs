//! What becomes of tasks: they wait, start, stop, leave spot, end. The simulator's rules, in its order.

use std::ops::Range;

use tradewind_core::time::{Millis, Time};
use tradewind_mcp::tools::submit_ml_job::{JobState, Reply};

use super::call::Intent;
use super::node::{Node, Phase as NodePhase};
use super::script::Home;
use super::state::{Known, Stint, Timer};
use super::task::{Phase, Why};
use super::turn::{Turn, key};

/// When a start that was refused is tried again.
const START_AGAIN: Millis = Millis::from_secs(60);

impl Turn<'_> {
    /// The nodes of a task.
    fn nodes_of(&self, task: u32) -> Range<usize> {
        let first = self.state.tasks[task as usize].first_node as usize;
        first..first + self.script.task(task).nodes as usize
    }

    /// The cloud on which a task is.
    fn cloud_of(&self, task: u32) -> String {
        self.script.site(self.state.nodes[self.nodes_of(task).start].home).cloud
    }

    /// Puts a task in line on its nodes, or starts it.
    pub fn queue_up(&mut self, task: u32) {
        let t = &self.state.tasks[task as usize];
        if !t.due || t.waits_for > 0 || t.phase != Phase::Waiting || self.start(task) {
            return;
        }
        let nodes = self.nodes_of(task);
        for node in &mut self.state.nodes[nodes] {
            if !node.waiting.contains(&task) {
                node.waiting.push(task);
            }
        }
    }

    /// Starts what waits on a node, in order, as far as there is room.
    pub fn start_waiting(&mut self, node: u32) {
        for task in std::mem::take(&mut self.state.nodes[node as usize].waiting) {
            let here = self.nodes_of(task).contains(&(node as usize));
            let waits = self.state.tasks[task as usize].phase == Phase::Waiting;
            if here && waits && !self.start(task) {
                self.state.nodes[node as usize].waiting.push(task);
            }
        }
    }

    /// Starts a task if all its nodes are usable and have room; whether it did.
    fn start(&mut self, task: u32) -> bool {
        let (nodes, demand) = (self.nodes_of(task), self.script.task(task).demand);
        let room = |n: &Node| n.phase == NodePhase::Up && demand.fits_in(n.free);
        if !self.state.nodes[nodes.clone()].iter().all(room) {
            return false;
        }
        let mut ids = Vec::with_capacity(nodes.len());
        for n in &mut self.state.nodes[nodes] {
            n.free -= demand;
            n.running.push(task);
            ids.extend(n.life.map(|life| self.state.lives[life as usize].id.clone()));
        }
        let t = &mut self.state.tasks[task as usize];
        t.become_(Phase::Asked);
        t.stints += 1;
        t.began = self.state.now;
        let (stint, resume) = (t.stints, t.progress.saved);
        self.keep(task);
        let cloud = self.cloud_of(task);
        self.call(&cloud, Intent::Start { task, stint, nodes: ids, resume });
        true
    }

    /// A start was answered: what is left of its work is known now, and so when it must leave spot.
    pub fn started(&mut self, cloud: &str, (task, stint): (u32, u32), reply: &Reply) {
        self.state.ids.insert(key(cloud, &reply.job_id), Known::Stint(task, stint));
        let now = self.state.now;
        let t = &mut self.state.tasks[task as usize];
        if t.phase != Phase::Asked || t.stints != stint {
            return;
        }
        t.become_(Phase::Running);
        t.began = reply.started_at.unwrap_or(now);
        if let Some(remaining) = reply.remaining_ms {
            let saved = Millis::new(reply.saved_ms as i64);
            t.progress.work = (saved + Millis::new(remaining as i64)).max(t.progress.saved);
        }
        let (began, progress, moved) = (t.began, t.progress, t.moved);
        match reply.state {
            JobState::Succeeded => return self.succeeded(task, stint),
            JobState::Interrupted | JobState::Cancelled => return self.stop(task, Why::Lost),
            JobState::Waiting | JobState::Running => {}
        }
        let behind = self.script.behind(task).filter(|_| !moved);
        if let Some(at) = behind.and_then(|b| b.leaves_at(self.script.rhythm(task, false), progress, began)) {
            self.state.wake_at(at, Timer::Leave(task, stint));
        }
    }

    /// When a task that does not run must be off spot; nothing where nothing stands behind it.
    pub fn leaves_by(&self, task: u32) -> Option<Time> {
        let t = &self.state.tasks[task as usize];
        let behind = self.script.behind(task).filter(|_| !t.moved && !t.phase.is_over())?;
        Some(behind.leaves_by(self.script.rhythm(task, false), t.progress))
    }

    /// Stops a task. What it saved is the cloud's to say.
    pub fn stop(&mut self, task: u32, why: Why) {
        if self.state.tasks[task as usize].holds_nodes() {
            self.free(task);
            self.off_nodes(task, true);
            let now = self.state.now;
            let t = &self.state.tasks[task as usize];
            if t.phase == Phase::Running {
                let (from, node) = (t.began, t.first_node);
                self.state.stints.push(Stint { task, node, from, until: now, cut: true });
            }
            let (stint, cloud) = (self.state.tasks[task as usize].stints, self.cloud_of(task));
            let is_start = |i: &Intent| matches!(i, Intent::Start { task: t, .. } if *t == task);
            self.state.open.retain(|_, call| !is_start(&call.intent));
            self.call(&cloud, Intent::Stop { task, stint });
        }
        self.state.tasks[task as usize].become_(Phase::Stopping(why));
        self.state.stopping.insert(task);
    }

    /// A start was refused: what the cloud knows of the nodes, and the run does not yet, will be told.
    pub fn not_started(&mut self, task: u32) {
        if self.state.tasks[task as usize].phase == Phase::Asked {
            self.free(task);
            self.off_nodes(task, false);
            self.state.tasks[task as usize].become_(Phase::Waiting);
            self.state.wake_at(self.state.now + START_AGAIN, Timer::Again(task));
        }
    }

    /// A task has stopped: it goes on where it is, elsewhere, or not at all.
    pub fn stopped(&mut self, task: u32, reply: Option<&Reply>) {
        let Phase::Stopping(why) = self.state.tasks[task as usize].phase else { return };
        self.state.stopping.remove(&task);
        if let Some(reply) = reply {
            let saved = Millis::new(reply.saved_ms as i64);
            let t = &mut self.state.tasks[task as usize];
            t.progress.saved = t.progress.saved.max(saved).min(t.progress.work);
        }
        if reply.is_some_and(|r| r.state == JobState::Succeeded) {
            self.close(task, Phase::Done);
        } else if why == Why::Cancelled {
            self.state.tasks[task as usize].become_(Phase::Waiting);
            self.close(task, Phase::Cancelled);
        } else if let Why::Spent(limit) = why {
            self.state.tasks[task as usize].become_(Phase::Waiting);
            let because = self.spent(limit);
            self.abandon(task, &because);
        } else {
            self.state.tasks[task as usize].become_(Phase::Waiting);
            let must = self.leaves_by(task).is_some_and(|at| at <= self.state.now);
            if why == Why::Leaves || must { self.leave_spot(task) } else { self.queue_up(task) }
        }
        for node in self.lost_nodes() {
            self.relaunch(node);
        }
    }

    /// Nodes that were lost and are not launched again yet.
    fn lost_nodes(&self) -> Vec<u32> {
        let lost = |(i, n): (u32, &Node)| (n.phase == NodePhase::Lost).then_some(i);
        (0..).zip(&self.state.nodes).filter_map(lost).collect()
    }

    /// Takes a task off its nodes.
    fn free(&mut self, task: u32) {
        let (nodes, demand) = (self.nodes_of(task), self.script.task(task).demand);
        for n in &mut self.state.nodes[nodes] {
            n.free += demand;
            n.running.retain(|&t| t != task);
        }
    }

    /// Moves a task that does not run to nodes of its own behind spot.
    pub fn leave_spot(&mut self, task: u32) {
        let planned = self.script.task(task);
        let Some(rescue) = planned.rescue else { return };
        let about = format!("{}/{}", self.script.job(task).id, planned.index);
        self.decide(about, "on demand", &["spot again"], "a later start on spot could miss the deadline");
        let (first, capacity) = (self.state.nodes.len() as u32, self.script.model().capacity(rescue.machine));
        let left = self.nodes_of(task);
        let t = &mut self.state.tasks[task as usize];
        // Before its nodes go to who waits for them, which it does no more.
        (t.first_node, t.moved) = (first, true);
        self.quit_nodes(left);
        for n in 0..planned.nodes {
            let node = Node::new(Home::Behind(task, n), capacity, 1);
            self.state.nodes.push(Node { waiting: vec![task], ..node });
            self.launch(first + n);
        }
    }

    /// A task needs nodes no more: those that nothing else needs are released.
    fn quit_nodes(&mut self, nodes: Range<usize>) {
        for node in nodes.map(|n| n as u32) {
            let n = &mut self.state.nodes[node as usize];
            n.left -= 1;
            if n.left == 0 {
                self.unwish(node);
                self.release(node);
            } else if n.phase == NodePhase::Up {
                self.start_waiting(node);
            }
        }
    }

    /// A task has done its work.
    pub fn succeeded(&mut self, task: u32, stint: u32) {
        let now = self.state.now;
        let t = &self.state.tasks[task as usize];
        if t.phase != Phase::Running || t.stints != stint {
            return;
        }
        let (from, node) = (t.began, t.first_node);
        self.off_nodes(task, true);
        self.state.stints.push(Stint { task, node, from, until: now, cut: false });
        self.free(task);
        self.close(task, Phase::Done);
    }

    /// A task that does not run will never end: nor will what waits for it.
    pub fn abandon(&mut self, task: u32, because: &str) {
        let mut doomed = vec![task];
        while let Some(task) = doomed.pop() {
            if self.state.tasks[task as usize].phase != Phase::Waiting {
                continue;
            }
            let planned = self.script.task(task);
            let about = format!("{}/{}", self.script.job(task).id, planned.index);
            self.decide(about, "failed", &["wait on"], because);
            self.close(task, Phase::Failed);
            doomed.extend(self.script.followers(planned.job));
        }
    }

    /// Nothing more comes of a task.
    pub fn close(&mut self, task: u32, end: Phase) {
        let now = self.state.now;
        let t = &mut self.state.tasks[task as usize];
        t.become_(end);
        t.ended = Some(now);
        self.state.undone -= 1;
        self.quit_nodes(self.nodes_of(task));
        if end == Phase::Done {
            let followers: Vec<u32> = self.script.followers(self.script.task(task).job).collect();
            for follower in followers {
                self.state.tasks[follower as usize].waits_for -= 1;
                self.queue_up(follower);
            }
        }
    }
}
