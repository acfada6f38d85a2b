//! What a run asks of a cloud: an intent that is written down before the call and closed by its answer.

use serde::{Deserialize, Serialize};
use tradewind_core::time::Millis;

/// What is wanted. It holds all that the call says: sent again it is the same call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// The account's limits.
    Quotas,
    /// Launch nodes of one allocation, in one zone.
    Launch {
        /// The nodes, neighbours in their allocation.
        nodes: Vec<u32>,
        /// Which launch of theirs.
        attempt: u32,
        /// The zone where the others of the allocation are.
        zone: Option<String>,
    },
    /// End lives of nodes of one allocation, and learn their bills.
    End {
        /// The lives.
        lives: Vec<u32>,
    },
    /// Start a task.
    Start {
        /// The task.
        task: u32,
        /// Which stint of it.
        stint: u32,
        /// The cloud's ids of its nodes.
        nodes: Vec<String>,
        /// Work that is saved.
        resume: Millis,
    },
    /// Stop a task, if it runs, and learn what it saved.
    Stop {
        /// The task.
        task: u32,
        /// Which stint of it.
        stint: u32,
    },
    /// Everything of ours that is there.
    Look,
}

/// A call that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its number in the run.
    pub id: u64,
    /// The cloud.
    pub cloud: String,
    /// What is wanted.
    pub intent: Intent,
    /// How often it was sent in vain.
    pub tries: u32,
}
