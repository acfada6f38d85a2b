//! A range that holds the truth with a stated confidence.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// From low to high, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
}

impl Interval {
    /// Everything within `half_width` of `middle`.
    pub fn around(middle: f64, half_width: f64) -> Self {
        Self { low: middle - half_width, high: middle + half_width }
    }

    /// Whether the value lies inside.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half of its length.
    pub fn half_width(self) -> f64 {
        0.5 * (self.high - self.low)
    }
}

/// A value and how well it is known; without an interval where there are too few samples to tell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// Where the truth lies, with the confidence asked for.
    pub interval: Option<Interval>,
}

impl Estimate {
    /// By Student's t: a mean of `samples` independent values with this standard error.
    pub(super) fn student(value: f64, standard_error: f64, samples: u64, confidence: f64) -> Self {
        let law = samples.checked_sub(1).and_then(|freedom| StudentsT::new(0.0, 1.0, freedom as f64).ok());
        let half_width = law.map(|law| law.inverse_cdf(0.5 + 0.5 * confidence) * standard_error);
        Self { value, interval: half_width.map(|h| Interval::around(value, h)) }
    }

    /// The interval's half-width as a share of the value; infinite where either is not there.
    pub fn relative_half_width(self) -> f64 {
        match self.interval {
            Some(interval) if self.value != 0.0 => interval.half_width() / self.value.abs(),
            _ => f64::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_is_as_tabulated() {
        // Critical values of NIST/SEMATECH e-Handbook 1.3.6.7.2, two-sided.
        for (samples, confidence, t) in [(2, 0.95, 12.706), (11, 0.95, 2.228), (30, 0.99, 2.756), (101, 0.95, 1.984)] {
            let half_width = Estimate::student(5.0, 1.0, samples, confidence).interval.expect("samples").half_width();
            assert!((half_width - t).abs() < 6e-4, "{samples} {half_width}");
        }
        assert_eq!(Estimate::student(5.0, 1.0, 1, 0.95).interval, None);
        assert_eq!(Estimate::student(5.0, 1.0, 0, 0.95).relative_half_width(), f64::INFINITY);
    }
}
