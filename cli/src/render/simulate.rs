//! A simulation for people and for spreadsheets.

pub mod rare;
mod risk;

use tradewind_sim::plan::Report;
use tradewind_sim::stats::most_probable_when_never_seen;

use super::grid::{Grid, Side};
use super::plan_tables::{cut, to_seconds};
use super::report::Page;
use super::{count, percent, thousands};
use rare::RareRow;

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 20;
/// Pools before the rest is summed.
const MAX_POOLS: usize = 5;

/// The whole page.
pub fn page(report: &Report) -> Page {
    let c = &report.cost;
    let mut page = Page::default();
    page.title(format!(
        "{} of the plan: USD {:.2} in the mean (95 % interval +/- {:.2}), planned USD {:.2}",
        count(report.trials, "replication"),
        c.mean_usd,
        c.half_width_usd,
        c.planned_usd
    ));
    let difference = c.mean_usd.as_f64() / c.planned_usd.as_f64().max(1e-9) - 1.0;
    page.line(format!(
        "The mean is {} the plan's figure, which is dearer than {} of the replications.",
        if difference < 0.0 {
            format!("{} below", percent(-difference))
        } else {
            format!("{} above", percent(difference))
        },
        percent(c.planned_percentile)
    ));
    page.line(format!(
        "A replication: {:.1} nodes taken back, {:.1} tasks moved to on-demand, {:.1} h of work lost, saved and restored.",
        report.interruptions, report.moved, report.rework_hours
    ));
    if report.refusals + report.failures + report.unfinished > 0.0 {
        page.line(format!(
            "Also: {:.1} launches refused, {:.1} attempts of tasks failed, {:.2} tasks never ended.",
            report.refusals, report.failures, report.unfinished
        ));
    }
    page.line(if report.any_miss > 0.0 {
        format!("Some deadline is missed in {} of the replications.", percent(report.any_miss))
    } else {
        let most = most_probable_when_never_seen(report.trials, 0.95);
        format!("No deadline is missed; the chance of any miss is below {} (95 %).", percent(most))
    });
    page.line(format!(
        "The last task ends at {} (median), {} (95 %). Seed {}, {}, {} events.",
        to_seconds(report.end[0]),
        to_seconds(report.end[1]),
        report.seed.0,
        report.generator,
        thousands(report.events)
    ));
    page.table("Cost of a replication", costs(report));
    page.table("By cause", causes(report));
    page.table(cut("Deadlines at risk", MAX_ROWS, report.jobs.len()), jobs(report));
    page.table("Which pools carry the risk", risk::pools(report, MAX_POOLS));
    page.table("What rules come to", risk::rules(report));
    page
}

fn costs(report: &Report) -> Grid {
    let c = &report.cost;
    let mut grid = Grid::new([("figure", Side::Left), ("USD", Side::Right)]);
    let rows = [
        ("5th percentile", c.p5_usd),
        ("median", c.p50_usd),
        ("95th percentile", c.p95_usd),
        ("mean of the dearest 5 %", c.cvar95_usd),
        ("standard deviation", c.deviation_usd),
        ("planned", c.planned_usd),
    ];
    rows.into_iter().for_each(|(name, usd)| grid.row([name.to_owned(), format!("{usd:.4}")]));
    grid
}

fn causes(report: &Report) -> Grid {
    let mut grid = Grid::new([
        ("cause", Side::Left),
        ("planned", Side::Right),
        ("simulated", Side::Right),
        ("change", Side::Right),
    ]);
    for row in report.causes.iter().filter(|r| r.planned_usd.nanos() != 0 || r.mean_usd.nanos() != 0) {
        let change = row.mean_usd - row.planned_usd;
        let planned = format!("{:.4}", row.planned_usd);
        grid.row([row.cause.to_owned(), planned, format!("{:.4}", row.mean_usd), super::signed(change)]);
    }
    grid
}

fn jobs(report: &Report) -> Grid {
    let mut grid = Grid::new([
        ("job", Side::Left),
        ("tasks", Side::Right),
        ("missed", Side::Right),
        ("any of them (95 %)", Side::Right),
        ("planned at most", Side::Right),
        ("allowed", Side::Right),
    ]);
    let of = |p: f64| format!("{:.3} %", p * 100.0);
    for job in report.jobs.iter().take(MAX_ROWS) {
        let interval = format!("{:.3} to {:.3} %", job.interval[0] * 100.0, job.interval[1] * 100.0);
        grid.row([job.job.clone(), job.tasks.to_string(), of(job.missed), interval, of(job.planned), of(job.allowed)]);
    }
    grid
}

/// Columns of the table for spreadsheets; what a kind of row does not have is empty.
const COLUMNS: [&str; 15] = [
    "kind",
    "name",
    "tasks",
    "missed",
    "any_low",
    "any_high",
    "planned_miss",
    "allowed_miss",
    "planned_usd",
    "mean_usd",
    "variance_share",
    "nodes",
    "interruptions",
    "rework_hours",
    "missed_tasks",
];

/// Jobs at risk, rare misses, pools and rules, every one, told apart by the first column.
pub fn csv(report: &Report, rare: &[RareRow]) -> String {
    let mut grid = Grid::new(COLUMNS.map(|n| (n, Side::Left)));
    let mut add = |cells: Vec<String>, at: usize, kind: &str, name: String| {
        let mut row = vec![String::new(); COLUMNS.len()];
        (row[0], row[1]) = (kind.to_owned(), name);
        row[at..at + cells.len()].clone_from_slice(&cells);
        grid.row(row);
    };
    for job in &report.jobs {
        let figures = [job.missed, job.interval[0], job.interval[1], job.planned, job.allowed].map(|x| x.to_string());
        add([vec![job.tasks.to_string()], figures.to_vec()].concat(), 2, "job", job.job.clone());
    }
    for r in rare {
        let m = &r.miss;
        let figures = [m.probability, m.interval[0], m.interval[1], r.planned, r.allowed].map(|x| x.to_string());
        add([vec![String::new()], figures.to_vec()].concat(), 2, "rare", r.job.clone());
    }
    for p in &report.pools {
        let money = [p.planned_usd.to_string(), p.mean_usd.to_string()].to_vec();
        let figures = [p.variance_share, p.nodes, p.interruptions, p.rework_hours, p.missed].map(|x| x.to_string());
        add([money, figures.to_vec()].concat(), 8, "pool", risk::name(p));
    }
    for r in &report.rules {
        add(vec![r.mean_usd.to_string(), r.variance_share.to_string()], 9, "rule", r.rule.to_owned());
    }
    grid.to_csv()
}
