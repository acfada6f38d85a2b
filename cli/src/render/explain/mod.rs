//! Explanations for people.

pub mod cost;
pub mod csv;
pub mod job;
pub mod overview;
pub mod prices;
pub mod why_not;

use tradewind_core::money::Usd;
use tradewind_core::plan::CostBreakdown;
use tradewind_core::rejection::Rejection;
use tradewind_optimizer::explain::{Change, Forced, Relief};

use super::count;
use super::plan_tables::to_seconds;
use super::report::Page;

/// Causes named of a difference.
const CAUSES: usize = 3;

/// `+1.2500` or `-0.5000` dollars: the differences of single tasks are small.
fn signed(usd: Usd) -> String {
    let sign = if usd.nanos() < 0 { "" } else { "+" };
    format!("{sign}{usd:.4}")
}

/// The largest causes of a difference: `egress +0.39, compute -0.05`.
fn causes(more: &CostBreakdown) -> String {
    let mut lines: Vec<(&str, Usd)> = more.lines().into_iter().filter(|(_, usd)| usd.nanos().abs() >= 50_000).collect();
    lines.sort_by_key(|(_, usd)| std::cmp::Reverse(usd.nanos().abs()));
    lines.iter().take(CAUSES).map(|(name, usd)| format!("{name} {}", signed(*usd))).collect::<Vec<_>>().join(", ")
}

/// What is more or less, with its causes.
fn verdict(forced: &Forced) -> String {
    let total = forced.more.total();
    let causes = causes(&forced.more);
    let why = if causes.is_empty() { String::new() } else { format!(" ({causes})") };
    let each = if forced.tasks > 1 { format!(" for {} tasks", forced.tasks) } else { String::new() };
    match total.nanos() {
        0 => format!("costs the same{each}{why}"),
        n if n > 0 => format!("costs USD {total:.4} more{each}{why}"),
        _ => format!("saves USD {:.4}{each}{why}", -total),
    }
}

/// What would place the rest.
fn relief(relief: &Relief, page: &mut Page) {
    let heading = format!("What would place the {} left", count(u64::from(relief.tasks), "task"));
    if let Some(before) = &relief.waits_for {
        page.points(
            heading,
            &[format!("it waits for {before}, which is not placed: `--job {before}` says what would")],
        );
        return;
    }
    if let Some(deadline) = relief.past_deadline {
        let why = "lies before the plan starts: queue and plan are of different dates";
        page.points(heading, &[format!("its deadline {deadline} {why}; plan with --as-of, or give it a later one")]);
        return;
    }
    let way = |f: &Forced| {
        let tasks = if f.tasks == f.wanted { "all".to_owned() } else { f.tasks.to_string() };
        format!(
            "{}: places {tasks}, {} from {}; the plan {}",
            changes(&f.changes),
            f.offer,
            to_seconds(f.start),
            verdict(f)
        )
    };
    let mut ways: Vec<String> = relief.ways.iter().map(way).collect();
    if !ways.is_empty() {
        ways.push("each alone and all else where it is; planned anew, other tasks may move too".to_owned());
    }
    let none = ["nothing that a user can change places a task while the rest of the plan stays".to_owned()];
    page.points(heading, if ways.is_empty() { &none } else { &ways });
}

/// Changes as things to do.
fn changes(changes: &[Change]) -> String {
    changes.iter().map(Change::sentence).collect::<Vec<_>>().join("; ")
}

/// Reasons in a few words.
fn reasons(reasons: &[Rejection]) -> String {
    reasons.iter().map(|r| r.sentence()).collect::<Vec<_>>().join("; ")
}
