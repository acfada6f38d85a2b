//! Plans in simulated time: a million jobs at once, rare misses.

use std::time::Instant;

use tradewind_core::job::{Job, Runtime, Workload};
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{LoadedMarket, MarketRequest, QuotaChoice};
use tradewind_sim::plan::{Model, Sharpness, Simulated, Stop, World, rare_miss, simulate};

use crate::stopwatch::Stopwatch;
use crate::table::Row;

/// Half-width of the interval of a rare miss, as a share of it.
const SHARP: f64 = 0.2;
/// Jobs that are planned; larger plans are this one many times over.
const PLANNED: usize = 1_000;

/// All figures, a line each.
pub fn figures(rows: &mut Vec<Row>) {
    let loaded = market();
    rare(&loaded, rows);
    let plan = tradewind_benches::plan(&tradewind_benches::queue(PLANNED, 1), &loaded);
    let (took, _) = replications(&repeated(&plan, 1_000), &World::default(), "1,000,000 jobs", 1);
    rows.push(Row::less("one replication of 1,000,000 jobs, CPU seconds", [5.0, 1.0], Some(took)));
    rows.push(Row::less("most memory until then, GiB", [2.0, 2.0], peak_kib().map(|kib| kib / f64::from(1 << 20))));
}

/// The embedded market without quotas.
pub fn market() -> LoadedMarket {
    let request = MarketRequest { quotas: QuotaChoice::Unlimited, ..MarketRequest::default() };
    tradewind_datasets::load(&request).expect("a market")
}

/// Replications of a plan on one core in a world: CPU seconds of all, and what they came to.
pub fn replications(plan: &Plan, world: &World, what: &str, trials: u64) -> (f64, Simulated) {
    let begun = Stopwatch::begin_all();
    let model = Model::new(plan, world).expect("a sound plan");
    let built = begun.seconds();
    let begun = Stopwatch::begin_all();
    let simulated = simulate(&model, Seed(1), Stop::Trials(trials), 1, &|_| {});
    let took = begun.seconds();
    let events: u64 = simulated.outcomes.iter().map(|o| o.events).sum();
    eprintln!(
        "{what}: {} tasks on {} nodes; model in {built:.2} s; {trials} replications in {took:.2} s, {:.1} a second, {:.2} M events a second, {} events each; {}",
        model.tasks(),
        model.planned_nodes(),
        trials as f64 / took,
        events as f64 / took / 1e6,
        events / trials,
        peak_kib()
            .map_or("peak memory is not told here".to_owned(), |kib| format!("peak memory {:.2} GiB", kib / 1048576.0))
    );
    (took, simulated)
}

/// The most memory that this process ever held, KiB, where the system tells.
fn peak_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.split_whitespace().next()?.parse().ok()
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
fn rare(loaded: &LoadedMarket, rows: &mut Vec<Row>) {
    for (what, minutes) in [("1e-4", 117), ("1e-6", 140)] {
        let demand = Resources { vcpu_milli: 4_000, memory_mib: 16_384, gpu_milli: 0 };
        let mut job = Job::new("late", demand, Runtime { p50: Millis::HOUR, p95: Millis::from_secs(80 * 60) });
        job.deadline = Some(tradewind_benches::start() + Millis::from_secs(minutes * 60));
        let plan = tradewind_benches::plan(&Workload::new(vec![job]).expect("one job"), loaded);
        let model = Model::new(&plan, &World::default()).expect("a sound plan");
        let begun = Instant::now();
        let Some(miss) = rare_miss(&model, 0, Seed(1), Sharpness::default(), &|_| {}) else { continue };
        let took = begun.elapsed().as_secs_f64();
        let sharp = (miss.interval[1] - miss.interval[0]) <= 2.0 * SHARP * miss.probability;
        let fewer = miss.plain_events.map(|plain| plain / miss.events as f64).filter(|_| sharp);
        rows.push(Row::more(
            format!("a miss of some {what} within 20 %: times fewer events than plain"),
            [20.0; 2],
            fewer,
        ));
        rows.push(Row::less("the same in seconds", [60.0; 2], sharp.then_some(took)));
        eprintln!(
            "a miss of some {what}: {:.2e} ({:.2e} to {:.2e}) in {:.2} s, {} events, {:.0} times fewer than plain",
            miss.probability,
            miss.interval[0],
            miss.interval[1],
            took,
            miss.events,
            miss.plain_events.unwrap_or_default() / miss.events as f64
        );
    }
}
