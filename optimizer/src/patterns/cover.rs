//! The covering program: each class's tasks by patterns, or alone.

use std::collections::BTreeMap;

use super::Pattern;
use super::alone::Alone;
use crate::master::{LiveMaster, LpSolution, Master, RowId, RowKind};
use crate::schedule::Schedule;

/// The program over the patterns made so far.
pub(super) struct Cover {
    master: LiveMaster,
    rows: BTreeMap<usize, RowId>,
    /// Column of each pattern in the pool.
    columns: Vec<usize>,
}

impl Cover {
    /// Over what is left of the open classes. `alone` is what tasks cost on nodes of their own.
    pub(super) fn new(schedule: &Schedule<'_, '_>, open: &[bool], alone: &Alone, pool: &[Pattern]) -> Self {
        let mut master = LiveMaster::new();
        let mut rows = BTreeMap::new();
        for (k, &left) in schedule.left.iter().enumerate() {
            if open[k] && left > 0 {
                let row = master.add_row(RowKind::Equal(f64::from(left)), &[]);
                for step in alone.left(schedule, k) {
                    master.add_column(step.cost, step.most, &[(row, 1.0)]);
                }
                rows.insert(k, row);
            }
        }
        let mut cover = Self { master, rows, columns: Vec::new() };
        pool.iter().for_each(|p| cover.add(p, p.room(schedule)));
        cover
    }

    /// Appends a pattern of classes that are still open, to be opened `most` times.
    pub(super) fn add(&mut self, pattern: &Pattern, most: u64) {
        let entries: Vec<(RowId, f64)> = pattern.counts.iter().map(|(k, n)| (self.rows[k], f64::from(*n))).collect();
        let column = self.master.add_column(pattern.cost, most as f64, &entries);
        self.columns.push(column.0);
    }

    /// Solves it; `None` if the solver fails.
    pub(super) fn solve(&mut self) -> Option<LpSolution> {
        self.master.solve().ok()
    }

    /// How often each pattern is taken.
    pub(super) fn amounts(&self, solution: &LpSolution) -> Vec<f64> {
        self.columns.iter().map(|&c| solution.primal[c]).collect()
    }

    /// The dual of each class; nothing where it is not covered here.
    pub(super) fn worth(&self, solution: &LpSolution, classes: usize) -> Vec<f64> {
        (0..classes).map(|k| self.rows.get(&k).map_or(0.0, |r| solution.duals[r.0])).collect()
    }
}
