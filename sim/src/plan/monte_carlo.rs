//! Many replications: as many as asked for, or until the mean cost is known well enough.

use rayon::prelude::*;
use tradewind_core::seed::Seed;

use super::model::Model;
use super::outcome::Outcome;
use super::run::Run;
use super::timeline::Span;
use crate::draws::Draws;
use crate::stats::Moments;

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
}

/// Replications at the first look.
const FIRST_LOOK: u64 = 32;

/// Simulates a plan; `told` hears of each replication. The same bytes at any number of threads: each
/// replication has draws of its own.
pub fn simulate(model: &Model, seed: Seed, stop: Stop, threads: usize, told: &(dyn Fn(u64) + Sync)) -> Simulated {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| all(model, seed, stop, told)),
        // No threads to be had: on those of the caller.
        Err(_) => all(model, seed, stop, told),
    }
}

fn all(model: &Model, seed: Seed, stop: Stop, told: &(dyn Fn(u64) + Sync)) -> Simulated {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let extend = |outcomes: &mut Vec<Outcome>, upto: u64| {
        let from = outcomes.len() as u64;
        let more: Vec<Outcome> = (from..upto)
            .into_par_iter()
            .map_init(Run::default, |run, r| {
                let outcome = run.replicate(model, &Draws::new(seed, r));
                told(1);
                outcome
            })
            .collect();
        outcomes.extend(more);
    };
    match stop {
        Stop::Trials(n) => extend(&mut outcomes, n),
        Stop::HalfWidth { share, most } => {
            let mut n = FIRST_LOOK.min(most);
            loop {
                extend(&mut outcomes, n);
                if n >= most || half_width(&outcomes) <= share {
                    break;
                }
                n = (n * 2).min(most);
            }
        }
    }
    Simulated { seed, outcomes }
}

/// One replication as a timeline, in order of nodes and time.
pub fn timeline(model: &Model, seed: Seed, replication: u64) -> Vec<Span> {
    Run::timeline(model, &Draws::new(seed, replication))
}

/// Half of the 95 % interval of the mean cost, relative to it.
fn half_width(outcomes: &[Outcome]) -> f64 {
    let mut moments = Moments::default();
    outcomes.iter().for_each(|o| moments.add(o.cost as f64));
    moments.estimate(0.95).relative_half_width()
}
