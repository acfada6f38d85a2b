//! One replication: events change nodes and tasks until every task has ended.

use tradewind_core::time::Millis;
use tradewind_core::work::Spread;

use super::model::{Machine, Model, PlannedTask};
use super::outcome::Outcome;
use super::queue::{Event, Queue};
use super::state::{NodeState, TaskState};
use super::timeline::{Span, What};
use crate::draws::{Draws, Purpose};

const BOOT: Purpose = Purpose(1);
const LIFE: Purpose = Purpose(2);
const RUNTIME: Purpose = Purpose(3);
/// A node behind spot has the luck of its task and this.
const BEHIND: u64 = 0x8000_0000_0000_0000;

/// Room to simulate in, used again for every replication.
#[derive(Debug, Default)]
pub(super) struct Run {
    queue: Queue,
    nodes: Vec<NodeState>,
    tasks: Vec<TaskState>,
    now: i64,
    outcome: Outcome,
    /// Where a timeline is wished.
    spans: Option<Vec<Span>>,
}

impl Run {
    /// Simulates one replication.
    pub fn replicate(&mut self, model: &Model, draws: &Draws) -> Outcome {
        self.reset(model, draws);
        while let Some((time, event)) = self.queue.next() {
            self.now = time;
            self.happen(model, draws, event);
        }
        self.outcome.cost = self.sum() + model.fixed.nanos();
        self.outcome.events = self.queue.made();
        std::mem::take(&mut self.outcome)
    }

    /// One replication as a timeline, in order of nodes and time.
    pub fn timeline(model: &Model, draws: &Draws) -> Vec<Span> {
        let mut run = Self { spans: Some(Vec::new()), ..Self::default() };
        run.replicate(model, draws);
        let mut spans = run.spans.unwrap_or_default();
        spans.sort_unstable();
        spans
    }

    fn note(&mut self, node: u32, from: i64, what: What) {
        let until = self.now;
        if let Some(spans) = &mut self.spans {
            spans.push(Span { node, from, until, what });
        }
    }

    fn sum(&self) -> i64 {
        let o = &self.outcome;
        o.compute + o.boot + o.idle + o.rules + o.address + o.kept + o.fallback
    }

    fn reset(&mut self, model: &Model, draws: &Draws) {
        self.queue.clear();
        self.outcome = Outcome::default();
        self.nodes.clear();
        self.nodes.extend(model.nodes.iter().map(|n| NodeState {
            machine: n.machine,
            luck: n.luck,
            attempt: 0,
            up: false,
            launched: n.launch,
            ready: i64::MAX,
            free: model.machines[n.machine as usize].capacity,
            running: Vec::new(),
            waiting: Vec::new(),
            left: n.parts,
            busy_since: 0,
            busy: 0,
            behind: false,
        }));
        self.tasks.clear();
        self.tasks.extend(model.tasks.iter().map(|t| TaskState {
            work: drawn(t.runtime, draws.normal(t.luck, RUNTIME, 0)),
            saved: 0,
            run: 0,
            began: i64::MIN,
            restoring: 0,
            on_nodes: 0,
            waits_for: t.waits_for,
            due: false,
            done: false,
            first_node: t.first_node,
            moved: false,
        }));
        for (n, node) in model.nodes.iter().enumerate() {
            self.queue.at(node.launch, Event::Launch { node: n as u32 });
        }
        for (t, task) in model.tasks.iter().enumerate() {
            self.queue.at(task.start, Event::Due { task: t as u32 });
        }
        for &(region, from, _) in &model.outages {
            self.queue.at(from, Event::Outage { region });
        }
    }

    fn happen(&mut self, model: &Model, draws: &Draws, event: Event) {
        match event {
            Event::Launch { node } => self.launch(model, draws, node),
            Event::Ready { node, attempt } if self.lives(node, attempt) => {
                self.nodes[node as usize].ready = self.now;
                self.start_waiting(model, node);
            }
            Event::Lost { node, attempt } if self.lives(node, attempt) => self.lose(model, draws, node),
            Event::Due { task } => {
                self.tasks[task as usize].due = true;
                self.queue_up(model, task);
            }
            Event::Done { task, run } if self.runs(task, run) => self.end(model, task),
            Event::Leave { task, run } if self.runs(task, run) => {
                self.stop(model, task);
                self.leave_spot(model, draws, task);
            }
            Event::Outage { region } => {
                for n in 0..self.nodes.len() as u32 {
                    let node = &self.nodes[n as usize];
                    if node.up && model.machines[node.machine as usize].region == region {
                        self.lose(model, draws, n);
                    }
                }
            }
            Event::Ready { .. } | Event::Lost { .. } | Event::Done { .. } | Event::Leave { .. } => {}
        }
    }

    fn lives(&self, node: u32, attempt: u32) -> bool {
        let n = &self.nodes[node as usize];
        n.up && n.attempt == attempt
    }

    fn runs(&self, task: u32, run: u32) -> bool {
        let t = &self.tasks[task as usize];
        t.runs() && t.run == run
    }

    /// Launches a node, after the outage if its region is out; not one that tasks left while it was down.
    fn launch(&mut self, model: &Model, draws: &Draws, node: u32) {
        let n = &self.nodes[node as usize];
        if n.left == 0 {
            return;
        }
        let machine = &model.machines[n.machine as usize];
        let out = |o: &&(u16, i64, i64)| o.0 == machine.region && (o.1..o.2).contains(&self.now);
        if let Some(&(_, _, until)) = model.outages.iter().find(out) {
            return self.queue.at(until, Event::Launch { node });
        }
        let (luck, attempt) = (n.luck, n.attempt);
        let boot = drawn(machine.boot, draws.normal(luck, BOOT, attempt));
        self.queue.at(self.now + boot, Event::Ready { node, attempt });
        if let Some(life) = life(machine, draws.exponential(luck, LIFE, attempt)) {
            self.queue.at(self.now.saturating_add(life), Event::Lost { node, attempt });
        }
        let n = &mut self.nodes[node as usize];
        (n.up, n.launched, n.ready, n.busy) = (true, self.now, i64::MAX, 0);
        n.free = machine.capacity;
    }

    /// A node is gone: its tasks stop, its life is billed, and it is launched again if tasks need it.
    fn lose(&mut self, model: &Model, draws: &Draws, node: u32) {
        self.outcome.interruptions += 1;
        let stopped = self.nodes[node as usize].running.clone();
        for &task in &stopped {
            self.stop(model, task);
        }
        self.bill(model, node, true);
        let n = &mut self.nodes[node as usize];
        n.up = false;
        n.attempt += 1;
        // Those that leave are taken off the node before it is launched again.
        let (leaving, staying): (Vec<u32>, Vec<u32>) = stopped.into_iter().partition(|&t| self.must_leave(model, t));
        for task in leaving {
            self.leave_spot(model, draws, task);
        }
        for task in staying {
            self.queue_up(model, task);
        }
        if self.nodes[node as usize].left > 0 {
            self.queue.at(self.now, Event::Launch { node });
        }
    }

    /// Stops a run: what was saved since it began is kept, the rest is lost.
    fn stop(&mut self, model: &Model, task: u32) {
        let planned = &model.tasks[task as usize];
        let t = &mut self.tasks[task as usize];
        let ran = self.now - t.began;
        let segments = ((ran - t.restoring).max(0)) / planned.interval.saturating_add(planned.save).max(1);
        let saved = segments.saturating_mul(planned.interval).min(t.work - t.saved);
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
            n.running.retain(|&t| t != task);
            if n.running.is_empty() {
                n.busy += self.now - n.busy_since;
            }
        }
    }

    /// Puts a task in line on its nodes, or starts it.
    fn queue_up(&mut self, model: &Model, task: u32) {
        let t = &self.tasks[task as usize];
        if !t.due || t.waits_for > 0 || t.done || t.runs() || self.start(model, task) {
            return;
        }
        let first = self.tasks[task as usize].first_node;
        for node in first..first + model.tasks[task as usize].nodes {
            let waiting = &mut self.nodes[node as usize].waiting;
            if !waiting.contains(&task) {
                waiting.push(task);
            }
        }
    }

    /// Starts what waits on a node, in order, as far as there is room.
    fn start_waiting(&mut self, model: &Model, node: u32) {
        for task in std::mem::take(&mut self.nodes[node as usize].waiting) {
            let t = &self.tasks[task as usize];
            let here = (t.first_node..t.first_node + model.tasks[task as usize].nodes).contains(&node);
            if here && !t.done && !t.runs() && !self.start(model, task) {
                self.nodes[node as usize].waiting.push(task);
            }
        }
    }

    /// Starts a task if all its nodes are ready and have room; whether it did.
    fn start(&mut self, model: &Model, task: u32) -> bool {
        let planned = &model.tasks[task as usize];
        let first = self.tasks[task as usize].first_node;
        let nodes = first as usize..(first + planned.nodes) as usize;
        let room = |n: &NodeState| n.up && n.ready <= self.now && planned.demand.fits_in(n.free);
        if !self.nodes[nodes.clone()].iter().all(room) {
            return false;
        }
        for n in &mut self.nodes[nodes] {
            if n.running.is_empty() {
                n.busy_since = self.now;
            }
            n.free -= planned.demand;
            n.running.push(task);
        }
        let t = &mut self.tasks[task as usize];
        t.run += 1;
        t.began = self.now;
        t.restoring = if t.saved > 0 { planned.restore } else { 0 };
        let left = t.work - t.saved;
        let run = t.run;
        let saves = if t.moved { 0 } else { segments(left, planned.interval).saturating_mul(planned.save) };
        let end = self.now + t.restoring + left + saves;
        self.queue.at(end, Event::Done { task, run });
        if let Some(leave) = self.leaves_at(planned, task).filter(|&at| at < end) {
            self.queue.at(leave, Event::Leave { task, run });
        }
        true
    }

    /// When a task on spot that is not interrupted begins no further segment there, if it ever does not.
    fn leaves_at(&self, planned: &PlannedTask, task: u32) -> Option<i64> {
        let t = &self.tasks[task as usize];
        let rescue = planned.rescue.filter(|_| !t.moved)?;
        let segment = planned.interval.min(t.work).saturating_add(planned.save);
        let mut slack = planned.deadline - self.now - (rescue.required - t.saved);
        let mut at = self.now + t.restoring;
        slack -= t.restoring;
        let mut left = t.work - t.saved;
        while left > 0 {
            if slack < segment.min(left + planned.save) {
                return Some(at);
            }
            slack -= planned.save;
            at += segment;
            left -= planned.interval.min(left);
        }
        None
    }

    /// Whether a task that lost its spot node has no time left to begin again there.
    fn must_leave(&self, model: &Model, task: u32) -> bool {
        let (planned, t) = (&model.tasks[task as usize], &self.tasks[task as usize]);
        let Some(rescue) = planned.rescue.filter(|_| !t.moved) else { return false };
        let boot = Millis::from_hours_f64(model.machines[rescue.machine as usize].boot.mean()).get();
        let segment = planned.interval.min(t.work - t.saved).saturating_add(planned.save);
        planned.deadline - self.now - (rescue.required - t.saved) < segment + boot + planned.restore
    }

    /// Moves a task that does not run to nodes of its own behind spot.
    fn leave_spot(&mut self, model: &Model, draws: &Draws, task: u32) {
        let planned = &model.tasks[task as usize];
        let Some(rescue) = planned.rescue else { return };
        self.outcome.moved += 1;
        self.quit_nodes(model, task);
        let first = self.nodes.len() as u32;
        let t = &mut self.tasks[task as usize];
        (t.first_node, t.moved) = (first, true);
        for n in 0..planned.nodes {
            let machine = &model.machines[rescue.machine as usize];
            self.nodes.push(NodeState {
                machine: rescue.machine,
                luck: planned.luck ^ BEHIND ^ u64::from(n),
                attempt: 0,
                up: false,
                launched: self.now,
                ready: i64::MAX,
                free: machine.capacity,
                running: Vec::new(),
                waiting: vec![task],
                left: 1,
                busy_since: 0,
                busy: 0,
                behind: true,
            });
            self.launch(model, draws, first + n);
        }
    }

    /// A task needs its nodes no more: those that nothing needs are released.
    fn quit_nodes(&mut self, model: &Model, task: u32) {
        let first = self.tasks[task as usize].first_node;
        for node in first..first + model.tasks[task as usize].nodes {
            let n = &mut self.nodes[node as usize];
            n.left -= 1;
            if n.left == 0 && n.up {
                self.bill(model, node, false);
                self.nodes[node as usize].up = false;
            } else if self.nodes[node as usize].up {
                self.start_waiting(model, node);
            }
        }
    }

    fn end(&mut self, model: &Model, task: u32) {
        let planned = &model.tasks[task as usize];
        let t = &mut self.tasks[task as usize];
        let ran = self.now - t.began;
        let wasted = ran - (t.work - t.saved);
        t.on_nodes += ran;
        let (node, began, on_nodes, moved) = (t.first_node, t.began, t.on_nodes, t.moved);
        (t.began, t.done) = (i64::MIN, true);
        self.waste(planned, moved, wasted);
        self.note(node, began, What::Run { task, cut: false });
        self.free(planned, task);
        self.outcome.kept += planned.kept.times(Millis::new(on_nodes)).nanos();
        self.outcome.end = self.outcome.end.max(self.now);
        if self.now > planned.deadline {
            match self.outcome.missed.iter_mut().find(|(job, _)| *job == planned.job) {
                Some((_, n)) => *n += 1,
                None => self.outcome.missed.push((planned.job, 1)),
            }
        }
        self.quit_nodes(model, task);
        self.tell_followers(model, planned.job);
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

    /// Bills the life of a node that ends now.
    fn bill(&mut self, model: &Model, node: u32, by_cloud: bool) {
        let n = &self.nodes[node as usize];
        let machine = &model.machines[n.machine as usize];
        let (span, launched) = (self.now - n.launched, n.launched);
        let booted = n.ready.min(self.now) - n.launched;
        let billed = if by_cloud && machine.free_within > 0 && span <= machine.free_within {
            0
        } else {
            span.max(machine.minimum)
        };
        let price = |ms: i64| machine.price.times(Millis::new(ms)).nanos();
        let address = machine.address.times(Millis::new(span)).nanos();
        let (boot, compute, total) = (price(booted), price(n.busy), price(billed));
        let o = &mut self.outcome;
        if n.behind {
            o.fallback += total + address;
        } else {
            o.boot += boot;
            o.compute += compute;
            let idle = price(span) - boot - compute;
            o.idle += idle;
            o.rules += total - boot - compute - idle;
            o.address += address;
        }
        self.note(node, launched, What::Node { lost: by_cloud });
    }
}

/// A time drawn from its law by a standard normal number, ms, at least 1 where it is no delay of zero.
fn drawn(spread: Spread, normal: f64) -> i64 {
    Millis::from_hours_f64(spread.median * libm::exp(spread.sigma * normal)).get()
}

/// How long a node lives, ms, by an exponential number of mean 1; `None` is for ever.
fn life(machine: &Machine, exponential: f64) -> Option<i64> {
    let (mean, shape) = machine.life?;
    let scale = mean / libm::tgamma(1.0 + 1.0 / shape);
    Some(Millis::from_hours_f64(scale * libm::pow(exponential, 1.0 / shape)).get().max(1))
}

/// Segments that some work takes, the last one short.
fn segments(work: i64, interval: i64) -> i64 {
    if interval == i64::MAX { i64::from(work > 0) } else { (work + interval - 1) / interval }
}
