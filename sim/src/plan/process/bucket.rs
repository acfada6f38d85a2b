//! Launches as a cloud lets them through.

use crate::plan::world::LaunchRate;

/// A bucket of launches: full at first, a launch takes one, and they come back evenly. What finds it empty waits for
/// its turn (the generic cell rate algorithm of ITU-T I.371).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::plan) struct Bucket {
    /// Time for one to come back, ms.
    period: f64,
    /// What may be taken ahead of its time, ms.
    ahead: f64,
    /// When it will be full again, ms.
    full: f64,
}

impl Bucket {
    /// Full.
    pub fn new(rate: &LaunchRate) -> Self {
        let period = 60_000.0 / rate.per_minute;
        Self { period, ahead: period * f64::from(rate.burst - 1), full: f64::NEG_INFINITY }
    }

    /// Takes one at an instant; when its turn comes, not before that instant.
    pub fn take(&mut self, at: i64) -> i64 {
        let full = self.full.max(at as f64);
        self.full = full + self.period;
        rounded_up(full - self.ahead).max(at)
    }
}

/// The least whole number that is not below.
fn rounded_up(number: f64) -> i64 {
    let whole = number as i64;
    whole + i64::from((whole as f64) < number)
}
