//! What new work is planned beside: nodes that are held, budgets that are spent, places that are closed.

use std::collections::BTreeMap;

use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;

use super::book::Shares;
use super::closed::Closed;
use crate::nightly::started::Held;
use crate::run::{Run, Script};

/// What is held and spent already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// Nodes, with their quota.
    pub nodes: Vec<Held>,
    /// What projects spent or will.
    pub spent: BTreeMap<String, Usd>,
    /// Where nothing can be launched now.
    pub closed: Closed,
}

impl Beside {
    /// Adds a run that is under way: the nodes that it has or needs, the planned cost of what it did not give back.
    pub fn add_run(&mut self, run: &Run) {
        let plan = &run.script().plan;
        for (allocation, nodes) in run.nodes_held() {
            let a = &plan.allocations[allocation as usize];
            self.nodes.push(Held { offer: OfferName::of_allocation(a), nodes, until: Time::from_ms(i64::MAX) });
        }
        self.spend(plan, &shares_of(run));
    }

    /// Adds a run that is still to begin: all of its plan.
    pub fn add_ahead(&mut self, script: &Script) {
        let held = |a| Held { offer: OfferName::of_allocation(a), nodes: a.count, until: a.reserved_end };
        self.nodes.extend(script.plan.allocations.iter().map(held));
        self.spend(&script.plan, &Shares::new());
    }

    /// Adds the planned cost of a plan's tasks, but for those that were given back.
    pub fn spend(&mut self, plan: &Plan, shares: &Shares) {
        for p in &plan.placements {
            let job = plan.workload.index_of(&p.job).map(|at| &plan.workload.jobs()[at]);
            let Some(project) = job.and_then(|job| job.project.clone()) else { continue };
            let (kept, all) = shares.get(&p.job).map_or((1, 1), |s| {
                let kept = s.done + s.failed + s.live;
                (kept, (kept + s.recalled).max(1))
            });
            let nanos = i128::from(p.expected_cost_usd.nanos()) * i128::from(kept) / i128::from(all);
            // A part of what fits.
            *self.spent.entry(project).or_default() += Usd::from_nanos(nanos as i64);
        }
    }
}

/// The tasks of a run, by job.
pub fn shares_of(run: &Run) -> Shares {
    run.shares().into_iter().map(|(job, share)| (job.to_owned(), share)).collect()
}
