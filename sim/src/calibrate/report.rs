//! How intervals held.

use serde::Serialize;

/// How intervals held over many drawn worlds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Worlds of the truth, each with a part of the plan.
    pub scenarios: u64,
    /// Worlds behind each interval.
    pub sample: u64,
    /// Share of the true costs inside the planner's 95 % interval, and its own 95 % interval.
    pub covered: f64,
    /// Its 95 % interval (Clopper and Pearson).
    pub covered_interval: [f64; 2],
    /// The same of the number of missed tasks.
    pub missed_covered: f64,
    /// The same of the costs in the intervals of one who knows how the truth is made.
    pub oracle_covered: f64,
    /// Mean width of the planner's intervals over that of one who knows how the truth is made.
    pub width_over_oracle: f64,
    /// Share of the true costs in each tenth of the planner's foreseen costs: 0.1 each where it is right.
    pub pit: [f64; 10],
    /// Share covered among the parts of the plan by how wide the interval is for its cost, the narrowest tenth first.
    pub by_risk: [f64; 10],
    /// Share covered by what the truth is made of.
    pub by_kind: Vec<KindRow>,
}

/// Worlds of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindRow {
    /// What they are made of.
    pub kind: &'static str,
    /// How many.
    pub scenarios: u64,
    /// Share covered.
    pub covered: f64,
    /// The same of missed tasks.
    pub missed_covered: f64,
    /// Mean cost over the middle that the planner foresees.
    pub cost_over_median: f64,
}

/// One world of the truth, judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    pub kind: &'static str,
    pub covered: bool,
    pub missed_covered: bool,
    pub oracle_covered: bool,
    pub width: f64,
    pub oracle_width: f64,
    pub rank: f64,
    pub over_median: f64,
    /// Width over the middle.
    pub risk: f64,
}

/// Of the interval of a share.
const CONFIDENCE: f64 = 0.95;

impl Calibration {
    /// Sums up; at least one.
    pub(super) fn of(judged: &[Judged], sample: u64) -> Self {
        let share = |of: fn(&Judged) -> bool| mean(judged.iter().map(|j| f64::from(u8::from(of(j)))));
        let covered = judged.iter().filter(|j| j.covered).count() as u64;
        let scenarios = judged.len() as u64;
        let interval = crate::stats::proportion(covered, scenarios, CONFIDENCE).interval;
        let mut by_risk: Vec<&Judged> = judged.iter().collect();
        by_risk.sort_by(|a, b| a.risk.total_cmp(&b.risk));
        let tenth = |t: usize| &by_risk[t * by_risk.len() / 10..(t + 1) * by_risk.len() / 10];
        let in_tenth = |t: usize| judged.iter().filter(|j| ((j.rank * 10.0) as usize).min(9) == t).count();
        Self {
            scenarios,
            sample,
            covered: share(|j| j.covered),
            covered_interval: interval.map_or([0.0, 1.0], |i| [i.low, i.high]),
            missed_covered: share(|j| j.missed_covered),
            oracle_covered: share(|j| j.oracle_covered),
            width_over_oracle: mean(judged.iter().map(|j| j.width)) / mean(judged.iter().map(|j| j.oracle_width)),
            pit: std::array::from_fn(|t| in_tenth(t) as f64 / scenarios.max(1) as f64),
            by_risk: std::array::from_fn(|t| mean(tenth(t).iter().map(|j| f64::from(u8::from(j.covered))))),
            by_kind: kinds(judged),
        }
    }
}

fn kinds(judged: &[Judged]) -> Vec<KindRow> {
    let mut names: Vec<&'static str> = judged.iter().map(|j| j.kind).collect();
    names.sort_unstable();
    names.dedup();
    let row = |kind| {
        let of = || judged.iter().filter(move |j| j.kind == kind);
        KindRow {
            kind,
            scenarios: of().count() as u64,
            covered: mean(of().map(|j| f64::from(u8::from(j.covered)))),
            missed_covered: mean(of().map(|j| f64::from(u8::from(j.missed_covered)))),
            cost_over_median: mean(of().map(|j| j.over_median)),
        }
    };
    names.into_iter().map(row).collect()
}

/// The mean; 0 of none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    values.collect::<crate::stats::Moments>().mean()
}
