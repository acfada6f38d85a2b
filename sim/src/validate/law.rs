//! Laws of durations.

use crate::draws::{Draws, Purpose, normal};

/// How a duration is distributed, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Memoryless.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// The logarithm is normal.
    Lognormal {
        /// The mean.
        mean: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// One of two memoryless phases.
    Hyperexponential {
        /// The phases' means.
        means: [f64; 2],
        /// How probable the first is.
        first: f64,
    },
}

impl Law {
    /// The mean.
    pub fn mean(self) -> f64 {
        match self {
            Self::Exponential { mean } | Self::Lognormal { mean, .. } => mean,
            Self::Hyperexponential { means: [a, b], first } => first * a + (1.0 - first) * b,
        }
    }

    /// The mean of the square.
    pub fn second_moment(self) -> f64 {
        match self {
            Self::Exponential { mean } => 2.0 * mean * mean,
            Self::Lognormal { mean, sigma } => mean * mean * libm::exp(sigma * sigma),
            Self::Hyperexponential { means: [a, b], first } => 2.0 * (first * a * a + (1.0 - first) * b * b),
        }
    }

    /// A draw, rounded to whole milliseconds.
    pub fn draw(self, draws: &Draws, entity: u64, purpose: Purpose) -> u64 {
        self.of(draws.pair(entity, purpose, 0))
    }

    /// What a pair of uniform numbers in (0, 1) stands for, rounded to whole milliseconds.
    pub fn of(self, [a, b]: [f64; 2]) -> u64 {
        let ms = match self {
            Self::Exponential { mean } => -libm::log(a) * mean,
            Self::Lognormal { mean, sigma } => mean * libm::exp(sigma * normal(a, b) - 0.5 * sigma * sigma),
            Self::Hyperexponential { means: [short, long], first } => {
                -libm::log(b) * if a < first { short } else { long }
            }
        };
        libm::rint(ms) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Moments;
    use tradewind_core::seed::Seed;

    #[test]
    fn draws_have_the_moments_stated() {
        let laws = [
            Law::Exponential { mean: 1e6 },
            Law::Lognormal { mean: 1e6, sigma: 0.5 },
            Law::Hyperexponential { means: [5e5, 2e6], first: 0.75 },
        ];
        for law in laws {
            let draws = Draws::new(Seed(1), 0);
            let draws = &draws;
            let of = |power: i32| (0..200_000).map(move |e| (law.draw(draws, e, Purpose(1)) as f64).powi(power));
            for (moments, truth) in [(of(1), law.mean()), (of(2), law.second_moment())] {
                let estimate = moments.collect::<Moments>().estimate(0.999);
                assert!(estimate.interval.is_some_and(|i| i.contains(truth)), "{law:?}: {estimate:?} {truth}");
            }
        }
    }
}
