//! Where arms are simulated: the same luck for all of them.

use std::path::PathBuf;

use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_sim::plan::{Shares, Simulated, Stop, World, resume, timeline};
use tradewind_sim::whatif::{half_width, median, rows};

use super::{Halt, WhatIfArgs};
use crate::commands::plan::threads;
use crate::commands::progress::Counter;
use crate::commands::simulate::{MOST_TRIALS, TRIALS, unchecked_model};
use crate::failure::Failure;
use crate::render::whatif::Median;
use crate::replications::{Origin, Replications};
use crate::stop::Stopper;

/// Rows of the median replication: those with most node time.
const MAX_ROWS: usize = 60;
/// Lives of nodes in a row, the earliest.
const MAX_LIVES: usize = 500;
/// Replications at the first look of a run until an interval is narrow; one more at each doubling.
const FIRST_LOOK: u64 = 32;
/// Replications after which those of a run of so many are kept first.
const FIRST_KEPT: u64 = 1024;

/// What is simulated.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// This plan.
    pub plan: &'a Plan,
    /// In this world.
    pub world: &'a World,
}

/// Simulates arms and counts replications.
pub struct Laboratory {
    seed: Seed,
    stop: Stop,
    threads: usize,
    /// Where replications are kept.
    folder: Option<PathBuf>,
    counter: Counter,
    stopper: Stopper,
}

impl Laboratory {
    /// For so many arms, the base among them.
    pub fn new(args: &WhatIfArgs, arms: usize) -> Result<Self, Failure> {
        let trials = args.trials.unwrap_or(TRIALS);
        let (stop, total) = match args.until_ci {
            Some(share) => (Stop::HalfWidth { share, most: MOST_TRIALS / arms as u64 }, None),
            None => (Stop::Trials(trials), Some(trials.saturating_mul(arms as u64))),
        };
        if let Some(folder) = &args.resume {
            std::fs::create_dir_all(folder).map_err(|reason| Failure::unwritable(folder, &reason))?;
        }
        Ok(Self {
            seed: Seed(args.seed),
            stop,
            threads: threads(args.threads),
            folder: args.resume.clone(),
            counter: Counter::new(total),
            stopper: Stopper::new(None),
        })
    }

    /// The replications of all cases, as many of each, the base first; none of a plan that places nothing.
    pub fn run(&self, cases: &[Case<'_>]) -> Result<Vec<Option<Simulated>>, Halt> {
        let mut all = cases.iter().map(|case| self.begin(*case)).collect::<Result<Vec<_>, _>>()?;
        let mut trials = 0;
        for look in self.looks() {
            trials = look;
            for (case, so_far) in cases.iter().zip(&mut all) {
                *so_far = so_far.take().map(|so_far| self.go_on(*case, so_far, trials)).transpose()?;
            }
            if self.is_enough(&all, trials as usize) {
                break;
            }
        }
        // What an earlier run kept may be more than this one takes.
        all.iter_mut().flatten().for_each(|simulated| simulated.outcomes.truncate(trials as usize));
        Ok(all)
    }

    /// Numbers of replications after which they are kept or looked at.
    fn looks(&self) -> Vec<u64> {
        let (first, last) = match self.stop {
            Stop::HalfWidth { most, .. } => (FIRST_LOOK, most),
            Stop::Trials(trials) if self.folder.is_some() => (FIRST_KEPT, trials),
            Stop::Trials(trials) => (trials, trials),
        };
        let doublings = std::iter::successors(Some(first), |n| Some(n * 2));
        doublings.take_while(|n| *n < last).chain([last]).collect()
    }

    /// Whether the base's mean cost, and what every arm adds to it, are known as well as asked for.
    fn is_enough(&self, all: &[Option<Simulated>], trials: usize) -> bool {
        let Stop::HalfWidth { share, .. } = self.stop else { return false };
        let mut known = all.iter().flatten().map(|simulated| &simulated.outcomes[..trials]);
        let Some(base) = known.next() else { return true };
        half_width(base, None) <= share && known.all(|arm| half_width(base, Some(arm)) <= share)
    }

    /// What an earlier run kept of a case, or nothing yet; none where the plan places nothing.
    fn begin(&self, case: Case<'_>) -> Result<Option<Simulated>, Failure> {
        if case.plan.summary.placed == 0 {
            return Ok(None);
        }
        let earlier = match self.kept(case) {
            Some((file, origin)) => file.earlier(case.plan, &origin)?,
            None => None,
        };
        let nothing = || Simulated { seed: self.seed, outcomes: Vec::new(), shares: Shares::default() };
        Ok(Some(earlier.unwrap_or_else(nothing)))
    }

    /// Goes on to so many replications, and keeps them.
    fn go_on(&self, case: Case<'_>, so_far: Simulated, trials: u64) -> Result<Simulated, Halt> {
        if so_far.outcomes.len() as u64 >= trials {
            return Ok(so_far);
        }
        let model = unchecked_model(case.plan, "", case.world)?;
        let told = |n: u64| self.counter.add(n);
        let simulated = resume(&model, so_far, Stop::Trials(trials), self.threads, &told);
        if let Some((file, origin)) = self.kept(case) {
            file.write(case.plan, &origin, &simulated)?;
        }
        match self.stopper.signalled() {
            Some(exit) => Err(Halt::Signal(exit)),
            None => Ok(simulated),
        }
    }

    /// The file of a case, named after what its replications are made from: no other case has it.
    fn kept(&self, case: Case<'_>) -> Option<(Replications, Origin)> {
        let origin = Origin::new(case.plan, self.seed, case.world);
        let file = Replications::parquet(self.folder.as_ref()?.join(format!("{}.parquet", origin.name())));
        Some((file, origin))
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
