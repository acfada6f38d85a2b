//! The relaxation's prices as the integers of a certificate, rounded down so that none is overstated.

use tradewind_core::certificate::{BudgetDual, Certificate, PoolDual, QuotaDual, StagingDual};
use tradewind_core::resources::ResourcePrices;

use crate::problem::Problem;
use crate::relaxation::Prices;

/// Nano-dollars of a price in dollars.
fn nanos(usd: f64) -> i64 {
    (usd.max(0.0) * 1e9).floor() as i64
}

/// The certificate of a cost bound.
pub(crate) fn certificate(problem: &Problem<'_>, prices: &Prices) -> Certificate {
    let pools = (0..problem.pools.len()).filter(|&p| prices.active[p]).map(|p| {
        let [vcpu, gib, gpu] = prices.mu[p].map(nanos);
        PoolDual { pool: problem.pools[p].key.clone(), prices: ResourcePrices { vcpu, gib, gpu } }
    });
    let staging = prices.staging.iter().flat_map(|(&(d, r), shares)| {
        shares.iter().flat_map(move |(&k, &price)| {
            problem.classes[k].jobs.iter().map(move |&j| StagingDual {
                dataset: problem.datasets[d].name.clone(),
                region: problem.market.regions[usize::from(r)].name.to_string(),
                job: problem.workload.jobs()[j].id.clone(),
                price: nanos(price),
            })
        })
    });
    Certificate {
        pools: pools.collect(),
        quotas: quota_duals(problem, prices),
        budgets: budget_duals(problem, prices),
        staging: staging.collect(),
        placement: Vec::new(),
    }
}

/// The quota prices that are not zero.
pub(crate) fn quota_duals(problem: &Problem<'_>, prices: &Prices) -> Vec<QuotaDual> {
    let dual = |(&(q, t), &price): (&(u16, usize), &f64)| QuotaDual {
        quota: problem.market.quotas[usize::from(q)].name.clone(),
        window: t as u32,
        price: nanos(price),
    };
    prices.quota.iter().map(dual).filter(|d| d.price > 0).collect()
}

/// The budget prices that are not zero.
pub(crate) fn budget_duals(problem: &Problem<'_>, prices: &Prices) -> Vec<BudgetDual> {
    let pairs = problem.budgets.iter().zip(&prices.budget);
    pairs.map(|((p, _), &b)| BudgetDual { project: p.clone(), price: nanos(b) }).filter(|d| d.price > 0).collect()
}
