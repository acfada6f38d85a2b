//! Plans a queue file and prints where the time goes: `probe QUEUE [THREADS [QUOTAS]]`, with QUOTAS a
//! file or `none`.

use std::path::Path;
use std::time::Instant;

use tradewind_core::check;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{MarketRequest, QuotaChoice};
use tradewind_optimizer::{Request, allocate};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let queue = args.get(1).expect("a queue file");
    let threads = args.get(2).and_then(|a| a.parse().ok()).unwrap_or(0);
    let quotas = match args.get(3).map(String::as_str) {
        None => QuotaChoice::Scenario,
        Some("none") => QuotaChoice::Unlimited,
        Some(file) => QuotaChoice::File(file.into()),
    };
    let t0 = Instant::now();
    let loaded = tradewind_datasets::load(&MarketRequest { quotas, ..MarketRequest::default() }).expect("a market");
    println!("load {:?}: {} offers", t0.elapsed(), loaded.market.offers.len());
    let t0 = Instant::now();
    let workload = tradewind_benches::read(Path::new(queue));
    println!("read {:?}: {} jobs", t0.elapsed(), workload.jobs().len());
    let start = tradewind_benches::start();
    let horizon = Horizon { start, end: start + Millis::from_hours(24), window: Millis::HOUR };
    let rules = Rules::over(horizon);
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
    println!("allocations {} nodes {}", plan.allocations.len(), plan.allocations.iter().map(|a| a.count).sum::<u32>());
    let t2 = Instant::now();
    let json = serde_json::to_string(&plan).expect("json");
    println!("json {} bytes {:?}", json.len(), t2.elapsed());
    let t2 = Instant::now();
    let report = check::check(&plan);
    println!("check {:?}: {} violations", t2.elapsed(), report.violations.len());
    for v in report.violations.iter().take(10) {
        println!("{v:?}");
    }
    for u in plan.unplaced.iter().take(5) {
        println!("{u:?}");
    }
}
