//! Going on until the answer is sharp enough.

use std::ops::Range;

use super::{Estimate, Moments};

/// Replications before the first look: with fewer, the variance is a guess.
const LEAST: u64 = 30;

/// Replications until the mean's relative half-width is small enough. Looked at only when their number has doubled,
/// since each look is a chance to stop too early.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequential {
    /// Of the interval, e.g. 0.95.
    pub confidence: f64,
    /// Half-width over mean to reach, e.g. 0.01.
    pub half_width: f64,
    /// Replications after which it ends in any case.
    pub most: u64,
}

/// Where it ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stopped {
    /// The mean with its interval.
    pub estimate: Estimate,
    /// Replications done.
    pub replications: u64,
    /// Whether the half-width was reached, and not the last replication.
    pub is_reached: bool,
}

impl Sequential {
    /// Asks for the values of replications in runs of consecutive numbers, so that each run can be shared out to
    /// threads; values are added by number, whichever comes first.
    pub fn run(&self, mut values: impl FnMut(Range<u64>) -> Vec<f64>) -> Stopped {
        let mut moments = Moments::default();
        let mut next = LEAST.min(self.most);
        loop {
            moments.extend(values(moments.n()..next));
            let estimate = moments.estimate(self.confidence);
            let is_reached = estimate.relative_half_width() <= self.half_width;
            if is_reached || next >= self.most {
                return Stopped { estimate, replications: next, is_reached };
            }
            next = (2 * next).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{Draws, Purpose};
    use tradewind_core::seed::Seed;

    #[test]
    fn it_covers_a_known_answer_as_often_as_it_says() {
        let rule = Sequential { confidence: 0.95, half_width: 0.1, most: 10_000 };
        let runs = 2000;
        let (mut covered, mut looks) = (0, 0);
        for run in 0..runs {
            let draws = Draws::new(Seed(2), run);
            let stopped = rule.run(|range| range.map(|i| draws.exponential(i, Purpose(1), 0)).collect());
            assert!(stopped.is_reached);
            looks += u64::from(stopped.replications > 240);
            covered += u32::from(stopped.estimate.interval.is_some_and(|i| i.contains(1.0)));
        }
        // 384 would do on average, so most stop at 480; the standard error of the share is 0.5 %.
        assert!(looks > runs / 2, "{looks}");
        let share = f64::from(covered) / runs as f64;
        assert!((0.93..0.97).contains(&share), "{share}");
    }

    #[test]
    fn replications_double_and_end() {
        let rule = Sequential { confidence: 0.95, half_width: 1e-9, most: 100 };
        let mut asked = Vec::new();
        let stopped = rule.run(|range| {
            asked.push(range.clone());
            range.map(|i| (i % 7) as f64).collect()
        });
        assert_eq!(asked, [0..30, 30..60, 60..100]);
        assert_eq!((stopped.replications, stopped.is_reached), (100, false));
    }
}
