//! The chart of accounts: who pays for what of a plan, known before anything is launched.

use tradewind_core::check::View;
use tradewind_core::cost;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::plan::Plan;
use tradewind_sim::plan::Model;

use super::data;
use super::expected::Expected;
use super::limit::Limit;
use super::line::{self, Part};
use super::payer::Payers;

/// Who pays for what.
#[derive(Debug, Clone)]
pub struct Chart {
    /// All who pay.
    pub payers: Payers,
    /// What they may spend.
    pub limits: Vec<Limit>,
    /// What projects are expected to cost.
    pub expected: Vec<Expected>,
    /// What data cost each payer, as planned; only where there are limits or projects.
    pub data: Vec<Usd>,
    /// By job: whether it is critical, or one waits for it that is; only where there are limits.
    critical: Vec<bool>,
    /// Tasks on each planned node.
    on_node: Vec<Vec<u32>>,
    /// What each task weighs in the split of a node: what it pays at least; only where several pay.
    weights: Vec<i128>,
}

impl Chart {
    /// Of a plan with its tables.
    pub fn of(plan: &Plan, model: &Model) -> Self {
        let payers = Payers::of(&plan.workload);
        let limits = Limit::all(&plan.rules, &payers);
        let mut on_node = vec![Vec::new(); model.nodes().len()];
        for (t, task) in (0..).zip(model.task_list()) {
            let nodes = task.first_node as usize..(task.first_node + task.nodes) as usize;
            on_node[nodes].iter_mut().for_each(|tasks: &mut Vec<u32>| tasks.push(t));
        }
        let weights = if payers.all().len() > 1 { weights(plan, model) } else { Vec::new() };
        let expected = Expected::all(plan, model, &payers);
        let has_data = !limits.is_empty() || !expected.is_empty();
        let data = if has_data { data::by_payer(plan, &payers) } else { Vec::new() };
        let critical = if limits.is_empty() { Vec::new() } else { critical(plan) };
        Self { payers, limits, expected, data, critical, on_node, weights }
    }

    /// Tasks that the plan has on a planned node.
    pub fn on_node(&self, node: u32) -> &[u32] {
        &self.on_node[node as usize]
    }

    /// Whether a job is begun though a budget nears its end.
    pub fn is_critical(&self, job: u32) -> bool {
        self.critical.get(job as usize).copied().unwrap_or(true)
    }

    /// Who pays how much of an hour of a node that tasks share, each with the index of its job: in proportion to what
    /// each pays at least, the reference prices of the plan times its mean time.
    pub fn parts(&self, price: UsdPerHour, tasks: &[(u32, u32)]) -> Vec<Part> {
        let mut weights: Vec<(u32, i128)> = Vec::new();
        for &(task, job) in tasks {
            let (payer, weight) = (self.payers.of_job(job), self.weights.get(task as usize).copied().unwrap_or(1));
            match weights.iter_mut().find(|(p, _)| *p == payer) {
                Some((_, sum)) => *sum += weight,
                None => weights.push((payer, weight)),
            }
        }
        weights.sort_unstable();
        line::parts(price, &weights)
    }
}

/// What each task pays at least for its nodes; 1 where that is nothing.
fn weights(plan: &Plan, model: &Model) -> Vec<i128> {
    let view = View::of(&plan.workload, &plan.market, &plan.rules);
    let weight = |task: &tradewind_sim::plan::PlannedTask| {
        let offer = model.nodes()[task.first_node as usize].machine as usize;
        let pool = &view.pools[view.pool_of[offer]];
        let law = view.law(task.job as usize, pool);
        let least = |law| cost::least_share(pool.reference, &plan.workload.jobs()[task.job as usize], &law);
        law.map_or(0, least).max(1)
    };
    model.task_list().iter().map(weight).collect()
}

/// By job: whether it is critical by its own priority, or a critical one waits for it.
fn critical(plan: &Plan) -> Vec<bool> {
    let jobs = plan.workload.jobs();
    let least = plan.rules.spending.critical_priority;
    let mut critical = vec![false; jobs.len()];
    let mut next: Vec<usize> = (0..jobs.len()).filter(|&k| jobs[k].priority >= least).collect();
    while let Some(k) = next.pop() {
        if !std::mem::replace(&mut critical[k], true) {
            next.extend(jobs[k].depends_on.iter().filter_map(|id| plan.workload.index_of(id)));
        }
    }
    critical
}
