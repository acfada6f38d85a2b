//! Many replications: as many as asked for, or until the mean cost is known well enough.

use rayon::prelude::*;
use tradewind_core::seed::Seed;

use super::model::Model;
use super::outcome::Outcome;
use super::run::Run;
use super::shares::Shares;
use super::timeline::Span;
use crate::draws::Draws;
use crate::stats::Moments;

/// Fewer replications are over before a copy of the model in order of time has paid for itself.
const FEW: u64 = 8;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// After so many replications.
    Trials(u64),
    /// When the 95 % interval of the mean cost is no wider than this share of it to either side: looked at
    /// after 32 replications and at each doubling, up to the most.
    HalfWidth {
        /// Relative half-width.
        share: f64,
        /// No more replications than this.
        most: u64,
    },
}

/// The replications, by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// The source of chance.
    pub seed: Seed,
    /// One a replication.
    pub outcomes: Vec<Outcome>,
    /// What pools came to.
    pub shares: Shares,
}

/// Replications that one thread does in a row.
const BLOCK: u64 = 4;
/// Replications at the first look.
const FIRST_LOOK: u64 = 32;

/// Simulates a plan; `told` hears of each replication. The same bytes at any number of threads: each
/// replication has draws of its own.
pub fn simulate(model: &Model, seed: Seed, stop: Stop, threads: usize, told: &(dyn Fn(u64) + Sync)) -> Simulated {
    resume(model, Simulated { seed, outcomes: Vec::new(), shares: Shares::default() }, stop, threads, told)
}

/// Goes on from the first replications of a run, as if it had never stopped.
pub fn resume(model: &Model, earlier: Simulated, stop: Stop, threads: usize, told: &(dyn Fn(u64) + Sync)) -> Simulated {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| earlier.go_on(model, stop, told)),
        // No threads to be had: on those of the caller.
        Err(_) => earlier.go_on(model, stop, told),
    }
}

impl Simulated {
    fn go_on(mut self, model: &Model, stop: Stop, told: &(dyn Fn(u64) + Sync)) -> Self {
        let (Stop::Trials(most) | Stop::HalfWidth { most, .. }) = stop;
        let is_worth_it = most.saturating_sub(self.outcomes.len() as u64) >= FEW;
        let ordered = is_worth_it.then(|| model.in_time_order());
        let model = ordered.as_deref().unwrap_or(model);
        match stop {
            Stop::Trials(n) => self.extend(model, n, told),
            Stop::HalfWidth { share, most } => {
                let mut n = FIRST_LOOK.min(most);
                self.extend(model, n, told);
                while n < most && half_width(&self.outcomes[..n as usize]) > share {
                    n = (n * 2).min(most);
                    self.extend(model, n, told);
                }
            }
        }
        self
    }

    /// Goes on to so many replications.
    fn extend(&mut self, model: &Model, upto: u64, told: &(dyn Fn(u64) + Sync)) {
        let from = self.outcomes.len() as u64;
        let (seed, blocks) = (self.seed, upto.saturating_sub(from).div_ceil(BLOCK));
        let block = |run: &mut Run, b: u64| {
            let numbers = from + b * BLOCK..(from + (b + 1) * BLOCK).min(upto);
            let mut shares = Shares::default();
            let outcomes: Vec<Outcome> = numbers
                .map(|r| {
                    let outcome = run.replicate(model, &Draws::new(seed, r));
                    shares.add(&outcome, run.pools());
                    told(1);
                    outcome
                })
                .collect();
            (outcomes, shares)
        };
        let done: Vec<_> = (0..blocks).into_par_iter().map_init(Run::default, block).collect();
        for (outcomes, shares) in done {
            self.outcomes.extend(outcomes);
            self.shares.merge(&shares);
        }
    }
}

/// One replication as a timeline, in order of nodes and time.
pub fn timeline(model: &Model, seed: Seed, replication: u64) -> Vec<Span> {
    Run::timeline(model, &Draws::new(seed, replication))
}

/// What a pool comes to in one replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolFigures {
    /// Index of the pool among those of the market.
    pub pool: u32,
    /// Bills of its nodes, nano-dollars.
    pub cost: i64,
    /// Tasks planned on it that missed their deadline.
    pub missed: u32,
}

/// What the pools of a model come to in one replication: those on which anything is spent or missed, in order.
pub fn pool_figures(model: &Model, seed: Seed, replication: u64) -> Vec<PoolFigures> {
    let mut run = Run::default();
    run.replicate(model, &Draws::new(seed, replication));
    let all = (0..).zip(run.pools()).map(|(pool, p)| PoolFigures { pool, cost: p.cost, missed: p.missed });
    all.filter(|p| p.cost != 0 || p.missed != 0).collect()
}

/// Half of the 95 % interval of the mean cost, relative to it.
fn half_width(outcomes: &[Outcome]) -> f64 {
    let mut moments = Moments::default();
    outcomes.iter().for_each(|o| moments.add(o.cost as f64));
    moments.estimate(0.95).relative_half_width()
}
