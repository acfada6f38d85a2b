//! The replication in the middle, as lives of nodes.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::market::CapacityType;
use tradewind_core::place::RegionName;
use tradewind_core::plan::Plan;

use crate::plan::{Model, Simulated, Span, What};

/// The number of the replication whose cost is the median: of an even number the cheaper, of equals the first.
pub fn median(simulated: &Simulated) -> u64 {
    let mut order: Vec<(i64, u64)> = (0..).zip(&simulated.outcomes).map(|(r, o)| (o.cost, r)).collect();
    order.sort_unstable();
    order.get(order.len().saturating_sub(1) / 2).map_or(0, |(_, r)| *r)
}

/// A node from launch to release or loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Life {
    /// Launch, ms after the horizon's start.
    pub from_ms: i64,
    /// End.
    pub until_ms: i64,
    /// Whether the cloud took it back.
    pub lost: bool,
}

/// Nodes of one type in one region bought one way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Where; none for what stands behind spot, wherever it is.
    pub region: Option<RegionName>,
    /// The vendor's type; empty for what stands behind spot.
    pub instance_type: String,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// How often one is launched.
    pub launches: u64,
    /// How often the cloud takes one back.
    pub lost: u64,
    /// Time of all of them, ms.
    pub node_ms: i64,
    /// In order of launch; a node that is launched again has several.
    pub lives: Vec<Life>,
}

/// The lives of a replication by region, way of buying and type; what stands behind spot comes last.
pub fn rows(plan: &Plan, model: &Model, spans: &[Span]) -> Vec<Row> {
    let allocations: Vec<usize> =
        plan.allocations.iter().enumerate().flat_map(|(a, x)| std::iter::repeat_n(a, x.count as usize)).collect();
    debug_assert_eq!(allocations.len(), model.planned_nodes());
    let mut groups: BTreeMap<_, Vec<Life>> = BTreeMap::new();
    for span in spans {
        let What::Node { lost, .. } = span.what else { continue };
        let planned = allocations.get(span.node as usize).map(|a| &plan.allocations[*a]);
        let key = planned.map(|a| (&a.region, a.capacity_type, a.instance_type.as_str()));
        let life = Life { from_ms: span.from, until_ms: span.until, lost };
        groups.entry((key.is_none(), key)).or_default().push(life);
    }
    let row = |((_, key), mut lives): ((bool, Option<(&RegionName, CapacityType, &str)>), Vec<Life>)| {
        lives.sort_unstable();
        let (region, capacity_type, instance_type) = key
            .map_or((None, CapacityType::OnDemand, ""), |(region, bought, name)| (Some(region.clone()), bought, name));
        Row {
            region,
            instance_type: instance_type.to_owned(),
            capacity_type,
            launches: lives.len() as u64,
            lost: lives.iter().filter(|l| l.lost).count() as u64,
            node_ms: lives.iter().map(|l| l.until_ms - l.from_ms).sum(),
            lives,
        }
    };
    groups.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Outcome, Shares};
    use tradewind_core::seed::Seed;

    #[test]
    fn the_median_is_a_replication() {
        let of = |costs: &[i64]| {
            let outcome = |&cost: &i64| Outcome { cost, ..Outcome::default() };
            median(&Simulated {
                seed: Seed(0),
                outcomes: costs.iter().map(outcome).collect(),
                shares: Shares::default(),
            })
        };
        assert_eq!([of(&[5]), of(&[3, 1, 2]), of(&[4, 1, 2, 3]), of(&[2, 2, 2])], [0, 2, 2, 1]);
    }
}
