//! The engine against closed forms: what is known to be true must come out.
//!
//! Each [`Check`] states a model and its answer from queueing or renewal theory, and runs the model on the event
//! engine until the 99 % interval of its mean is as narrow as asked. Replications are independent, each with a
//! warm-up of its own, so that the correlation within a run does not enter the interval.

mod checkpoints;
mod checks;
mod law;
mod renewals;
mod station;

use rayon::prelude::*;
use serde::Serialize;
use tradewind_core::seed::Seed;

use crate::draws::Draws;
use crate::stats::Sequential;

pub use checks::checks;
pub use law::Law;
pub use station::{Seen, Station};

/// Of the intervals.
pub const CONFIDENCE: f64 = 0.99;
/// Replications after which a check ends in any case.
const MOST: u64 = 1 << 14;

/// A model with a known answer.
pub struct Check {
    /// What is compared, in a few words.
    pub name: &'static str,
    /// The model with its parameters.
    pub model: &'static str,
    /// Where the closed form is from.
    pub source: &'static str,
    /// The answer of the closed form.
    pub expected: f64,
    /// One replication's answer.
    replicate: Box<dyn Fn(&Draws) -> f64 + Send + Sync>,
}

/// What came out of a [`Check`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What is compared.
    pub name: &'static str,
    /// The model with its parameters.
    pub model: &'static str,
    /// Where the closed form is from.
    pub source: &'static str,
    /// The answer of the closed form.
    pub expected: f64,
    /// The mean of the replications.
    pub simulated: f64,
    /// Half of the length of its 99 % interval.
    pub half_width_99: f64,
    /// Whether the closed form lies in the interval.
    pub inside: bool,
    /// Whether the interval became as narrow as asked.
    pub sharp: bool,
    /// Replications done.
    pub replications: u64,
}

impl Check {
    /// Replicates until the half-width is at most this share of the mean. The same for a seed at any number of
    /// threads.
    pub fn run(&self, seed: Seed, half_width: f64) -> Row {
        let rule = Sequential { confidence: CONFIDENCE, half_width, most: MOST };
        let one = |replication| (self.replicate)(&Draws::new(seed, replication));
        let stopped = rule.run(|range| range.into_par_iter().map(one).collect());
        let interval = stopped.estimate.interval;
        Row {
            name: self.name,
            model: self.model,
            source: self.source,
            expected: self.expected,
            simulated: stopped.estimate.value,
            half_width_99: interval.map_or(f64::INFINITY, |i| i.half_width()),
            inside: interval.is_some_and(|i| i.contains(self.expected)),
            sharp: stopped.is_reached,
            replications: stopped.replications,
        }
    }
}

#[cfg(test)]
mod tests;
