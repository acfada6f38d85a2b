//! Planted bugs: which seed found each, and by which promise.

use serde::Serialize;
use tradewind_scheduler::torture::{Bug, Promise};

use super::count;
use super::grid::{Grid, Side};
use super::report::Page;

/// A planted bug, and how it was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Planted {
    /// The bug.
    pub bug: Bug,
    /// The seed of the first round that found it; nothing if none did.
    pub seed: Option<u64>,
    /// The promise that was broken.
    pub promise: Option<Promise>,
    /// How.
    pub what: Option<String>,
}

/// A row a bug.
pub fn grid(all: &[Planted]) -> Grid {
    let mut grid =
        Grid::new([("bug", Side::Left), ("what it does", Side::Left), ("seed", Side::Right), ("promise", Side::Left)]);
    for planted in all {
        let seed = planted.seed.map_or_else(|| "-".to_owned(), |seed| seed.to_string());
        let promise = planted.promise.map_or_else(|| "not found".to_owned(), |promise| format!("{promise:?}"));
        grid.row([format!("{:?}", planted.bug), planted.bug.words().to_owned(), seed, promise]);
    }
    grid
}

/// For people.
pub fn page(all: &[Planted], rounds: u64) -> Page {
    let mut page = Page::default();
    let found = all.iter().filter(|p| p.seed.is_some()).count();
    let rounds = count(rounds, "round");
    page.title(format!("{found} of {} planted bugs were found, each within {rounds}", all.len()));
    page.table("Planted bugs", grid(all));
    page
}
