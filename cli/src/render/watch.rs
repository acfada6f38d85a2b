//! How far a watch is.

use tradewind_scheduler::watch::watcher::Status;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, thousands};

/// For people.
pub fn page(status: &Status) -> Page {
    let mut page = Page::default();
    let jobs = &status.jobs;
    page.title(format!(
        "{} of {} done in {}, USD {:.2}",
        thousands(jobs.done),
        count(jobs.tasks, "task"),
        count(u64::from(status.waves), "run"),
        status.cost_usd
    ));
    page.line(format!("The clouds' time is {}.", status.at));
    page.table("Tasks", rows(status));
    page
}

/// For spreadsheets.
pub fn csv(status: &Status) -> String {
    rows(status).to_csv()
}

fn rows(status: &Status) -> Grid {
    let mut grid = Grid::new([("what", Side::Left), ("number", Side::Right)]);
    let jobs = &status.jobs;
    let lines = [
        ("jobs acknowledged", jobs.jobs),
        ("tasks", jobs.tasks),
        ("done", jobs.done),
        ("failed", jobs.failed),
        ("waiting or running", jobs.tasks - jobs.done - jobs.failed),
    ];
    for (what, number) in lines {
        grid.row([what.to_owned(), thousands(number)]);
    }
    grid
}
