//! The digest for people: text, Markdown and HTML are this page.

use tradewind_scheduler::nightly::anomaly::Spending;

use super::report::{Regret, Report};
use super::tables;
use crate::inputs::coarse;
use crate::render::plan_tables::cut;
use crate::render::report::Page;
use crate::render::{count, diff, percent, thousands};

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 12;
/// A smaller risk is none that a person would look at.
const FELT: f64 = 0.0005;

/// The whole page.
pub fn page(report: &Report) -> Page {
    let mut page = Page::default();
    page.title(&report.answer);
    let found = [regret_line(report), risk(report), judged(report), Some(spending(report))];
    let lines = [Some(prices(report)), Some(plan(report))].into_iter().chain(found);
    lines.flatten().for_each(|line| page.line(line));
    page.points("Could not be looked at", &report.gaps);
    page.table("Missed nights, caught up in order", tables::caught_up(&report.caught_up));
    if let Some(changes) = report.changes.as_ref().filter(|_| report.has_changes) {
        let jobs = diff::jobs(changes);
        page.table(cut("What changes, by job", MAX_ROWS, jobs.len()), jobs.cut(MAX_ROWS));
        let nodes = diff::nodes(changes);
        page.table(cut("What changes, by nodes", MAX_ROWS, nodes.len()), nodes.cut(MAX_ROWS));
    }
    let shifts = tables::shifts(&report.shifts);
    page.table(cut("Moves that a plan from scratch would make", MAX_ROWS, shifts.len()), shifts.cut(MAX_ROWS));
    if let Some(regret) = &report.regret {
        page.table("Last plan's tasks at the prices that came", tables::ways(&regret.ways));
    }
    let running = tables::running(report);
    page.table(cut("Runs, and stays", MAX_ROWS, running.len()), running.cut(MAX_ROWS));
    page.table("Prices that moved as they never do", tables::jumps(&report.anomalies.prices));
    page.table("Budgets", tables::budgets(&report.budgets));
    let quotas = tables::quotas(&report.quotas);
    page.table(cut("Quotas to ask for, by shadow price", MAX_ROWS, quotas.len()), quotas.cut(MAX_ROWS));
    page.table("Past their time to live", tables::orphans(&report.leaks.orphans));
    page.table("What stands in the clouds, by owner", tables::owners(&report.leaks.owners));
    page.points("Leaks", &leaks(report));
    page.table("Prices not believed", tables::not_believed(&report.prices.not_believed));
    page.items("Warnings", &report.warnings);
    page
}

fn prices(report: &Report) -> String {
    let p = &report.prices;
    let not_believed: u64 = p.not_believed.iter().map(|n| n.prices).sum();
    let age = if p.age_ms.get() < 60_000 { "new".to_owned() } else { format!("{} old", coarse(p.age_ms)) };
    format!(
        "Prices of {} ({age} at {}): {}, {} not believed.",
        p.snapshot,
        report.as_of,
        count(p.offers, "offer"),
        thousands(not_believed)
    )
}

fn plan(report: &Report) -> String {
    let p = &report.plan;
    let gap = p.gap.map_or(String::new(), |g| format!(", at most {} above any other", percent(g)));
    format!(
        "{} of {} placed on {}; USD {:.2}, proven bound {:.2}{gap}.",
        thousands(p.placed),
        count(p.placed + p.unplaced, "task"),
        count(p.nodes, "node"),
        p.cost_usd,
        p.lower_bound_usd
    )
}

fn regret_line(report: &Report) -> Option<String> {
    let Regret { has_begun, ways, regret_usd, regret_share, captured } = report.regret.as_ref()?;
    let share = regret_share.map_or(String::new(), |s| format!(" ({})", percent(s)));
    let begun = if *has_begun { "" } else { " None of it has begun." };
    let captured = match captured {
        Some(share) => format!("{} of the possible saving over list prices was captured", percent(*share)),
        None => "no share of the possible saving can be told: list prices place other tasks".to_owned(),
    };
    Some(format!(
        "Regret: the last plan at the prices that came costs USD {:.2}, with perfect foresight {:.2}: {regret_usd:.2} \
         more{share}; {captured}.{begun}",
        ways.ran.cost_usd, ways.foresight.cost_usd
    ))
}

fn risk(report: &Report) -> Option<String> {
    (report.plan.deadline_risk >= FELT).then(|| {
        format!("The task that is in most danger misses its deadline in {}.", percent(report.plan.deadline_risk))
    })
}

fn judged(report: &Report) -> Option<String> {
    let a = &report.anomalies;
    let unknown = match a.not_judged {
        0 => String::new(),
        n => format!("; of {} more too little is known", thousands(n)),
    };
    let found = match a.prices.len() {
        0 => "none moved as it never does".to_owned(),
        n => format!("{n} moved as never before"),
    };
    (a.judged + a.not_judged > 0)
        .then(|| format!("{} held against the past: {found}{unknown}.", count(a.judged, "spot price")))
}

fn spending(report: &Report) -> String {
    let score = |z: f64| format!("modified z-score {z:+.1}; beyond 3.5 is unusual");
    match report.anomalies.spending {
        Spending::TooFewNights { nights, needed } => {
            format!("Spending is judged from {needed} nights on; there are {}.", thousands(nights))
        }
        Spending::Usual { score: z, nights } => {
            format!("Spending is as on the {} before ({}).", count(nights, "night"), score(z))
        }
        Spending::Unusual { score: z, nights } => {
            let way = if z > 0.0 { "more" } else { "less" };
            format!("Spending is much {way} than on the {} before ({}).", count(nights, "night"), score(z))
        }
    }
}

fn leaks(report: &Report) -> Vec<String> {
    let l = &report.leaks;
    if l.clouds.is_empty() {
        return Vec::new();
    }
    let there: u64 = l.owners.iter().map(|o| o.resources).sum();
    vec![format!(
        "{} in the simulated {}, {} past the time to live; there is no ledger of runs yet that says which owner still works.",
        count(there, "resource"),
        l.clouds.join(", "),
        thousands(l.orphans.len() as u64)
    )]
}
