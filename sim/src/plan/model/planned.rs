//! What a plan asks for: nodes and tasks, as every run of it reads them.

use tradewind_core::money::UsdPerHour;
use tradewind_core::resources::Resources;
use tradewind_core::stint::Rhythm;
use tradewind_core::work::Spread;

/// A planned node.
#[derive(Debug, Clone, Copy)]
pub struct PlannedNode {
    /// Index of its offer in the plan's market.
    pub machine: u32,
    /// Launch, ms from the horizon's start.
    pub launch: i64,
    /// End of its last task by the median of its running time, ms.
    pub(in crate::plan) until: i64,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Where it stands among the sites of the model.
    pub(in crate::plan) site: u32,
    /// Parts of tasks on it.
    pub parts: u32,
}

/// What stands behind a task on spot.
#[derive(Debug, Clone, Copy)]
pub struct Rescue {
    /// Index of the offer behind, in the plan's market.
    pub machine: u32,
    /// Least time to the deadline with nothing saved, ms.
    pub required: i64,
    /// Where the luck of its nodes begins among those of the model.
    pub(in crate::plan) first_luck: u32,
}

/// A planned task. What its start and its end read comes first, each in a cache line.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct PlannedTask {
    /// What it takes of each.
    pub demand: Resources,
    /// How it saves its work.
    pub rhythm: Rhythm,
    /// First node.
    pub first_node: u32,
    /// How many.
    pub nodes: u32,
    /// Index of the job.
    pub job: u32,
    /// Its pool in the shares of cost.
    pub(in crate::plan) pool: u32,
    /// On-demand behind it.
    pub rescue: Option<Rescue>,
    /// Deadline, ms; `i64::MAX` is none.
    pub deadline: i64,
    /// What time costs beside nodes: disks and checkpoint.
    pub kept: UsdPerHour,
    /// What time costs of its planned nodes: of each the largest share that it takes of anything.
    pub on_nodes: UsdPerHour,
    /// Attempts that may fail by themselves before it counts as failed.
    pub most_attempts: u32,
    /// Whether another job waits for its job.
    pub(in crate::plan) is_awaited: bool,
    /// Its number in the job.
    pub index: u32,
    /// Its name as a source of chance.
    pub luck: u64,
    /// Planned start, ms.
    pub start: i64,
    /// Useful running time in hours.
    pub runtime: Spread,
    /// Tasks of jobs it waits for.
    pub waits_for: u32,
}

impl PlannedTask {
    /// Its planned nodes, as indices.
    pub(in crate::plan) fn planned_on(&self) -> std::ops::Range<u32> {
        self.first_node..self.first_node + self.nodes
    }
}
