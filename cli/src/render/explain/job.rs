//! One job explained.

use tradewind_core::money::Usd;
use tradewind_optimizer::explain::{Forced, JobReport, Loser, Losers, Relief};

use super::{causes, changes, reasons, verdict};
use crate::render::grid::{Grid, Side};
use crate::render::plan_tables::to_seconds;
use crate::render::report::Page;
use crate::render::{count, spot, thousands};

/// The whole page.
pub fn page(report: &JobReport, relief: Option<&Relief>, note: &str) -> Page {
    let mut page = Page::default();
    let cost: Usd = report.shares.iter().map(|s| s.expected_cost_usd).sum();
    let placed = match (report.placed, report.tasks) {
        (p, t) if p == t => format!("{} placed", count(u64::from(t), "task")),
        (p, t) => format!("{p} of {} placed", count(u64::from(t), "task")),
    };
    page.title(format!("{}: {placed}, USD {cost:.4}", report.job));
    page.line(format!(
        "{} hold a task of it; {} are too small, {} have other GPUs. {note}",
        count(report.offers_that_hold, "offer"),
        thousands(report.offers_too_small),
        thousands(report.offers_of_other_gpus)
    ));
    let kept = spot::kept(report.shares.iter().map(|s| (s.on_interruption, s.tasks)));
    kept.into_iter().for_each(|line| page.line(line));
    let behind = report.shares.iter().filter_map(|s| s.fallback.as_ref()).map(spot::behind);
    behind.for_each(|line| page.line(line));
    page.table("Where it runs", shares(report));
    runner_up(report, &mut page);
    page.table(
        format!("What looks cheaper than USD {:.4} a task, and why it lost", report.first_task_usd),
        losers(report),
    );
    if let Some(relief) = relief {
        super::relief(relief, &mut page);
    }
    page
}

fn shares(report: &JobReport) -> Grid {
    let mut grid = Grid::new([
        ("offer", Side::Left),
        ("USD/h", Side::Right),
        ("tasks", Side::Right),
        ("first start", Side::Left),
        ("last end", Side::Left),
        ("USD", Side::Right),
        ("miss", Side::Right),
    ]);
    for s in &report.shares {
        grid.row([
            s.offer.to_string(),
            s.usd_per_hour.to_string(),
            s.tasks.to_string(),
            to_seconds(s.start),
            to_seconds(s.end),
            format!("{:.4}", s.expected_cost_usd),
            s.miss_probability.map_or_else(|| "-".to_owned(), |p| format!("{:.3} %", p * 100.0)),
        ]);
    }
    grid
}

fn runner_up(report: &JobReport, page: &mut Page) {
    let Some(next) = &report.runner_up else {
        if report.placed > 0 {
            page.points(
                "Runner-up",
                &["none: no other offer is open to it while the rest of the plan stays".to_owned()],
            );
        }
        return;
    };
    let shares = if next.shares { ", on a node that is there" } else { "" };
    page.points("Runner-up", &[format!("{} from {}{shares}: {}", next.offer, to_seconds(next.start), verdict(next))]);
}

fn losers(report: &JobReport) -> Grid {
    let mut grid =
        Grid::new([("offer", Side::Left), ("looks", Side::Right), ("really", Side::Right), ("why not", Side::Left)]);
    for group in &report.losers {
        for (i, loser) in group.shown.iter().enumerate() {
            let alike = group.offers.saturating_sub(group.shown.len() as u64);
            let last = i + 1 == group.shown.len() && alike > 0;
            let more = if last { format!(" [{} more like it]", thousands(alike)) } else { String::new() };
            grid.row([
                loser.offer.to_string(),
                format!("{:.4}", loser.looks_usd),
                really(report, loser),
                format!("{}{more}", why(group, loser)),
            ]);
        }
    }
    grid
}

/// What the task costs in truth there.
fn really(report: &JobReport, loser: &Loser) -> String {
    let total = |f: &Forced| format!("{:.4}", report.first_task_usd + f.more.total());
    loser.forced.as_ref().filter(|f| f.tasks > 0).map_or_else(|| "-".to_owned(), total)
}

fn why(group: &Losers, loser: &Loser) -> String {
    let details: Vec<&str> = loser.obstacles.iter().map(|o| o.detail.as_str()).collect();
    match (&loser.forced, details.is_empty()) {
        (Some(f), true) if f.changes.is_empty() => match f.more.total().nanos() {
            n if n < 0 => format!("{}: the search ended before it found this", verdict(f)),
            _ => {
                let causes = causes(&f.more);
                if causes.is_empty() { "no cheaper in truth".to_owned() } else { causes }
            }
        },
        (Some(f), true) => format!("quota is in use: {}; then it {}", changes(&f.changes), verdict(f)),
        (Some(f), false) => format!("{}; allowed, it {}", details.join("; "), verdict(f)),
        (None, false) => format!("{}; nothing you could change places it there", details.join("; ")),
        (None, true) if group.reasons.is_empty() => "no start is free there while the rest stays".to_owned(),
        (None, true) => reasons(&group.reasons),
    }
}
