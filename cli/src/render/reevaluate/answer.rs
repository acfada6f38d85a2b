//! The night in one sentence.

use tradewind_core::diff::{Kind, PlanDiff};
use tradewind_core::money::Usd;
use tradewind_scheduler::nightly::verdict::Verdict;

use super::report::Report;
use crate::render::{count, thousands};

/// What a person has to know, the gravest first.
pub fn answer(report: &Report) -> String {
    let told = match &report.changes {
        None => first(report),
        Some(changes) if report.has_changes => moved(report, changes),
        Some(_) => stands(report),
    };
    match report.verdict {
        Verdict::NothingPlaced => format!("Nothing can be placed: {}.", count(report.plan.unplaced, "task waits")),
        Verdict::Partial => format!("{told} {}", partial(report)),
        Verdict::Nothing | Verdict::Changes => told,
    }
}

fn first(report: &Report) -> String {
    let p = &report.plan;
    format!(
        "The first night: {} of {} planned for USD {:.2}; there is no earlier plan to hold it against.",
        thousands(p.placed),
        count(p.placed + p.unplaced, "task"),
        p.cost_usd
    )
}

fn stands(report: &Report) -> String {
    let skipped = match report.skipped() {
        (0, _) => "a plan from scratch would be no cheaper".to_owned(),
        (n, usd) => format!("{} worth USD {usd:.2} in all would not pay for the disturbance", count(n, "move")),
    };
    let planned = report.last.as_ref().map_or(Usd::ZERO, |l| l.planned.cost_usd);
    let quiet = if report.verdict == Verdict::Nothing { "Nothing to do: the" } else { "The" };
    format!(
        "{quiet} last plan stands, at tonight's prices for USD {:.2} (planned for {planned:.2}); {skipped}.",
        report.plan.cost_usd
    )
}

fn moved(report: &Report, changes: &PlanDiff) -> String {
    let tasks = |kind: Kind| -> u64 {
        changes.jobs.iter().flat_map(|j| &j.flows).filter(|f| f.kind == kind).map(|f| f.tasks).sum()
    };
    let (placed, dropped) = (tasks(Kind::Add), tasks(Kind::Remove));
    let shifted: u64 = [Kind::Move, Kind::Resize, Kind::Shift].into_iter().map(tasks).sum();
    let parts = [
        (shifted > 0).then(|| format!("{} moved", count(shifted, "task"))),
        (placed > 0).then(|| format!("{} newly placed", count(placed, "task"))),
        (dropped > 0).then(|| format!("{} no longer placed", count(dropped, "task"))),
    ];
    let what: Vec<String> = parts.into_iter().flatten().collect();
    let what = if what.is_empty() { "Other nodes for the same tasks".to_owned() } else { what.join(", ") };
    let saved = match report.saved_usd() {
        Some(usd) => format!("USD {usd:.2} less than if the last plan were left as it is"),
        None => "of other work than the last plan's".to_owned(),
    };
    format!("{what}: the plan costs USD {:.2}, {saved}.", report.plan.cost_usd)
}

fn partial(report: &Report) -> String {
    let orphans = report.leaks.orphans.len() as u64;
    let parts = [
        (!report.gaps.is_empty())
            .then(|| format!("{} could not be looked at", count(report.gaps.len() as u64, "thing"))),
        (orphans > 0).then(|| format!("{} in the clouds is past its time to live", count(orphans, "resource"))),
    ];
    let what: Vec<String> = parts.into_iter().flatten().collect();
    let short = "more tasks could be placed than the search placed";
    format!("Not all is well: {}.", if what.is_empty() { short.to_owned() } else { what.join("; ") })
}
