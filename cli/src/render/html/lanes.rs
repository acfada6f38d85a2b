//! Rows of the chart: nodes of one type in one region bought one way, packed so that none overlap.

use std::collections::BTreeMap;

use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::place::RegionName;
use tradewind_core::plan::{Allocation, Plan};
use tradewind_core::time::Time;

/// A row.
pub struct Row<'p> {
    /// Where.
    pub region: &'p RegionName,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// Whether it is charged against a commitment.
    pub committed: bool,
    /// The vendor's type.
    pub instance_type: &'p str,
    /// Nodes in all.
    pub nodes: u64,
    /// Their expected bill.
    pub usd: Usd,
    /// Lanes; in each the allocations follow one another.
    pub lanes: Vec<Vec<&'p Allocation>>,
}

/// The rows by region, way of buying and type.
pub fn rows(plan: &Plan) -> Vec<Row<'_>> {
    let mut groups: BTreeMap<(&RegionName, CapacityType, bool, &str), Vec<&Allocation>> = BTreeMap::new();
    for a in &plan.allocations {
        groups.entry((&a.region, a.capacity_type, a.commitment.is_some(), &a.instance_type)).or_default().push(a);
    }
    groups
        .into_iter()
        .map(|((region, capacity_type, committed, instance_type), list)| Row {
            region,
            capacity_type,
            committed,
            instance_type,
            nodes: list.iter().map(|a| u64::from(a.count)).sum(),
            usd: list.iter().map(|a| a.expected_cost_usd).sum(),
            lanes: pack(list),
        })
        .collect()
}

/// Each in the first lane that is free at its launch; the fewest lanes there can be.
fn pack(mut list: Vec<&Allocation>) -> Vec<Vec<&Allocation>> {
    list.sort_by_key(|a| (a.start, a.end, a.id.as_str()));
    let mut lanes: Vec<Vec<&Allocation>> = Vec::new();
    for a in list {
        let free = |lane: &&mut Vec<&Allocation>| lane.last().map_or(Time::from_ms(i64::MIN), |b| b.end) <= a.start;
        match lanes.iter_mut().find(free) {
            Some(lane) => lane.push(a),
            None => lanes.push(vec![a]),
        }
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::money::UsdPerHour;
    use tradewind_core::plan::ZoneRule;

    fn allocation(id: &str, start: i64, end: i64) -> Allocation {
        Allocation {
            id: id.to_owned(),
            region: RegionName::new("cloud", "east"),
            zone: ZoneRule::Any,
            instance_type: "small".to_owned(),
            capacity_type: CapacityType::Spot,
            commitment: None,
            count: 1,
            start: Time::from_ms(start),
            end: Time::from_ms(end),
            reserved_end: Time::from_ms(end),
            usd_per_hour: UsdPerHour::ZERO,
            expected_cost_usd: Usd::ZERO,
        }
    }

    #[test]
    fn a_lane_is_taken_again_when_it_is_free() {
        let all = [allocation("a", 0, 5), allocation("b", 1, 9), allocation("c", 5, 7), allocation("d", 6, 8)];
        let lanes = pack(all.iter().rev().collect());
        let ids: Vec<Vec<&str>> = lanes.iter().map(|l| l.iter().map(|a| a.id.as_str()).collect()).collect();
        assert_eq!(ids, [vec!["a", "c"], vec!["b"], vec!["d"]]);
    }
}
