//! The whole pipeline against exhaustive search on thousands of tiny instances.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::{Instance, exhaustive, instance, instance_under_contract, plan};
use tradewind_core::certificate::{
    BudgetDual, Certificate, OfferDual, PlacementCertificate, QuotaDual, StagingDual, StepDual,
};
use tradewind_core::check::{self, View};
use tradewind_core::market::QuotaUnit;
use tradewind_core::node_price::STEPS;
use tradewind_core::resources::ResourcePrices;

const INSTANCES: u64 = 3_000;
const UNDER_CONTRACT: u64 = 1_000;

fn placed_by_level(i: &support::Instance, plan: &tradewind_core::plan::Plan) -> (Vec<u64>, Vec<u64>) {
    let jobs = i.workload.jobs();
    let mut by_job = vec![0_u64; jobs.len()];
    for p in &plan.placements {
        by_job[i.workload.index_of(&p.job).unwrap()] += u64::from(p.tasks[1] - p.tasks[0]) + 1;
    }
    let mut levels = std::collections::BTreeMap::new();
    for (j, n) in jobs.iter().zip(&by_job) {
        *levels.entry(std::cmp::Reverse(j.priority)).or_insert(0) += n;
    }
    (levels.into_values().collect(), by_job)
}

#[test]
fn plans_stand_beside_the_exhaustive_optimum() {
    stand_beside_the_optimum((0..INSTANCES).map(|seed| (seed, instance(seed, 2 + (seed % 2) as usize))));
}

/// The same with discounts, commitments and policies.
#[test]
fn plans_under_contracts_stand_beside_the_exhaustive_optimum() {
    let size = |seed: u64| if seed.is_multiple_of(5) { 3 } else { 2 };
    stand_beside_the_optimum((0..UNDER_CONTRACT).map(|s| (s, instance_under_contract(90_000 + s, size(s)))));
}

fn stand_beside_the_optimum(instances: impl Iterator<Item = (u64, Instance)>) {
    let mut tried = 0_u64;
    let (mut equal, mut better, mut fewer, mut worst, mut sum) = (0_u32, 0_u32, 0_u32, 0.0_f64, 0.0);
    let (mut compared, mut behind) = (0_u32, 0_u32);
    for (seed, i) in instances {
        tried += 1;
        let plan = plan(&i);
        let report = check::check(&plan);
        assert!(report.is_clean(), "seed {seed}: {:#?}", report.violations);
        behind += u32::from(plan.placements.iter().any(|p| p.fallback.is_some()));
        let best = exhaustive(&i);
        let (placed, by_job) = placed_by_level(&i, &plan);
        let total: u64 = best.placed.iter().sum();
        assert!(plan.summary.placed_upper_bound >= total, "seed {seed}: the placement bound is below {total}");
        if by_job == best.by_job {
            assert!(
                plan.summary.lower_bound_usd <= best.cost,
                "seed {seed}: bound {} above {}",
                plan.summary.lower_bound_usd,
                best.cost
            );
            let excess = plan.summary.cost_usd.as_f64() / best.cost.as_f64().max(1e-12) - 1.0;
            compared += 1;
            if excess > 1e-9 {
                worst = worst.max(excess);
                sum += excess;
            } else if excess < -1e-9 {
                better += 1;
            } else {
                equal += 1;
            }
        } else if placed < best.placed {
            fewer += 1;
        }
    }
    println!(
        "{tried} instances: {equal} at the grid's optimum, {better} below it (starts off the grid), {} dearer \
         (mean {:.3} %, worst {:.1} %), {fewer} with fewer tasks placed; {behind} with on-demand behind spot",
        compared - equal - better,
        100.0 * sum / f64::from(compared),
        100.0 * worst
    );
    assert!(behind > 0, "no plan falls back: the test says nothing of it");
    assert!(f64::from(equal + better) >= 0.97 * f64::from(compared), "fewer than 97 % optimal");
    assert!(sum / f64::from(compared) < 0.002, "mean excess over 0.2 %");
    assert!(u64::from(fewer) * 100 <= tried, "more than 1 % of the plans place fewer tasks than possible");
}

/// Any prices at all give a valid bound: random ones never prove more than the optimum.
#[test]
fn random_prices_never_prove_too_much() {
    let mut rng = StdRng::seed_from_u64(5);
    let (mut drawn, mut positive, mut tightest) = (0, 0, 0.0_f64);
    for seed in 0..600 {
        let contract = seed % 3 == 2;
        let n = 2 + (seed % 2) as usize;
        let i = if contract { instance_under_contract(10_000 + seed, 2) } else { instance(10_000 + seed, n) };
        let best = exhaustive(&i);
        let view = View::of(&i.workload, &i.market, &i.rules);
        // Three of them after the horizon, where tasks still run.
        let windows = i.rules.horizon.windows() as u32 + 3;
        for _ in 0..20 {
            let scale = 10_f64.powf(rng.random_range(-3.0..2.0));
            let price = |most: f64, rng: &mut StdRng| (rng.random::<f64>() * most * scale * 1e9) as i64;
            let offers = view
                .pools
                .iter()
                .flat_map(|p| p.offers.iter().map(move |&o| (p, o)))
                .map(|(p, o)| OfferDual {
                    pool: p.key.clone(),
                    instance_type: i.market.type_of(&i.market.offers[o]).name.clone(),
                    prices: ResourcePrices { vcpu: price(0.05, &mut rng), gib: price(0.01, &mut rng), gpu: 0 },
                    steps: STEPS
                        .iter()
                        .map(|s| StepDual { of: s.of, parts: s.parts, price: price(0.2, &mut rng) })
                        .collect(),
                })
                .collect();
            let mut quotas: Vec<QuotaDual> = Vec::new();
            for q in &i.market.quotas {
                for window in (0..windows).filter(|_| rng.random_bool(0.3)).collect::<Vec<_>>() {
                    // A commitment's unit is a thousandth of a dollar.
                    let most = if q.unit == QuotaUnit::MilliUsd { 0.001 } else { 0.02 };
                    quotas.push(QuotaDual { quota: q.name.clone(), window, price: price(most, &mut rng) });
                }
            }
            let mut staging = Vec::new();
            for j in i.workload.jobs().iter().filter(|j| j.datasets().next().is_some()) {
                let (dataset, region) = ("set".to_owned(), "two/west".to_owned());
                staging.push(StagingDual { dataset, region, job: j.id.clone(), price: price(0.2, &mut rng) });
            }
            let staging = if rng.random_bool(0.5) { staging } else { Vec::new() };
            let budgets: Vec<BudgetDual> = Vec::new();
            let placement = PlacementCertificate {
                priority: 0,
                quotas: quotas.clone(),
                budgets: budgets.clone(),
                concentration: Vec::new(),
                upper_bound: 0,
            };
            let certificate = Certificate { offers, quotas, budgets, staging, ..Certificate::default() };
            let bound = check::lower_bound(&view, &certificate, &best.by_job);
            assert!(bound <= best.cost, "seed {seed}: {bound} above {} with {certificate:?}", best.cost);
            let most = check::placement_bound(&view, &placement);
            let placed: u64 = best.placed.iter().sum();
            assert!(most >= placed, "seed {seed}: at most {most} placeable, {placed} are");
            drawn += 1;
            let owed = i.market.owed(i.rules.horizon);
            let (bound, best) = (bound - owed, best.cost - owed);
            positive += u32::from(bound.nanos() > 0);
            tightest = tightest.max(bound.as_f64() / best.as_f64().max(1e-12));
        }
    }
    println!(
        "{drawn} random certificates, {positive} with a positive bound, tightest {:.1} % of the optimum",
        tightest * 100.0
    );
    assert!(positive * 4 > drawn, "a quarter of the random bounds are positive, or the test says little");
}
