//! How long the cloud leaves a spot node to its user.

use tradewind_core::time::Millis;

/// A Weibull law of lives; shape 1 is memoryless.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::plan) struct Life {
    scale_hours: f64,
    shape: f64,
}

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
        let (mut now, mut left) = (from, exponential);
        while now < last {
            let (times, until) = factor(now);
            let passed = self.added_up(now - from);
            let until = until.min(last);
            let adds = times * (self.added_up(until - from) - passed);
            if adds >= left && times > 0.0 {
                return Some((from + self.reaches(passed + left / times)).clamp(now + 1, until.max(now + 1)));
            }
            left -= adds;
            now = until;
        }
        None
    }

    /// The age in ms at which the rate has added up to so much.
    fn reaches(&self, sum: f64) -> i64 {
        let hours = if self.shape == 1.0 { sum } else { libm::pow(sum, 1.0 / self.shape) };
        Millis::from_hours_f64(self.scale_hours * hours).get()
    }

    /// What the rate adds up to until an age in ms.
    fn added_up(&self, age: i64) -> f64 {
        let scaled = Millis::new(age).hours() / self.scale_hours;
        if self.shape == 1.0 { scaled } else { libm::pow(scaled, self.shape) }
    }
}
