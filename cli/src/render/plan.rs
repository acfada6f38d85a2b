//! A plan for people.

use std::collections::BTreeSet;

use tradewind_core::plan::{Plan, Termination};
use tradewind_core::time::Millis;

use super::plan_tables::{self as tables, cut};
use super::report::Page;
use super::{count, percent, spot, thousands};
use crate::inputs::{coarse, day};

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 20;

/// The whole page.
pub fn page(plan: &Plan, warnings: &[String]) -> Page {
    let mut page = Page::default();
    page.title(title(plan));
    let proven = [proof(plan), choice(plan), most_placed(plan)];
    let found = [Some(capacity(plan)), kept(plan), behind(plan), Some(prices(plan)), Some(ended(plan))];
    proven.into_iter().chain(found).flatten().for_each(|line| page.line(line));
    page.table("To launch", tables::launches(plan));
    page.table(cut("Not placed", MAX_ROWS, plan.unplaced.len()), tables::unplaced(plan, MAX_ROWS));
    if plan.summary.placed > 0 {
        page.table("Expected cost", tables::costs(plan));
    }
    page.table("Commitments", tables::commitments(plan));
    let behind = plan.placements.iter().filter(|p| p.fallback.is_some()).count();
    page.detail(cut("Spot, then on demand", MAX_ROWS, behind), tables::fallbacks(plan, MAX_ROWS));
    page.detail(cut("Data to stage", MAX_ROWS, plan.stagings.len()), tables::stagings(plan, MAX_ROWS));
    page.detail("Against simple rules on the same input", tables::baselines(plan));
    let scarce = cut("Scarce: what one more unit would save", MAX_ROWS, plan.shadow_prices.len());
    page.detail(scarce, tables::scarce(plan, MAX_ROWS));
    page.items("Assumptions", &assumptions(plan));
    page.items("Warnings", warnings);
    page
}

/// What was assumed, without what concerns only clouds that the plan does not use. All of it stands
/// in the plan file and in `prices show`.
pub fn assumptions(plan: &Plan) -> Vec<String> {
    let used: BTreeSet<&str> = plan.allocations.iter().map(|a| a.region.cloud()).collect();
    let unused = |text: &str| {
        let about = text.split_once(": ").map_or("", |(cloud, _)| cloud);
        plan.market.clouds.iter().any(|c| c.name == about) && !used.contains(about)
    };
    plan.assumptions.iter().filter(|a| !unused(a)).cloned().collect()
}

/// Below this the choice among the nodes that were tried counts as settled: what the solver calls optimal.
const SETTLED: f64 = 1e-3;

/// Jobs, tasks, what of them is placed, for how much.
pub fn title(plan: &Plan) -> String {
    let s = &plan.summary;
    let queue = format!("{}, {}", count(s.jobs, "job"), count(s.tasks, "task"));
    if s.placed == 0 {
        return format!("{queue}: none placed");
    }
    let unplaced = if s.unplaced == 0 { String::new() } else { format!(", {} not", thousands(s.unplaced)) };
    format!("{queue}: {} placed{unplaced}, USD {:.2}", thousands(s.placed), s.cost_usd)
}

/// What is proven about the cost; nothing where there is none.
pub fn proof(plan: &Plan) -> Option<String> {
    let s = &plan.summary;
    let gap = s.gap.map_or_else(|| "no relative gap".to_owned(), |g| format!("at most {} above it", percent(g)));
    (s.placed > 0).then(|| {
        format!("No plan of these tasks costs less than USD {:.2} (proven): this one is {gap}.", s.lower_bound_usd)
    })
}

/// How far the choice among the nodes that were tried is from settled, where it is not.
pub fn choice(plan: &Plan) -> Option<String> {
    let open = plan.summary.column_gap.filter(|gap| *gap > SETTLED)?;
    Some(format!(
        "Among the candidate nodes kept for the last step, a choice up to {:.2} % cheaper is not ruled out.",
        100.0 * open
    ))
}

/// What is proven about the number placed, where not everything is.
pub fn most_placed(plan: &Plan) -> Option<String> {
    let s = &plan.summary;
    (s.unplaced > 0).then(|| match s.placed_upper_bound {
        0 => "No plan places any of them (proven).".to_owned(),
        most => format!("No plan places more than {} (proven).", count(most, "task")),
    })
}

/// Nodes, regions, clouds, horizon.
pub fn capacity(plan: &Plan) -> String {
    let nodes: u64 = plan.allocations.iter().map(|a| u64::from(a.count)).sum();
    let regions: BTreeSet<_> = plan.allocations.iter().map(|a| &a.region).collect();
    let clouds: BTreeSet<_> = regions.iter().map(|r| r.cloud()).collect();
    let h = &plan.rules.horizon;
    let span = format!("from {} for {} in windows of {}", h.start, h.end - h.start, h.window);
    if nodes == 0 {
        return format!("Nothing is launched {span}.");
    }
    let (regions, clouds) = (count(regions.len() as u64, "region"), count(clouds.len() as u64, "cloud"));
    format!("{} in {regions} of {clouds}, {span}.", count(nodes, "node"))
}

/// What an interruption leaves of the work on spot; nothing where there is none.
pub fn kept(plan: &Plan) -> Option<String> {
    spot::kept(plan.placements.iter().map(|p| (p.on_interruption, p.count())))
}

/// How many tasks on spot have on-demand behind them; nothing where none has.
pub fn behind(plan: &Plan) -> Option<String> {
    let tasks: u64 = plan.placements.iter().filter(|p| p.fallback.is_some()).map(|p| u64::from(p.count())).sum();
    let usd = plan.cost.fallback_usd;
    (tasks > 0).then(|| {
        format!(
            "Spot, then on demand: {} on spot move to on-demand nodes if time runs short; its quota is reserved, its expected cost USD {usd:.4}.",
            count(tasks, "task")
        )
    })
}

/// The snapshot, its date and its age.
fn prices(plan: &Plan) -> String {
    let i = &plan.inputs;
    format!("Prices: snapshot {} of {}, {}.", i.snapshot, day(i.market_as_of), age(plan))
}

/// How old the prices are at the instant the plan is for.
pub fn age(plan: &Plan) -> String {
    let age = plan.inputs.as_of - plan.inputs.market_as_of;
    if age > Millis::ZERO { format!("{} old", coarse(age)) } else { "not older than the plan".to_owned() }
}

/// Why the search ended.
pub fn ended(plan: &Plan) -> String {
    let reason = match plan.summary.termination {
        _ if plan.summary.placed == 0 => "no task can be placed",
        Termination::Optimal => "the cost is proven least",
        Termination::GapReached => "the wished gap is proven",
        Termination::WorkLimit => "the default limit of work was reached",
        Termination::TimeLimit => "the time limit was reached",
        Termination::Interrupted => "interrupted",
    };
    format!("Ended: {reason}.{}", if plan.reproducible { "" } else { " Not reproducible." })
}
