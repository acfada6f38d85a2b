//! Runs: their bill beside the plan, their list, their journal.

use serde::Serialize;
use tradewind_core::money::Usd;
use tradewind_scheduler::journal::{Chain, Entry};
use tradewind_scheduler::run::{BudgetRow, Event, Figures, Run, Stage};
use tradewind_sim::plan::Simulated;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, signed, thousands};
use crate::run_folder::Record;

/// A run beside its plan and its simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// Its name.
    pub run: String,
    /// What was done.
    pub figures: Figures,
    /// What the plan expected.
    pub planned_usd: Usd,
    /// The simulator's mean.
    pub simulated_mean_usd: Usd,
    /// The simulator's replication of the same luck, without troubles and without limits on calls.
    pub simulated_same_luck_usd: Usd,
    /// Replications.
    pub replications: u64,
    /// Budgets, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetRow>,
}

impl Bill {
    /// Of a run.
    pub fn new(name: &str, run: &Run, simulated: &Simulated) -> Self {
        let costs: Vec<i64> = simulated.outcomes.iter().map(|o| o.cost).collect();
        let sum: i128 = costs.iter().map(|&c| i128::from(c)).sum();
        let mean = sum / (costs.len() as i128).max(1);
        Self {
            run: name.to_owned(),
            figures: run.figures(),
            planned_usd: run.script().plan.summary.cost_usd,
            simulated_mean_usd: Usd::from_nanos(mean as i64),
            simulated_same_luck_usd: Usd::from_nanos(costs.first().copied().unwrap_or_default()),
            replications: costs.len() as u64,
            budgets: run.budgets(),
        }
    }

    fn rows(&self) -> Grid {
        let mut grid = Grid::new([("what", Side::Left), ("USD", Side::Right), ("run less that", Side::Right)]);
        let cost = self.figures.cost_usd;
        let mean = format!("simulated, mean of {}", count(self.replications, "replication"));
        let lines = [
            ("planned".to_owned(), self.planned_usd),
            (mean, self.simulated_mean_usd),
            ("simulated with the luck of this run, nothing going wrong".to_owned(), self.simulated_same_luck_usd),
        ];
        for (what, usd) in lines {
            grid.row([what, format!("{usd:.2}"), signed(cost - usd)]);
        }
        grid.row(["this run".to_owned(), format!("{cost:.2}"), String::new()]);
        grid
    }

    fn parts(&self) -> Grid {
        let mut grid = Grid::new([("part", Side::Left), ("USD", Side::Right), ("known from", Side::Left)]);
        let f = &self.figures;
        let lines = [
            ("nodes", f.billed_usd, "the bills in the clouds' replies"),
            ("disks, checkpoints", f.kept_usd, "time on nodes, at the plan's prices"),
            ("data, commitments", f.fixed_usd, "the plan"),
        ];
        for (part, usd, from) in lines {
            grid.row([part.to_owned(), format!("{usd:.2}"), from.to_owned()]);
        }
        grid
    }
}

/// A run that is over, for people.
pub fn page(bill: &Bill) -> Page {
    let (mut page, f) = (Page::default(), &bill.figures);
    let t = f.tasks;
    let all = t.done + t.failed + t.cancelled + t.running + t.waiting;
    page.title(format!(
        "{}: {} of {} done, USD {:.2}",
        bill.run,
        thousands(t.done.into()),
        count(all.into(), "task"),
        f.cost_usd
    ));
    page.line(format!(
        "{}, {}; {} left spot, {} missed. Ended at {}.",
        count(f.launches.into(), "launch").replace("launchs", "launches"),
        count(f.interruptions.into(), "interruption"),
        count(f.moved.into(), "task"),
        count(f.missed.into(), "deadline"),
        f.at
    ));
    if t.failed + t.cancelled > 0 {
        page.line(format!("Not done: {} failed, {} cancelled.", t.failed, t.cancelled));
    }
    if !bill.budgets.is_empty() {
        page.table("Budgets", budgets(&bill.budgets));
    }
    for row in bill.budgets.iter().filter(|row| row.given_up > 0) {
        let (tasks, key) = (count(row.given_up.into(), "task"), row.scope.key());
        page.line(format!("{} was short: {tasks} not done. Raise {key} and plan them anew.", row.scope));
    }
    page.table("Bill", bill.rows());
    page.table("Of it", bill.parts());
    page.line(format!("Every step: tradewind replay {} --step", bill.run));
    page
}

/// The table of budgets.
fn budgets(rows: &[BudgetRow]) -> Grid {
    let right = ["limit", "spent", "share", "set aside"].map(|name| (name, Side::Right));
    let mut grid = Grid::new([("budget of", Side::Left)].into_iter().chain(right).chain([("", Side::Left)]));
    for row in rows {
        let share = super::percent(row.spent_usd.as_f64() / row.limit_usd.as_f64().max(f64::MIN_POSITIVE));
        let state = match (row.frozen, row.stopped) {
            (_, Some(at)) => format!("spent at {at}: ended"),
            (Some(at), None) => format!("frozen at {at}"),
            (None, None) => String::new(),
        };
        let usd = [row.limit_usd, row.spent_usd].map(|usd| format!("{usd:.2}"));
        let aside = format!("{:.2}", row.set_aside_usd);
        grid.row([row.scope.to_string()].into_iter().chain(usd).chain([share, aside, state]));
    }
    grid
}

/// The bill for a spreadsheet.
pub fn csv(bill: &Bill) -> String {
    bill.rows().to_csv()
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub run: String,
    /// How far it is.
    pub stage: Stage,
    /// Content hash of its plan.
    pub plan: String,
    /// Its figures.
    pub figures: Figures,
}

impl Row {
    /// Of a run.
    pub fn new(record: &Record, run: &Run) -> Self {
        let (stage, figures) = (run.state().stage, run.figures());
        Self { run: record.run.clone(), stage, plan: record.plan.clone(), figures }
    }
}

/// The table of the list.
pub fn rows(rows: &[Row]) -> Grid {
    let right = ["done", "to do", "failed", "nodes", "USD"].map(|name| (name, Side::Right));
    let mut grid = Grid::new([("run", Side::Left), ("stage", Side::Left), ("at", Side::Left)].into_iter().chain(right));
    for row in rows {
        let (f, t) = (&row.figures, row.figures.tasks);
        let numbers = [t.done, t.waiting + t.running, t.failed + t.cancelled, f.nodes].map(|n| thousands(n.into()));
        let stage = stage_word(row.stage).to_owned();
        let cells = [row.run.clone(), stage, f.at.to_string()].into_iter().chain(numbers);
        grid.row(cells.chain([format!("{:.2}", f.cost_usd)]));
    }
    grid
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Planner => "not begun",
        Stage::Allocator => "asks for limits",
        Stage::Executor => "runs",
        Stage::Verifier => "verifies",
        Stage::Finished => "over",
    }
}

/// The list for people.
pub fn list(all: &[Row]) -> Page {
    let mut page = Page::default();
    page.title(count(all.len() as u64, "run"));
    page.table("Runs", rows(all));
    page
}

/// An entry of a journal, in a few lines.
pub fn entry(entry: &Entry) -> String {
    let what = match &entry.data.event {
        Event::Opened(epoch) => format!("term {epoch} begins"),
        Event::Woke => "time has come".to_owned(),
        Event::Answered(call, _) => format!("call {call} was answered"),
        Event::Refused(call, refusal) => format!("call {call} was refused: {refusal}"),
        Event::Happened(cloud, event) => format!("{cloud}: {} {}", event.id, event.what),
        Event::Cancelled => "cancelled by its owner".to_owned(),
        Event::Lost(place) => format!("{place} is out"),
        Event::Recalled => "what has not begun is taken back".to_owned(),
    };
    let mut text = format!("{:>6} {} {what}\n", entry.id, entry.time);
    for decision in &entry.data.decisions {
        let instead = decision.instead.join(", ");
        text +=
            &format!("         {}: {} (not: {instead}), as {}\n", decision.about, decision.choice, decision.because);
    }
    for call in &entry.data.calls {
        let intent = serde_json::to_string(&call.intent).unwrap_or_default();
        text += &format!("         -> call {} to {}: {intent}\n", call.id, call.cloud);
    }
    text
}

/// What telling a run again came to.
pub fn replayed(name: &str, run: &Run, chain: &Chain) -> String {
    let entries = count(chain.len(), "entry").replace("entrys", "entries");
    format!(
        "{name}: {entries} told again, every call and choice as written; {}\nHead of the chain {}\nState {}\n",
        stage_word(run.state().stage),
        chain.head(),
        run.hash()
    )
}
