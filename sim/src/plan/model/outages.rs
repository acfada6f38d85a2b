//! The regions that an outage of the world concerns.

use std::collections::BTreeMap;

use tradewind_core::market::Region;
use tradewind_core::money::Usd;
use tradewind_core::place::RegionName;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;

use crate::plan::world::{BUSIEST_REGION, Outage};

/// A region that is out, times in ms from the horizon's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) struct Out {
    /// Index of the region.
    pub region: u16,
    pub from: i64,
    pub until: i64,
}

/// The regions of an outage.
pub(in crate::plan) fn regions(plan: &Plan, outage: &Outage, start: Time) -> Vec<Out> {
    let busiest = if outage.place == BUSIEST_REGION { busiest_region(plan) } else { None };
    let named = |r: &Region| match busiest {
        Some(busiest) => r.name == *busiest,
        None => r.name.cloud() == outage.place || r.name.to_string() == outage.place,
    };
    let regions = plan.market.regions.iter().enumerate().filter(|(_, r)| named(r));
    let (from, until) = (outage.start.since(start), outage.end.since(start));
    regions.map(|(r, _)| Out { region: r as u16, from, until }).collect()
}

/// Where the plan spends most on nodes; of equals the first by name.
fn busiest_region(plan: &Plan) -> Option<&RegionName> {
    let mut spent: BTreeMap<&RegionName, Usd> = BTreeMap::new();
    for a in &plan.allocations {
        let sum = spent.entry(&a.region).or_default();
        *sum = *sum + a.expected_cost_usd;
    }
    let most = spent.values().max().copied()?;
    spent.into_iter().find(|(_, usd)| *usd == most).map(|(region, _)| region)
}
