//! What changes in a replication: nodes and tasks as they are now.

use tradewind_core::resources::Resources;
use tradewind_core::stint::Progress;
use tradewind_core::time::Millis;

use super::line::Line;
use super::model::{PlannedNode, PlannedTask};

/// A node now: two cache lines.
#[derive(Debug, Clone, Copy)]
#[repr(align(128))]
pub(super) struct NodeState {
    /// Index of its machine.
    pub machine: u32,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Where it stands among the sites of the model.
    pub site: u32,
    /// How often it was launched, less one.
    pub attempt: u32,
    /// Launches refused since the last one that was not, and in all.
    pub refusals: [u32; 2],
    /// Whether its turn to be launched has come, where launches take turns.
    pub has_turn: bool,
    /// Whether it is up or booting.
    pub up: bool,
    /// When it was launched last, or will be by the plan.
    pub launched: i64,
    /// When its boot ends.
    pub ready: i64,
    /// Whether somebody waits for that, so that it is an event.
    pub tells: bool,
    /// When the cloud takes it back; `i64::MAX` is not in this time, as far as is known.
    pub dies: i64,
    /// Until when that is known; `i64::MAX` is for ever. While it is not up, until when its launch is refused for sure.
    pub known: i64,
    /// Whether the first of the two is an event.
    pub armed: bool,
    /// End of its last task by the plan.
    pub until: i64,
    pub free: Resources,
    /// Tasks that run.
    pub running: Line,
    /// Tasks that are due and wait, in their order.
    pub waiting: Line,
    /// Parts of tasks that are still to end here.
    pub left: u32,
    /// How long something ran in this life; while something runs, less the instant since when.
    pub busy: i64,
    /// Whether it stands behind spot.
    pub behind: bool,
}

impl NodeState {
    /// A planned node before its launch.
    pub fn new(planned: &PlannedNode, capacity: Resources) -> Self {
        Self {
            machine: planned.machine,
            luck: planned.luck,
            site: planned.site,
            attempt: 0,
            refusals: [0; 2],
            has_turn: false,
            up: false,
            launched: planned.launch,
            ready: i64::MAX,
            tells: false,
            dies: i64::MAX,
            known: i64::MIN,
            armed: false,
            until: planned.until,
            free: capacity,
            running: Line::EMPTY,
            waiting: Line::EMPTY,
            left: planned.parts,
            busy: 0,
            behind: false,
        }
    }

    /// Nothing comes of its life before.
    pub fn lives_until(&self) -> i64 {
        self.dies.min(self.known)
    }

    /// Whether tasks can run on it at an instant.
    pub fn is_ready(&self, now: i64) -> bool {
        self.up && self.ready <= now
    }
}

/// A task now: one cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct TaskState {
    /// All of its work, ms.
    pub work: i64,
    /// Work that is saved, ms.
    pub saved: i64,
    /// How much of it is done when this attempt fails; `i64::MAX` is not at all.
    pub fails_at: i64,
    /// Attempts that failed.
    pub failed: u32,
    /// When this run began; `i64::MIN` while it does not run.
    pub began: i64,
    /// When this run ends, fails or leaves spot, if it is not interrupted.
    pub stops: i64,
    /// Whether it leaves spot then.
    pub leaves: bool,
    /// Time on nodes, ms.
    pub on_nodes: i64,
    /// Tasks it still waits for.
    pub waits_for: u32,
    /// Whether the plan's start has come.
    pub due: bool,
    pub done: bool,
    /// First of its nodes; the planned ones, or those behind them.
    pub first_node: u32,
    /// Whether it left spot.
    pub moved: bool,
}

impl TaskState {
    /// A planned task before its start, with so much work.
    pub fn new(planned: &PlannedTask, work: i64) -> Self {
        Self {
            work,
            saved: 0,
            fails_at: i64::MAX,
            failed: 0,
            began: i64::MIN,
            stops: i64::MAX,
            leaves: false,
            on_nodes: 0,
            waits_for: planned.waits_for,
            due: false,
            done: false,
            first_node: planned.first_node,
            moved: false,
        }
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        Progress { work: Millis::new(self.work), saved: Millis::new(self.saved) }
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.began != i64::MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_whole_cache_lines() {
        assert_eq!((size_of::<NodeState>(), size_of::<TaskState>()), (128, 64));
    }
}
