//! `deploy_model`: models behind an endpoint, with shares of its traffic.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::UsdPerHour;

use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its name; made where there is none.
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: String,
    /// Name and version of the model.
    #[schemars(length(min = 1, max = 63))]
    pub model: String,
    /// The cloud's own name.
    pub region: String,
    /// The cloud's own name.
    pub instance_type: String,
    /// Machines behind it.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub count: u32,
    /// Its share; the others keep the rest in proportion. A canary is 1 to 5.
    #[schemars(range(max = 100))]
    pub traffic_percent: u8,
}

fn one() -> u32 {
    1
}

/// A model behind an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Variant {
    /// Name and version of the model.
    pub model: String,
    /// Its share.
    pub traffic_percent: u8,
    /// Whether its machines are up.
    pub in_service: bool,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// Its name.
    pub endpoint: String,
    /// Shares sum to 100 unless there are none.
    pub variants: Vec<Variant>,
    /// Of all machines.
    #[schemars(with = "String")]
    pub usd_per_hour: UsdPerHour,
}

pub(super) const ABOUT: About = About {
    title: "Deploy or roll back a model",
    text: "Puts a model behind an endpoint with a share of traffic; absent rolls back.",
    effect: Effect::Changes,
};
