//! One replication: events change nodes and tasks until every task has ended.

mod bills;
mod firsts;
#[cfg(test)]
mod looks;
mod nodes;
mod surroundings;
mod tasks;
#[cfg(test)]
pub(super) mod tests;
mod watch;

use tradewind_core::time::Millis;
use tradewind_core::work::Spread;

use super::line::Lines;
use super::model::Model;
use super::outcome::Outcome;
use super::purposes::{BOOT, LIFE, RUNTIME};
use super::queue::{Event, Queue};
use super::shares::PoolCost;
use super::state::{NodeState, TaskState};
use super::timeline::{Span, What};
use crate::draws::Draws;

use firsts::Firsts;
use surroundings::Surroundings;
use watch::Watch;

pub(super) use watch::Fate;

/// Room to simulate in, used again for every replication.
#[derive(Debug, Default)]
pub(super) struct Run {
    queue: Queue,
    nodes: Vec<NodeState>,
    tasks: Vec<TaskState>,
    /// What was drawn for all of them.
    firsts: Firsts,
    /// Who runs and who waits on nodes, but for the first of each.
    lines: Lines,
    /// What goes on around nodes.
    around: Surroundings,
    now: i64,
    /// Tasks that have neither ended nor failed.
    undone: usize,
    outcome: Outcome,
    /// What each pool came to.
    pools: Vec<PoolCost>,
    /// Where a timeline is wished.
    spans: Option<Vec<Span>>,
    /// Where only one job matters.
    watch: Option<Watch>,
    /// Whether the whole life of a node is looked at as it is launched, and its loss an event from then on: what looking
    /// ahead only as far as somebody meets it is held against.
    is_eager: bool,
}

impl Run {
    /// Simulates one replication.
    pub fn replicate(&mut self, model: &Model, draws: &Draws) -> Outcome {
        self.begin(model, draws);
        while self.goes_on() {
            let Some(((time, event), after)) = self.queue.next(model).filter(|(next, _)| next.0 <= model.patience)
            else {
                self.now = self.now.max(model.patience);
                break;
            };
            self.now = time;
            if let Some(after) = after {
                self.touch(model, after);
            }
            self.happen(model, draws, event);
        }
        if self.goes_on() {
            self.give_up(model);
        }
        sum_up(&mut self.outcome.missed);
        self.outcome.cost = self.sum() + model.fixed.nanos();
        self.outcome.events = self.queue.happened();
        std::mem::take(&mut self.outcome)
    }

    /// What each pool came to in the last replication.
    pub fn pools(&self) -> &[PoolCost] {
        &self.pools
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

    fn begin(&mut self, model: &Model, draws: &Draws) {
        self.queue.begin(model);
        self.outcome = Outcome::default();
        self.pools.clear();
        self.pools.resize(model.pools, PoolCost::default());
        self.lines.clear();
        self.begin_states(model, draws);
        self.undone = self.tasks.len();
        self.around.begin(model, draws);
        for (at, spells) in self.around.first_tight(model) {
            self.queue.at(at, Event::Tight { spells });
        }
    }

    /// Reads what an event to come is about, so that it has come out of far memory by then.
    fn touch(&self, model: &Model, event: Event) {
        match event {
            Event::Launch { node } | Event::Ready { node } | Event::Lost { node } | Event::Look { node } => {
                if let Some(n) = self.nodes.get(node as usize) {
                    std::hint::black_box((n.left, n.luck));
                }
            }
            Event::Due { task } | Event::Done { task } | Event::Leave { task } => {
                if let (Some(t), Some(p)) = (self.tasks.get(task as usize), model.tasks.get(task as usize)) {
                    let n = self.nodes.get(t.first_node as usize).map_or(0, |n| n.left);
                    std::hint::black_box((t.stops, p.nodes, p.deadline, n));
                }
            }
            _ => {}
        }
    }

    fn happen(&mut self, model: &Model, draws: &Draws, event: Event) {
        match event {
            Event::Launch { node } => self.launch(model, draws, node),
            Event::Ready { node } => {
                if self.nodes[node as usize].is_ready(self.now) {
                    self.start_waiting(model, node);
                }
            }
            Event::Lost { node } => {
                let n = &self.nodes[node as usize];
                if n.up && n.dies == self.now {
                    self.lose(model, draws, node);
                }
            }
            Event::Due { task } => {
                self.tasks[task as usize].due = true;
                self.queue_up(model, task);
            }
            Event::Done { task } => {
                let t = &self.tasks[task as usize];
                match t.runs() && t.stops == self.now && !t.leaves {
                    true if t.fails_at < t.work => self.fail(model, draws, task),
                    true => self.end(model, task),
                    false => {}
                }
            }
            Event::Leave { task } => {
                let t = &self.tasks[task as usize];
                if t.runs() && t.stops == self.now && t.leaves {
                    self.stop(model, task);
                    self.leave_spot(model, draws, task);
                }
            }
            Event::Outage { region } => {
                self.lose_where(model, draws, |m, n| u32::from(m.machines[n.machine as usize].region) == region);
            }
            Event::Tight { spells } => self.tighten(model, draws, spells),
            Event::Cut { quota } => self.cut(model, draws, quota),
            Event::Look { node } => self.look_again(model, draws, node),
        }
    }

    /// What has not ended will not: it is left as it is, and its nodes are billed until now.
    fn give_up(&mut self, model: &Model) {
        for task in (0..self.tasks.len() as u32).map(|number| model.order.task(number)) {
            if self.tasks[task as usize].runs() {
                self.stop(model, task);
            }
            self.abandon(model, task);
        }
    }
}

/// One pair for each job, in order: the sum of its own.
fn sum_up(missed: &mut Vec<(u32, u32)>) {
    missed.sort_unstable();
    missed.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 += if is_same { next.1 } else { 0 };
        is_same
    });
}

/// A time drawn from its law by a standard normal number, ms; what is fixed needs no draw.
fn drawn(spread: Spread, normal: impl FnOnce() -> f64) -> i64 {
    let factor = if spread.sigma == 0.0 { 1.0 } else { libm::exp(spread.sigma * normal()) };
    Millis::from_hours_f64(spread.median * factor).get()
}
