//! A plan for people.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::plan::{Baseline, Plan, Termination};
use tradewind_core::time::Millis;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, percent, thousands};
use crate::inputs::{coarse, day};

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 20;
/// Types named per region before they are only counted.
const MAX_TYPES: usize = 4;

/// The whole page.
pub fn page(plan: &Plan, warnings: &[String]) -> Page {
    let mut page = Page::default();
    headline(plan, &mut page);
    page.table("To launch", launches(plan));
    page.table("Expected cost", costs(plan));
    page.table("Commitments", commitments(plan));
    page.table("Data to stage", stagings(plan));
    page.table("Against simple rules on the same input", baselines(plan));
    page.table(cut("Not placed", plan.unplaced.len()), unplaced(plan));
    page.table(cut("Scarce: what one more unit would save", plan.shadow_prices.len()), scarce(plan));
    page.items("Assumptions", &assumptions(plan));
    page.items("Warnings", warnings);
    page
}

/// What was assumed, without what concerns only clouds that the plan does not use. All of it stands
/// in the plan file and in `prices show`.
fn assumptions(plan: &Plan) -> Vec<String> {
    let used: BTreeSet<&str> = plan.allocations.iter().map(|a| a.region.cloud()).collect();
    let unused = |text: &str| {
        let about = text.split_once(": ").map_or("", |(cloud, _)| cloud);
        plan.market.clouds.iter().any(|c| c.name == about) && !used.contains(about)
    };
    plan.assumptions.iter().filter(|a| !unused(a)).cloned().collect()
}

fn cut(heading: &str, rows: usize) -> String {
    if rows > MAX_ROWS {
        format!("{heading} (first {MAX_ROWS} of {})", thousands(rows as u64))
    } else {
        heading.to_owned()
    }
}

fn headline(plan: &Plan, page: &mut Page) {
    let s = &plan.summary;
    let unplaced = if s.unplaced == 0 { String::new() } else { format!(", {} not", thousands(s.unplaced)) };
    page.title(format!(
        "{}, {}: {} placed{unplaced}, USD {:.2}",
        count(s.jobs, "job"),
        count(s.tasks, "task"),
        thousands(s.placed),
        s.cost_usd
    ));
    let gap = s.gap.map_or_else(|| "no relative gap".to_owned(), |g| format!("at most {} above it", percent(g)));
    page.line(format!(
        "No plan of these tasks costs less than USD {:.2} (proven): this one is {gap}.",
        s.lower_bound_usd
    ));
    if s.unplaced > 0 {
        page.line(format!("No plan places more than {} tasks (proven).", thousands(s.placed_upper_bound)));
    }
    let nodes: u64 = plan.allocations.iter().map(|a| u64::from(a.count)).sum();
    let regions: BTreeSet<_> = plan.allocations.iter().map(|a| &a.region).collect();
    let clouds: BTreeSet<_> = regions.iter().map(|r| r.cloud()).collect();
    let (h, i) = (&plan.rules.horizon, &plan.inputs);
    let span = format!("from {} for {} in windows of {}", h.start, h.end - h.start, h.window);
    if nodes == 0 {
        page.line(format!("Nothing is launched {span}."));
    } else {
        let (regions, clouds) = (count(regions.len() as u64, "region"), count(clouds.len() as u64, "cloud"));
        page.line(format!("{} in {regions} of {clouds}, {span}.", count(nodes, "node")));
    }
    let age = i.as_of - i.market_as_of;
    let old = if age > Millis::ZERO { format!("{} old", coarse(age)) } else { "not older than the plan".to_owned() };
    page.line(format!("Prices: snapshot {} of {}, {old}.", i.snapshot, day(i.market_as_of)));
    page.line(format!("Ended: {}.{}", ended(s.termination), if plan.reproducible { "" } else { " Not reproducible." }));
}

fn ended(termination: Termination) -> &'static str {
    match termination {
        Termination::Optimal => "the cost is proven least",
        Termination::GapReached => "the wished gap is proven",
        Termination::WorkLimit => "the default limit of work was reached",
        Termination::TimeLimit => "the time limit was reached",
        Termination::Interrupted => "interrupted",
    }
}

/// What is bought in one region, one way.
#[derive(Default)]
struct Bought<'p> {
    nodes: u64,
    usd: Usd,
    types: BTreeMap<&'p str, u64>,
}

fn launches(plan: &Plan) -> Grid {
    let mut bought: BTreeMap<(&_, CapacityType, bool), Bought<'_>> = BTreeMap::new();
    for a in &plan.allocations {
        let entry = bought.entry((&a.region, a.capacity_type, a.commitment.is_some())).or_default();
        entry.nodes += u64::from(a.count);
        entry.usd += a.expected_cost_usd;
        *entry.types.entry(&a.instance_type).or_default() += u64::from(a.count);
    }
    let mut rows: Vec<_> = bought.into_iter().collect();
    rows.sort_by_key(|(key, b)| (std::cmp::Reverse(b.usd), *key));
    let mut grid = Grid::new([
        ("region", Side::Left),
        ("bought", Side::Left),
        ("nodes", Side::Right),
        ("USD", Side::Right),
        ("types", Side::Left),
    ]);
    for ((region, capacity_type, committed), b) in rows {
        let bought_as = match capacity_type {
            CapacityType::OnDemand if committed => "committed",
            CapacityType::OnDemand => "on demand",
            CapacityType::Spot => "spot",
        };
        grid.row([
            region.to_string(),
            bought_as.to_owned(),
            thousands(b.nodes),
            format!("{:.2}", b.usd),
            name_types(&b.types),
        ]);
    }
    grid
}

fn name_types(types: &BTreeMap<&str, u64>) -> String {
    let mut by_count: Vec<_> = types.iter().collect();
    by_count.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), **name));
    let named: Vec<String> = by_count.iter().take(MAX_TYPES).map(|(name, n)| format!("{n} x {name}")).collect();
    let more = by_count.len().saturating_sub(MAX_TYPES);
    if more == 0 { named.join(", ") } else { format!("{}, {}", named.join(", "), count(more as u64, "more type")) }
}

fn costs(plan: &Plan) -> Grid {
    let total = plan.cost.total();
    let share = |usd: Usd| if total == Usd::ZERO { String::new() } else { percent(usd.as_f64() / total.as_f64()) };
    let mut grid = Grid::new([("part", Side::Left), ("USD", Side::Right), ("share", Side::Right)]);
    for (name, usd) in plan.cost.lines().into_iter().filter(|(_, usd)| *usd != Usd::ZERO) {
        grid.row([name.to_owned(), format!("{usd:.2}"), share(usd)]);
    }
    grid.row(["total".to_owned(), format!("{total:.2}"), share(total)]);
    grid
}

/// What is owed for each commitment, and how much of it is for nothing.
fn commitments(plan: &Plan) -> Grid {
    let mut grid = Grid::new([
        ("commitment", Side::Left),
        ("USD/h", Side::Right),
        ("owed USD", Side::Right),
        ("used USD", Side::Right),
        ("unused USD", Side::Right),
    ]);
    for (c, of) in plan.market.commitments.iter().zip(plan.commitments()) {
        let usd = [of.owed, of.used, of.unused].map(|usd| format!("{usd:.2}"));
        grid.row([c.name.clone(), c.usd_per_hour.to_string()].into_iter().chain(usd));
    }
    grid
}

fn stagings(plan: &Plan) -> Grid {
    let mut grid = Grid::new([
        ("dataset", Side::Left),
        ("to", Side::Left),
        ("size", Side::Right),
        ("ready", Side::Left),
        ("egress USD", Side::Right),
        ("storage USD", Side::Right),
    ]);
    for s in plan.stagings.iter().take(MAX_ROWS) {
        let (egress, storage) = (format!("{:.2}", s.egress_usd), format!("{:.2}", s.storage_usd));
        grid.row([s.dataset.clone(), s.region.to_string(), s.bytes.to_string(), s.ready.to_string(), egress, storage]);
    }
    grid
}

fn baselines(plan: &Plan) -> Grid {
    let s = &plan.summary;
    let mut grid = Grid::new([
        ("rule", Side::Left),
        ("placed", Side::Right),
        ("USD", Side::Right),
        ("against this plan", Side::Left),
    ]);
    let mut rows: Vec<(&String, &Baseline)> = s.baselines.iter().collect();
    rows.sort_by_key(|(name, b)| (std::cmp::Reverse(b.placed), b.cost_usd, name.as_str()));
    for (name, b) in rows {
        let against = if b.placed < s.placed {
            format!("{} fewer placed: costs do not compare", count(s.placed - b.placed, "task"))
        } else if s.cost_usd > Usd::ZERO {
            format!("{:.2} times the cost", b.cost_usd.as_f64() / s.cost_usd.as_f64())
        } else {
            String::new()
        };
        grid.row([name.replace('_', " "), thousands(b.placed), format!("{:.2}", b.cost_usd), against]);
    }
    if !grid.is_empty() {
        let this = ["this plan".to_owned(), thousands(s.placed), format!("{:.2}", s.cost_usd), String::new()];
        grid.row(this);
    }
    grid
}

fn unplaced(plan: &Plan) -> Grid {
    let mut grid = Grid::new([("job", Side::Left), ("tasks", Side::Right), ("why", Side::Left)]);
    for u in plan.unplaced.iter().take(MAX_ROWS) {
        let why = u.reasons.first().map_or_else(String::new, |r| {
            if r.detail.is_empty() { r.reason.to_string() } else { format!("{}: {}", r.reason, r.detail) }
        });
        grid.row([u.job.clone(), thousands(u64::from(u.tasks)), why]);
    }
    grid
}

fn scarce(plan: &Plan) -> Grid {
    let mut grid =
        Grid::new([("what", Side::Left), ("which", Side::Left), ("USD a unit", Side::Right), ("windows", Side::Right)]);
    for p in plan.shadow_prices.iter().take(MAX_ROWS) {
        let windows = if p.windows == 0 { String::new() } else { p.windows.to_string() };
        grid.row([p.kind.clone(), p.name.clone(), format!("{:.4}", p.usd_per_unit), windows]);
    }
    grid
}

/// The placements as a table for a spreadsheet.
pub fn placements(plan: &Plan) -> Grid {
    let allocations: BTreeMap<&str, _> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    let names = [
        "job",
        "first_task",
        "last_task",
        "allocation",
        "region",
        "instance_type",
        "capacity_type",
        "first_node",
        "last_node",
        "start",
        "end",
        "reserved_end",
        "expected_cost_usd",
        "miss_probability",
    ];
    let mut grid = Grid::new(names.map(|n| (n, Side::Left)));
    for p in &plan.placements {
        let (region, instance_type, capacity_type) = allocations.get(p.allocation.as_str()).map_or_else(
            || (String::new(), String::new(), String::new()),
            |a| (a.region.to_string(), a.instance_type.clone(), a.capacity_type.to_string()),
        );
        grid.row([
            p.job.clone(),
            p.tasks[0].to_string(),
            p.tasks[1].to_string(),
            p.allocation.clone(),
            region,
            instance_type,
            capacity_type,
            p.nodes[0].to_string(),
            p.nodes[1].to_string(),
            p.start.to_string(),
            p.end.to_string(),
            p.reserved_end.to_string(),
            p.expected_cost_usd.to_string(),
            p.miss_probability.map_or(String::new(), |m| m.to_string()),
        ]);
    }
    grid
}
