//! What budgets do to a run: what is not critical is frozen when one nears its end, what runs is ended when it is spent.
//! Without budgets nothing here changes anything. How launches wait for money stands in `held`.

use tradewind_core::money::Usd;
use tradewind_sim::plan::PlannedTask;

use super::state::{Stage, Timer};
use super::task::{Phase, Why};
use super::turn::Turn;
use crate::ledger::{Limit, Standing};

impl Turn<'_> {
    /// Looks at every budget: after each event.
    pub fn mind_budgets(&mut self) {
        let chart = self.script.chart();
        if chart.limits.is_empty() || self.state.stage >= Stage::Verifier {
            return;
        }
        for (l, limit) in (0..).zip(&chart.limits) {
            let standing = self.state.ledger.standings[l as usize];
            let reached = |amount: Usd| self.state.ledger.has_reached(chart, limit, amount, self.state.now);
            let (is_soft, is_hard) = (reached(limit.soft), reached(limit.hard));
            if standing.frozen.is_none() && is_soft {
                self.freeze(l, limit);
            }
            if standing.stopped.is_none() && is_hard {
                self.end_all(l, limit);
            }
        }
        self.try_held();
        self.set_alarm();
    }

    /// A budget nears its end: what is not critical and has not begun will not.
    fn freeze(&mut self, l: u32, limit: &Limit) {
        self.state.ledger.standings[l as usize].frozen = Some(self.state.now);
        let least = self.script.plan.rules.spending.critical_priority;
        let choice = format!("begin no job below priority {least} any more");
        let because = format!("TW4060: {}", self.room(l));
        self.decide(limit.scope.to_string(), &choice, &["go on as planned"], because.clone());
        let because = format!("{because}; frozen below priority {least}: raise {} and plan it anew", limit.scope.key());
        for task in self.tasks_of(limit) {
            let t = &self.state.tasks[task as usize];
            if t.phase == Phase::Waiting
                && t.stints == 0
                && !self.script.chart().is_critical(self.script.task(task).job)
            {
                self.abandon(task, &because);
            }
        }
    }

    /// A budget is spent: nothing goes on that it pays for.
    fn end_all(&mut self, l: u32, limit: &Limit) {
        let now = self.state.now;
        self.state.ledger.standings[l as usize].stopped = Some(now);
        let because = format!("TW4062: {}", self.room(l));
        self.decide(limit.scope.to_string(), "end what runs", &["let it run on"], because);
        self.state.ledger.hand_over(now, limit);
        let because = self.spent(l);
        for task in self.tasks_of(limit) {
            match self.state.tasks[task as usize].phase {
                Phase::Waiting => self.abandon(task, &because),
                Phase::Asked | Phase::Running | Phase::Stopping(_) => self.stop(task, Why::Spent(l)),
                Phase::Done | Phase::Failed | Phase::Cancelled => {}
            }
        }
    }

    /// Why a task does not go on whose budget is spent.
    pub fn spent(&self, l: u32) -> String {
        let limit = &self.script.chart().limits[l as usize];
        format!("TW4062: the budget of {} is spent; raise {} and plan it anew", limit.scope, limit.scope.key())
    }

    /// The tasks that a limit pays for.
    pub fn tasks_of(&self, limit: &Limit) -> Vec<u32> {
        let chart = self.script.chart();
        let pays = |(t, task): (u32, &PlannedTask)| limit.counts(chart.payers.of_job(task.job)).then_some(t);
        (0..).zip(self.script.tasks()).filter_map(pays).collect()
    }

    /// A budget in words.
    pub fn room(&self, l: u32) -> String {
        let (chart, now) = (self.script.chart(), self.state.now);
        let limit = &chart.limits[l as usize];
        let spent = self.state.ledger.spent(chart, limit, now);
        let aside = self.state.ledger.committed(chart, limit, now) - spent;
        let (hard, scope) = (limit.hard, &limit.scope);
        format!("{scope} has spent USD {spent:.2} of {hard:.2} and set aside {aside:.2}")
    }

    /// Wants to be woken when a budget is reached, as things are.
    fn set_alarm(&mut self) {
        let (chart, now) = (self.script.chart(), self.state.now);
        let next = |(limit, standing): (&Limit, &Standing)| {
            let amount = match (standing.frozen, standing.stopped) {
                (None, _) => limit.soft,
                (_, None) => limit.hard,
                _ => return None,
            };
            self.state.ledger.reaches(chart, limit, amount, now)
        };
        let next = chart.limits.iter().zip(&self.state.ledger.standings).filter_map(next).min();
        if let Some(at) = next.filter(|&at| self.state.ledger.alarm.is_none_or(|set| at < set)) {
            self.state.ledger.alarm = Some(at);
            self.state.wake_at(at, Timer::Budget);
        }
    }
}
