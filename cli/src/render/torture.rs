//! What torture found: the table of promises, the faults that were reached, and how to see a failure again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use tradewind_scheduler::torture::{Fault, NOT_HERE, Promise, Verdict};

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, thousands};

/// Failures that are told to people.
const MAX_ROWS: usize = 20;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Broken {
    seed: u64,
    promise: Promise,
    what: String,
}

/// What torture found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// The plan's file; none is the demo's plan.
    plan: Option<String>,
    rounds: u64,
    entries: u64,
    looks: BTreeMap<Promise, u64>,
    reached: BTreeMap<Fault, u64>,
    broken: Vec<Broken>,
}

impl Table {
    /// Of no round yet.
    pub fn new(plan: Option<&Path>) -> Self {
        let (looks, reached) = (BTreeMap::new(), BTreeMap::new());
        let plan = plan.map(|path| path.display().to_string());
        Self { plan, rounds: 0, entries: 0, looks, reached, broken: Vec::new() }
    }

    /// Adds a round.
    pub fn add(&mut self, seed: u64, verdict: &Verdict) {
        self.rounds += 1;
        self.entries += verdict.entries;
        for (promise, looks) in &verdict.tally.looks {
            *self.looks.entry(*promise).or_insert(0) += looks;
        }
        for (fault, times) in &verdict.reached {
            *self.reached.entry(*fault).or_insert(0) += times;
        }
        let broken = verdict.tally.broken.iter();
        self.broken.extend(broken.map(|(promise, what)| Broken { seed, promise: *promise, what: what.clone() }));
    }

    /// Whether no promise was broken.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
    }

    /// A row a promise.
    pub fn promises(&self) -> Grid {
        let mut grid = Grid::new([
            ("promise", Side::Left),
            ("what", Side::Left),
            ("looked at", Side::Right),
            ("broken", Side::Right),
        ]);
        for promise in Promise::ALL {
            let looks = self.looks.get(&promise).copied().unwrap_or(0);
            let broken = self.broken.iter().filter(|b| b.promise == promise).count() as u64;
            grid.row([format!("{promise:?}"), promise.words().to_owned(), thousands(looks), thousands(broken)]);
        }
        grid
    }

    fn faults(&self) -> Grid {
        let columns = [("fault", Side::Left), ("what", Side::Left), ("times", Side::Right)];
        let mut grid = Grid::new(columns);
        for &fault in Fault::ALL {
            let times = self.reached.get(&fault).copied().unwrap_or(0);
            grid.row([format!("F{}", fault.number()), fault.words().to_owned(), thousands(times)]);
        }
        grid
    }

    fn failures(&self) -> Grid {
        let mut grid = Grid::new([("see it again", Side::Left), ("promise", Side::Left), ("what", Side::Left)]);
        let plan = self.plan.as_ref().map(|plan| format!("{plan} ")).unwrap_or_default();
        for b in self.broken.iter().take(MAX_ROWS) {
            let again = format!("tradewind torture {plan}--seed-start {} --seeds 1", b.seed);
            grid.row([again, format!("{:?}", b.promise), b.what.clone()]);
        }
        grid
    }

    /// For people.
    pub fn page(&self) -> Page {
        let mut page = Page::default();
        let rounds = count(self.rounds, "round");
        page.title(match self.broken.len() as u64 {
            0 => format!("{rounds}: every promise held, over {} events", thousands(self.entries)),
            n => format!("{rounds}: {}", count(n, "violation")),
        });
        // Three rounds or fewer prove nothing.
        if self.holds() && self.rounds > 3 {
            let bound = 3.0 / self.rounds.max(1) as f64;
            page.line(format!("So a round breaks one with a probability below {bound:.2e} (95 %, 3/n)."));
        }
        page.table("Promises", self.promises());
        page.table("Faults that were reached", self.faults());
        page.table("Faults that no round has", not_here());
        page.table("Violations", self.failures());
        page
    }
}

fn not_here() -> Grid {
    let mut grid = Grid::new([("fault", Side::Left), ("why", Side::Left)]);
    NOT_HERE.iter().for_each(|(number, why)| grid.row([format!("F{number}"), (*why).to_owned()]));
    grid
}
