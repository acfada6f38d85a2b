//! `submit_ml_job`: work on nodes, or on the cloud's managed training service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::time::Time;

use super::{About, Effect};

/// Machines of the managed service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Managed {
    /// The cloud's own name.
    pub region: String,
    /// The cloud's own name.
    pub instance_type: String,
    /// How many.
    #[schemars(range(min = 1, max = 1000))]
    pub count: u32,
}

/// How a simulated job goes, exactly; on a live cloud the command says that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// Median of a lognormal.
    pub median_h: f64,
    /// Of its logarithm.
    pub sigma: f64,
    /// 0 is none.
    pub interval_ms: u64,
    /// Writes a checkpoint.
    pub save_ms: u64,
    /// Reads one.
    pub restore_ms: u64,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// May be used again by the cloud's rule.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Nodes to run on; else managed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub node_ids: Vec<String>,
    /// The managed service; else node_ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<Managed>,
    /// What runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub command: Vec<String>,
    /// Median runtime.
    #[schemars(range(min = 1, max = 2_592_000))]
    pub runtime_p50_s: u32,
    /// 95th percentile; default the median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_p95_s: Option<u32>,
    /// Between checkpoints; 0 is none.
    #[serde(default)]
    pub checkpoint_interval_s: u32,
    /// Work done before.
    #[serde(default)]
    pub resume_from_ms: u64,
    /// Simulated clouds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "serde_json::Value")]
    pub law: Option<Law>,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its nodes.
    Waiting,
    /// Runs.
    Running,
    /// Done.
    Succeeded,
    /// Its node was lost.
    Interrupted,
    /// Cancelled by a call.
    Cancelled,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// The cloud's own id.
    pub job_id: String,
    /// What became of it.
    pub state: JobState,
    /// When it began to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub started_at: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Time>,
    /// Useful work that a later attempt can go on from.
    pub saved_ms: u64,
    /// What is left, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub remaining_ms: Option<u64>,
    /// What managed machines were billed, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub billed_usd: Option<Usd>,
}

pub(super) const ABOUT: About = About {
    title: "Submit or cancel a job",
    text: "Runs a command on nodes or on managed training; absent cancels.",
    effect: Effect::Changes,
};
