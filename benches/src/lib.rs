//! Seeded queues of realistic shape for figures: the same bytes for the same seed.
//!
//! Shapes follow what public logs agree on (Philly 2017, Alibaba openb 2023): lognormal runtimes with
//! a median of an hour and a long tail, powers of two in vCPUs, 2 to 8 GiB per vCPU, one job in eight
//! on GPUs, half interruptible. What the logs lack (deadlines, data, residency, budgets) is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_core::job::{Arch, Checkpoint, GpuRequest, Input, Job, Output, Runtime, Workload};
use tradewind_core::place::RegionName;
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::LoadedMarket;
use tradewind_optimizer::{Request, allocate};

/// Midnight of the embedded market's day, where the queues start.
pub fn start() -> Time {
    "2024-03-31T00:00:00Z".parse().expect("a fixed instant")
}

const HOMES: [(&str, &str); 6] = [
    ("aws", "us-east-1"),
    ("aws", "eu-west-1"),
    ("azure", "westeurope"),
    ("azure", "eastus"),
    ("gcp", "us-central1"),
    ("gcp", "europe-west4"),
];

/// `n` jobs, no two alike, drawn by `seed`, to be planned over 24 hours.
pub fn distinct(n: usize, seed: u64) -> Workload {
    let mut rng = StdRng::seed_from_u64(seed);
    let jobs = (0..n).map(|i| job(&format!("job-{i:06}"), &mut rng)).collect();
    Workload::new(jobs).expect("distinct ids and no dependencies")
}

/// `n` jobs as people submit them: in sweeps of alike jobs, half of them alone, the rest 2 to 24 at
/// once (public logs: a million array jobs came from 3,000 submissions).
pub fn queue(n: usize, seed: u64) -> Workload {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut jobs: Vec<Job> = Vec::with_capacity(n);
    let mut sweep = 0;
    while jobs.len() < n {
        let size = if rng.random_bool(0.5) { 1 } else { rng.random_range(2..=24) };
        let first = job("", &mut rng);
        for i in 0..size.min(n - jobs.len()) {
            jobs.push(Job { id: format!("sweep-{sweep:05}-{i:02}"), ..first.clone() });
        }
        sweep += 1;
    }
    Workload::new(jobs).expect("distinct ids and no dependencies")
}

fn pick<T: Copy>(rng: &mut StdRng, items: &[T]) -> T {
    items[rng.random_range(0..items.len())]
}

/// A lognormal draw with this median and standard deviation of the logarithm.
fn lognormal(rng: &mut StdRng, median: f64, sigma: f64) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    median * (sigma * (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()).exp()
}

fn job(id: &str, rng: &mut StdRng) -> Job {
    let gpu = rng.random_bool(0.12);
    let p50 = Millis::new((lognormal(rng, 3.6e6, 1.0).clamp(3e5, 3.6e7)) as i64);
    let p95 =
        if rng.random_bool(0.5) { p50 } else { Millis::new((p50.get() as f64 * rng.random_range(1.1..1.6)) as i64) };
    let (vcpus, memory, gpus) = if gpu {
        let count = pick(rng, &[1_u64, 1, 1, 2, 4]);
        (4 * count, 14 * count, count)
    } else {
        let vcpus = pick(rng, &[1_u64, 1, 2, 2, 4, 4, 8, 16]);
        (vcpus, vcpus * pick(rng, &[2_u64, 3, 4, 7]), 0)
    };
    let demand = Resources { vcpu_milli: vcpus * 1000, memory_mib: memory * 1024, gpu_milli: gpus * 1000 };
    let mut job = Job::new(id, demand, Runtime { p50, p95 });
    if gpu {
        let model = pick(rng, &["T4", "T4", "L4", "V100", "A100"]);
        let alternatives = if model == "T4" { BTreeMap::from([("L4".to_owned(), 1.8)]) } else { BTreeMap::new() };
        job.gpu = Some(GpuRequest { model: model.to_owned(), count: gpus as u32, alternatives });
    } else if rng.random_bool(0.3) {
        job.arch = BTreeSet::from([Arch::X86_64, Arch::Arm64]);
    }
    job.interruptible = rng.random_bool(0.5);
    if job.interruptible && rng.random_bool(0.7) {
        job.checkpoint = Some(Checkpoint {
            interval: None,
            save: Millis::from_secs(rng.random_range(10..120)),
            restore: Millis::from_secs(rng.random_range(10..180)),
            size: Bytes::from_gb(rng.random_range(1..40)),
        });
    }
    if rng.random_bool(0.4) {
        let slack = Millis::new((p95.get() as f64 * pick(rng, &[1.5, 2.5, 5.0])) as i64) + Millis::from_hours(1);
        job.deadline = Some(start() + p95 + slack);
    }
    if rng.random_bool(0.35) {
        job.residency = vec![pick(rng, &["EU", "US"]).to_owned()];
    }
    if rng.random_bool(0.4) {
        let (cloud, region) = pick(rng, &HOMES);
        let location = RegionName::new(cloud, region);
        if rng.random_bool(0.5) {
            let dataset = format!("set-{cloud}-{region}");
            job.inputs = vec![Input { dataset: Some(dataset), location, size: Bytes::from_gb(120) }];
        } else {
            let size = Bytes::from_gb(rng.random_range(1..60));
            job.inputs = vec![Input { dataset: None, location: location.clone(), size }];
            job.outputs = vec![Output { location, size: Bytes::from_gb(1) }];
        }
    }
    job.priority = pick(rng, &[30, 50, 50, 50, 80]);
    job.project = Some(pick(rng, &["vision", "genomics", "risk", "search"]).to_owned());
    job
}

/// A queue file of any format.
pub fn read(path: &Path) -> Workload {
    match tradewind_datasets::read_queue(path, &tradewind_datasets::queue::Options::default()) {
        Ok(queue) => queue.workload,
        Err(problems) => panic!("{}: {problems:?}", path.display()),
    }
}

/// The plan of a queue on a loaded market: 24 windows of an hour from [`start`], by the default limit of work.
pub fn plan(workload: &Workload, loaded: &LoadedMarket) -> Plan {
    let start = start();
    let horizon = Horizon { start, end: start + Millis::from_hours(24), window: Millis::HOUR };
    allocate(&Request {
        workload,
        market: &loaded.market,
        rules: &Rules::over(horizon),
        market_hash: loaded.hash.clone(),
        as_of: start,
        seed: Seed(0),
        gap: None,
        threads: 0,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|_| {},
    })
    .expect("a plan")
}
