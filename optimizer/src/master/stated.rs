//! The program written down anew at each solve, in `good_lp`.

use good_lp::{
    DualValues, Expression, ProblemVariables, Solution, SolutionWithDual, SolverModel, constraint,
    solvers::highs::highs, variable,
};

use super::{ColumnId, LpSolution, Master, MasterError, RowId, RowKind};

struct Column {
    cost: f64,
    upper: f64,
    entries: Vec<(RowId, f64)>,
}

/// The program as a list of rows and columns.
#[derive(Default)]
pub struct StatedMaster {
    rows: Vec<RowKind>,
    columns: Vec<Column>,
}

impl StatedMaster {
    /// An empty program.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Master for StatedMaster {
    fn add_row(&mut self, kind: RowKind, entries: &[(ColumnId, f64)]) -> RowId {
        let row = RowId(self.rows.len());
        self.rows.push(kind);
        for &(column, value) in entries {
            self.columns[column.0].entries.push((row, value));
        }
        row
    }

    fn add_column(&mut self, cost: f64, upper: f64, entries: &[(RowId, f64)]) -> ColumnId {
        self.columns.push(Column { cost, upper, entries: entries.to_vec() });
        ColumnId(self.columns.len() - 1)
    }

    fn solve(&mut self) -> Result<LpSolution, MasterError> {
        let mut variables = ProblemVariables::new();
        let mut objective = Expression::with_capacity(self.columns.len());
        let mut activity: Vec<Expression> = self.rows.iter().map(|_| Expression::default()).collect();
        let mut x = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let definition = variable().min(0.0);
            let definition = if column.upper.is_finite() { definition.max(column.upper) } else { definition };
            let var = variables.add(definition);
            objective.add_mul(column.cost, var);
            for &(row, value) in &column.entries {
                activity[row.0].add_mul(value, var);
            }
            x.push(var);
        }
        let mut model = variables.minimise(objective).using(highs);
        model.set_verbose(false);
        let mut model = model.set_threads(1);
        let mut references = Vec::with_capacity(self.rows.len());
        for (kind, left) in self.rows.iter().zip(activity) {
            references.push(model.add_constraint(match *kind {
                RowKind::Equal(b) => constraint!(left == b),
                RowKind::AtMost(b) => constraint!(left <= b),
            }));
        }
        let mut solution = model.solve().map_err(|e| MasterError(e.to_string()))?;
        let primal: Vec<f64> = x.iter().map(|&v| solution.value(v)).collect();
        let objective = self.columns.iter().zip(&primal).map(|(c, v)| c.cost * v).sum();
        let duals = solution.compute_dual();
        let duals = references.into_iter().map(|r| duals.dual(r)).collect();
        Ok(LpSolution { objective, primal, duals, iterations: 0 })
    }
}
