//! Branch and bound, by HiGHS.

use highs::{ColProblem, HighsSolutionStatus, Model, Row, Sense};

use super::program::Program;

/// Good enough, relative.
const ENOUGH: f64 = 1e-3;

/// The best solution found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Solved {
    /// How often each column is taken.
    pub times: Vec<f64>,
    /// What it costs, dollars.
    pub cost: f64,
    /// No solution of the same program costs less, dollars.
    pub bound: f64,
}

impl Solved {
    /// How far it is from the bound, relative.
    pub fn gap(&self) -> f64 {
        if self.bound > 0.0 { (self.cost / self.bound - 1.0).max(0.0) } else { 0.0 }
    }
}

/// Solves a program from the solution it starts with, within so many nodes of branch and bound: the limit is
/// on work, so that the result is the same on every machine. `None` if the solver fails.
pub(super) fn solve(program: &Program, nodes: i32) -> Option<Solved> {
    let start: Vec<f64> = program.columns.iter().map(|c| c.start).collect();
    let mut problem = ColProblem::new();
    let rows: Vec<Row> = program.rows.iter().map(|&limit| problem.add_row(..=limit)).collect();
    for column in &program.columns {
        let entries = column.entries.iter().map(|&(r, v)| (rows[r], v));
        problem.add_integer_column(column.cost, 0.0..=column.most, entries);
    }
    let mut model: Model = problem.optimise(Sense::Minimise);
    model.make_quiet();
    model.set_option("threads", 1);
    model.set_option("random_seed", 1);
    model.set_option("mip_allow_restart", false);
    model.set_option("mip_max_nodes", nodes);
    model.set_option("mip_rel_gap", ENOUGH);
    model.try_set_solution(Some(&start), None, None, None).ok()?;
    let solved = model.try_solve().ok()?;
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return None;
    }
    let bound = solved.double_info_value(c"mip_dual_bound").ok()?;
    let times = solved.get_solution().columns().iter().map(|x| x.round()).collect();
    Some(Solved { times, cost: solved.objective_value(), bound })
}
