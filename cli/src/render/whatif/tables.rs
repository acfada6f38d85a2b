//! The tables of a what-if.

use tradewind_core::money::Usd;
use tradewind_sim::whatif::{Figures, Row};

use super::report::{FrontierRow, Median, Report};
use super::words::interval;
use crate::render::grid::{Grid, Side};
use crate::render::{bought_as, percent, signed, thousands};

/// Where an arm could not be simulated.
const NOTHING: &str = "places nothing";
/// A larger gain of common random numbers is not told exactly: the difference is as good as certain.
const MOST_GAIN: f64 = 9999.0;
/// In nano-dollars.
const HALF_CENT: i64 = 5_000_000;

/// What each arm costs, the base first.
pub fn arms(report: &Report) -> Grid {
    let mut grid = Grid::new([
        ("arm", Side::Left),
        ("planned", Side::Right),
        ("mean", Side::Right),
        ("median", Side::Right),
        ("95th", Side::Right),
        ("CVaR 95", Side::Right),
        ("change", Side::Right),
        ("95 % interval", Side::Right),
    ]);
    let row = |name: String, f: &Figures, change: String, range: String| {
        let c = &f.cost;
        let usd = [c.planned_usd, c.mean_usd, c.p50_usd, c.p95_usd, c.cvar95_usd].map(|usd| format!("{usd:.2}"));
        [name].into_iter().chain(usd).chain([change, range]).collect::<Vec<String>>()
    };
    grid.row(row("base".to_owned(), &report.base, String::new(), String::new()));
    for arm in &report.arms {
        grid.row(match &arm.compared {
            Some(c) => row(arm.label(), &c.figures, signed(c.difference.usd), interval(c.difference.interval_usd)),
            None => nothing(arm.label(), 8),
        });
    }
    grid
}

/// What happens in each arm, the base first: tasks that are late or never end, nodes that are lost, and how many times as many
/// replications independent draws would take.
pub fn events(report: &Report) -> Grid {
    let mut grid = Grid::new([
        ("arm", Side::Left),
        ("placed", Side::Right),
        ("any miss", Side::Right),
        ("late", Side::Right),
        ("undone", Side::Right),
        ("lost", Side::Right),
        ("rework h", Side::Right),
        ("idle", Side::Right),
        ("egress", Side::Right),
        ("CRN", Side::Right),
    ]);
    let row = |name: String, f: &Figures, apart: u64, gain: String| {
        [
            name,
            placed(f, apart),
            percent(f.any_miss.value),
            format!("{:.3}", f.late_tasks),
            if f.unfinished == 0.0 { "-".to_owned() } else { format!("{:.3}", f.unfinished) },
            format!("{:.2}", f.interruptions),
            format!("{:.1}", f.rework_hours),
            format!("{:.2}", f.idle_usd),
            format!("{:.2}", f.egress_usd),
            gain,
        ]
    };
    grid.row(row("base".to_owned(), &report.base, 0, String::new()));
    for arm in &report.arms {
        match &arm.compared {
            Some(c) => grid.row(row(arm.label(), &c.figures, c.tasks_apart, gain(c.difference.variance_reduction))),
            None => grid.row(nothing(arm.label(), 10)),
        }
    }
    grid
}

/// How many tasks are placed, and how many of either plan the other does not place.
fn placed(f: &Figures, apart: u64) -> String {
    let other = if apart == 0 { String::new() } else { format!(" ({} differ)", thousands(apart)) };
    format!("{}{other}", thousands(f.placed))
}

/// How many times as many replications independent draws would take.
pub fn gain(factor: Option<f64>) -> String {
    match factor {
        None => "-".to_owned(),
        Some(factor) if factor < 10.0 => format!("{factor:.1}x"),
        Some(factor) if factor < MOST_GAIN => format!("{factor:.0}x"),
        Some(_) => format!(">{MOST_GAIN}x"),
    }
}

fn nothing(label: String, cells: usize) -> Vec<String> {
    let empty = std::iter::repeat_n(String::new(), cells - 2);
    [label, NOTHING.to_owned()].into_iter().chain(empty).collect()
}

/// From the base to the arm that differs most, by cause; what changes by less than half a cent is left out.
pub fn waterfall(report: &Report) -> Grid {
    let mut grid = Grid::new([("cause", Side::Left), ("USD", Side::Right), ("together", Side::Right)]);
    let Some((arm, compared)) = report.largest() else { return grid };
    let mut level = compared.figures.cost.mean_usd - compared.steps.iter().map(|s| s.usd).sum::<Usd>();
    grid.row(["base".to_owned(), String::new(), format!("{level:.2}")]);
    for step in compared.steps.iter().filter(|s| is_shown(s.usd)) {
        level = level + step.usd;
        grid.row([step.cause.to_owned(), signed(step.usd), format!("{level:.2}")]);
    }
    grid.row([arm.label(), signed(compared.difference.usd), format!("{level:.2}")]);
    grid
}

/// Whether a step shows in cents.
pub fn is_shown(step: Usd) -> bool {
    step.nanos().abs() >= HALF_CENT
}

/// Cost against deadline risk.
pub fn frontier(rows: &[FrontierRow]) -> Grid {
    let mut grid = Grid::new([
        ("allowed miss", Side::Left),
        ("placed", Side::Right),
        ("planned", Side::Right),
        ("mean", Side::Right),
        ("+/- 95 %", Side::Right),
        ("any miss", Side::Right),
        ("95 % interval", Side::Right),
        ("late tasks", Side::Right),
        ("", Side::Left),
    ]);
    for row in rows {
        let name = row.allowed.map_or_else(|| "as the jobs say (base)".to_owned(), |p| p.to_string());
        let Some(f) = &row.figures else {
            grid.row(nothing(name, 9));
            continue;
        };
        let range = f
            .any_miss
            .interval
            .map_or_else(String::new, |i| format!("{:.2} to {:.2} %", 100.0 * i.low, 100.0 * i.high));
        grid.row([
            name,
            placed(f, row.tasks_apart),
            format!("{:.2}", f.cost.planned_usd),
            format!("{:.2}", f.cost.mean_usd),
            format!("{:.2}", f.cost.half_width_usd),
            percent(f.any_miss.value),
            range,
            format!("{:.3}", f.late_tasks),
            if row.dominated { "dominated" } else { "" }.to_owned(),
        ]);
    }
    grid
}

/// Steps of the line that shows how many nodes live.
const STEPS: usize = 24;
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The median replication: nodes over time.
pub fn lives(median: &Median) -> Grid {
    let mut grid = Grid::new([
        ("region", Side::Left),
        ("bought", Side::Left),
        ("type", Side::Left),
        ("launched", Side::Right),
        ("lost", Side::Right),
        ("node h", Side::Right),
        ("alive, start to end", Side::Left),
    ]);
    let end = median.rows.iter().flat_map(|r| &r.lives).map(|l| l.until_ms).max().unwrap_or(0);
    let start = median.rows.iter().flat_map(|r| &r.lives).map(|l| l.from_ms).min().unwrap_or(0);
    for row in &median.rows {
        let (region, name) = match &row.region {
            Some(region) => (region.to_string(), row.instance_type.clone()),
            None => ("behind spot".to_owned(), String::new()),
        };
        grid.row([
            region,
            bought_as(row.capacity_type, false).to_owned(),
            name,
            thousands(row.launches),
            if row.lost == 0 { "-".to_owned() } else { thousands(row.lost) },
            format!("{:.1}", tradewind_core::time::Millis::new(row.node_ms).hours()),
            alive(row, start, end),
        ]);
    }
    grid
}

/// Nodes that live at any time of each step, as blocks relative to the most.
fn alive(row: &Row, start: i64, end: i64) -> String {
    let at = |n: usize| start + (end - start) * n as i64 / STEPS as i64;
    let during = |n: usize| row.lives.iter().filter(|l| l.from_ms < at(n + 1) && l.until_ms > at(n)).count();
    let counts: Vec<usize> = (0..STEPS).map(during).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    counts.into_iter().map(|n| BLOCKS[(n * 8).div_ceil(most)]).collect()
}

/// How it was made.
pub fn made(report: &Report) -> Vec<(&'static str, String)> {
    let m = &report.made;
    let gap = m.gap.map_or_else(|| "not known".to_owned(), |g| format!("at most {} above the bound", percent(g)));
    vec![
        ("command", m.command.clone()),
        ("version", format!("tradewind {}", m.version)),
        ("seed", format!("{}, {}", m.seed, m.generator)),
        ("replications", format!("{} of each arm, the same draws in all", thousands(m.trials))),
        ("snapshot", format!("{}, prices of {}, {}", m.snapshot, m.prices_as_of, m.prices_age)),
        ("market", m.market_hash.clone()),
        ("base plan", format!("{}, {gap}", m.plan_hash)),
    ]
}
