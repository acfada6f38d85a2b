//! `attach_volume`: block storage on a node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;

use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its name; made in the node's zone where there is none.
    #[schemars(length(min = 1, max = 63))]
    pub volume: String,
    /// On which node.
    pub node_id: String,
    /// Of a new volume, in GiB.
    #[schemars(range(min = 1, max = 65_536))]
    pub size_gib: u32,
    /// With state absent: keep the detached volume (billed).
    #[serde(default)]
    pub keep: bool,
}

/// What became of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VolumeState {
    /// On a node.
    Attached,
    /// On none; billed.
    Available,
    /// Gone.
    Deleted,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// The cloud's own id.
    pub volume_id: String,
    /// What became of it.
    pub state: VolumeState,
    /// Where it is.
    pub zone: String,
    /// What is billed: some clouds round up.
    pub billed_gib: u32,
    /// What it was billed, once it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub billed_usd: Option<Usd>,
}

pub(super) const ABOUT: About = About {
    title: "Attach or detach a volume",
    text: "Attaches a volume to a node of the same zone, or detaches it. One node at a time.",
    effect: Effect::Changes,
};
