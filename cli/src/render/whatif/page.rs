//! A what-if for people: text and Markdown.

use tradewind_core::money::Usd;

use super::report::Report;
use super::tables::{self, gain};
use super::words::phrase;
use crate::render::grid::{Grid, Side};
use crate::render::plan_tables::{cut, scarce_of};
use crate::render::report::Page;
use crate::render::{count, percent, signed};

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 20;
/// Blocks to either side of the tornado's middle.
const HALF: usize = 14;

/// The whole page.
pub fn page(report: &Report) -> Page {
    let mut page = Page::default();
    page.title(&report.answer);
    page.line(base(report));
    gained(report).into_iter().for_each(|line| page.line(line));
    page.table("Cost of each arm, USD", tables::arms(report));
    page.table("What happens in each arm in the mean: tasks late, nodes lost, USD", tables::events(report));
    page.table("What moves the mean cost most, USD", tornado(report));
    if let Some((arm, _)) = report.largest() {
        page.table(format!("Where the money goes {}", phrase(&report.axes, arm)), tables::waterfall(report));
    }
    page.table("Cost against deadline risk, USD", tables::frontier(&report.frontier));
    let m = &report.median;
    let lives = cut("The median replication", MAX_ROWS, m.rows.len());
    page.detail(format!("{lives}: number {}, USD {:.2}", m.replication, m.cost_usd), tables::lives(m).cut(MAX_ROWS));
    page.detail("Scarce: what one more unit would save the base plan", scarce_of(&report.shadow_prices, MAX_ROWS));
    page.points(
        "How this was made",
        &tables::made(report).iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>(),
    );
    page
}

fn base(report: &Report) -> String {
    let c = &report.base.cost;
    let missed = match report.base.any_miss.value {
        0.0 => "no deadline is missed".to_owned(),
        share => format!("some deadline is missed in {} of the runs", percent(share)),
    };
    format!(
        "Base, {}: USD {:.2} in the mean (+/- {:.2}), planned USD {:.2}; {missed}.",
        report.subject, c.mean_usd, c.half_width_usd, c.planned_usd
    )
}

/// What common random numbers gain in the middle one of the arms.
pub fn middle_gain(report: &Report) -> Option<f64> {
    let mut factors: Vec<f64> = report.compared().filter_map(|(_, _, c)| c.difference.variance_reduction).collect();
    factors.sort_by(f64::total_cmp);
    factors.get(factors.len().checked_sub(1)? / 2).copied()
}

fn gained(report: &Report) -> Option<String> {
    let middle = middle_gain(report)?;
    Some(format!(
        "{} of {} share their luck: with draws of its own the middle arm would take {} as many.",
        count(report.made.trials, "replication"),
        count(1 + report.arms.len() as u64, "arm"),
        gain(Some(middle))
    ))
}

/// Each axis with its least and its largest difference.
fn tornado(report: &Report) -> Grid {
    let mut grid = Grid::new([
        ("varied", Side::Left),
        ("base", Side::Left),
        ("value", Side::Left),
        ("less", Side::Right),
        ("more", Side::Left),
        ("USD", Side::Right),
    ]);
    let all = report.tornado();
    let most = all.iter().flat_map(|(_, arms)| arms).map(|(_, _, c)| c.difference.usd.nanos().unsigned_abs()).max();
    for (axis, arms) in all {
        for (n, (_, setting, compared)) in arms.iter().enumerate() {
            let usd = compared.difference.usd;
            let bar = bar(usd, most.unwrap_or(1));
            let (less, more) = if usd < Usd::ZERO { (bar, String::new()) } else { (String::new(), bar) };
            let name = if n == 0 { axis.key.clone() } else { String::new() };
            let base = if n == 0 { axis.base.clone().unwrap_or_default() } else { String::new() };
            grid.row([name, base, setting.value.clone(), less, more, signed(usd)]);
        }
    }
    grid
}

fn bar(usd: Usd, most: u64) -> String {
    let size = usd.nanos().unsigned_abs() as f64 / most.max(1) as f64 * HALF as f64;
    "█".repeat(size.round() as usize)
}
