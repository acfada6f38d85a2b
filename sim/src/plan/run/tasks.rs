//! Tasks in a replication: they start, stop, fail, leave spot, end.

use std::ops::Range;

use tradewind_core::stint::{Behind, Rhythm};
use tradewind_core::time::{Millis, Time};

use super::Run;
use crate::draws::{Draws, Purpose};
use crate::plan::line::Line;
use crate::plan::model::{Model, PlannedNode, PlannedTask};
use crate::plan::queue::Event;
use crate::plan::state::{NodeState, TaskState};
use crate::plan::timeline::What;

pub(super) const FAILURE: Purpose = Purpose(10);

impl Run {
    /// Puts a task in line on its nodes, or starts it.
    pub(super) fn queue_up(&mut self, model: &Model, task: u32) {
        let t = &self.tasks[task as usize];
        let may_start = t.waits_for == 0;
        if !t.due || t.done || t.runs() || (may_start && self.start(model, task)) {
            return;
        }
        let first = self.tasks[task as usize].first_node;
        for node in first..first + model.tasks[task as usize].nodes {
            self.arm(model, node);
            let n = &mut self.nodes[node as usize];
            if may_start && self.lines.tasks(n.waiting).all(|t| t != task) {
                self.lines.push(&mut n.waiting, task);
            }
            if may_start && n.up && n.ready > self.now && !n.tells {
                n.tells = true;
                self.queue.at(n.ready, Event::Ready { node });
            }
        }
    }

    /// Starts what waits on a node, in order, as far as there is room.
    pub(super) fn start_waiting(&mut self, model: &Model, node: u32) {
        let mut from = 0;
        while let Some(task) = self.lines.get(self.nodes[node as usize].waiting, from) {
            let t = &self.tasks[task as usize];
            let here = (t.first_node..t.first_node + model.tasks[task as usize].nodes).contains(&node);
            if here && !t.done && !t.runs() && !self.start(model, task) {
                from += 1;
            } else {
                self.lines.remove(&mut self.nodes[node as usize].waiting, task);
            }
        }
    }

    /// Starts a task if all its nodes are ready and have room; whether it did.
    fn start(&mut self, model: &Model, task: u32) -> bool {
        let planned = &model.tasks[task as usize];
        let first = self.tasks[task as usize].first_node;
        let nodes = first as usize..(first + planned.nodes) as usize;
        let room = |n: &NodeState| n.is_ready(self.now) && planned.demand.fits_in(n.free);
        if !self.nodes[nodes.clone()].iter().all(room) {
            return false;
        }
        for n in &mut self.nodes[nodes] {
            if n.running.is_empty() {
                n.busy -= self.now;
            }
            n.free -= planned.demand;
            self.lines.push(&mut n.running, task);
        }
        let t = &mut self.tasks[task as usize];
        let behind = model.behind(planned).filter(|_| !t.moved);
        let leaves = behind.and_then(|b| b.leaves_at(planned.rhythm, t.progress(), Time::from_ms(self.now)));
        let leaves = leaves.map_or(i64::MAX, Time::ms);
        t.began = self.now;
        let ends = self.now + planned.rhythm.restoring(Millis::new(t.saved)).get() + t.takes(planned);
        (t.stops, t.leaves) = (ends.min(leaves), leaves < ends);
        self.queue.at(ends, Event::Done { task });
        if leaves < ends {
            self.queue.at(leaves, Event::Leave { task });
        }
        for node in first..first + planned.nodes {
            if self.nodes[node as usize].lives_until() <= ends {
                self.arm(model, node);
            }
        }
        true
    }

    /// When a task that does not run must be off spot, for no time is left to begin again there; nothing where nothing
    /// stands behind it.
    pub(super) fn leaves_by(&self, model: &Model, task: u32) -> Option<i64> {
        let (planned, t) = (&model.tasks[task as usize], &self.tasks[task as usize]);
        let behind = model.behind(planned).filter(|_| !t.moved && !t.done)?;
        Some(behind.leaves_by(planned.rhythm, t.progress()).ms())
    }

    /// Stops a run: what was saved since it began is kept, the rest is lost.
    pub(super) fn stop(&mut self, model: &Model, task: u32) {
        let planned = &model.tasks[task as usize];
        let t = &mut self.tasks[task as usize];
        let ran = self.now - t.began;
        let saved = planned.rhythm.newly_saved(Millis::new(ran), t.progress()).get();
        t.saved += saved;
        t.on_nodes += ran;
        let (node, began, moved) = (t.first_node, t.began, t.moved);
        t.began = i64::MIN;
        self.waste(planned, moved, ran - saved);
        self.note(node, began, What::Run { task, cut: true });
        self.free(planned, task);
    }

    /// Time of a task that brought no work; behind spot it is part of the fallback's cost.
    fn waste(&mut self, planned: &PlannedTask, moved: bool, ms: i64) {
        if ms == 0 {
            return;
        }
        self.pools[planned.pool as usize].rework_ms += ms;
        self.outcome.rework_ms += ms;
        if !moved {
            self.outcome.rework += planned.on_nodes.times(Millis::new(ms)).nanos();
        }
    }

    /// Takes a task that ran off its nodes.
    fn free(&mut self, planned: &PlannedTask, task: u32) {
        let first = self.tasks[task as usize].first_node;
        for node in first..first + planned.nodes {
            let n = &mut self.nodes[node as usize];
            n.free += planned.demand;
            self.lines.remove(&mut n.running, task);
            if n.running.is_empty() {
                n.busy += self.now;
            }
        }
    }

    /// An attempt fails by itself: the next one begins where the last checkpoint was, if the job allows one.
    pub(super) fn fail(&mut self, model: &Model, draws: &Draws, task: u32) {
        self.stop(model, task);
        self.outcome.failures += 1;
        let planned = &model.tasks[task as usize];
        let t = &mut self.tasks[task as usize];
        t.failed += 1;
        if t.failed >= planned.most_attempts {
            return self.abandon(model, task);
        }
        t.fails_at = fails_at(model, draws.pair(planned.luck, FAILURE, t.failed), t);
        let nodes = t.first_node..t.first_node + planned.nodes;
        self.queue_up(model, task);
        nodes.for_each(|node| self.start_waiting(model, node));
    }

    /// Moves a task that does not run to nodes of its own behind spot.
    pub(super) fn leave_spot(&mut self, model: &Model, draws: &Draws, task: u32) {
        let planned = &model.tasks[task as usize];
        let Some(rescue) = planned.rescue else { return };
        self.outcome.moved += 1;
        let first = self.nodes.len() as u32;
        let t = &mut self.tasks[task as usize];
        // Before its nodes go to who waits for them, which it does no more.
        let left = std::mem::replace(&mut t.first_node, first);
        t.moved = true;
        self.quit_nodes(model, left..left + planned.nodes);
        for n in 0..planned.nodes {
            let luck = model.luck_behind[(rescue.first_luck + n) as usize];
            let site = model.sites.of(rescue.machine, luck);
            let node = PlannedNode { machine: rescue.machine, launch: self.now, until: self.now, luck, site, parts: 1 };
            let capacity = model.machines[rescue.machine as usize].capacity;
            self.nodes.push(NodeState { waiting: Line::of(task), behind: true, ..NodeState::new(&node, capacity) });
            self.launch(model, draws, first + n);
        }
    }

    /// A task needs nodes no more: those that nothing needs are released.
    fn quit_nodes(&mut self, model: &Model, nodes: Range<u32>) {
        for node in nodes {
            let n = &mut self.nodes[node as usize];
            n.left -= 1;
            if n.left == 0 && n.up {
                self.bill(model, node, false);
            } else if self.nodes[node as usize].up {
                self.start_waiting(model, node);
            }
        }
    }

    /// A task has done its work.
    pub(super) fn end(&mut self, model: &Model, task: u32) {
        let planned = &model.tasks[task as usize];
        let t = &mut self.tasks[task as usize];
        let ran = self.now - t.began;
        let wasted = ran - (t.work - t.saved);
        t.on_nodes += ran;
        let (node, began, moved) = (t.first_node, t.began, t.moved);
        t.began = i64::MIN;
        self.waste(planned, moved, wasted);
        self.note(node, began, What::Run { task, cut: false });
        self.free(planned, task);
        self.outcome.end = self.outcome.end.max(self.now);
        self.close(model, task, self.now);
        if planned.is_awaited {
            self.tell_followers(model, planned.job);
        }
    }

    /// A task that does not run will never end: nor will what waits for it.
    pub(super) fn abandon(&mut self, model: &Model, task: u32) {
        let mut doomed = vec![task];
        while let Some(task) = doomed.pop() {
            if self.tasks[task as usize].done {
                continue;
            }
            let planned = &model.tasks[task as usize];
            self.outcome.unfinished += 1;
            self.close(model, task, i64::MAX);
            let followers = model.followers[planned.job as usize].iter();
            doomed.extend(followers.flat_map(|&job| &model.of_job[job as usize]));
        }
    }

    /// Nothing more comes of a task, which ended at an instant; `i64::MAX` is never.
    fn close(&mut self, model: &Model, task: u32, end: i64) {
        let planned = &model.tasks[task as usize];
        let t = &mut self.tasks[task as usize];
        t.done = true;
        let first_node = t.first_node;
        self.undone -= 1;
        self.outcome.kept += planned.kept.times(Millis::new(t.on_nodes)).nanos();
        if let Some(watch) = &mut self.watch {
            let nodes = &self.nodes[first_node as usize..(first_node + planned.nodes) as usize];
            watch.close(planned, end, nodes, self.now, self.outcome.interruptions);
        }
        if end > planned.deadline {
            self.outcome.missed.push((planned.job, 1));
            self.pools[planned.pool as usize].missed += 1;
        }
        self.quit_nodes(model, first_node..first_node + planned.nodes);
    }

    /// A task of a job has ended: what waits for it has one less to wait for.
    fn tell_followers(&mut self, model: &Model, job: u32) {
        for &follower in &model.followers[job as usize] {
            for &task in &model.of_job[follower as usize] {
                self.tasks[task as usize].waits_for -= 1;
                self.queue_up(model, task);
            }
        }
    }
}

impl TaskState {
    /// How long this run takes without interruption, beside its restore: until its end, or until it fails.
    fn takes(&self, planned: &PlannedTask) -> i64 {
        let save = if self.moved { Millis::ZERO } else { planned.rhythm.save };
        let rhythm = Rhythm { save, ..planned.rhythm };
        if self.fails_at < self.work {
            let work = self.fails_at - self.saved;
            work + (work / rhythm.interval.get()).saturating_mul(save.get())
        } else {
            rhythm.takes(self.progress().left()).get()
        }
    }
}

impl Model {
    /// What stands behind a task; its deadline counts from the horizon's start, as all times here.
    fn behind(&self, planned: &PlannedTask) -> Option<Behind> {
        let rescue = planned.rescue?;
        let (deadline, required) = (Time::from_ms(planned.deadline), Millis::new(rescue.required));
        Some(Behind { deadline, required, boot: self.mean_boot(rescue.machine) })
    }
}

/// How much work is done when the attempt at hand fails, by two uniform numbers: somewhere in what is left, drawn evenly;
/// `i64::MAX` where it does not.
pub(super) fn fails_at(model: &Model, [fails, when]: [f64; 2], task: &TaskState) -> i64 {
    let left = (task.work - task.saved) as f64;
    if fails < model.world.failure_probability { task.saved + (when * left) as i64 } else { i64::MAX }
}
