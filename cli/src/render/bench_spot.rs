//! The spot benchmarks: published policies against their published costs, ours against Optimal.

use std::collections::BTreeMap;

use serde::Serialize;

use super::grid::{Grid, Side};
use super::report::Page;

/// A published run, run again.
#[derive(Debug, Clone)]
pub struct PolicyRun {
    /// Benchmark and sweep.
    pub benchmark: String,
    /// Policy.
    pub policy: String,
    /// Dollars between the cost here and the one in the table.
    pub difference: f64,
    /// What the table says besides cost agrees: finish, moves, deadline.
    pub otherwise_equal: bool,
}

/// A run of our policy.
#[derive(Debug, Clone)]
pub struct OursRun {
    /// Benchmark and sweep.
    pub benchmark: String,
    /// Point of the sweep.
    pub point: String,
    /// Window.
    pub window: String,
    /// Dollars.
    pub cost: f64,
    /// Dollars of Optimal.
    pub optimal: f64,
    /// The deadline could be met, and was not.
    pub missed: bool,
}

/// How a policy's runs agree with the table.
#[derive(Debug, Clone, Default, Serialize)]
struct PolicyLine {
    benchmark: String,
    policy: String,
    rows: u32,
    largest_difference_usd: f64,
    rows_otherwise_different: u32,
}

/// How ours does at a point of a sweep.
#[derive(Debug, Clone, Default, Serialize)]
struct OursLine {
    benchmark: String,
    point: String,
    windows: u32,
    mean_cost_usd: f64,
    mean_optimal_usd: f64,
    ratio_of_means: f64,
    worst_ratio: f64,
    worst_window: String,
    misses: u32,
}

/// The whole result.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    policies: Vec<PolicyLine>,
    ours: Vec<OursLine>,
}

impl Report {
    /// Sums runs up, by policy and by point.
    pub fn of(policies: &[PolicyRun], ours: &[OursRun]) -> Self {
        let mut lines: BTreeMap<(&str, &str), PolicyLine> = BTreeMap::new();
        for run in policies {
            let line = lines.entry((&run.benchmark, &run.policy)).or_default();
            line.rows += 1;
            line.largest_difference_usd = line.largest_difference_usd.max(run.difference);
            line.rows_otherwise_different += u32::from(!run.otherwise_equal);
        }
        let named = |((benchmark, policy), line): ((&str, &str), PolicyLine)| PolicyLine {
            benchmark: benchmark.to_owned(),
            policy: policy.to_owned(),
            ..line
        };
        let mut points: BTreeMap<(&str, &str), Vec<&OursRun>> = BTreeMap::new();
        for run in ours {
            points.entry((&run.benchmark, &run.point)).or_default().push(run);
        }
        Self {
            policies: lines.into_iter().map(named).collect(),
            ours: points.into_values().filter_map(|runs| OursLine::of(&runs)).collect(),
        }
    }

    /// For people.
    pub fn page(&self) -> Page {
        let mut page = Page::default();
        page.title("Public spot benchmarks, replayed");
        page.line("Published policies against their published costs; ours against Optimal, which knows the future.");
        page.table("Published policies", self.policy_grid());
        page.table("Ours", self.ours_grid());
        page
    }

    /// For spreadsheets: the points of ours.
    pub fn csv(&self) -> String {
        self.ours_grid().to_csv()
    }

    fn policy_grid(&self) -> Grid {
        let mut grid = Grid::new([
            ("benchmark", Side::Left),
            ("policy", Side::Left),
            ("rows", Side::Right),
            ("largest difference $", Side::Right),
            ("else different", Side::Right),
        ]);
        for line in &self.policies {
            grid.row([
                line.benchmark.clone(),
                line.policy.clone(),
                line.rows.to_string(),
                format!("{:.1e}", line.largest_difference_usd),
                line.rows_otherwise_different.to_string(),
            ]);
        }
        grid
    }

    fn ours_grid(&self) -> Grid {
        let mut grid = Grid::new([
            ("benchmark", Side::Left),
            ("point", Side::Left),
            ("runs", Side::Right),
            ("mean $", Side::Right),
            ("optimal $", Side::Right),
            ("ratio", Side::Right),
            ("worst", Side::Right),
            ("in window", Side::Left),
            ("misses", Side::Right),
        ]);
        for line in &self.ours {
            grid.row([
                line.benchmark.clone(),
                line.point.clone(),
                line.windows.to_string(),
                format!("{:.2}", line.mean_cost_usd),
                format!("{:.2}", line.mean_optimal_usd),
                format!("{:.3}", line.ratio_of_means),
                format!("{:.3}", line.worst_ratio),
                line.worst_window.clone(),
                line.misses.to_string(),
            ]);
        }
        grid
    }
}

impl OursLine {
    fn of(runs: &[&OursRun]) -> Option<Self> {
        let ratio = |run: &OursRun| run.cost / run.optimal;
        let worst = runs.iter().max_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
        let mean = |of: fn(&OursRun) -> f64| runs.iter().map(|run| of(run)).sum::<f64>() / runs.len() as f64;
        let (cost, optimal) = (mean(|run| run.cost), mean(|run| run.optimal));
        Some(Self {
            benchmark: worst.benchmark.clone(),
            point: worst.point.clone(),
            windows: runs.len() as u32,
            mean_cost_usd: cost,
            mean_optimal_usd: optimal,
            ratio_of_means: cost / optimal,
            worst_ratio: ratio(worst),
            worst_window: worst.window.clone(),
            misses: runs.iter().filter(|run| run.missed).count() as u32,
        })
    }
}
