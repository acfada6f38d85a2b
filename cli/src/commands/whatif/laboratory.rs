//! Where arms are simulated: the same luck for all of them.

use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_sim::plan::{Simulated, Stop, World, simulate, timeline};
use tradewind_sim::whatif::{median, rows};

use super::{Halt, WhatIfArgs};
use crate::commands::plan::threads;
use crate::commands::progress::Counter;
use crate::commands::simulate::unchecked_model;
use crate::render::whatif::Median;
use crate::stop::Stopper;

/// Rows of the median replication: those with most node time.
const MAX_ROWS: usize = 60;
/// Lives of nodes in a row, the earliest.
const MAX_LIVES: usize = 500;

/// Simulates arms and counts replications.
pub struct Laboratory {
    seed: Seed,
    trials: u64,
    threads: usize,
    counter: Counter,
    stopper: Stopper,
}

impl Laboratory {
    /// For so many arms, the base among them.
    pub fn new(args: &WhatIfArgs, arms: usize) -> Self {
        let counter = Counter::new(Some(args.trials.saturating_mul(arms as u64)));
        let (seed, threads) = (Seed(args.seed), threads(args.threads));
        Self { seed, trials: args.trials, threads, counter, stopper: Stopper::new(None) }
    }

    /// The replications of a plan in a world; none where the plan places nothing.
    pub fn run(&self, plan: &Plan, world: &World) -> Result<Option<Simulated>, Halt> {
        let simulated = if plan.summary.placed == 0 {
            self.counter.add(self.trials);
            None
        } else {
            let model = unchecked_model(plan, "", world)?;
            let told = |n: u64| self.counter.add(n);
            Some(simulate(&model, self.seed, Stop::Trials(self.trials), self.threads, &told))
        };
        match self.stopper.signalled() {
            Some(exit) => Err(Halt::Signal(exit)),
            None => Ok(simulated),
        }
    }

    /// The replication in the middle, drawn once more with its lives.
    pub fn median(&self, plan: &Plan, world: &World, simulated: &Simulated) -> Result<Median, Halt> {
        let replication = median(simulated);
        let model = unchecked_model(plan, "", world)?;
        let mut rows = rows(plan, &model, &timeline(&model, self.seed, replication));
        let rows_left_out = rows.len().saturating_sub(MAX_ROWS) as u64;
        let mut times: Vec<i64> = rows.iter().map(|r| r.node_ms).collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(least) = times.get(MAX_ROWS - 1) {
            rows.retain(|r| r.node_ms >= *least);
            rows.truncate(MAX_ROWS);
        }
        rows.iter_mut().for_each(|r| r.lives.truncate(MAX_LIVES));
        let cost = simulated.outcomes.get(replication as usize).map_or(0, |o| o.cost);
        let (cost_usd, start) = (tradewind_core::money::Usd::from_nanos(cost), plan.rules.horizon.start);
        Ok(Median { replication, cost_usd, start, rows, rows_left_out })
    }
}
