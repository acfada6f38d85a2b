//! What a run cost whom.

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::time::Time;
use tradewind_scheduler::ledger::{By, Row, Showback};
use tradewind_scheduler::run::Run;

use super::grid::{Grid, Side};
use super::percent;
use super::report::Page;

/// The value of [`Report::schema`].
const SCHEMA: &str = "tradewind.showback/1";

/// A showback with the run that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// `tradewind.showback/1`.
    pub schema: String,
    /// The run.
    pub run: String,
    /// Whether it is over: nothing more is billed.
    pub is_over: bool,
    /// Projects that were told to cost more than was planned; only by project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dearer: Vec<OverPlan>,
    /// Who, and how much.
    #[serde(flatten)]
    pub showback: Showback,
}

/// A project that costs more than was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverPlan {
    /// Its name.
    pub project: String,
    /// When it was told.
    pub at: Time,
    /// What it had cost by then, billed and not.
    pub cost_usd: Usd,
    /// What was planned for all of it.
    pub planned_usd: Usd,
    /// Above this it is told.
    pub telling_usd: Usd,
}

impl Report {
    /// Of a run.
    pub fn new(name: &str, run: &Run, by: By) -> Self {
        let over = run.dearer().map(|(expected, told)| OverPlan {
            project: expected.project.clone(),
            at: told.at,
            cost_usd: told.cost,
            planned_usd: expected.planned,
            telling_usd: expected.telling,
        });
        let dearer = if by == By::Project { over.collect() } else { Vec::new() };
        let showback = Showback::of(run, by);
        Self { schema: SCHEMA.to_owned(), run: name.to_owned(), is_over: run.is_over(), dearer, showback }
    }

    /// The rows with their names, the sum last.
    fn named(&self) -> Vec<(String, Row)> {
        let (s, word) = (&self.showback, word(self.showback.by));
        let named = s.rows.iter().map(|(name, row)| (name.clone(), *row));
        let others = [(format!("(no {word})"), s.unnamed), ("(shared)".to_owned(), s.shared)];
        let others = others.into_iter().filter(|(_, row)| *row != Row::default());
        named.chain(others).chain([("all".to_owned(), s.total)]).collect()
    }
}

/// What a row is.
fn word(by: By) -> &'static str {
    match by {
        By::Project => "project",
        By::Tenant => "tenant",
        By::Cloud => "cloud",
    }
}

fn head(by: By) -> Grid {
    let right = ["planned", "billed", "share", "nodes", "disks", "data", "idle", "rework", "not billed yet"];
    Grid::new([(word(by), Side::Left)].into_iter().chain(right.map(|name| (name, Side::Right))))
}

/// The table: dollars with two decimals, `share` of the whole bill.
fn rows(report: &Report) -> Grid {
    let mut grid = head(report.showback.by);
    let whole = report.showback.total.cost_usd;
    for (name, r) in report.named() {
        let share = if whole > Usd::ZERO { percent(r.cost_usd.as_f64() / whole.as_f64()) } else { "-".to_owned() };
        let usd = |usd: Usd| format!("{usd:.2}");
        let parts = [r.nodes_usd, r.kept_usd, r.data_usd, r.idle_usd, r.rework_usd, r.unbilled_usd].map(usd);
        grid.row([name, usd(r.planned_usd), usd(r.cost_usd), share].into_iter().chain(parts));
    }
    grid
}

/// The same for a spreadsheet: exact amounts, so that the rows sum to the last one.
pub fn csv(report: &Report) -> String {
    let names =
        ["planned_usd", "cost_usd", "nodes_usd", "kept_usd", "data_usd", "idle_usd", "rework_usd", "unbilled_usd"];
    let right = names.map(|name| (name, Side::Right));
    let mut grid = Grid::new([(word(report.showback.by), Side::Left)].into_iter().chain(right));
    for (name, r) in report.named() {
        let exact = [r.planned_usd, r.cost_usd, r.nodes_usd, r.kept_usd, r.data_usd, r.idle_usd, r.rework_usd];
        let exact = exact.into_iter().chain([r.unbilled_usd]).map(|usd| usd.to_string());
        grid.row([name].into_iter().chain(exact));
    }
    grid.to_csv()
}

/// For people.
pub fn page(report: &Report) -> Page {
    let (mut page, total) = (Page::default(), &report.showback.total);
    let state = if report.is_over { "over" } else { "not over" };
    page.title(format!("{} ({state}): USD {:.2} billed, {:.2} planned", report.run, total.cost_usd, total.planned_usd));
    page.table(format!("By {}", word(report.showback.by)), rows(report));
    for over in &report.dearer {
        let OverPlan { project, at, cost_usd, planned_usd, .. } = over;
        page.line(format!("TW4064: {project} had cost {cost_usd:.2} of {planned_usd:.2} planned by {at}."));
    }
    page.line("Waste is inside the bill: idle nodes boot or wait, rework is work lost, saved and read back.");
    page
}
