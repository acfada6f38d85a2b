//! Explanations as one table for a spreadsheet.

use tradewind_optimizer::explain::{Forced, JobReport, Relief, RulePrices, WhyNot};

use super::changes;
use crate::render::grid::{Grid, Side};

fn grid(names: &[&'static str]) -> Grid {
    Grid::new(names.iter().map(|n| (*n, Side::Left)))
}

/// What a row says of a road: offer, start, tasks, changes, dollars more.
fn road(forced: Option<&Forced>) -> [String; 5] {
    forced.map_or_else(Default::default, |f| {
        let more = f.more.total().to_string();
        [f.offer.to_string(), f.start.to_string(), f.tasks.to_string(), changes(&f.changes), more]
    })
}

/// Where a job runs, the runner-up, what lost, what would place the rest: a row each.
pub fn job(report: &JobReport, relief: Option<&Relief>) -> String {
    let mut grid =
        grid(&["what", "asked_offer", "looks_usd", "obstacles", "offer", "start", "tasks", "changes", "usd"]);
    let mut row = |what: &str, asked: [String; 3], road: [String; 5]| {
        grid.row([what.to_owned()].into_iter().chain(asked).chain(road));
    };
    for s in &report.shares {
        let usd = s.expected_cost_usd.to_string();
        let road = [s.offer.to_string(), s.start.to_string(), s.tasks.to_string(), String::new(), usd];
        row("runs", Default::default(), road);
    }
    if report.runner_up.is_some() {
        row("runner_up", Default::default(), road(report.runner_up.as_ref()));
    }
    for loser in report.losers.iter().flat_map(|g| &g.shown) {
        let obstacles: Vec<&str> = loser.obstacles.iter().map(|o| o.detail.as_str()).collect();
        let asked = [loser.offer.to_string(), loser.looks_usd.to_string(), obstacles.join("; ")];
        row("loser", asked, road(loser.forced.as_ref()));
    }
    for way in relief.iter().flat_map(|r| &r.ways) {
        row("would_place", Default::default(), road(Some(way)));
    }
    grid.to_csv()
}

/// One job and one offer.
pub fn why_not(answer: &WhyNot) -> String {
    let mut grid = grid(&["job", "asked_offer", "holds", "obstacles", "offer", "start", "tasks", "changes", "usd"]);
    let obstacles: Vec<&str> = answer.obstacles.iter().map(|o| o.detail.as_str()).collect();
    let asked = [answer.job.clone(), answer.offer.to_string(), answer.holds.to_string(), obstacles.join("; ")];
    grid.row(asked.into_iter().chain(road(answer.forced.as_ref())));
    grid.to_csv()
}

/// The prices of rules.
pub fn prices(prices: &RulePrices) -> String {
    let mut grid = grid(&["rule", "jobs", "taken_away", "places_tasks", "saves_usd", "would_use"]);
    for p in &prices.rules {
        let used = p.would_use.map_or_else(String::new, |n| n.to_string());
        let (tasks, usd) = (p.places_tasks.to_string(), p.saves_usd.to_string());
        grid.row([p.rule.name(), p.jobs.to_string(), p.relaxed.clone(), tasks, usd, used]);
    }
    grid.to_csv()
}

/// What would place the jobs that are left, a row a way.
pub fn reliefs(reliefs: &[Relief]) -> String {
    let mut grid = grid(&["job", "left", "waits_for", "offer", "start", "tasks", "changes", "usd"]);
    for r in reliefs {
        let head = [r.job.clone(), r.tasks.to_string(), r.waits_for.clone().unwrap_or_default()];
        if r.ways.is_empty() {
            grid.row(head.iter().cloned().chain(road(None)));
        }
        for way in &r.ways {
            grid.row(head.iter().cloned().chain(road(Some(way))));
        }
    }
    grid.to_csv()
}
