//! `get_quotas`: the account's limits and what is used of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::market::QuotaUnit;

use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Only limits of this region or scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A limit in the cloud's own shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// `scope/the cloud's own name/market`.
    pub name: String,
    /// What it counts.
    #[schemars(with = "String")]
    pub unit: QuotaUnit,
    /// The limit.
    pub limit: u64,
    /// What is used, in thousandths of the unit.
    pub used_milli: u64,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// By name.
    pub quotas: Vec<Quota>,
}

pub(super) const ABOUT: About = About {
    title: "Read limits",
    text: "The account's limits and their use. A limit is not capacity.",
    effect: Effect::Reads,
};
