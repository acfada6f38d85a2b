//! The tables of a plan. For people they are cut after `most` rows.

use std::collections::BTreeMap;

use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::plan::{Baseline, Plan, ShadowPrice};

use super::grid::{Grid, Side};
use super::{bought_as, count, percent, thousands};

/// Types named per region before they are only counted.
const MAX_TYPES: usize = 4;

/// A heading that says so where its table is cut.
pub fn cut(heading: &str, most: usize, rows: usize) -> String {
    if rows > most { format!("{heading} (first {most} of {})", thousands(rows as u64)) } else { heading.to_owned() }
}

/// What is bought in one region, one way.
#[derive(Default)]
struct Bought<'p> {
    nodes: u64,
    usd: Usd,
    types: BTreeMap<&'p str, u64>,
}

/// What is bought, by region and way of buying, the dearest first.
pub fn launches(plan: &Plan) -> Grid {
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
        grid.row([
            region.to_string(),
            bought_as(capacity_type, committed).to_owned(),
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

/// What is owed for each commitment, and how much of it is for nothing.
pub fn commitments(plan: &Plan) -> Grid {
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

/// Expected cost by cause.
pub fn costs(plan: &Plan) -> Grid {
    let total = plan.cost.total();
    let share = |usd: Usd| if total == Usd::ZERO { String::new() } else { percent(usd.as_f64() / total.as_f64()) };
    let mut grid = Grid::new([("part", Side::Left), ("USD", Side::Right), ("share", Side::Right)]);
    for (name, usd) in plan.cost.lines().into_iter().filter(|(_, usd)| *usd != Usd::ZERO) {
        grid.row([name.to_owned(), format!("{usd:.2}"), share(usd)]);
    }
    grid.row(["total".to_owned(), format!("{total:.2}"), share(total)]);
    grid
}

/// Copies of datasets.
pub fn stagings(plan: &Plan, most: usize) -> Grid {
    let mut grid = Grid::new([
        ("dataset", Side::Left),
        ("to", Side::Left),
        ("size", Side::Right),
        ("ready", Side::Left),
        ("egress USD", Side::Right),
        ("storage USD", Side::Right),
    ]);
    for s in plan.stagings.iter().take(most) {
        let (egress, storage) = (format!("{:.2}", s.egress_usd), format!("{:.2}", s.storage_usd));
        grid.row([s.dataset.clone(), s.region.to_string(), s.bytes.to_string(), s.ready.to_string(), egress, storage]);
    }
    grid
}

/// Simple rules on the same input, and this plan.
pub fn baselines(plan: &Plan) -> Grid {
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
    if grid.is_empty() || (s.placed == 0 && s.baselines.values().all(|b| b.placed == 0)) {
        return Grid::new([]);
    }
    let this = ["this plan".to_owned(), thousands(s.placed), format!("{:.2}", s.cost_usd), String::new()];
    grid.row(this);
    grid
}

/// What is not placed and why.
pub fn unplaced(plan: &Plan, most: usize) -> Grid {
    let mut grid = Grid::new([("job", Side::Left), ("tasks", Side::Right), ("why", Side::Left)]);
    for u in plan.unplaced.iter().take(most) {
        let why = u.reasons.first().map_or_else(String::new, |r| {
            if r.detail.is_empty() { r.reason.to_string() } else { format!("{}: {}", r.reason, r.detail) }
        });
        grid.row([u.job.clone(), thousands(u64::from(u.tasks)), why]);
    }
    grid
}

/// What one more unit of something scarce would save.
pub fn scarce(plan: &Plan, most: usize) -> Grid {
    scarce_of(&plan.shadow_prices, most)
}

/// The same of shadow prices alone.
pub fn scarce_of(prices: &[ShadowPrice], most: usize) -> Grid {
    let mut grid =
        Grid::new([("what", Side::Left), ("which", Side::Left), ("USD a unit", Side::Right), ("windows", Side::Right)]);
    for p in prices.iter().take(most) {
        let windows = if p.windows == 0 { String::new() } else { p.windows.to_string() };
        grid.row([scarce_kind(&p.kind), p.name.clone(), format!("{:.4}", p.usd_per_unit), windows]);
    }
    grid
}

/// What kind of thing is scarce, with its unit where the name does not say it.
pub fn scarce_kind(kind: &str) -> String {
    if kind == "concentration" { "concentration, a % point".to_owned() } else { kind.to_owned() }
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
        "on_interruption",
        "fallback_type",
        "switch_at",
        "fallback_probability",
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
            p.on_interruption.map_or(String::new(), |what| what.to_string()),
            p.fallback.as_ref().map_or(String::new(), |f| f.instance_type.clone()),
            p.fallback.as_ref().map_or(String::new(), |f| f.switch_at.to_string()),
            p.fallback.as_ref().map_or(String::new(), |f| f.probability.to_string()),
        ]);
    }
    grid
}

/// What stands behind tasks on spot, the likeliest to be needed first.
pub fn fallbacks(plan: &Plan, most: usize) -> Grid {
    let allocations: BTreeMap<&str, _> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("tasks", Side::Right),
        ("on spot", Side::Left),
        ("then on", Side::Left),
        ("moves at", Side::Left),
        ("deadline", Side::Left),
        ("probability", Side::Right),
        ("USD", Side::Right),
    ]);
    let mut sorted: Vec<_> = plan.placements.iter().filter_map(|p| Some((p, p.fallback.as_ref()?))).collect();
    sorted.sort_by(|(a, f), (b, g)| {
        g.probability.total_cmp(&f.probability).then_with(|| (&a.job, a.tasks).cmp(&(&b.job, b.tasks)))
    });
    for (p, f) in sorted.into_iter().take(most) {
        let on = allocations.get(p.allocation.as_str());
        grid.row([
            p.job.clone(),
            p.count().to_string(),
            on.map_or(String::new(), |a| format!("{}/{}", a.region, a.instance_type)),
            f.instance_type.clone(),
            to_seconds(f.switch_at),
            to_seconds(f.until),
            format!("{:.3} %", f.probability * 100.0),
            format!("{:.4}", f.expected_cost_usd),
        ]);
    }
    grid
}

/// The placements by start, for people.
pub fn timetable(plan: &Plan, most: usize) -> Grid {
    let allocations: BTreeMap<&str, _> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("tasks", Side::Right),
        ("where", Side::Left),
        ("type", Side::Left),
        ("bought", Side::Left),
        ("start", Side::Left),
        ("end", Side::Left),
        ("USD", Side::Right),
    ]);
    let mut sorted: Vec<_> = plan.placements.iter().collect();
    sorted.sort_by_key(|p| (p.start, &p.job, p.tasks));
    for p in sorted.into_iter().take(most) {
        let on = allocations.get(p.allocation.as_str());
        let tasks =
            if p.tasks[0] == p.tasks[1] { p.tasks[0].to_string() } else { format!("{}-{}", p.tasks[0], p.tasks[1]) };
        grid.row([
            p.job.clone(),
            tasks,
            on.map_or(String::new(), |a| a.region.to_string()),
            on.map_or(String::new(), |a| a.instance_type.clone()),
            on.map_or("", |a| bought_as(a.capacity_type, a.commitment.is_some())).to_owned(),
            to_seconds(p.start),
            to_seconds(p.end),
            format!("{:.2}", p.expected_cost_usd),
        ]);
    }
    grid
}

/// `03-31 18:00:05`, the fraction cut off.
pub fn to_seconds(time: tradewind_core::time::Time) -> String {
    time.to_string().get(5..19).map_or(String::new(), |text| text.replace('T', " "))
}
