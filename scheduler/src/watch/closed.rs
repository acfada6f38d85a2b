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
    /// The cloud tells that a zone of it is out. Offers are of regions, and nobody chooses the zone: any launch there may
    /// be the one without an answer.
    ZoneOut,
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

    /// Closes a place; what is closed because of a zone may be closed because of more.
    fn close(&mut self, place: String, why: Why) {
        let now = self.0.entry(place).or_insert(why);
        if *now == Why::ZoneOut {
            *now = why;
        }
    }

    /// Whether there are regions of which a zone only is out.
    pub fn holds_in_part(&self) -> bool {
        self.0.values().any(|why| *why == Why::ZoneOut)
    }

    /// Without those.
    pub fn whole(&self) -> Self {
        Self(self.0.iter().filter(|(_, why)| **why != Why::ZoneOut).map(|(place, why)| (place.clone(), *why)).collect())
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
            for trouble in health.troubles {
                match trouble.region {
                    Some(region) => closed.close(format!("{cloud}/{region}"), Why::ZoneOut),
                    None if trouble.place == cloud => closed.close(trouble.place, Why::Out),
                    None => closed.close(format!("{cloud}/{}", trouble.place), Why::Out),
                }
            }
        }
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(name: &str) -> OfferName {
        name.parse().expect("an offer")
    }

    #[test]
    fn a_zone_that_is_out_closes_the_pools_of_its_region() {
        let (mut closed, in_it) = (Closed::default(), offer("aws/us-east-1/m5.large/spot"));
        closed.close("aws/us-east-1".to_owned(), Why::ZoneOut);
        assert!(closed.holds(&in_it) && !closed.holds(&offer("aws/us-east-2/m5.large/spot")));
        assert!(closed.holds_in_part() && !closed.whole().holds(&in_it), "in part: it may be planned on again");
        // The region itself goes out; that a zone of it is out too makes it no better.
        closed.close("aws/us-east-1".to_owned(), Why::Out);
        closed.close("aws/us-east-1".to_owned(), Why::ZoneOut);
        assert_eq!(closed.0.values().collect::<Vec<_>>(), [&Why::Out]);
        assert!(!closed.holds_in_part() && closed.whole().holds(&in_it));
    }
}
