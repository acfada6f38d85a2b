//! One job watched in a replication: how near it came to missing its deadline.

use super::Run;
use crate::draws::Draws;
use crate::plan::model::{Model, PlannedTask};
use crate::plan::state::NodeState;

/// What became of a job until the last of its tasks ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) struct Fate {
    /// How late its latest task ended, ms; below 0 is in time, `i64::MAX` is never.
    pub late: i64,
    /// Nodes that the cloud had taken back by then, its own or others.
    pub losses: u32,
    /// The least time that a node given back until then would have lived on, or one of its own at its end, ms.
    pub spared: i64,
    /// Events until then.
    pub events: u64,
}

/// A job watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watch {
    job: u32,
    /// Tasks that have not ended.
    open: usize,
    late: i64,
    losses: u32,
    spared: i64,
}

impl Watch {
    /// A node is given back that would have been lost at an instant.
    pub(super) fn release(&mut self, dies: i64, now: i64) {
        self.spared = self.spared.min(dies.saturating_sub(now));
    }

    /// A task has ended at `end` on its nodes; nodes lost so far.
    pub(super) fn close(&mut self, task: &PlannedTask, end: i64, nodes: &[NodeState], now: i64, losses: u32) {
        if task.job != self.job {
            return;
        }
        self.open -= 1;
        self.late = self.late.max(if end == i64::MAX { end } else { end - task.deadline });
        self.losses = losses;
        nodes.iter().filter(|n| n.up).for_each(|n| self.release(n.dies, now));
    }
}

impl Run {
    /// One replication until a job has ended: what became of it.
    pub fn fate(&mut self, model: &Model, draws: &Draws, job: u32) -> Fate {
        let open = model.tasks_of(job).len();
        self.watch = Some(Watch { job, open, late: i64::MIN, losses: 0, spared: i64::MAX });
        let events = self.replicate(model, draws).events;
        let seen = self.watch.take();
        seen.map_or(Fate { late: i64::MIN, losses: 0, spared: i64::MAX, events }, |w| Fate {
            late: w.late,
            losses: w.losses,
            spared: w.spared,
            events,
        })
    }

    /// Whether somebody waits for more: without a job watched for all tasks, with one for those of it.
    pub(super) fn goes_on(&self) -> bool {
        self.undone > 0 && self.watch.is_none_or(|w| w.open > 0)
    }
}
