//! What each project is expected to cost, and from where on it costs more than chance explains.

use std::collections::BTreeMap;

use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_sim::plan::{Model, PlannedTask};

use super::payer::Payers;

/// Below this share above the plan nothing is told, however well the times are known: nodes boot, wait, are taken back.
const TELLING: f64 = 0.25;
/// So many standard deviations of the cost of its tasks are chance, if the queue knows their times (one in 700 for a
/// normal sum).
const DEVIATIONS: f64 = 3.0;

/// A project, as the plan has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Its name.
    pub project: String,
    /// What the plan expects all of it to cost, data included.
    pub planned: Usd,
    /// Above this it is told: the plan and a quarter of it, or and three standard deviations, whichever is more. The
    /// deviations are those of running times alone: tasks of a node stretch its bill together, nodes by themselves.
    pub telling: Usd,
    /// By payer: whether it pays for this project.
    pays: Vec<bool>,
}

impl Expected {
    /// The projects of a plan that cost anything, by name.
    pub fn all(plan: &Plan, model: &Model, payers: &Payers) -> Vec<Self> {
        let mut names: Vec<&String> = payers.all().iter().filter_map(|payer| payer.project.as_ref()).collect();
        names.dedup();
        let costs = costs_of_jobs(plan);
        let deviations = deviations(&costs, model);
        let expected = |name: &String| {
            let pays: Vec<bool> = payers.all().iter().map(|payer| payer.project.as_ref() == Some(name)).collect();
            let is_its = |job: u32| pays[payers.of_job(job) as usize];
            let planned: Usd = (0..).zip(&costs).filter(|(job, _)| is_its(*job)).map(|(_, (cost, _))| *cost).sum();
            let mut by_node: BTreeMap<u32, f64> = BTreeMap::new();
            for (task, deviation) in model.task_list().iter().zip(&deviations).filter(|(task, _)| is_its(task.job)) {
                *by_node.entry(task.first_node).or_default() += deviation;
            }
            let deviation = libm::sqrt(by_node.values().map(|d| d * d).sum());
            let more = (planned.as_f64() * TELLING).max(deviation * DEVIATIONS);
            // A quarter of what an amount can be: no sum of costs comes near.
            let telling = planned + Usd::from_nanos((more * 1e9).min(i64::MAX as f64 / 4.0) as i64);
            Self { project: name.clone(), planned, telling, pays }
        };
        names.into_iter().map(expected).filter(|e| e.planned > Usd::ZERO).collect()
    }

    /// Whether what a payer spends counts.
    pub fn counts(&self, payer: usize) -> bool {
        self.pays[payer]
    }
}

/// What the plan expects all tasks of each job to cost, and how many it has.
fn costs_of_jobs(plan: &Plan) -> Vec<(Usd, u32)> {
    let mut costs = vec![(Usd::ZERO, 0); plan.workload.jobs().len()];
    for placement in &plan.placements {
        let Some(job) = plan.workload.index_of(&placement.job) else { continue };
        let (cost, tasks) = &mut costs[job];
        *cost += placement.expected_cost_usd;
        *tasks += placement.count();
    }
    costs
}

/// The standard deviation of the cost of each task, in dollars, as far as that of its time makes it.
fn deviations(costs: &[(Usd, u32)], model: &Model) -> Vec<f64> {
    let deviation = |task: &PlannedTask| {
        let (cost, tasks) = costs[task.job as usize];
        let sigma = task.runtime.sigma;
        cost.as_f64() / f64::from(tasks.max(1)) * libm::sqrt(libm::expm1(sigma * sigma))
    };
    model.task_list().iter().map(deviation).collect()
}
