//! Two plans under the same luck.

use super::{Estimate, Moments};

/// Differences of two quantities, replication by replication, on common random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Paired {
    first: Moments,
    second: Moments,
    difference: Moments,
}

impl Paired {
    /// Takes a replication in: what the first and the second gave under its draws.
    pub fn add(&mut self, first: f64, second: f64) {
        self.first.add(first);
        self.second.add(second);
        self.difference.add(second - first);
    }

    /// How much more the second gives.
    pub fn estimate(&self, confidence: f64) -> Estimate {
        self.difference.estimate(confidence)
    }

    /// How many times as many replications the same interval would take with draws of their own: the sum of both
    /// variances over that of the difference. `None` where the difference never varies.
    pub fn variance_reduction(&self) -> Option<f64> {
        let apart = self.first.variance() + self.second.variance();
        let together = self.difference.variance();
        (together > 0.0).then(|| apart / together)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{Draws, Purpose};
    use tradewind_core::seed::Seed;

    #[test]
    fn common_luck_shows_small_differences() {
        let mut paired = Paired::default();
        for replication in 0..2000 {
            let x = Draws::new(Seed(1), replication).normal(0, Purpose(1), 0);
            let own = Draws::new(Seed(1), replication).normal(0, Purpose(2), 0);
            paired.add(x, x + 0.05 + 0.1 * own);
        }
        // (1 + 1.01) / 0.01, known to 2 sqrt(2 / 2000) = 6 %.
        let factor = paired.variance_reduction().expect("a factor");
        assert!((factor / 201.0 - 1.0).abs() < 0.15, "{factor}");
        let interval = paired.estimate(0.99).interval.expect("samples");
        assert!(interval.contains(0.05) && !interval.contains(0.0), "{interval:?}");
    }

    #[test]
    fn equal_plans_differ_by_nothing() {
        let mut paired = Paired::default();
        [1.0, 2.0, 5.0].iter().for_each(|x| paired.add(*x, *x));
        assert_eq!((paired.estimate(0.95).value, paired.variance_reduction()), (0.0, None));
    }
}
