//! One row: a plan, its check, and what they took.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tradewind_core::check;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::time::Millis;
use tradewind_datasets::{LoadedMarket, MarketRequest, QuotaChoice};

use crate::case::Case;

/// Fewer of the tasks placed is a failure: a plan could be cheap by leaving out what is dear.
const LEAST_PLACED: f64 = 0.95;

/// What was measured of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Wall time of the plan, the market loaded and the queue made.
    pub seconds: f64,
    /// Peak of the process's memory once planned, market and queue included.
    pub peak_mib: f64,
    /// Share of the tasks placed.
    pub placed: f64,
    /// Share of the tasks that no plan exceeds, proven.
    pub placeable: f64,
    /// Gap to the bound; none where there is no positive bound.
    pub gap: Option<f64>,
    /// Gap over the candidate nodes that the integer program kept, of small queues.
    pub column_gap: Option<f64>,
    /// Cost of each baseline over the plan's; none where it placed fewer tasks or more.
    pub baselines: BTreeMap<String, Option<f64>>,
    /// Wall time of the check.
    pub check_seconds: f64,
    /// What the check objects to.
    pub violations: usize,
}

impl Row {
    /// Whether the row counts.
    pub fn holds(&self) -> bool {
        self.placed >= LEAST_PLACED && self.violations == 0
    }
}

/// The embedded market with the account's limits scaled to a queue.
pub fn market_for(queue: &tradewind_core::job::Workload) -> LoadedMarket {
    let scale = QuotaChoice::Scaled("scaled:1.33".parse().expect("a scale"));
    let request = MarketRequest { quotas: scale, ..MarketRequest::default() };
    tradewind_datasets::load(&request).expect("the embedded market loads").for_queue(queue, &rules())
}

/// A day of 24 windows.
pub fn rules() -> Rules {
    let start = tradewind_benches::start();
    let horizon = Horizon { start, end: start + Millis::from_hours(24), window: Millis::HOUR };
    Rules::over(horizon)
}

/// Plans and checks the queue of a case in this process.
pub fn measure(case: &Case) -> Row {
    let queue = case.queue();
    let loaded = market_for(&queue);
    let begun = Instant::now();
    let plan = tradewind_benches::plan(&queue, &loaded);
    let seconds = begun.elapsed().as_secs_f64();
    let peak_mib = peak_mib();
    let begun = Instant::now();
    let violations = check::check(&plan).violations.len();
    let check_seconds = begun.elapsed().as_secs_f64();
    let s = &plan.summary;
    let tasks = s.tasks as f64;
    let ratio =
        |b: &tradewind_core::plan::Baseline| (b.placed == s.placed).then(|| b.cost_usd.as_f64() / s.cost_usd.as_f64());
    Row {
        seconds,
        peak_mib,
        placed: s.placed as f64 / tasks,
        placeable: s.placed_upper_bound as f64 / tasks,
        gap: s.gap,
        column_gap: s.column_gap,
        baselines: s.baselines.iter().map(|(name, b)| (name.clone(), ratio(b))).collect(),
        check_seconds,
        violations,
    }
}

/// `VmHWM` of this process; not a number where the system does not tell.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |k| k / 1024.0)
}
