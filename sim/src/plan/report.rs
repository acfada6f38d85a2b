//! What many replications say of a plan, beside what the plan says of itself.

mod pools;
mod rules;

use serde::Serialize;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::monte_carlo::Simulated;
use super::outcome::Outcome;
use crate::draws;
use crate::stats::{self, Moments};

pub use pools::PoolRow;
pub use rules::RuleRow;

/// The cost of a plan, simulated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CostFigures {
    /// What the plan says.
    pub planned_usd: Usd,
    /// The mean over the replications.
    pub mean_usd: Usd,
    /// Half of the 95 % interval of that mean.
    pub half_width_usd: Usd,
    /// Standard deviation of a replication.
    pub deviation_usd: Usd,
    /// Order statistics.
    pub p5_usd: Usd,
    /// The median.
    pub p50_usd: Usd,
    /// The 95th percentile.
    pub p95_usd: Usd,
    /// Mean of the dearest twentieth.
    pub cvar95_usd: Usd,
    /// Share of the replications that cost less than planned.
    pub planned_percentile: f64,
}

/// A cause of cost: planned beside simulated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseRow {
    /// The cause.
    pub cause: &'static str,
    /// What the plan says.
    pub planned_usd: Usd,
    /// The mean over the replications.
    pub mean_usd: Usd,
}

/// A job with a deadline that some replication missed, or that the plan says may be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobRow {
    /// The job.
    pub job: String,
    /// Its tasks placed.
    pub tasks: u64,
    /// Share of its tasks that missed, over all replications.
    pub missed: f64,
    /// 95 % interval of the probability that any of its tasks misses: tasks of one replication share their
    /// luck, so replications are counted.
    pub interval: [f64; 2],
    /// The plan's bound for one task.
    pub planned: f64,
    /// What the job allows.
    pub allowed: f64,
}

/// The report of a simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Replications.
    pub trials: u64,
    /// Source of chance.
    pub seed: Seed,
    /// The generator.
    pub generator: &'static str,
    /// Cost.
    pub cost: CostFigures,
    /// Cost by cause.
    pub causes: Vec<CauseRow>,
    /// Nodes the clouds took back, in the mean.
    pub interruptions: f64,
    /// Tasks that moved from spot to on-demand, in the mean.
    pub moved: f64,
    /// Launches refused, in the mean.
    pub refusals: f64,
    /// Attempts of tasks that failed by themselves, in the mean.
    pub failures: f64,
    /// Tasks that never ended, in the mean.
    pub unfinished: f64,
    /// Hours of work lost or spent on saving and restoring, in the mean, and what the plan expects.
    pub rework_hours: f64,
    /// Share of replications in which any task missed its deadline.
    pub any_miss: f64,
    /// Jobs at risk, the likeliest to miss first.
    pub jobs: Vec<JobRow>,
    /// Pools, those that carry most of the cost's variance first.
    pub pools: Vec<PoolRow>,
    /// What rules come to.
    pub rules: Vec<RuleRow>,
    /// When the last task ends: median and 95th percentile.
    pub end: [Time; 2],
    /// Events over all replications.
    pub events: u64,
}

/// Of every interval.
const CONFIDENCE: f64 = 0.95;

impl Report {
    /// Sums up the replications of a plan; at least one.
    pub fn new(plan: &Plan, simulated: &Simulated) -> Self {
        let all = &simulated.outcomes;
        let n = all.len().max(1) as f64;
        let mean = |f: &dyn Fn(&Outcome) -> f64| all.iter().map(f).sum::<f64>() / n;
        let mut ends: Vec<f64> = all.iter().map(|o| o.end as f64).collect();
        ends.sort_unstable_by(f64::total_cmp);
        let end = |level: f64| {
            let last = stats::quantile(&ends, level, CONFIDENCE).map_or(0.0, |q| q.value);
            plan.rules.horizon.start + Millis::new(last as i64)
        };
        Self {
            trials: all.len() as u64,
            seed: simulated.seed,
            generator: draws::GENERATOR,
            cost: cost_figures(plan, all),
            causes: causes(plan, &mean),
            interruptions: mean(&|o| f64::from(o.interruptions)),
            moved: mean(&|o| f64::from(o.moved)),
            refusals: mean(&|o| f64::from(o.refusals)),
            failures: mean(&|o| f64::from(o.failures)),
            unfinished: mean(&|o| f64::from(o.unfinished)),
            rework_hours: mean(&|o| Millis::new(o.rework_ms).hours()),
            any_miss: mean(&|o| f64::from(u8::from(!o.missed.is_empty()))),
            jobs: jobs(plan, all),
            pools: pools::rows(plan, &simulated.shares),
            rules: rules::rows(all),
            end: [end(0.5), end(0.95)],
            events: all.iter().map(|o| o.events).sum(),
        }
    }
}

fn usd(nanos: f64) -> Usd {
    Usd::from_nanos(libm::rint(nanos) as i64)
}

fn cost_figures(plan: &Plan, all: &[Outcome]) -> CostFigures {
    let mut costs: Vec<f64> = all.iter().map(|o| o.cost as f64).collect();
    costs.sort_unstable_by(f64::total_cmp);
    let mut moments = Moments::default();
    costs.iter().for_each(|&cost| moments.add(cost));
    let mean = moments.estimate(CONFIDENCE);
    let at = |level: f64| usd(stats::quantile(&costs, level, CONFIDENCE).map_or(0.0, |q| q.value));
    let planned = plan.summary.cost_usd;
    CostFigures {
        planned_usd: planned,
        mean_usd: usd(mean.value),
        half_width_usd: usd(mean.interval.map_or(0.0, |i| i.half_width())),
        deviation_usd: usd(libm::sqrt(moments.variance())),
        p5_usd: at(0.05),
        p50_usd: at(0.5),
        p95_usd: at(0.95),
        cvar95_usd: usd(stats::cvar(&costs, 0.95, CONFIDENCE).map_or(0.0, |c| c.value)),
        planned_percentile: costs.partition_point(|&c| c < planned.nanos() as f64) as f64 / costs.len().max(1) as f64,
    }
}

/// The plan's lines, those that are one thing in a simulation together.
fn causes(plan: &Plan, mean: &dyn Fn(&dyn Fn(&Outcome) -> f64) -> f64) -> Vec<CauseRow> {
    let c = &plan.cost;
    let staged: Usd = plan.stagings.iter().map(|s| s.storage_usd).sum();
    let row = |cause, planned_usd, of: &dyn Fn(&Outcome) -> i64| CauseRow {
        cause,
        planned_usd,
        mean_usd: usd(mean(&|o| of(o) as f64)),
    };
    let fixed = |cause, planned_usd: Usd| CauseRow { cause, planned_usd, mean_usd: planned_usd };
    vec![
        row("compute and rework, with minimums and free hours", c.compute_usd + c.rework_usd, &|o| o.compute + o.rules),
        row("boot", c.boot_usd, &|o| o.boot),
        row("idle", c.idle_usd, &|o| o.idle),
        row("address", c.address_usd, &|o| o.address),
        row("disk and checkpoints", c.disk_usd + c.storage_usd - staged, &|o| o.kept),
        row("fallback", c.fallback_usd, &|o| o.fallback),
        fixed("egress", c.egress_usd),
        fixed("staged copies", staged),
        fixed("commitment", c.commitment_usd),
    ]
}

fn jobs(plan: &Plan, all: &[Outcome]) -> Vec<JobRow> {
    let queue = plan.workload.jobs();
    let mut tasks = vec![0_u64; queue.len()];
    let mut planned = vec![0.0_f64; queue.len()];
    for p in &plan.placements {
        let Some(k) = plan.workload.index_of(&p.job) else { continue };
        tasks[k] += u64::from(p.count());
        planned[k] = planned[k].max(p.miss_probability.unwrap_or(0.0));
    }
    let mut missed = vec![(0_u64, 0_u64); queue.len()];
    for &(job, n) in all.iter().flat_map(|o| &o.missed) {
        let (replications, tasks) = &mut missed[job as usize];
        *replications += 1;
        *tasks += u64::from(n);
    }
    let mut rows: Vec<JobRow> = (0..queue.len())
        .filter(|&k| queue[k].deadline.is_some() && tasks[k] > 0 && (missed[k].0 > 0 || planned[k] > 0.0))
        .map(|k| JobRow {
            job: queue[k].id.clone(),
            tasks: tasks[k],
            missed: missed[k].1 as f64 / (tasks[k] * all.len().max(1) as u64) as f64,
            interval: stats::proportion(missed[k].0, all.len() as u64, CONFIDENCE)
                .interval
                .map_or([0.0, 1.0], |i| [i.low, i.high]),
            planned: planned[k],
            allowed: queue[k].max_miss_probability,
        })
        .collect();
    rows.sort_by(|a, b| b.missed.total_cmp(&a.missed).then(b.planned.total_cmp(&a.planned)).then(a.job.cmp(&b.job)));
    rows
}
