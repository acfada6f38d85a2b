//! Nodes: what the tools that launch them ask and answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::Time;

/// What kind of machines, where, how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Launch {
    /// The cloud's own name.
    pub region: String,
    /// Any where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The cloud's own name.
    pub instance_type: String,
    /// Default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub count: u32,
    /// Fewer is a failure; default all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub min_count: Option<u32>,
    /// To end; default the decision's allocation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub node_ids: Vec<String>,
}

fn one() -> u32 {
    1
}

impl Launch {
    /// Nodes without which the call fails.
    pub fn least(&self) -> u32 {
        self.min_count.unwrap_or(self.count).min(self.count)
    }
}

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Launched, not usable yet; billed.
    Pending,
    /// Usable.
    Running,
    /// Shut down from inside: what that means for the bill is the cloud's rule.
    Stopped,
    /// Taken back by the cloud, disk and place kept.
    Deallocated,
    /// Gone.
    Terminated,
}

/// A node as the cloud sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// The cloud's own id.
    pub node_id: String,
    /// What became of it.
    pub state: NodeState,
    /// Where it is.
    pub zone: String,
    /// When it was launched.
    #[schemars(with = "String")]
    pub launched_at: Time,
    /// When it was usable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ready_at: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Time>,
    /// What it has been billed, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub billed_usd: Option<Usd>,
}

/// What was launched, or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Launched {
    /// In the order of their indices.
    pub nodes: Vec<Node>,
    /// How many of those asked for there are not.
    pub missing: u32,
    /// Of one node, now; on spot it may change.
    #[schemars(with = "String")]
    pub usd_per_hour: UsdPerHour,
    /// The cloud's own idempotency token.
    pub token: String,
}
