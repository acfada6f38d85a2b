//! What one replication comes to.

use serde::{Deserialize, Serialize};

/// One simulated run of a plan. Money in nano-dollars, times in ms.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Everything.
    pub cost: i64,
    /// Nodes while a task runs on them: useful work, checkpoints, rework.
    pub compute: i64,
    /// Of [`Outcome::compute`], what went into work lost, saves and restores, by the largest share that a task
    /// takes of its nodes.
    pub rework: i64,
    /// Nodes while they boot, the first time and after an interruption.
    pub boot: i64,
    /// Nodes that wait.
    pub idle: i64,
    /// What billing rules add (minimums) or take off (free first hours).
    pub rules: i64,
    /// Of [`Outcome::rules`], what least billed times add.
    pub minimum: i64,
    /// Addresses.
    pub address: i64,
    /// Disks and checkpoints kept.
    pub kept: i64,
    /// On-demand nodes behind spot.
    pub fallback: i64,
    /// Nodes the cloud took back.
    pub interruptions: u32,
    /// Launches that were refused.
    pub refusals: u32,
    /// Attempts of tasks that failed by themselves.
    pub failures: u32,
    /// Tasks that never ended: out of attempts, or not launched in a long time, or waiting for such.
    pub unfinished: u32,
    /// Tasks moved from spot to on-demand.
    pub moved: u32,
    /// Work done and lost, saves and restores included, over all tasks.
    pub rework_ms: i64,
    /// Tasks that missed their deadline, in order of the job's index; jobs without a miss are left out.
    pub missed: Vec<(u32, u32)>,
    /// End of the last task, ms from the horizon's start.
    pub end: i64,
    /// Events that happened.
    pub events: u64,
}
