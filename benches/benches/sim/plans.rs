//! Plans in simulated time: replications a second, a million jobs at once, rare misses.

use std::time::Instant;

use tradewind_core::job::{Job, Runtime, Workload};
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{LoadedMarket, MarketRequest, QuotaChoice};
use tradewind_sim::plan::{Model, Shares, Sharpness, Simulated, Stop, World, rare_miss, resume};

/// Jobs that are planned; larger plans are this one many times over.
const PLANNED: usize = 1_000;

/// All figures, a line each.
pub fn figures() {
    let request = MarketRequest { quotas: QuotaChoice::Unlimited, ..MarketRequest::default() };
    let loaded = tradewind_datasets::load(&request).expect("a market");
    rare(&loaded);
    let plan = tradewind_benches::plan(&tradewind_benches::queue(PLANNED, 1), &loaded);
    replications(&repeated(&plan, 10), "10,000 jobs", 100);
    replications(&repeated(&plan, 1_000), "1,000,000 jobs", 1);
}

/// Replications of a plan on one core in a world without processes.
fn replications(plan: &Plan, what: &str, trials: u64) {
    let begun = Instant::now();
    let model = Model::new(plan, &World::default()).expect("a sound plan");
    let built = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let none = Simulated { seed: Seed(1), outcomes: Vec::new(), shares: Shares::default() };
    let simulated = resume(&model, none, Stop::Trials(trials), 1, &|_| {});
    let took = begun.elapsed().as_secs_f64();
    let events: u64 = simulated.outcomes.iter().map(|o| o.events).sum();
    eprintln!(
        "{what}: {} tasks on {} nodes; model in {built:.2} s; {trials} replications in {took:.2} s, {:.1} a second, {:.2} M events a second, {} events each; {}",
        model.tasks(),
        model.planned_nodes(),
        trials as f64 / took,
        events as f64 / took / 1e6,
        events / trials,
        peak_memory()
    );
}

/// The most memory that this process ever held, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or("peak memory is not told here".to_owned(), |kib| format!("peak memory {}", kib.trim()))
}

/// A plan beside itself so many times, each with jobs and nodes of its own names.
fn repeated(plan: &Plan, times: usize) -> Plan {
    let named = |n: usize, id: &str| format!("{n:04}-{id}");
    let mut all = plan.clone();
    (all.allocations, all.placements) = (Vec::new(), Vec::new());
    let mut jobs: Vec<Job> = Vec::with_capacity(plan.workload.jobs().len() * times);
    for n in 0..times {
        jobs.extend(plan.workload.jobs().iter().map(|job| Job { id: named(n, &job.id), ..job.clone() }));
        for allocation in plan.allocations.iter().cloned() {
            let id = named(n, &allocation.id);
            all.allocations.push(tradewind_core::plan::Allocation { id, ..allocation });
        }
        for placement in plan.placements.iter().cloned() {
            let (job, allocation) = (named(n, &placement.job), named(n, &placement.allocation));
            all.placements.push(tradewind_core::plan::Placement { job, allocation, ..placement });
        }
    }
    all.workload = Workload::new(jobs).expect("distinct ids");
    all
}

/// A job whose running time has a tail beyond its deadline: an hour in the median, 80 minutes in 95 of 100 runs.
fn rare(loaded: &LoadedMarket) {
    for (what, minutes) in [("1e-4", 117), ("1e-6", 140)] {
        let demand = Resources { vcpu_milli: 4_000, memory_mib: 16_384, gpu_milli: 0 };
        let mut job = Job::new("late", demand, Runtime { p50: Millis::HOUR, p95: Millis::from_secs(80 * 60) });
        job.deadline = Some(tradewind_benches::start() + Millis::from_secs(minutes * 60));
        let plan = tradewind_benches::plan(&Workload::new(vec![job]).expect("one job"), loaded);
        let model = Model::new(&plan, &World::default()).expect("a sound plan");
        let begun = Instant::now();
        let Some(miss) = rare_miss(&model, 0, Seed(1), Sharpness::default(), &|_| {}) else { continue };
        eprintln!(
            "a miss of some {what}: {:.2e} ({:.2e} to {:.2e}) in {:.2} s, {} events, {:.0} times fewer than plain",
            miss.probability,
            miss.interval[0],
            miss.interval[1],
            begun.elapsed().as_secs_f64(),
            miss.events,
            miss.plain_events.unwrap_or_default() / miss.events as f64
        );
    }
}
