//! What a plan asks for: nodes and tasks.

use tradewind_core::money::UsdPerHour;
use tradewind_core::resources::Resources;
use tradewind_core::work::Spread;

/// A planned node.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct PlannedNode {
    /// Index in [`Model::machines`](super::Model).
    pub machine: u32,
    /// Launch, ms from the horizon's start.
    pub launch: i64,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Where it stands among [`Model::sites`](super::Model).
    pub site: u32,
    /// Parts of tasks on it.
    pub parts: u32,
}

/// What stands behind a task on spot.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Rescue {
    pub machine: u32,
    /// Least time to the deadline with nothing saved, ms.
    pub required: i64,
}

/// A planned task.
#[derive(Debug, Clone)]
pub(in crate::plan) struct PlannedTask {
    /// Index of the job.
    pub job: u32,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Planned start, ms.
    pub start: i64,
    /// Deadline, ms; `i64::MAX` is none.
    pub deadline: i64,
    /// First node and how many.
    pub first_node: u32,
    pub nodes: u32,
    pub demand: Resources,
    /// Useful running time in hours.
    pub runtime: Spread,
    /// Useful work between checkpoints, ms; `i64::MAX` is none.
    pub interval: i64,
    pub save: i64,
    /// Reading a checkpoint back, ms.
    pub restore: i64,
    pub rescue: Option<Rescue>,
    /// Tasks of jobs it waits for.
    pub waits_for: u32,
    /// Attempts that may fail by themselves before it counts as failed.
    pub most_attempts: u32,
    /// What time costs beside nodes: disks and checkpoint.
    pub kept: UsdPerHour,
    /// What time costs of its planned nodes: of each the largest share that it takes of anything.
    pub on_nodes: UsdPerHour,
}
