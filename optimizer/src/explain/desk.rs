//! Inputs of one's own to change and plan on: the plan's queue and rules, and a market cut down to
//! the few offers that matter for a question.

use std::collections::BTreeSet;

use tradewind_core::job::Workload;
use tradewind_core::market::Market;
use tradewind_core::plan::Plan;
use tradewind_core::pool;
use tradewind_core::rules::Rules;

use super::Change;
use crate::problem::Problem;

/// The inputs, cut down.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub workload: Workload,
    pub market: Market,
    pub rules: Rules,
}

impl Desk {
    /// The plan's inputs with these offers of `market` besides those it buys, and what stands behind those
    /// on spot; `None` if it buys something that `market` does not sell.
    pub fn new(plan: &Plan, market: &Market, offers: impl IntoIterator<Item = usize>) -> Option<Self> {
        let mut kept: BTreeSet<usize> = offers.into_iter().collect();
        for a in &plan.allocations {
            kept.insert(market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref())?);
        }
        if plan.workload.jobs().iter().any(|j| j.interruptible && j.deadline.is_some()) {
            let behind: Vec<usize> = kept.iter().flat_map(|&o| pool::behind(market, &market.offers[o])).collect();
            kept.extend(behind);
        }
        let regions: BTreeSet<u16> = plan.workload.places().filter_map(|p| market.region_index(p)).collect();
        let regions: Vec<u16> = regions.into_iter().collect();
        Some(Self {
            workload: plan.workload.clone(),
            market: market.subset(|i, _| kept.contains(&i), &regions),
            rules: plan.rules.clone(),
        })
    }

    /// The same with changes for one job. What is changed is still a queue: no id and no dependency
    /// is touched.
    pub fn with(&self, job: usize, changes: &[Change]) -> Self {
        let mut desk = self.clone();
        let mut jobs = desk.workload.jobs().to_vec();
        for change in changes {
            change.apply(&mut jobs[job], &mut desk.market, &mut desk.rules);
        }
        if let Ok(workload) = Workload::new(jobs) {
            desk.workload = workload;
        }
        desk
    }

    /// The problem of these inputs.
    pub fn problem(&self) -> Problem<'_> {
        Problem::new(&self.workload, &self.market, &self.rules)
    }
}
