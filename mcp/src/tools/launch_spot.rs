//! `launch_spot`: nodes that the cloud may take back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::UsdPerHour;

use super::node::Launch;
use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// What kind of machines, where, how many.
    #[serde(flatten)]
    pub launch: Launch,
    /// Interrupted above it; not on every cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub max_usd_per_hour: Option<UsdPerHour>,
}

/// What is answered.
pub type Reply = super::node::Launched;

pub(super) const ABOUT: About = About {
    title: "Launch or terminate spot nodes",
    text: "Launches spot nodes: cheaper, may be interrupted at the cloud's notice.",
    effect: Effect::Changes,
};
