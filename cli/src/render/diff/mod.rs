//! What changes from one plan to another, for people and spreadsheets.

mod inputs;
mod jobs;
mod nodes;
mod slots;

use tradewind_core::diff::{Kind, PlanDiff};
use tradewind_core::money::Usd;

use super::grid::{Grid, Side};
use super::plan_tables::cut;
use super::report::Page;
use super::{count, percent, signed, thousands};

pub use nodes::csv;

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 20;

/// What changes by job, the largest change in cost first.
pub fn jobs(d: &PlanDiff) -> Grid {
    jobs::grid(d)
}

/// What changes by nodes.
pub fn nodes(d: &PlanDiff) -> Grid {
    nodes::grid(&d.nodes.changes)
}

/// The whole page.
pub fn page(d: &PlanDiff) -> Page {
    let mut page = Page::default();
    page.title(title(d));
    lines(d).into_iter().for_each(|l| page.line(l));
    let (nodes, jobs) = (nodes(d), jobs(d));
    page.table(cut("Nodes", MAX_ROWS, nodes.len()), nodes.cut(MAX_ROWS));
    page.table(cut("Jobs, the largest change in cost first", MAX_ROWS, jobs.len()), jobs.cut(MAX_ROWS));
    page.table(cut("Staged data", MAX_ROWS, d.stagings.len()), stagings(d).cut(MAX_ROWS));
    page.table("Cost by cause", causes(d));
    page.detail(cut("Inputs that differ", MAX_ROWS, d.inputs.len()), inputs::values(d).cut(MAX_ROWS));
    page.detail(cut("Jobs that differ in the queue", MAX_ROWS, d.queue.len()), inputs::queue(d).cut(MAX_ROWS));
    page
}

/// `Plan: 42 launch, 3 move, 7 release; USD 318.20 (was 402.11, -20.9 %), bound 311.90`.
fn title(d: &PlanDiff) -> String {
    let usd = d.cost_usd;
    let share = usd.share().map_or(String::new(), |s| format!(", {}{}", if s > 0.0 { "+" } else { "" }, percent(s)));
    let was = if usd.delta == Usd::ZERO { ", as before".to_owned() } else { format!(" (was {:.2}{share})", usd.old) };
    let money = format!("USD {:.2}{was}, bound {:.2}", usd.new, d.new.lower_bound_usd);
    if !d.has_changes {
        return format!("No changes: the plans decide the same; {money}");
    }
    let verbs = [
        (Kind::Add, "launch"),
        (Kind::Move, "move"),
        (Kind::Resize, "resize"),
        (Kind::Shift, "shift"),
        (Kind::Remove, "release"),
    ];
    let is_told = |kind, n| n > 0 || matches!(kind, Kind::Add | Kind::Move | Kind::Remove);
    let counts = verbs.into_iter().map(|(kind, verb)| (kind, verb, d.nodes.count(kind)));
    let told = counts.filter(|(kind, _, n)| is_told(*kind, *n));
    let parts: Vec<String> = told.map(|(_, verb, n)| format!("{} {verb}", thousands(n))).collect();
    format!("Plan: {}; {money}", parts.join(", "))
}

fn lines(d: &PlanDiff) -> Vec<String> {
    let tasks = |kind: Kind| d.jobs.iter().flat_map(|j| &j.flows).filter(|f| f.kind == kind).map(|f| f.tasks).sum();
    let (placed, dropped): (u64, u64) = (tasks(Kind::Add), tasks(Kind::Remove));
    let mut lines = Vec::new();
    if d.nodes.kept > 0 {
        let usd = d.nodes.kept_usd;
        let delta = if usd.delta == Usd::ZERO { String::new() } else { format!(" ({})", signed(usd.delta)) };
        lines.push(format!("{} unchanged: USD {:.2}{delta}.", count(d.nodes.kept, "node"), usd.new));
    }
    if !d.comparable.same_tasks {
        let c = d.comparable;
        lines.push(format!(
            "{} newly placed, {} no longer: the costs are of different work.",
            count(placed, "task"),
            thousands(dropped)
        ));
        if c.tasks > 0 {
            lines.push(format!("{} in both: USD {:.2} (was {:.2}).", count(c.tasks, "task"), c.usd.new, c.usd.old));
        }
    }
    let p = d.prices;
    if p.cheaper + p.dearer > 0 {
        let (cheaper, dearer) = (thousands(p.cheaper), thousands(p.dearer));
        lines.push(format!("Of {} in both files {cheaper} fell and {dearer} rose.", count(p.compared, "price")));
    }
    lines
}

/// `+`, `~` or `-`.
fn mark(kind: Kind) -> char {
    match kind {
        Kind::Add => '+',
        Kind::Remove => '-',
        Kind::Move | Kind::Resize | Kind::Shift | Kind::Checkpoint => '~',
    }
}

fn stagings(d: &PlanDiff) -> Grid {
    let mut grid = Grid::new([
        ("change", Side::Left),
        ("dataset", Side::Left),
        ("to", Side::Left),
        ("size", Side::Right),
        ("change in USD", Side::Right),
    ]);
    for s in &d.stagings {
        let verb = match s.kind {
            Kind::Add => "copy",
            Kind::Remove => "no copy",
            _ => "other copy",
        };
        let change = format!("{} {verb}", mark(s.kind));
        grid.row([change, s.dataset.clone(), s.region.to_string(), s.bytes.to_string(), signed(s.usd.delta)]);
    }
    grid
}

fn causes(d: &PlanDiff) -> Grid {
    let mut grid =
        Grid::new([("part", Side::Left), ("was", Side::Right), ("USD", Side::Right), ("change", Side::Right)]);
    let total = ("total", d.cost_usd);
    for (name, usd) in d.causes.iter().map(|c| (c.cause.as_str(), c.usd)).chain([total]) {
        grid.row([name.to_owned(), format!("{:.2}", usd.old), format!("{:.2}", usd.new), signed(usd.delta)]);
    }
    if d.cost_usd.delta == Usd::ZERO && d.causes.iter().all(|c| c.usd.delta == Usd::ZERO) {
        return Grid::new([]);
    }
    grid
}
