//! Where nothing can be launched now: pools without room, until their pause is over, and places that a cloud calls out.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::offer_name::OfferName;
use tradewind_core::time::Time;
use tradewind_mcp::tools::{Reply, Request, get_health};

use crate::drive::Hands;
use crate::run::{Run, script::is_within};

/// Why a place is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A launch found no room there.
    NoRoom,
    /// The cloud tells that it is out.
    Out,
}

/// Closed places by name: `cloud`, `cloud/region`, or a pool, `cloud/region/type/how`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Closed(pub BTreeMap<String, Why>);

impl Closed {
    /// Whether an offer is in one of them.
    pub fn holds(&self, offer: &OfferName) -> bool {
        !self.0.is_empty() && self.0.keys().any(|place| is_within(&offer.to_string(), place))
    }

    /// Their names.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether one of these is open in another.
    pub fn any_open_in(&self, other: &Self) -> bool {
        self.0.keys().any(|place| !other.0.contains_key(place))
    }
}

/// Remembers pools without room until their pause is over: the run that found out may be gone by then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory(BTreeMap<String, Time>);

impl Memory {
    /// What is closed now, as the runs and the clouds tell. A cloud that does not answer tells nothing.
    pub async fn look<'r>(&mut self, runs: impl Iterator<Item = &'r Run>, hands: &impl Hands, now: Time) -> Closed {
        self.0.retain(|_, until| *until > now);
        let mut closed = Closed::default();
        for (pool, until) in runs.flat_map(Run::dead_pools) {
            closed.0.insert(pool.to_owned(), Why::NoRoom);
            self.0.insert(pool.to_owned(), until);
        }
        closed.0.extend(self.0.keys().map(|pool| (pool.clone(), Why::NoRoom)));
        for cloud in hands.clouds() {
            let request = get_health::Request { limit: 1, events_only: true, ..Default::default() };
            let Ok(Reply::GetHealth(health)) = hands.call(&cloud, now, Request::GetHealth(request), None).await else {
                continue;
            };
            let place = |place: String| if place == cloud { place } else { format!("{cloud}/{place}") };
            closed.0.extend(health.troubles.into_iter().map(|t| (place(t.place), Why::Out)));
        }
        closed
    }
}
