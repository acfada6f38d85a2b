//! A whole plan explained: what it costs and why, what is left out and what would place it.

use std::collections::BTreeMap;

use tradewind_core::money::Usd;
use tradewind_core::plan::{CostBreakdown, Plan};
use tradewind_optimizer::explain::Relief;

use super::{changes, verdict};
use crate::render::grid::{Grid, Side};
use crate::render::report::Page;
use crate::render::{count, percent, thousands};

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 10;

/// The whole page.
pub fn page(plan: &Plan, reliefs: &[Relief], note: &str) -> Page {
    let mut page = Page::default();
    let s = &plan.summary;
    page.title(format!("{} of {} placed for USD {:.2}", thousands(s.placed), count(s.tasks, "task"), s.cost_usd));
    let gap =
        s.gap.map_or_else(|| "no relative gap".to_owned(), |g| format!("at most {} less", percent(g / (1.0 + g))));
    page.line(format!("Another plan of the same tasks may cost {gap} (proven). {note}"));
    page.table("Where the money goes", money(plan));
    page.table("Where the tasks go", places(plan));
    page.table("What would place the rest, each alone and all else where it is", relief(reliefs));
    page.points("Ask on", &next(plan));
    page
}

fn money(plan: &Plan) -> Grid {
    let mut grid = Grid::new([("cause", Side::Left), ("USD", Side::Right), ("share", Side::Right)]);
    let total = plan.cost.total().as_f64();
    let mut lines: Vec<(&str, Usd)> =
        CostBreakdown::lines(&plan.cost).into_iter().filter(|l| l.1 != Usd::ZERO).collect();
    lines.sort_by_key(|(_, usd)| std::cmp::Reverse(*usd));
    for (cause, usd) in lines {
        grid.row([cause.to_owned(), format!("{usd:.4}"), percent(usd.as_f64() / total.max(1e-12))]);
    }
    grid
}

fn places(plan: &Plan) -> Grid {
    let mut by: BTreeMap<String, (u64, u64, Usd)> = BTreeMap::new();
    let allocations: BTreeMap<&str, _> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    for a in &plan.allocations {
        by.entry(format!("{} {}", a.region, a.capacity_type)).or_default().0 += u64::from(a.count);
    }
    for p in &plan.placements {
        let Some(a) = allocations.get(p.allocation.as_str()) else { continue };
        let entry = by.entry(format!("{} {}", a.region, a.capacity_type)).or_default();
        entry.1 += u64::from(p.count());
        entry.2 += p.expected_cost_usd;
    }
    let mut rows: Vec<_> = by.into_iter().collect();
    rows.sort_by(|a, b| b.1.2.cmp(&a.1.2).then(a.0.cmp(&b.0)));
    let mut grid = Grid::new([
        ("place", Side::Left),
        ("nodes", Side::Right),
        ("tasks", Side::Right),
        ("USD of tasks", Side::Right),
    ]);
    for (place, (nodes, tasks, usd)) in rows.into_iter().take(MAX_ROWS) {
        grid.row([place, thousands(nodes), thousands(tasks), format!("{usd:.4}")]);
    }
    grid
}

fn relief(reliefs: &[Relief]) -> Grid {
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("tasks", Side::Right),
        ("smallest change that places them", Side::Left),
        ("then the plan", Side::Left),
    ]);
    for r in reliefs.iter().take(MAX_ROWS) {
        let (change, then) = match (&r.waits_for, r.ways.first()) {
            (Some(before), _) => (format!("place {before} first"), "-".to_owned()),
            (None, _) if r.past_deadline.is_some() => ("a deadline after the plan starts".to_owned(), "-".to_owned()),
            (None, Some(way)) if way.tasks < way.wanted => {
                (format!("{} (places {})", changes(&way.changes), way.tasks), verdict(way))
            }
            (None, Some(way)) => (changes(&way.changes), verdict(way)),
            (None, None) => ("none that a user can make".to_owned(), "-".to_owned()),
        };
        grid.row([r.job.clone(), r.tasks.to_string(), change, then]);
    }
    grid
}

/// What to ask next.
fn next(plan: &Plan) -> Vec<String> {
    let job = plan.placements.first().map_or("ID", |p| p.job.as_str());
    vec![
        format!("one job: --job {job}"),
        format!("another place: --why-not {job} CLOUD/REGION/TYPE/spot"),
        "what each rule costs, and quotas to ask for: --prices".to_owned(),
        "where every dollar comes from: --cost".to_owned(),
    ]
}
