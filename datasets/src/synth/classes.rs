//! Which class a job is of.

use rayon::prelude::*;
use tradewind_core::seed::Seed;

use super::chance::{Chance, below};

/// Largest weight of a class: the sum over a million stays below 2^63.
const MAX_WEIGHT: f64 = (1_u64 << 42) as f64;
/// A class of weight 1 in whole numbers.
const ONE: f64 = (1_u64 << 20) as f64;

/// Jobs to classes. The first jobs are the first of each class, so that every class has one; the rest
/// fall to classes by weight.
#[derive(Debug, Clone)]
pub(crate) struct Classes {
    pub(crate) count: u64,
    seed: Seed,
    /// Sums of the weights; empty where every job is a class.
    until: Vec<u64>,
}

impl Classes {
    /// Weights are Pareto with exponent `tail`: u^(-1/tail). Memory: eight bytes a class.
    pub(crate) fn new(seed: Seed, jobs: u64, wished: Option<u64>, tail: f64) -> Self {
        let count = wished.unwrap_or(jobs).min(jobs);
        if count == jobs {
            return Self { count, seed, until: Vec::new() };
        }
        let weight = |k: u64| {
            // From (0, 1], so that no weight is infinite.
            let u = 1.0 - Chance { seed, index: k }.uniform("synth class weight");
            (ONE * libm::pow(u, -1.0 / tail)).min(MAX_WEIGHT) as u64
        };
        let weights: Vec<u64> = (0..count).into_par_iter().map(weight).collect();
        let sums = weights.iter().scan(0_u64, |sum, w| {
            *sum += w;
            Some(*sum)
        });
        Self { count, seed, until: sums.collect() }
    }

    /// The class of a job.
    pub(crate) fn of(&self, job: u64) -> u64 {
        match self.until.last() {
            Some(total) if job >= self.count => {
                let at = below(Chance { seed: self.seed, index: job }.bits("synth class"), *total);
                self.until.partition_point(|&until| until <= at) as u64
            }
            _ => job,
        }
    }

    /// Whether no two jobs are alike.
    pub(crate) fn are_single(&self) -> bool {
        self.until.is_empty()
    }
}
