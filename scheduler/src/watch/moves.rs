//! What moves because a place is closed: from where, to where, for how much more or less.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tradewind_core::job::Job;
use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::Plan;

/// Where jobs are planned: offers, and the expected cost of all their tasks there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Homes(BTreeMap<String, Home>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Home {
    offers: BTreeSet<String>,
    tasks: u32,
    cost: Usd,
}

/// Tasks of a job that are planned elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The job.
    pub job: String,
    /// Tasks that move.
    pub tasks: u32,
    /// The offers that they leave.
    pub from: BTreeSet<String>,
    /// The offers that they go to; none where they wait.
    pub to: BTreeSet<String>,
    /// What that costs more than before, by the plans; of tasks that are placed.
    pub more_usd: Usd,
}

impl Homes {
    /// Adds those of a plan.
    pub fn add(&mut self, plan: &Plan) {
        let offers: BTreeMap<&str, String> =
            plan.allocations.iter().map(|a| (a.id.as_str(), OfferName::of_allocation(a).to_string())).collect();
        for p in &plan.placements {
            let home = self.0.entry(p.job.clone()).or_default();
            home.offers.extend(offers.get(p.allocation.as_str()).cloned());
            home.tasks += p.count();
            home.cost += p.expected_cost_usd;
        }
    }

    /// What moves of these to a new plan: tasks that were given back, beyond those that waited before.
    pub fn moves(&self, jobs: &[Job], waited: &[(String, u32)], plan: &Plan) -> Vec<Move> {
        let mut now = Self::default();
        now.add(plan);
        let before: BTreeMap<&str, u32> = waited.iter().map(|(job, tasks)| (job.as_str(), *tasks)).collect();
        let moved = |job: &Job| {
            let tasks = job.count.saturating_sub(before.get(job.id.as_str()).copied().unwrap_or(0));
            let from = self.0.get(&job.id).filter(|_| tasks > 0)?;
            let to = now.0.get(&job.id).cloned().unwrap_or_default();
            let more = to.cost - from.share(to.tasks);
            (from.offers != to.offers).then(|| Move {
                job: job.id.clone(),
                tasks,
                from: from.offers.clone(),
                to: to.offers,
                more_usd: more,
            })
        };
        jobs.iter().filter_map(moved).collect()
    }
}

impl Home {
    /// What so many of its tasks cost.
    fn share(&self, tasks: u32) -> Usd {
        let nanos = i128::from(self.cost.nanos()) * i128::from(tasks) / i128::from(self.tasks.max(1));
        // A part of what fits, for no more tasks than there are.
        Usd::from_nanos(nanos as i64)
    }
}
