//! The kill matrix: how often the scheduler was killed in each cell, and which cells have no meaning.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tradewind_scheduler::torture::{Cell, Kill, Matrix, Promise};

use super::count;
use super::grid::{Grid, Side};
use super::report::Page;
use super::thousands;

/// Failures that are told to people.
const MAX_ROWS: usize = 20;

/// A cell for programs.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    kills: u64,
    double_kills: u64,
    broken: Vec<Broken<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_meaning: Option<&'a str>,
}

/// A promise that was broken.
#[derive(Serialize)]
struct Broken<'a> {
    seed: u64,
    promise: Promise,
    what: &'a str,
}

/// A row a cell, those without meaning among them.
pub fn rows(matrix: &Matrix) -> impl Serialize + '_ {
    let played = matrix.cells.iter().map(|(cell, played)| {
        let broken = played.broken.iter().map(|(seed, promise, what)| Broken { seed: *seed, promise: *promise, what });
        let (kills, double_kills) = (played.kills, played.double);
        Row { cell, kills, double_kills, broken: broken.collect(), without_meaning: None }
    });
    let idle = matrix.without_meaning.iter().map(|(cell, why)| Row {
        cell,
        kills: 0,
        double_kills: 0,
        broken: Vec::new(),
        without_meaning: Some(why),
    });
    played.chain(idle).collect::<Vec<_>>()
}

/// Kills by tool, cloud and place.
pub fn grid(matrix: &Matrix) -> Grid {
    let head = [("tool", Side::Left), ("cloud", Side::Left)];
    let mut grid = Grid::new(head.into_iter().chain(Kill::ALL.map(|kill| (kill.name(), Side::Right))));
    let rows: BTreeSet<(&str, &str)> = matrix.cells.keys().map(|c| (c.tool, c.cloud.as_str())).collect();
    for (tool, cloud) in rows {
        let times = |kill| {
            let cell = Cell { kill, tool, cloud: cloud.to_owned() };
            match matrix.cells.get(&cell) {
                Some(played) if played.broken.is_empty() => thousands(played.kills),
                Some(played) => format!("{} broken", thousands(played.broken.len() as u64)),
                None => "-".to_owned(),
            }
        };
        let row = [tool.to_owned(), cloud.to_owned()].into_iter().chain(Kill::ALL.map(times));
        grid.row(row.collect::<Vec<_>>());
    }
    grid
}

/// For people.
pub fn page(matrix: &Matrix, plan: &str) -> Page {
    let (mut page, broken) = (Page::default(), matrix.tally.broken.len() as u64);
    let kills: u64 = matrix.cells.values().map(|p| p.kills).sum();
    let double: u64 = matrix.cells.values().map(|p| p.double).sum();
    let cells = count(matrix.cells.len() as u64, "cell");
    page.title(match broken {
        0 => format!("{} in {cells}: every promise held", count(kills, "kill")),
        n => format!("{} in {cells}: {}", count(kills, "kill"), count(n, "violation")),
    });
    page.line(format!("In {} of them the next leader was killed too, while it took over.", thousands(double)));
    let unreached: Vec<String> = matrix.unreached().map(|c| c.name()).collect();
    if !unreached.is_empty() {
        page.line(format!("{plan} never gets to {}: {}.", count(unreached.len() as u64, "cell"), unreached.join(", ")));
    }
    page.table("Kills", grid(matrix));
    page.table("Where", places());
    page.table("Cells without meaning (-)", idle(matrix));
    page.table("Violations", failures(matrix));
    page
}

fn places() -> Grid {
    let mut grid = Grid::new([("place", Side::Left), ("what", Side::Left)]);
    Kill::ALL.into_iter().for_each(|kill| grid.row([kill.name(), kill.words()].map(str::to_owned)));
    grid
}

fn idle(matrix: &Matrix) -> Grid {
    let mut reasons: BTreeMap<&str, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for (cell, why) in &matrix.without_meaning {
        let (cells, tools) = reasons.entry(why).or_default();
        *cells += 1;
        tools.insert(cell.tool);
    }
    let mut grid = Grid::new([("why", Side::Left), ("cells", Side::Right), ("tools", Side::Left)]);
    for (why, (cells, tools)) in reasons {
        grid.row([why.to_owned(), thousands(cells), tools.into_iter().collect::<Vec<_>>().join(", ")]);
    }
    grid
}

fn failures(matrix: &Matrix) -> Grid {
    let columns = ["seed", "cell", "promise", "what"].map(|name| (name, Side::Left));
    let mut grid = Grid::new(columns);
    let all = matrix.cells.iter().flat_map(|(cell, played)| played.broken.iter().map(move |b| (cell, b)));
    for (cell, (seed, promise, what)) in all.take(MAX_ROWS) {
        grid.row([seed.to_string(), cell.name(), format!("{promise:?}"), what.clone()]);
    }
    grid
}
