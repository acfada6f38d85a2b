//! What a made queue holds, where it is drawn from, and by which rules.

use std::path::Path;

use serde::Serialize;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::synth::{About, Generator, Summary, SynthRequest};
use tradewind_optimizer::MOST_TASKS;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, percent, thousands};

/// The horizon of a plan where nobody says otherwise.
const HORIZON: Millis = Millis::from_hours(48);

/// All there is to tell.
#[derive(Debug, Clone, Serialize)]
pub struct Report<'a> {
    /// Where the queue is; `None` is standard output.
    pub file: Option<String>,
    /// What was drawn from.
    pub source: &'a About,
    /// When the first job arrives.
    pub start: Time,
    /// Within how many milliseconds all arrive.
    pub span_ms: i64,
    /// The seed.
    pub seed: u64,
    /// The counts.
    #[serde(flatten)]
    pub summary: &'a Summary,
    /// At the median runtime.
    pub vcpu_hours: f64,
    /// At the median runtime.
    pub gpu_hours: f64,
    /// What was done to the draws, and why.
    pub rules: Vec<String>,
}

impl<'a> Report<'a> {
    /// Of a queue that was written.
    pub fn new(request: &SynthRequest, generator: &'a Generator, summary: &'a Summary, path: Option<&Path>) -> Self {
        Self {
            file: path.map(|p| p.display().to_string()),
            source: generator.about(),
            start: request.start,
            span_ms: request.span.get(),
            seed: request.seed.0,
            summary,
            vcpu_hours: summary.vcpu_hours(),
            gpu_hours: summary.gpu_hours(),
            rules: generator.rules(),
        }
    }

    /// For people.
    pub fn page(&self) -> Page {
        let (s, mut page) = (self.summary, Page::default());
        let span = Millis::new(self.span_ms);
        page.title(format!(
            "{} ({}) of {}, arriving within {span} from {}, seed {}",
            count(s.jobs, "job"),
            count(s.tasks, "task"),
            if s.classes == 1 { "1 class".to_owned() } else { format!("{} distinct classes", thousands(s.classes)) },
            self.start,
            self.seed
        ));
        let hours = |hours: f64| thousands(hours.round() as u64);
        let (vcpu, gpu) = (hours(self.vcpu_hours), hours(self.gpu_hours));
        page.line(format!("{vcpu} vCPU-hours and {gpu} GPU-hours at the median runtime."));
        let about = self.source;
        page.line(format!("Drawn from: {}.", about.title));
        page.line(format!("Source: {}. Licence: {}.", about.origin, about.licence));
        if let Some(fit) = about.fit {
            let far = percent(fit);
            page.line(format!("No row of a log is in it: quantile curves, at most {far} of the jobs off their log."));
        }
        page.line(format!("{}.", sentence(&about.reason)));
        page.table("What is in it", self.contents());
        page.items("Rules", &self.rules);
        if let Some(file) = &self.file {
            page.line("");
            page.line(format!("{file}: {} bytes. {}", thousands(s.bytes), self.next_step(file)));
        }
        page
    }

    /// A plan where one can be made at once, with a horizon that all jobs fit.
    fn next_step(&self, file: &str) -> String {
        if self.summary.tasks > MOST_TASKS {
            return format!("More tasks than one plan takes ({}).", thousands(MOST_TASKS));
        }
        let horizon = Millis::new(self.span_ms) + Millis::from_hours(24);
        let longer = if horizon > HORIZON { format!(" --horizon {horizon}") } else { String::new() };
        format!("Next: tradewind plan {file}{longer}")
    }

    /// The counts, a row each.
    pub fn contents(&self) -> Grid {
        let s = self.summary;
        let mut grid = Grid::new([("what", Side::Left), ("jobs", Side::Right), ("share", Side::Right)]);
        let mut row = |what: &str, n: u64, of: u64| {
            let share = if of == 0 { 0.0 } else { n as f64 / of as f64 };
            grid.row([what.to_owned(), thousands(n), percent(share)]);
        };
        row("on GPUs", s.on_gpus, s.jobs);
        row("gangs of several nodes", s.gangs, s.jobs);
        row("with a deadline", s.with_deadline, s.jobs);
        row("reading data", s.with_data, s.jobs);
        row("reading a shared dataset", s.with_shared_data, s.jobs);
        row("interruptible: spot will do", s.interruptible, s.jobs);
        row("with checkpoints", s.with_checkpoint, s.jobs);
        row("bound to a residency group", s.with_residency, s.jobs);
        row("with a budget of their own", s.with_budget, s.jobs);
        row("waiting for another job", s.waiting, s.jobs);
        row("runtime raised to the shortest", s.runtimes_raised, s.jobs);
        row("runtime cut to the longest", s.runtimes_cut, s.jobs);
        row("gap before the next class cut", s.gaps_cut, s.classes);
        grid
    }
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
