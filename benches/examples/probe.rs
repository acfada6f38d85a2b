//! Plans a drawn queue and prints where the time goes: `probe JOBS SEED [THREADS [distinct]]`.

use std::collections::BTreeMap;
use std::time::Instant;

use tradewind_core::check;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{MarketRequest, MarketSettings, MarketSource, QuotaChoice, Snapshot};
use tradewind_optimizer::{Request, allocate};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |i: usize, default: u64| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (jobs, seed, threads) = (number(1, 200) as usize, number(2, 1), number(3, 0) as usize);
    let t0 = Instant::now();
    let loaded = tradewind_datasets::load(&MarketRequest {
        source: MarketSource::Embedded(Snapshot::S2024),
        quotas: QuotaChoice::Scenario,
        settings: MarketSettings::default(),
        ..MarketRequest::default()
    })
    .expect("the embedded market loads");
    println!("load {:?}: {} offers", t0.elapsed(), loaded.market.offers.len());
    let distinct = args.get(4).is_some_and(|a| a == "distinct");
    let workload =
        if distinct { tradewind_benches::distinct(jobs, seed) } else { tradewind_benches::queue(jobs, seed) };
    let start = tradewind_benches::start();
    let horizon = Horizon { start, end: start + Millis::from_hours(24), window: Millis::HOUR };
    let rules = Rules { horizon, budgets: BTreeMap::new(), policies: Vec::new() };
    let t1 = Instant::now();
    let plan = allocate(&Request {
        workload: &workload,
        market: &loaded.market,
        rules: &rules,
        market_hash: loaded.hash.clone(),
        as_of: start,
        seed: Seed(0),
        gap: None,
        threads,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|p| println!("{:>8.2?} {} bound {:?} cost {:?}", t1.elapsed(), p.stage, p.bound, p.cost),
    })
    .expect("a plan");
    println!("plan {:?}", t1.elapsed());
    let s = &plan.summary;
    println!(
        "cost {:.3} bound {:.3} gap {:?} placed {}/{} ub {}",
        s.cost_usd, s.lower_bound_usd, s.gap, s.placed, s.tasks, s.placed_upper_bound
    );
    for (n, b) in &s.baselines {
        println!("  {n}: {} {:.3}", b.placed, b.cost_usd);
    }
    println!("{:?}", plan.cost);
    println!(
        "nodes {} market rows {} quotas {}",
        plan.allocations.len(),
        plan.market.offers.len(),
        plan.market.quotas.len()
    );
    let json = serde_json::to_string(&plan).expect("json");
    println!("json {} bytes", json.len());
    let t2 = Instant::now();
    let report = check::check(&plan);
    println!("check {:?}: {} violations {:?}", t2.elapsed(), report.violations.len(), report.examined);
    for v in report.violations.iter().take(10) {
        println!("{v:?}");
    }
    for u in plan.unplaced.iter().take(5) {
        println!("{u:?}");
    }
    for s in plan.shadow_prices.iter().take(8) {
        println!("{s:?}");
    }
}
