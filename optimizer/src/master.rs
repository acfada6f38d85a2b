//! The linear program behind one trait: rows and columns are appended, the solver keeps its basis.
//!
//! [`LiveMaster`] holds one HiGHS object through the `highs` crate and re-solves warm; it is what
//! column generation uses. [`StatedMaster`] states the whole program anew through `good_lp` at each
//! solve: readable, and the peer against which the live one is tested.

mod live;
mod stated;

pub use live::LiveMaster;
pub use stated::StatedMaster;

/// A row by order of appending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub usize);

/// A column by order of appending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub usize);

/// How a row's activity is limited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RowKind {
    /// Equal to the right-hand side.
    Equal(f64),
    /// At most the right-hand side.
    AtMost(f64),
}

/// An optimal solution of the program as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct LpSolution {
    /// Objective value.
    pub objective: f64,
    /// Value of each column.
    pub primal: Vec<f64>,
    /// Change of the objective per unit of each right-hand side.
    pub duals: Vec<f64>,
    /// Simplex iterations, where the backend tells.
    pub iterations: u64,
}

/// The solver gave no optimal solution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MasterError(pub String);

/// A growing minimization program over non-negative columns.
pub trait Master {
    /// Appends a row over existing columns.
    fn add_row(&mut self, kind: RowKind, entries: &[(ColumnId, f64)]) -> RowId;
    /// Appends a column with `0 <= x <= upper` over existing rows.
    fn add_column(&mut self, cost: f64, upper: f64, entries: &[(RowId, f64)]) -> ColumnId;
    /// Solves to optimality.
    ///
    /// # Errors
    /// Infeasible, unbounded, or a failure of the solver.
    fn solve(&mut self) -> Result<LpSolution, MasterError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    /// Grows the same random transport program in steps on both backends.
    #[test]
    fn both_backends_agree_while_the_program_grows() {
        let mut rng = StdRng::seed_from_u64(11);
        for _ in 0..20 {
            let (mut live, mut stated) = (LiveMaster::new(), StatedMaster::new());
            let demand: Vec<f64> = (0..6).map(|_| rng.random_range(1.0..5.0)).collect();
            let mut pair = |f: &dyn Fn(&mut dyn Master)| {
                f(&mut live);
                f(&mut stated);
                let (a, b) = (live.solve().unwrap(), stated.solve().unwrap());
                assert!((a.objective - b.objective).abs() <= 1e-7 * (1.0 + b.objective.abs()));
                let by_duals = |s: &LpSolution| s.duals[..6].iter().zip(&demand).map(|(y, d)| y * d).sum::<f64>();
                assert!(by_duals(&a) >= a.objective - 1e-6, "duals price the demand at least at the cost");
            };
            pair(&|m| {
                for &d in &demand {
                    let row = m.add_row(RowKind::Equal(d), &[]);
                    m.add_column(50.0, f64::INFINITY, &[(row, 1.0)]);
                }
            });
            for _ in 0..4 {
                let cap = rng.random_range(2.0..8.0);
                let costs: Vec<f64> = (0..6).map(|_| rng.random_range(1.0..40.0)).collect();
                pair(&|m| {
                    let row = m.add_row(RowKind::AtMost(cap), &[]);
                    for (i, &c) in costs.iter().enumerate() {
                        m.add_column(c, f64::INFINITY, &[(RowId(i), 1.0), (row, 1.0)]);
                    }
                });
            }
        }
    }
}
