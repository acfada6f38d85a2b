//! What we own: what is needed, what nobody needs, and what was done about that.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::time::{Millis, Time};
use tradewind_mcp::tools::get_health::Resource;
use tradewind_scheduler::gc::{Holding, Orphan, Outcome, may_end};

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, thousands};

/// Orphans that a page shows one by one.
const MOST_SHOWN: usize = 50;
/// Jobs that a cell names.
const MOST_JOBS: usize = 2;

/// What was found, and done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `tradewind.gc/1`.
    pub schema: String,
    /// Whether orphans were to be ended.
    pub ends: bool,
    /// Orphans found.
    pub orphans: u64,
    /// Orphans that are still there.
    pub left: u64,
    /// Runs and watches that a process leads: they are not looked into.
    pub led: Vec<String>,
    /// Clouds that did not answer.
    pub unread: Vec<Unread>,
    /// Everything that is ours.
    pub rows: Vec<Row>,
}

/// A cloud that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The run, or `watch`.
    pub kept_by: String,
    /// The cloud.
    pub cloud: String,
    /// Why.
    pub because: String,
}

/// Something of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The run whose clouds they are, or `watch`.
    pub kept_by: String,
    /// When it was looked at.
    pub at: Time,
    /// What it is.
    #[serde(flatten)]
    pub holding: Holding,
}

impl Report {
    /// Before anything was looked at.
    pub fn new(ends: bool) -> Self {
        let (led, unread, rows) = (Vec::new(), Vec::new(), Vec::new());
        Self { schema: "tradewind.gc/1".to_owned(), ends, orphans: 0, left: 0, led, unread, rows }
    }
}

/// For people.
pub fn page(report: &Report) -> Page {
    let mut page = Page::default();
    let owned = count(report.rows.len() as u64, "resource");
    let ended = report.orphans - report.left;
    page.title(match (report.orphans, ended) {
        (0, _) => format!("{owned} of ours, no orphan"),
        (orphans, 0) => format!("{owned} of ours, {}", count(orphans, "orphan")),
        (orphans, ended) => format!("{owned} of ours, {}, {} ended", count(orphans, "orphan"), thousands(ended)),
    });
    for name in &report.led {
        page.line(format!("{name} is led by another process: it is not looked into."));
    }
    for unread in &report.unread {
        page.line(format!("{} of {} did not answer: {}", unread.cloud, unread.kept_by, unread.because));
    }
    page.table("Needed", needed(report));
    let orphans = orphans(report);
    let more = orphans.len().saturating_sub(MOST_SHOWN);
    page.table("Orphans", orphans.cut(MOST_SHOWN));
    if more > 0 {
        page.line(format!("{} more: --format json", thousands(more as u64)));
    }
    if !report.ends && report.rows.iter().any(|row| row.holding.orphan.is_some() && may_end(&row.holding)) {
        page.line("The same command with --yes ends them.");
    }
    page
}

/// For spreadsheets.
pub fn csv(report: &Report) -> String {
    let names = ["kept_by", "cloud", "kind", "id", "state", "owner", "decision", "expires_at", "orphan", "outcome"];
    let mut grid = Grid::new(names.map(|name| (name, Side::Left)));
    for Row { kept_by, holding, .. } in &report.rows {
        let r = &holding.resource;
        let expires_at = r.expires_at.map_or(String::new(), |at| at.to_string());
        let orphan = holding.orphan.map_or(String::new(), |why| words(why).to_owned());
        let [kind, id, state, owner, decision] = [&r.kind, &r.id, &r.state, &r.owner, &r.decision].map(Clone::clone);
        let cells = [kept_by.clone(), holding.cloud.clone(), kind, id, state, owner, decision, expires_at];
        grid.row(cells.into_iter().chain([orphan, done(holding, report.ends)]));
    }
    grid.to_csv()
}

/// What is needed, by run, what it is, where and what for.
fn needed(report: &Report) -> Grid {
    let mut rows: BTreeMap<[String; 4], (u64, String)> = BTreeMap::new();
    for row in report.rows.iter().filter(|row| row.holding.orphan.is_none()) {
        let Holding { cloud, resource, jobs, .. } = &row.holding;
        let key = [resource.owner.clone(), what(cloud, resource), resource.place.clone(), jobs_in_words(jobs)];
        rows.entry(key).or_insert((0, dies_in(row))).0 += 1;
    }
    let left = ["of", "what", "where", "for"].map(|name| (name, Side::Left));
    let mut grid = Grid::new(left.into_iter().chain([("number", Side::Right), ("dies in", Side::Right)]));
    for (key, (number, dies)) in rows {
        grid.row(key.into_iter().chain([thousands(number), dies]));
    }
    grid
}

fn orphans(report: &Report) -> Grid {
    let left = ["what", "id", "of", "made for"].map(|name| (name, Side::Left));
    let mut grid = Grid::new(left.into_iter().chain([("dies in", Side::Right), ("why", Side::Left)]));
    for row in &report.rows {
        let (Some(why), r) = (row.holding.orphan, &row.holding.resource) else { continue };
        let owner = if r.owner.is_empty() { "nobody".to_owned() } else { r.owner.clone() };
        let done = done(&row.holding, report.ends);
        let why = if done.is_empty() { words(why).to_owned() } else { format!("{}: {done}", words(why)) };
        grid.row([what(&row.holding.cloud, r), r.id.clone(), owner, r.decision.clone(), dies_in(row), why]);
    }
    grid
}

/// A machine by its cloud and type, anything else by its kind.
fn what(cloud: &str, resource: &Resource) -> String {
    match &resource.offer {
        Some(offer) if resource.kind == "node" => format!("{cloud} {}", offer.instance_type),
        Some(offer) => format!("{} {cloud} {}", resource.kind, offer.instance_type),
        None => format!("{} {cloud}", resource.kind),
    }
}

/// How long it has to live, to the minute.
fn dies_in(row: &Row) -> String {
    let Some(at) = row.holding.resource.expires_at else { return "never".to_owned() };
    let minutes = Millis::from_secs((at - row.at).get() / 60_000 * 60);
    if minutes.get() > 0 { minutes.to_string() } else { "overdue".to_owned() }
}

fn jobs_in_words(jobs: &[String]) -> String {
    let named = jobs.iter().take(MOST_JOBS).cloned().collect::<Vec<_>>().join(", ");
    let more = jobs.len().saturating_sub(MOST_JOBS);
    if more > 0 { format!("{named} and {} more", thousands(more as u64)) } else { named }
}

fn words(why: Orphan) -> &'static str {
    match why {
        Orphan::OfNoRun => "of no run",
        Orphan::RunIsOver => "run over",
        Orphan::RunWasCancelled => "run cancelled",
        Orphan::PastItsTime => "past its time",
    }
}

fn done(holding: &Holding, ends: bool) -> String {
    match &holding.outcome {
        _ if holding.orphan.is_none() => String::new(),
        Some(Outcome::Ended(Some(bill))) => format!("ended, USD {bill:.2}"),
        Some(Outcome::Ended(None)) => "ended".to_owned(),
        Some(Outcome::Refused { code, message }) => format!("refused: {code} {message}"),
        None if ends || !may_end(holding) => "its owner's to end".to_owned(),
        None => String::new(),
    }
}
