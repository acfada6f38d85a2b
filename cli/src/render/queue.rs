//! What is in a queue.

use serde::Serialize;
use tradewind_core::time::Time;
use tradewind_datasets::queue::Overview;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, thousands};
use crate::inputs::day;

/// Most projects shown to people.
const MAX_PROJECTS: usize = 12;

/// A sound queue.
#[derive(Serialize)]
pub struct Validated<'q> {
    /// As the user named it.
    pub file: &'q str,
    /// Its figures.
    pub overview: &'q Overview,
    /// What was left out, taken for granted, or will hardly work as meant.
    pub notes: &'q [String],
    /// The date of the market that knows every name in it.
    pub as_of: Time,
}

impl Validated<'_> {
    /// For people.
    pub fn page(&self) -> Page {
        let o = self.overview;
        let mut page = Page::default();
        page.title(format!("{}: {}, {}, sound", self.file, count(o.jobs, "job"), count(o.tasks, "task")));
        page.line(format!("The market of {} knows every name in it.", day(self.as_of)));
        page.table("What is asked for", self.figures());
        page.table("Projects", self.projects());
        page.items("To know", self.notes);
        page
    }

    fn figures(&self) -> Grid {
        let o = self.overview;
        let mut grid = Grid::new([("what", Side::Left), ("amount", Side::Right), ("of which", Side::Left)]);
        let mut row = |what: &str, amount: String, of_which: String| grid.row([what.to_owned(), amount, of_which]);
        row("vCPU-hours", hours(o.vcpu_hours), String::new());
        for (model, gpu_hours) in &o.gpu_hours {
            row(&format!("{model}-hours"), hours(*gpu_hours), String::new());
        }
        if o.gangs > 0 {
            row("gangs", thousands(o.gangs), format!("up to {} nodes", thousands(o.largest_gang.into())));
        }
        row("spot will do", thousands(o.interruptible), "jobs".to_owned());
        if o.dependent > 0 {
            row("wait for others", thousands(o.dependent), "jobs".to_owned());
        }
        match &o.deadlines {
            Some(d) => row("deadlines", thousands(d.jobs), format!("{} to {}", d.first, d.last)),
            None => row("deadlines", "0".to_owned(), "no job must be done by a time".to_owned()),
        }
        if o.data.datasets > 0 {
            row("shared inputs", o.data.shared.to_string(), count(o.data.datasets, "dataset"));
        }
        row("other inputs", o.data.private.to_string(), String::new());
        row("outputs", o.data.written.to_string(), String::new());
        let levels: Vec<String> = o.priorities.iter().rev().map(|(p, n)| format!("{p}: {}", thousands(*n))).collect();
        row("priorities", thousands(o.priorities.len() as u64), levels.join(", "));
        grid
    }

    /// The largest first.
    fn projects(&self) -> Grid {
        let mut projects: Vec<_> = self.overview.projects.iter().collect();
        projects.sort_by(|a, b| b.1.vcpu_hours.total_cmp(&a.1.vcpu_hours));
        let columns =
            [("project", Side::Left), ("jobs", Side::Right), ("tasks", Side::Right), ("vCPU-hours", Side::Right)];
        let mut grid = Grid::new(columns);
        if projects.iter().all(|(name, _)| name.is_empty()) {
            return grid;
        }
        for (name, share) in projects.iter().take(MAX_PROJECTS) {
            let name = if name.is_empty() { "(none)" } else { name.as_str() };
            let jobs = [share.jobs, share.tasks].map(thousands);
            grid.row([name.to_owned()].into_iter().chain(jobs).chain([hours(share.vcpu_hours)]));
        }
        if projects.len() > MAX_PROJECTS {
            let rest = &projects[MAX_PROJECTS..];
            let sum = |of: fn(&tradewind_datasets::queue::Share) -> u64| rest.iter().map(|(_, s)| of(s)).sum::<u64>();
            grid.row([
                format!("{} more", thousands(rest.len() as u64)),
                thousands(sum(|s| s.jobs)),
                thousands(sum(|s| s.tasks)),
                hours(rest.iter().map(|(_, s)| s.vcpu_hours).sum()),
            ]);
        }
        grid
    }
}

/// Whole hours where there are many, else with a digit.
fn hours(hours: f64) -> String {
    if hours >= 1000.0 { thousands(hours.round() as u64) } else { format!("{hours:.1}") }
}
