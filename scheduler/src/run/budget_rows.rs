//! Budgets in figures: what each has spent and set aside, and what it cost others to do.

use serde::Serialize;
use tradewind_core::money::Usd;
use tradewind_core::time::Time;

use super::Run;
use super::task::Phase;
use crate::ledger::{Limit, Scope, Standing};

/// A budget of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetRow {
    /// Whose.
    pub scope: Scope,
    /// Not more than that.
    pub limit_usd: Usd,
    /// Billed, and run up since.
    pub spent_usd: Usd,
    /// What runs may cost at the worst beyond that.
    pub set_aside_usd: Usd,
    /// When its soft share was spent.
    pub frozen: Option<Time>,
    /// When all of it was spent.
    pub stopped: Option<Time>,
    /// Tasks that it pays for and that were given up, whatever for.
    pub given_up: u32,
}

impl Run {
    /// Its budgets, projects first.
    pub fn budgets(&self) -> Vec<BudgetRow> {
        let chart = self.script.chart();
        chart.limits.iter().zip(&self.state.ledger.standings).map(|(l, standing)| self.budget(l, *standing)).collect()
    }

    fn budget(&self, limit: &Limit, standing: Standing) -> BudgetRow {
        let (chart, ledger, now) = (self.script.chart(), &self.state.ledger, self.state.now);
        let spent = ledger.spent(chart, limit, now);
        let given_up =
            self.state.tasks.iter().zip(self.script.tasks()).filter(|(task, planned)| {
                task.phase == Phase::Failed && limit.counts(chart.payers.of_job(planned.job))
            });
        BudgetRow {
            scope: limit.scope.clone(),
            limit_usd: limit.hard,
            spent_usd: spent,
            set_aside_usd: ledger.committed(chart, limit, now) - spent,
            frozen: standing.frozen,
            stopped: standing.stopped,
            given_up: given_up.count() as u32,
        }
    }
}
