//! What many replications say of a plan, beside what the plan says of itself.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::monte_carlo::Simulated;
use super::outcome::Outcome;
use crate::draws;

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
    /// Hours of work lost or spent on saving and restoring, in the mean, and what the plan expects.
    pub rework_hours: f64,
    /// Share of replications in which any task missed its deadline.
    pub any_miss: f64,
    /// Jobs at risk, the likeliest to miss first.
    pub jobs: Vec<JobRow>,
    /// When the last task ends: median and 95th percentile.
    pub end: [Time; 2],
    /// Events over all replications.
    pub events: u64,
}

/// z of a two-sided 95 % interval.
const Z95_TWO_SIDED: f64 = 1.959_963_984_540_054;

impl Report {
    /// Sums up the replications of a plan; at least one.
    pub fn new(plan: &Plan, simulated: &Simulated) -> Self {
        let all = &simulated.outcomes;
        let n = all.len().max(1) as f64;
        let mean = |f: &dyn Fn(&Outcome) -> f64| all.iter().map(f).sum::<f64>() / n;
        let mut ends: Vec<i64> = all.iter().map(|o| o.end).collect();
        ends.sort_unstable();
        let end = |q: f64| plan.rules.horizon.start + Millis::new(order_statistic(&ends, q));
        Self {
            trials: all.len() as u64,
            seed: simulated.seed,
            generator: draws::GENERATOR,
            cost: cost_figures(plan, all),
            causes: causes(plan, &mean),
            interruptions: mean(&|o| f64::from(o.interruptions)),
            moved: mean(&|o| f64::from(o.moved)),
            rework_hours: mean(&|o| Millis::new(o.rework_ms).hours()),
            any_miss: mean(&|o| f64::from(u8::from(!o.missed.is_empty()))),
            jobs: jobs(plan, all),
            end: [end(0.5), end(0.95)],
            events: all.iter().map(|o| o.events).sum(),
        }
    }
}

fn usd(nanos: f64) -> Usd {
    Usd::from_nanos(libm::rint(nanos) as i64)
}

fn cost_figures(plan: &Plan, all: &[Outcome]) -> CostFigures {
    let mut costs: Vec<i64> = all.iter().map(|o| o.cost).collect();
    costs.sort_unstable();
    let n = costs.len().max(1) as f64;
    let mean = costs.iter().map(|&c| c as f64).sum::<f64>() / n;
    let squares = costs.iter().map(|&c| (c as f64 - mean) * (c as f64 - mean)).sum::<f64>();
    let deviation = libm::sqrt(squares / (n - 1.0).max(1.0));
    let tail = &costs[costs.len() - costs.len().div_ceil(20).max(1)..];
    let planned = plan.summary.cost_usd;
    CostFigures {
        planned_usd: planned,
        mean_usd: usd(mean),
        half_width_usd: usd(Z95_TWO_SIDED * deviation / libm::sqrt(n)),
        deviation_usd: usd(deviation),
        p5_usd: Usd::from_nanos(order_statistic(&costs, 0.05)),
        p50_usd: Usd::from_nanos(order_statistic(&costs, 0.5)),
        p95_usd: Usd::from_nanos(order_statistic(&costs, 0.95)),
        cvar95_usd: usd(tail.iter().map(|&c| c as f64).sum::<f64>() / tail.len() as f64),
        planned_percentile: costs.iter().filter(|&&c| c < planned.nanos()).count() as f64 / n,
    }
}

/// The smallest value that at least the share `q` of the sorted values does not exceed; 0 of nothing.
fn order_statistic(sorted: &[i64], q: f64) -> i64 {
    let rank = libm::ceil(q * sorted.len() as f64) as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0)
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
            interval: exact_interval(missed[k].0, all.len() as u64),
            planned: planned[k],
            allowed: queue[k].max_miss_probability,
        })
        .collect();
    rows.sort_by(|a, b| b.missed.total_cmp(&a.missed).then(b.planned.total_cmp(&a.planned)).then(a.job.cmp(&b.job)));
    rows
}

/// The exact 95 % interval (Clopper and Pearson, 1934) of a probability of which `hits` of `n` were seen.
fn exact_interval(hits: u64, n: u64) -> [f64; 2] {
    let (k, n) = (hits as f64, n as f64);
    let quantile = |a: f64, b: f64, q: f64| Beta::new(a, b).map_or(0.0, |beta| beta.inverse_cdf(q));
    let low = if hits == 0 { 0.0 } else { quantile(k, n - k + 1.0, 0.025) };
    let high = if k >= n { 1.0 } else { quantile(k + 1.0, n - k, 0.975) };
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_exact() {
        // Nothing in 100: 1 - 0.025^(1/100). Half of 10: the textbook's 0.187 to 0.813.
        let [low, high] = exact_interval(0, 100);
        assert!(low == 0.0 && (high - (1.0 - 0.025_f64.powf(0.01))).abs() < 1e-9, "{high}");
        let [low, high] = exact_interval(5, 10);
        assert!((low - 0.187_086).abs() < 1e-5 && (high - 0.812_914).abs() < 1e-5, "{low} {high}");
        assert_eq!(exact_interval(7, 7)[1], 1.0);
    }

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let values: Vec<i64> = (1..=100).collect();
        assert_eq!([0.05, 0.5, 0.95, 1.0].map(|q| order_statistic(&values, q)), [5, 50, 95, 100]);
        assert_eq!(order_statistic(&[], 0.5), 0);
    }
}
