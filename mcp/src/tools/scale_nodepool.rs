//! `scale_nodepool`: nodes that are kept at a number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Effect};

/// How a pool buys its nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Buys {
    /// At the list price.
    #[default]
    OnDemand,
    /// Cheaper, may be interrupted.
    Spot,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    pub pool: String,
    /// The cloud's own name.
    pub region: String,
    /// Any where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The cloud's own name.
    pub instance_type: String,
    /// Default on_demand.
    #[serde(default)]
    pub capacity_type: Buys,
    /// Nodes wished.
    #[schemars(range(max = 1000))]
    pub desired: u32,
    /// Default 0.
    #[serde(default)]
    pub min: u32,
    /// Never more.
    #[schemars(range(max = 1000))]
    pub max: u32,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// Its name.
    pub pool: String,
    /// Nodes wished.
    pub desired: u32,
    /// Nodes that are usable.
    pub ready: u32,
    /// Nodes that are on their way.
    pub pending: u32,
    /// Why there are fewer than wished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back_by: Option<String>,
    /// The nodes.
    pub node_ids: Vec<String>,
}

pub(super) const ABOUT: About = About {
    title: "Keep a pool of nodes at a number",
    text: "Creates, scales or deletes a pool. Lost nodes are replaced.",
    effect: Effect::Changes,
};
