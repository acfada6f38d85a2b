//! Packing alone: mixed queues in one region, every task an hour from the same instant, no quotas.

use std::collections::BTreeMap;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_core::cost::{Busy, node_bill};
use tradewind_core::job::{Arch, Job, Runtime, Workload};
use tradewind_core::market::{CapacityType, Market};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{MarketRequest, QuotaChoice};
use tradewind_optimizer::{Request, allocate};

use super::configurations::{Kind, Size, bound};

/// Largest node that both sides may use: beyond it the knapsack's table grows without a use.
const LARGEST: (u64, u64) = (192, 768);

/// Prints plans over the bound of the configuration program.
pub fn table() {
    println!("\npacking over the configuration bound: one region, equal durations, one start");
    println!("{:>8}{:>8}{:>8}{:>9}{:>9}{:>12}", "classes", "tasks", "seed", "plan s", "bound s", "excess %");
    let market = market();
    for (classes, tasks) in [(20, 1_000), (50, 1_000), (50, 10_000), (200, 10_000)] {
        for seed in 1..=3 {
            eprintln!("packing {tasks} tasks of {classes} classes, seed {seed} ...");
            let kinds = kinds(classes, tasks, seed);
            let begun = Instant::now();
            let cost = plan(&market, &kinds);
            let planned = begun.elapsed().as_secs_f64();
            let begun = Instant::now();
            let least = bound(&kinds, &sizes(&market));
            let excess = 100.0 * (cost / least - 1.0);
            let bounded = begun.elapsed().as_secs_f64();
            println!("{classes:>8}{tasks:>8}{seed:>8}{planned:>9.1}{bounded:>9.1}{excess:>12.2}");
        }
    }
}

/// The plain on-demand nodes of one region.
fn market() -> Market {
    let request = MarketRequest { quotas: QuotaChoice::Unlimited, ..MarketRequest::default() };
    let all = tradewind_datasets::load(&request).expect("the embedded market loads").market;
    let home = all.region_index(&RegionName::new("aws", "us-east-1")).expect("a region of the embedded market");
    let mut market = all.clone();
    market.offers.retain(|o| {
        let t = all.type_of(o);
        let small = t.capacity.vcpu_milli <= LARGEST.0 * 1000 && t.capacity.memory_mib <= LARGEST.1 * 1024;
        let plain = t.gpu.is_empty() && !t.burstable && t.arch == Arch::X86_64;
        o.region == home && o.capacity_type == CapacityType::OnDemand && plain && small
    });
    market
}

/// Mixed demands: 1 to 32 vCPUs, 1 to 8 GiB each, in whole GiB.
fn kinds(classes: usize, tasks: u32, seed: u64) -> Vec<Kind> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut all: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    while all.len() < classes {
        let vcpus = [1, 1, 2, 2, 3, 4, 4, 6, 8, 12, 16, 24, 32][rng.random_range(0..13)];
        let gib = (vcpus as f64 * rng.random_range(1.0..8.0)).round() as usize;
        all.insert((vcpus, gib), 1);
    }
    let keys: Vec<(usize, usize)> = all.keys().copied().collect();
    for _ in classes..tasks as usize {
        *all.entry(keys[rng.random_range(0..keys.len())]).or_default() += 1;
    }
    all.into_iter().map(|((vcpus, gib), count)| Kind { vcpus, gib, count }).collect()
}

fn boot(market: &Market) -> Millis {
    market.cloud_of(&market.offers[0]).boot.mean()
}

/// Each size of node for an hour and its boot, as the bill says.
fn sizes(market: &Market) -> Vec<Size> {
    let start = tradewind_benches::start() + boot(market);
    let busy = [Busy { start, mean: Millis::HOUR, useful: Millis::HOUR }];
    let size = |o: &tradewind_core::market::Offer| {
        let c = market.type_of(o).capacity;
        let bill = node_bill(market, o, tradewind_benches::start(), start + Millis::HOUR, &busy);
        let (vcpus, gib) = ((c.vcpu_milli / 1000) as usize, (c.memory_mib / 1024) as usize);
        Size { vcpus, gib, cost: bill.total().as_f64() }
    };
    market.offers.iter().map(size).collect()
}

/// Cost of our plan: a horizon so short that all tasks start together.
fn plan(market: &Market, kinds: &[Kind]) -> f64 {
    let jobs = kinds.iter().enumerate().map(|(i, k)| {
        let demand = Resources { vcpu_milli: k.vcpus as u64 * 1000, memory_mib: k.gib as u64 * 1024, gpu_milli: 0 };
        let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
        Job { count: k.count, ..Job::new(&format!("kind-{i:03}"), demand, runtime) }
    });
    let queue = Workload::new(jobs.collect()).expect("distinct ids");
    let start = tradewind_benches::start();
    let length = boot(market) + Millis::from_secs(1);
    let horizon = Horizon { start, end: start + length, window: length };
    let plan = allocate(&Request {
        workload: &queue,
        market,
        rules: &Rules::over(horizon),
        market_hash: String::new(),
        as_of: start,
        seed: Seed(0),
        gap: None,
        threads: 0,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|_| {},
    })
    .expect("a plan");
    assert_eq!(plan.summary.unplaced, 0, "nothing limits the packing");
    plan.summary.cost_usd.as_f64()
}
