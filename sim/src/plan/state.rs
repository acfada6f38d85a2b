//! What changes in a replication: nodes and tasks as they are now.

use tradewind_core::resources::Resources;

/// A node now.
#[derive(Debug, Clone)]
pub(super) struct NodeState {
    /// Index of its machine.
    pub machine: u32,
    /// Its name as a source of chance.
    pub luck: u64,
    /// How often it was launched, less one.
    pub attempt: u32,
    /// Whether it is up or booting.
    pub up: bool,
    pub launched: i64,
    /// When it is ready; `i64::MAX` while it boots.
    pub ready: i64,
    pub free: Resources,
    /// Tasks that run.
    pub running: Vec<u32>,
    /// Tasks that are due and wait, in their order.
    pub waiting: Vec<u32>,
    /// Parts of tasks that are still to end here.
    pub left: u32,
    /// Since when something runs.
    pub busy_since: i64,
    /// How long something ran in this life.
    pub busy: i64,
    /// Whether it stands behind spot.
    pub behind: bool,
}

/// A task now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TaskState {
    /// All of its work, ms.
    pub work: i64,
    /// Work that is saved, ms.
    pub saved: i64,
    /// Which run this is.
    pub run: u32,
    /// When this run began; `i64::MIN` while it does not run.
    pub began: i64,
    /// Restore at the start of this run, ms.
    pub restoring: i64,
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
    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.began != i64::MIN
    }
}
