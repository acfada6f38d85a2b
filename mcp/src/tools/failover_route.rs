//! `failover_route`: where a name leads, by weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

use super::{About, Effect};

/// Where traffic may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Host name or address.
    #[schemars(length(min = 1, max = 253))]
    pub host: String,
    /// Its share among all weights; 0 is none.
    #[schemars(range(max = 1000))]
    pub weight: u16,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The name that clients ask for.
    #[schemars(length(min = 1, max = 253))]
    pub route: String,
    /// All of them: what is not named is withdrawn.
    #[schemars(length(max = 100))]
    pub targets: Vec<Target>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// The name.
    pub route: String,
    /// As they are from `in_sync_at` on.
    pub targets: Vec<Target>,
    /// How often it changed.
    pub revision: u32,
    /// When all name servers know.
    #[schemars(with = "String")]
    pub in_sync_at: Time,
}

pub(super) const ABOUT: About = About {
    title: "Set where a route leads",
    text: "Sets the weights of a route's targets, or withdraws the route.",
    effect: Effect::Changes,
};
