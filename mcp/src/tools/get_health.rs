//! `get_health`: our resources, what happened to them, and how the regions are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::time::Time;

use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Only what is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Made for this allocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<String>,
    /// Made with this token of the cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Events after this cursor; 0 is all kept.
    #[serde(default)]
    pub since: u64,
    /// Of each.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 1000))]
    pub limit: u32,
    /// Hide resources.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub events_only: bool,
}

fn hundred() -> u32 {
    100
}

/// A resource of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// The cloud's own id, or its name.
    pub id: String,
    /// node, pool, volume, bucket, job, endpoint, secret, route.
    pub kind: String,
    /// What became of it.
    pub state: String,
    /// Region or zone.
    pub place: String,
    /// Whose it is; empty where nobody tagged it.
    pub owner: String,
    /// The decision it was made for.
    pub decision: String,
    /// What it was bought as, `cloud/region/type/how`; of nodes and pools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub offer: Option<OfferName>,
    /// When it will be reaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Time>,
    /// What it was billed, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub billed_usd: Option<Usd>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its place in the order of events.
    pub cursor: u64,
    /// When.
    #[schemars(with = "String")]
    pub at: Time,
    /// The resource.
    pub id: String,
    /// ready, notice, rebalance, interrupted, expired, started, ended, ...
    pub what: String,
    /// In words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// A place that is not well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// Region, zone or the whole cloud.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// A zone's region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// By id; the cloud may show them late.
    pub resources: Vec<Resource>,
    /// In order.
    pub events: Vec<Event>,
    /// Where to go on.
    pub next_cursor: u64,
    /// Places that are not well.
    pub troubles: Vec<Trouble>,
    /// When something happens next; told to the driver of virtual time only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub next_event_at: Option<Time>,
}

pub(super) const ABOUT: About = About {
    title: "See what is there",
    text: "Lists our resources, events since a cursor, and places in trouble.",
    effect: Effect::Reads,
};
