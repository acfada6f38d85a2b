//! Chance by purpose: one stream a purpose, indexed by class or job.

use tradewind_core::seed::Seed;

/// What is drawn for one class or one job. Each purpose is a stream of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance {
    pub(crate) seed: Seed,
    pub(crate) index: u64,
}

impl Chance {
    /// 64 uniform bits.
    pub(crate) fn bits(self, purpose: &str) -> u64 {
        self.seed.bits(purpose, self.index)
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(self, purpose: &str) -> f64 {
        self.seed.uniform(purpose, self.index)
    }
}

/// A whole number below `n` from 64 uniform bits; uneven by less than n / 2^64.
pub(crate) fn below(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}
