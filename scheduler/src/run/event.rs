//! What a run is told: everything that changes it, in order. Together they are the run.

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;
use tradewind_mcp::refusal::Refusal;
use tradewind_mcp::tools::{Reply, get_health};

/// Something that a run is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A leader begins, or takes over: its term.
    Opened(u64),
    /// Time has come to where the run wanted to be woken.
    Woke,
    /// A call was answered.
    Answered(u64, Reply),
    /// A call was refused, or its fate is unknown.
    Refused(u64, Refusal),
    /// Something happened on a cloud.
    Happened(String, get_health::Event),
    /// Its owner does not want it any more.
    Cancelled,
    /// A cloud tells that a place is out: `cloud`, or `cloud/region`.
    Lost(String),
    /// Its owner takes back what has not begun, to plan it anew.
    Recalled,
}

/// An event with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Time,
    /// What.
    pub event: Event,
}
