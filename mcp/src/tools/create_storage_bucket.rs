//! `create_storage_bucket`: object storage, and what is copied into it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::time::Time;

use super::{About, Effect};

/// Data that is copied in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// Name of the data.
    pub dataset: String,
    /// `cloud/region` where it is.
    pub location: String,
    /// Its size.
    pub bytes: u64,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Unique in the world; each cloud has its own rule.
    pub name: String,
    /// The cloud's own name.
    pub region: String,
    /// Staged once each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub copy_from: Vec<Copy>,
}

/// A dataset in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Copied {
    /// Name of the data.
    pub dataset: String,
    /// Its size.
    pub bytes: u64,
    /// When it is all there.
    #[schemars(with = "String")]
    pub ready_at: Time,
    /// What moving it cost.
    #[schemars(with = "String")]
    pub egress_usd: Usd,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// Its name.
    pub name: String,
    /// Whether this call made it.
    pub created: bool,
    /// What is in it or on its way.
    pub datasets: Vec<Copied>,
    /// What storage was billed, once it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub billed_usd: Option<Usd>,
}

pub(super) const ABOUT: About = About {
    title: "Create or delete a storage bucket",
    text: "Creates a private bucket and copies datasets into it (staging), or deletes both.",
    effect: Effect::Changes,
};
