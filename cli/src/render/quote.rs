//! The deadline quote: cost and risk by finishing time.

use serde::Serialize;
use tradewind_core::job::Workload;
use tradewind_core::money::Usd;
use tradewind_core::rules::Horizon;
use tradewind_core::time::Time;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, percent, thousands};

/// All rows, and what they are about.
#[derive(Debug, Clone, Serialize)]
pub struct Quote {
    schema: &'static str,
    jobs: u64,
    tasks: u64,
    horizon: Horizon,
    /// Allowed probability of being late, for jobs without a deadline of their own.
    risk: f64,
    rows: Vec<Row>,
}

/// One finishing time.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Everything that is placed is planned to be done by then.
    pub by: Time,
    /// Tasks placed.
    pub placed: u64,
    /// Tasks that cannot be done by then, or not beside the others.
    pub not_placed: u64,
    /// Expected cost.
    pub cost_usd: Usd,
    /// No plan of the same tasks costs less (proven).
    pub lower_bound_usd: Usd,
    /// (cost - bound) / bound.
    pub gap: Option<f64>,
    /// Largest probability of a task to be late.
    pub largest_miss_probability: f64,
    /// Expected number of late tasks.
    pub expected_late_tasks: f64,
    /// Bound on the probability that anything is late.
    pub late_probability: f64,
    /// Cost over that of the cheapest row that places as many tasks; null where others place more.
    pub over_cheapest: Option<f64>,
}

impl Quote {
    /// Of rows in the order of their times.
    pub fn of(workload: &Workload, horizon: Horizon, risk: f64, mut rows: Vec<Row>) -> Self {
        let most = rows.iter().map(|r| r.placed).max().unwrap_or(0);
        let comparable = |r: &&Row| r.placed == most;
        let least = rows.iter().filter(comparable).map(|r| r.cost_usd).min().unwrap_or(Usd::ZERO);
        for row in rows.iter_mut().filter(|r| r.placed == most && least > Usd::ZERO) {
            row.over_cheapest = Some((row.cost_usd - least).nanos() as f64 / least.nanos() as f64);
        }
        let (jobs, tasks) = (workload.jobs().len() as u64, workload.tasks());
        Self { schema: "tradewind.quote/1", jobs, tasks, horizon, risk, rows }
    }

    /// For people.
    pub fn page(&self, warnings: &[String]) -> Page {
        let mut page = Page::default();
        page.title(self.answer());
        let span = self.horizon.end - self.horizon.start;
        let what = format!("{}, {}", count(self.jobs, "job"), count(self.tasks, "task"));
        page.line(format!("{what}, from {} for {span}, each planned whole for every row.", self.horizon.start));
        let risk = percent(self.risk);
        page.line(format!("A job without a deadline of its own may be late with a probability of {risk} at most."));
        page.table("By finishing time", self.grid());
        page.items("Warnings", warnings);
        page
    }

    /// The question's answer in a sentence.
    fn answer(&self) -> String {
        let comparable: Vec<&Row> = self.rows.iter().filter(|r| r.over_cheapest.is_some()).collect();
        let cheapest = comparable.iter().rev().min_by_key(|r| r.cost_usd);
        let (Some(first), Some(cheapest)) = (comparable.first(), cheapest) else {
            return "No task can be done by any of these times.".to_owned();
        };
        let who = match first.not_placed {
            0 => "Done".to_owned(),
            n => format!("No time here does for {}; the rest done", count(n, "task")),
        };
        let (by, usd) = (clock(first.by), first.cost_usd);
        let over = first.over_cheapest.unwrap_or(0.0);
        if over == 0.0 {
            return format!("{who} by {by} costs USD {usd:.2}; no later time here costs less.");
        }
        format!("{who} by {by} costs USD {usd:.2}, {} more than by {}.", percent(over), clock(cheapest.by))
    }

    /// The rows.
    pub fn grid(&self) -> Grid {
        let mut grid = Grid::new([
            ("finish by", Side::Left),
            ("placed", Side::Right),
            ("not", Side::Right),
            ("USD", Side::Right),
            ("bound", Side::Right),
            ("gap", Side::Right),
            ("over least", Side::Right),
            ("worst task", Side::Right),
            ("late tasks", Side::Right),
            ("any late", Side::Right),
        ]);
        for row in &self.rows {
            grid.row([
                clock(row.by),
                thousands(row.placed),
                thousands(row.not_placed),
                format!("{:.2}", row.cost_usd),
                format!("{:.2}", row.lower_bound_usd),
                row.gap.map_or_else(String::new, percent),
                row.over_cheapest.map_or_else(String::new, |over| format!("+{}", percent(over))),
                percent(row.largest_miss_probability),
                format!("{:.3}", row.expected_late_tasks),
                percent(row.late_probability),
            ]);
        }
        grid
    }
}

/// `2024-03-31 06:00`, UTC; seconds where there are any.
fn clock(time: Time) -> String {
    let text = time.to_string().replace('T', " ");
    text.strip_suffix(":00Z").or(text.strip_suffix('Z')).unwrap_or(&text).to_owned()
}
