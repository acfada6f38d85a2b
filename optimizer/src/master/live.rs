//! One living HiGHS object; each solve starts from the last basis.

use highs::{Col, ColProblem, HighsModelStatus, Model, Row, RowProblem, Sense};

use super::{ColumnId, LpSolution, Master, MasterError, RowId, RowKind};

/// Where the program is: collected column by column until it is first needed whole, then alive.
enum State {
    /// `highs` names the columns of a program collected by column only in one collected by row; the
    /// second problem holds no entries and serves to name them.
    Collected(ColProblem, RowProblem),
    Alive(Model),
    Lost,
}

/// The program in a HiGHS object that is kept between solves.
pub struct LiveMaster {
    state: State,
    rows: Vec<Row>,
    columns: Vec<Col>,
}

impl LiveMaster {
    /// An empty program.
    pub fn new() -> Self {
        Self { state: State::Collected(ColProblem::new(), RowProblem::new()), rows: Vec::new(), columns: Vec::new() }
    }

    /// The living model, handed over in one piece: one thread, silent, always the same seed.
    fn bring_to_life(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            State::Collected(problem, _) => {
                let mut model = problem.optimise(Sense::Minimise);
                model.make_quiet();
                model.set_option("threads", 1);
                model.set_option("random_seed", 1);
                State::Alive(model)
            }
            other => other,
        };
    }
}

impl Default for LiveMaster {
    fn default() -> Self {
        Self::new()
    }
}

impl Master for LiveMaster {
    fn add_row(&mut self, kind: RowKind, entries: &[(ColumnId, f64)]) -> RowId {
        if !entries.is_empty() {
            // Columns are collected with their entries: a row over them needs the living model.
            self.bring_to_life();
        }
        let factors = entries.iter().map(|&(c, v)| (self.columns[c.0], v));
        let row = match (&mut self.state, kind) {
            (State::Collected(problem, _), RowKind::Equal(b)) => Some(problem.add_row(b..=b)),
            (State::Collected(problem, _), RowKind::AtMost(b)) => Some(problem.add_row(..=b)),
            (State::Alive(model), RowKind::Equal(b)) => Some(model.add_row(b..=b, factors)),
            (State::Alive(model), RowKind::AtMost(b)) => Some(model.add_row(..=b, factors)),
            (State::Lost, _) => None,
        };
        self.rows.extend(row);
        RowId(self.rows.len().saturating_sub(1))
    }

    fn add_column(&mut self, cost: f64, upper: f64, entries: &[(RowId, f64)]) -> ColumnId {
        let factors = entries.iter().map(|&(r, v)| (self.rows[r.0], v));
        let column = match &mut self.state {
            State::Collected(problem, names) => {
                problem.add_column(cost, 0.0..=upper, factors);
                Some(names.add_column(0.0, 0.0..))
            }
            State::Alive(model) => Some(model.add_col(cost, 0.0..=upper, factors)),
            State::Lost => None,
        };
        self.columns.extend(column);
        ColumnId(self.columns.len().saturating_sub(1))
    }

    fn solve(&mut self) -> Result<LpSolution, MasterError> {
        if self.columns.is_empty() {
            // Of a queue in which nothing waits. HiGHS calls that an error; every row, at most something, holds.
            let duals = vec![0.0; self.rows.len()];
            return Ok(LpSolution { objective: 0.0, primal: Vec::new(), duals, iterations: 0 });
        }
        self.bring_to_life();
        let State::Alive(model) = std::mem::replace(&mut self.state, State::Lost) else {
            return Err(MasterError("the model was lost in an earlier failure".into()));
        };
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
        self.state = State::Alive(Model::from(solved));
        result.ok_or_else(|| MasterError(format!("HiGHS ended with {status:?}")))
    }
}
