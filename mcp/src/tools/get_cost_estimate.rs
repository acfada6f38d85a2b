//! `get_cost_estimate`: what nodes would cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::Time;

use super::scale_nodepool::Buys;
use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The cloud's own name.
    pub region: String,
    /// The cloud's own name.
    pub instance_type: String,
    /// Default on_demand.
    #[serde(default)]
    pub capacity_type: Buys,
    /// Default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub count: u32,
    /// How long.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub duration_s: u32,
}

fn one() -> u32 {
    1
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// Of one node.
    #[schemars(with = "String")]
    pub usd_per_hour: UsdPerHour,
    /// Of all, free interrupted time and addresses included.
    #[schemars(with = "String")]
    pub expected_usd: Usd,
    /// Of all, if nothing is interrupted and the price rises to on-demand.
    #[schemars(with = "String")]
    pub worst_case_usd: Usd,
    /// `USD`.
    pub currency: String,
    /// The snapshot of the price.
    pub source: String,
    /// When the price held.
    #[schemars(with = "String")]
    pub as_of: Time,
    /// Interruptions per node and hour.
    pub interruptions_per_hour: f64,
}

pub(super) const ABOUT: About = About {
    title: "Estimate a cost",
    text: "What nodes would cost, with source and date of the price. Launches nothing.",
    effect: Effect::Reads,
};
