//! How much of each quota a plan holds at its fullest.

use std::collections::BTreeMap;

use crate::market::{CapacityType, QuotaUnit};
use crate::place::RegionName;
use crate::plan::Plan;
use crate::time::Time;

/// The fullest instant of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaPeak {
    /// Name of the quota row.
    pub name: String,
    /// What it counts.
    pub unit: QuotaUnit,
    /// The limit, in whole units.
    pub available: u64,
    /// Most that is held at once, in thousandths of the unit.
    pub peak_milli: u64,
    /// When that is reached first.
    pub at: Time,
}

/// The peaks of every quota that the plan takes from, by name. Empty where the plan's market does not
/// hold together: `check` says why.
pub fn peaks(plan: &Plan) -> Vec<QuotaPeak> {
    let Ok(market) = plan.market.clone().validated() else { return Vec::new() };
    // Quota row -> (instant, launch?, thousandths). Releases come before launches at one instant.
    let mut changes: BTreeMap<u16, Vec<(Time, bool, u64)>> = BTreeMap::new();
    let mut hold = |o: Option<usize>, nodes: u64, from: Time, until: Time| {
        let Some(offer) = o.map(|o| &market.offers[o]) else { return };
        for &q in market.quotas_of(offer) {
            let unit = market.quotas[usize::from(q)].unit;
            let taken = market.taken_milli(unit, offer).saturating_mul(nodes);
            changes.entry(q).or_default().extend([(from, true, taken), (until, false, taken)]);
        }
    };
    for a in &plan.allocations {
        let offer = market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref());
        hold(offer, u64::from(a.count), a.start, a.reserved_end.max(a.end));
    }
    let region_of: BTreeMap<&str, &RegionName> = plan.allocations.iter().map(|a| (a.id.as_str(), &a.region)).collect();
    for (p, f) in plan.placements.iter().filter_map(|p| Some((p, p.fallback.as_ref()?))) {
        let Some(region) = region_of.get(p.allocation.as_str()) else { continue };
        let offer = market.find_offer(region, &f.instance_type, CapacityType::OnDemand, None);
        let nodes = plan.workload.index_of(&p.job).map_or(1, |k| plan.workload.jobs()[k].nodes);
        hold(offer, u64::from(p.count()) * u64::from(nodes), f.on_demand_from, f.until);
    }
    let mut peaks: Vec<QuotaPeak> = changes
        .into_iter()
        .map(|(q, mut list)| {
            list.sort_unstable();
            let (row, (peak_milli, at)) = (&market.quotas[usize::from(q)], fullest(&list));
            QuotaPeak { name: row.name.clone(), unit: row.unit, available: row.available, peak_milli, at }
        })
        .collect();
    peaks.sort_by(|a, b| a.name.cmp(&b.name));
    peaks
}

/// The most that is held at once, and when first.
fn fullest(changes: &[(Time, bool, u64)]) -> (u64, Time) {
    let mut held = 0_u64;
    let mut most = (0, Time::default());
    for &(now, launch, milli) in changes {
        held = if launch { held.saturating_add(milli) } else { held.saturating_sub(milli) };
        if held > most.0 {
            most = (held, now);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_released_at_an_instant_is_free_for_what_starts_then() {
        let at = Time::from_ms;
        let mut changes =
            vec![(at(0), true, 4), (at(5), false, 4), (at(5), true, 4), (at(7), true, 1), (at(9), false, 5)];
        changes.sort_unstable();
        assert_eq!(fullest(&changes), (5, at(7)));
        assert_eq!(fullest(&[]), (0, at(0)));
    }
}
