//! Which pools carry cost and risk.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::place::RegionName;
use tradewind_core::plan::Plan;
use tradewind_core::time::Millis;

use crate::plan::model::{PoolName, pools as names};
use crate::plan::shares::Shares;

/// Machines of one series in one region, bought one way: planned beside simulated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolRow {
    /// `cloud/region`.
    pub region: RegionName,
    /// The vendor's series.
    pub family: String,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// What the plan expects its nodes to cost, as on-demand behind spot too.
    pub planned_usd: Usd,
    /// The mean of their bills over the replications.
    pub mean_usd: Usd,
    /// Share of the variance of a replication's cost: covariance with the whole over the variance of the whole.
    pub variance_share: f64,
    /// Lives of nodes, in the mean.
    pub nodes: f64,
    /// Nodes the cloud took back, in the mean.
    pub interruptions: f64,
    /// Hours that brought tasks planned here no work, in the mean.
    pub rework_hours: f64,
    /// Tasks planned here that missed their deadline, in the mean.
    pub missed: f64,
}

/// Micro-dollars in nano-dollars.
const NANOS_PER_MICRO: f64 = 1000.0;

/// The pools that anything was planned or spent on, those with the largest share of the variance first.
pub(super) fn rows(plan: &Plan, shares: &Shares) -> Vec<PoolRow> {
    let planned = planned(plan);
    let trials = shares.trials().max(1) as f64;
    let row = |(name, sums): (PoolName, &crate::plan::PoolSums)| PoolRow {
        planned_usd: planned.get(&name).copied().unwrap_or_default(),
        mean_usd: super::usd(sums.cost as f64 * NANOS_PER_MICRO / trials),
        variance_share: shares.of_variance(sums),
        nodes: sums.lives as f64 / trials,
        interruptions: sums.lost as f64 / trials,
        rework_hours: Millis::new(sums.rework_ms).hours() / trials,
        missed: sums.missed as f64 / trials,
        region: name.region,
        family: name.family,
        capacity_type: name.capacity_type,
    };
    let all = names(&plan.market).into_iter().zip(shares.pools()).map(row);
    let mut rows: Vec<PoolRow> = all.filter(|r| r.nodes > 0.0 || r.planned_usd != Usd::ZERO).collect();
    rows.sort_by(|a, b| b.variance_share.total_cmp(&a.variance_share).then(b.mean_usd.cmp(&a.mean_usd)));
    rows
}

/// What the plan expects of each pool.
fn planned(plan: &Plan) -> BTreeMap<PoolName, Usd> {
    let families: BTreeMap<&str, &str> =
        plan.market.types.iter().map(|t| (t.name.as_str(), t.family.as_str())).collect();
    let regions: BTreeMap<&str, &RegionName> = plan.allocations.iter().map(|a| (a.id.as_str(), &a.region)).collect();
    let mut sums: BTreeMap<PoolName, Usd> = BTreeMap::new();
    let mut add = |region: &RegionName, instance_type: &str, capacity_type, usd: Usd| {
        let family = families.get(instance_type).copied().unwrap_or_default().to_owned();
        let sum = sums.entry(PoolName { region: region.clone(), family, capacity_type }).or_default();
        *sum = *sum + usd;
    };
    for a in &plan.allocations {
        add(&a.region, &a.instance_type, a.capacity_type, a.expected_cost_usd);
    }
    for p in &plan.placements {
        if let (Some(f), Some(region)) = (&p.fallback, regions.get(p.allocation.as_str())) {
            add(region, &f.instance_type, CapacityType::OnDemand, f.expected_cost_usd);
        }
    }
    sums
}
