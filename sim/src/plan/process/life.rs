//! How long the cloud leaves a spot node to its user.

use tradewind_core::time::Millis;

/// A Weibull law of lives; shape 1 is memoryless.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::plan) struct Life {
    scale_hours: f64,
    shape: f64,
}

/// Shortens an age by more than roads to it can differ by: 1e-12 of it, and what lies below a millisecond.
const ROUNDING: f64 = 1.0 - 1e-12;

impl Life {
    /// Of a mean in hours.
    pub fn new(mean_hours: f64, shape: f64) -> Self {
        Self { scale_hours: mean_hours / libm::tgamma(1.0 + 1.0 / shape), shape }
    }

    /// A life in ms by an exponential number of mean 1: what the rate has to add up to.
    pub fn length(&self, exponential: f64) -> i64 {
        self.reaches(exponential).max(1)
    }

    /// The same where the rate is multiplied by a course: the time at which a node launched at `from` is lost. `None`
    /// is not before `last`.
    pub fn end_under(
        &self,
        exponential: f64,
        [from, last]: [i64; 2],
        mut factor: impl FnMut(i64) -> (f64, i64),
    ) -> Option<i64> {
        let (mut now, mut left, mut passed) = (from, exponential, 0.0);
        while now < last {
            let (times, until) = factor(now);
            let until = until.min(last);
            let then = self.added_up(until - from);
            let adds = times * (then - passed);
            if adds >= left && times > 0.0 {
                return Some((from + self.reaches(passed + left / times)).clamp(now + 1, until.max(now + 1)));
            }
            left -= adds;
            (now, passed) = (until, then);
        }
        None
    }

    /// An age in ms that is reached for sure while the rate is multiplied by this factor at most.
    pub fn at_least(&self, exponential: f64, factor: f64) -> i64 {
        // Not `reaches`: this is asked at each launch, and two logarithms are less than a power.
        let sum = exponential / factor;
        let scaled = if self.shape == 1.0 { sum } else { libm::exp(libm::log(sum) / self.shape) };
        (self.scale_hours * scaled * 3_600_000.0 * ROUNDING) as i64
    }

    /// The age in ms at which the rate has added up to so much.
    fn reaches(&self, sum: f64) -> i64 {
        Millis::from_hours_f64(self.hours(sum)).get()
    }

    /// The same in hours.
    fn hours(&self, sum: f64) -> f64 {
        self.scale_hours * if self.shape == 1.0 { sum } else { libm::pow(sum, 1.0 / self.shape) }
    }

    /// What the rate adds up to until an age in ms.
    fn added_up(&self, age: i64) -> f64 {
        let scaled = Millis::new(age).hours() / self.scale_hours;
        if self.shape == 1.0 { scaled } else { libm::pow(scaled, self.shape) }
    }
}
