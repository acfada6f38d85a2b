//! The relaxation's prices as the integers of a certificate, rounded down so that none is overstated.

use tradewind_core::certificate::{
    BudgetDual, Certificate, ConcentrationDual, OfferDual, QuotaDual, StagingDual, StepDual,
};
use tradewind_core::node_price::STEPS;
use tradewind_core::resources::ResourcePrices;

use crate::problem::Problem;
use crate::relaxation::Prices;

/// Nano-dollars of a price in dollars.
fn nanos(usd: f64) -> i64 {
    (usd.max(0.0) * 1e9).floor() as i64
}

/// The certificate of a cost bound.
pub(crate) fn certificate(problem: &Problem<'_>, prices: &Prices) -> Certificate {
    let offers = prices.nodes.iter().map(|(&o, mu)| {
        let [vcpu, gib, gpu, ..] = mu.map(nanos);
        let steps = STEPS.iter().zip(&mu[3..]).map(|(s, x)| StepDual { of: s.of, parts: s.parts, price: nanos(*x) });
        let o = o as usize;
        OfferDual {
            pool: problem.pools[problem.pool_of[o] as usize].key.clone(),
            instance_type: problem.market.type_of(&problem.market.offers[o]).name.clone(),
            prices: ResourcePrices { vcpu, gib, gpu },
            steps: steps.filter(|s| s.price > 0).collect(),
        }
    });
    let staging = prices.staging.iter().flat_map(|(&(d, r), shares)| {
        shares.iter().map(move |(&k, &price)| StagingDual {
            dataset: problem.datasets[d].name.clone(),
            region: problem.market.regions[usize::from(r)].name.to_string(),
            job: problem.workload.jobs()[problem.classes[k].jobs[0]].id.clone(),
            price: nanos(price),
        })
    });
    Certificate {
        offers: offers.collect(),
        quotas: quota_duals(problem, prices),
        budgets: budget_duals(problem, prices),
        concentration: concentration_duals(prices),
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

/// Percentage points in the whole.
pub(crate) const POINTS: f64 = 100.0;

/// The prices of the concentration cap that are not zero.
pub(crate) fn concentration_duals(prices: &Prices) -> Vec<ConcentrationDual> {
    let dual = |(pool, price): (&String, &f64)| ConcentrationDual { pool: pool.clone(), price: nanos(price / POINTS) };
    prices.concentration.iter().map(dual).filter(|d| d.price > 0).collect()
}
