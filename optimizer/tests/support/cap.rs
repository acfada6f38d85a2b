//! The concentration cap, worked out from placements.

use std::collections::BTreeMap;

use tradewind_core::concentration::{work_of_queue, work_of_task};
use tradewind_core::market::CapacityType;
use tradewind_core::plan::Plan;
use tradewind_core::pool::pools;

use super::Instance;

/// Deadline-critical work on each spot pool, of tasks by (job, offer).
pub fn work_by_pool(i: &Instance, tasks: impl Iterator<Item = (usize, usize)>) -> BTreeMap<String, i128> {
    let pools = pools(&i.market, &i.rules.policies);
    let mut held = BTreeMap::new();
    for (k, offer) in tasks.filter(|(_, o)| i.market.offers[*o].capacity_type == CapacityType::Spot) {
        let pool = pools.iter().find(|p| p.offers.contains(&offer)).expect("every offer is in a pool");
        *held.entry(pool.key.clone()).or_insert(0) += work_of_task(&i.workload.jobs()[k]);
    }
    held
}

/// Whether tasks by (job, offer) keep the cap of the instance.
pub fn holds(i: &Instance, tasks: impl Iterator<Item = (usize, usize)>) -> bool {
    let Some(share) = i.rules.concentration else { return true };
    let limit = share.of(work_of_queue(&i.workload));
    work_by_pool(i, tasks).values().all(|work| *work <= limit)
}

/// The tasks of a plan by (job, offer).
pub fn tasks_of(i: &Instance, plan: &Plan) -> Vec<(usize, usize)> {
    let mut tasks = Vec::new();
    for p in &plan.placements {
        let a = plan.allocations.iter().find(|a| a.id == p.allocation).expect("an allocation");
        let offer = i.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref());
        let pair = (i.workload.index_of(&p.job).expect("a job"), offer.expect("an offer"));
        tasks.extend(std::iter::repeat_n(pair, p.count() as usize));
    }
    tasks
}
