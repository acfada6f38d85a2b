//! One living HiGHS object; each solve starts from the last basis.

use highs::{Col, ColProblem, HighsModelStatus, Model, Row, Sense};

use super::{ColumnId, LpSolution, Master, MasterError, RowId, RowKind};

/// The program in a HiGHS object that is kept between solves.
pub struct LiveMaster {
    model: Option<Model>,
    rows: Vec<Row>,
    columns: Vec<Col>,
}

impl LiveMaster {
    /// An empty program, one thread, silent.
    pub fn new() -> Self {
        let mut model = ColProblem::new().optimise(Sense::Minimise);
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("random_seed", 1);
        Self { model: Some(model), rows: Vec::new(), columns: Vec::new() }
    }

    fn model(&mut self) -> &mut Model {
        self.model.get_or_insert_with(|| ColProblem::new().optimise(Sense::Minimise))
    }
}

impl Default for LiveMaster {
    fn default() -> Self {
        Self::new()
    }
}

impl Master for LiveMaster {
    fn add_row(&mut self, kind: RowKind, entries: &[(ColumnId, f64)]) -> RowId {
        let factors: Vec<(Col, f64)> = entries.iter().map(|&(c, v)| (self.columns[c.0], v)).collect();
        let row = match kind {
            RowKind::Equal(b) => self.model().add_row(b..=b, factors),
            RowKind::AtMost(b) => self.model().add_row(..=b, factors),
        };
        self.rows.push(row);
        RowId(self.rows.len() - 1)
    }

    fn add_column(&mut self, cost: f64, upper: f64, entries: &[(RowId, f64)]) -> ColumnId {
        let factors: Vec<(Row, f64)> = entries.iter().map(|&(r, v)| (self.rows[r.0], v)).collect();
        let column = self.model().add_col(cost, 0.0..=upper, factors);
        self.columns.push(column);
        ColumnId(self.columns.len() - 1)
    }

    fn solve(&mut self) -> Result<LpSolution, MasterError> {
        let model = self.model.take().ok_or_else(|| MasterError("the model was lost in an earlier failure".into()))?;
        let solved = model.try_solve().map_err(|e| MasterError(format!("HiGHS: {e:?}")))?;
        let status = solved.status();
        let result = (status == HighsModelStatus::Optimal).then(|| {
            let solution = solved.get_solution();
            LpSolution {
                objective: solved.objective_value(),
                primal: solution.columns().to_vec(),
                duals: solution.dual_rows().to_vec(),
                iterations: u64::try_from(solved.simplex_iteration_count()).unwrap_or(0),
            }
        });
        self.model = Some(Model::from(solved));
        result.ok_or_else(|| MasterError(format!("HiGHS ended with {status:?}")))
    }
}
