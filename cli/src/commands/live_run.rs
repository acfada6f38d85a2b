//! A run on the terminal while it goes on.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use tradewind_core::time::Time;
use tradewind_scheduler::journal::Entry;
use tradewind_scheduler::run::{BudgetRow, Decision, Run};

use crate::render::{count, percent};

/// A run while it goes on: a line that changes on a terminal, a line a tenth of the tasks elsewhere.
pub struct LiveRun {
    bar: Option<ProgressBar>,
    tasks: u64,
    /// Tenths that were told.
    tenths: u64,
    /// A choice that is not told yet, when it was made, and how many like it followed.
    held: Option<(Time, Decision, u32)>,
}

impl LiveRun {
    /// Of so many tasks.
    pub fn new(tasks: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(tasks);
            if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len}  {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, tasks, tenths: 0, held: None }
    }

    /// Shows how far it is.
    pub fn show(&mut self, run: &Run) {
        let over = self.tasks - u64::from(run.state().undone);
        match &self.bar {
            Some(bar) => {
                bar.set_position(over);
                // The figures are summed over everything: not on every event.
                if over * 200 / self.tasks.max(1) > self.tenths {
                    self.tenths = over * 200 / self.tasks.max(1);
                    bar.set_message(line(run));
                }
            }
            None if over * 10 / self.tasks.max(1) > self.tenths => {
                self.tenths = over * 10 / self.tasks.max(1);
                self.say_held();
                self.say(&line(run));
            }
            None => {}
        }
    }

    /// Tells the choices of an entry; those that are alike at an instant in one line.
    pub fn tell(&mut self, entry: &Entry) {
        for decision in &entry.data.decisions {
            let is_like = |at: Time, held: &Decision| {
                at == entry.time && held.choice == decision.choice && held.because == decision.because
            };
            match &mut self.held {
                Some((at, held, more)) if is_like(*at, held) => *more += 1,
                _ => {
                    self.say_held();
                    self.held = Some((entry.time, decision.clone(), 0));
                }
            }
        }
    }

    /// Tells the choice that is held.
    fn say_held(&mut self) {
        let Some((at, decision, more)) = self.held.take() else { return };
        let Decision { about, choice, because, .. } = decision;
        let others = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.say(&format!("{at} {about}{others}: {choice}, as {because}"));
    }

    /// A line, above the bar where there is one.
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => crate::output::talk(&format!("{line}\n")),
        }
    }
}

/// A run in a line.
fn line(run: &Run) -> String {
    let f = run.figures();
    let planned = run.script().plan.summary.cost_usd;
    format!(
        "{} {} done, {} running, {} waiting; {} nodes; USD {:.2} of {planned:.2} planned; {} at risk{}{}",
        f.at,
        f.tasks.done,
        f.tasks.running,
        f.tasks.waiting,
        f.nodes,
        f.cost_usd,
        f.at_risk,
        fullest(run),
        dearer(run)
    )
}

/// How many projects cost more than was planned, where any does.
fn dearer(run: &Run) -> String {
    match run.dearer().count() {
        0 => String::new(),
        n => format!("; {} above plan", count(n as u64, "project")),
    }
}

/// The budget of which the largest share is spent, where there are budgets.
fn fullest(run: &Run) -> String {
    let share = |b: &BudgetRow| b.spent_usd.as_f64() / b.limit_usd.as_f64().max(f64::MIN_POSITIVE);
    let fullest = run.budgets().into_iter().max_by(|a, b| share(a).total_cmp(&share(b)));
    fullest.map_or_else(String::new, |b| format!("; {} of {}'s budget", percent(share(&b)), b.scope))
}

impl Drop for LiveRun {
    fn drop(&mut self) {
        self.say_held();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
