//! What moving data costs each placement of a plan. No cloud bills it by the node: a run counts it as planned.

use std::collections::HashMap;

use tradewind_core::check::View;
use tradewind_core::cost;
use tradewind_core::money::Usd;
use tradewind_core::plan::{Allocation, Placement, Plan};

use super::payer::Payers;

/// What the private inputs and outputs of each placement cost to move, in their order. Copies that jobs share, and
/// commitments, are nobody's by themselves.
pub fn by_placement(plan: &Plan) -> Vec<Usd> {
    let view = View::of(&plan.workload, &plan.market, &plan.rules);
    let allocations: HashMap<&str, &Allocation> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    let moved = |placement: &Placement| {
        let k = plan.workload.index_of(&placement.job)?;
        let job = &plan.workload.jobs()[k];
        if job.inputs.is_empty() && job.outputs.is_empty() {
            return None;
        }
        let a = allocations.get(placement.allocation.as_str())?;
        let offer = plan.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref())?;
        let law = view.law(k, &view.pools[view.pool_of[offer]])?;
        let own = cost::own_cost(&plan.market, plan.market.offers[offer].region, job, &law, None)?;
        Some(Usd::from_nanos(own.egress.nanos().saturating_mul(i64::from(placement.count()))))
    };
    plan.placements.iter().map(|placement| moved(placement).unwrap_or_default()).collect()
}

/// The same, by payer.
pub fn by_payer(plan: &Plan, payers: &Payers) -> Vec<Usd> {
    let mut sums = vec![Usd::ZERO; payers.all().len()];
    for (placement, usd) in plan.placements.iter().zip(by_placement(plan)) {
        let job = plan.workload.index_of(&placement.job).unwrap_or_default();
        sums[payers.of_job(job as u32) as usize] += usd;
    }
    sums
}
