//! The lifetime curve of a zone: a product-limit estimate with a tail.

use super::record::{End, Segment};
use crate::policy::spot::HOUR;

/// Hazard of a zone that has never failed, an hour.
const LEAST_TAIL: f64 = 1e-8;

/// Cumulative hazard as jumps at the lengths of failed runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// (length in hours, jump), shortest first.
    knots: Vec<(f64, f64)>,
    tail: f64,
}

impl Curve {
    /// Of runs that ended, and the age of one that has not (hours).
    pub fn of(segments: &[Segment], open: Option<f64>) -> Self {
        let hours = |s: &Segment| (s.end - s.start) / HOUR;
        let failed: Vec<f64> = segments.iter().filter(|s| s.reason == End::Failure).map(hours).collect();
        let all: Vec<f64> = segments.iter().map(hours).chain(open).collect();
        let mut lengths = failed.clone();
        lengths.sort_by(f64::total_cmp);
        lengths.dedup();
        let jump = |length: f64| {
            let here = failed.iter().filter(|&&f| (f - length).abs() <= 1e-9).count();
            let at_risk = all.iter().filter(|&&a| a + 1e-9 >= length).count();
            here as f64 / at_risk as f64
        };
        let knots: Vec<(f64, f64)> = lengths.into_iter().map(|length| (length, jump(length))).collect();
        let tail = knots.last().map_or(LEAST_TAIL, |&(_, jump)| jump.max(LEAST_TAIL));
        Self { knots, tail }
    }

    /// No run has failed.
    pub fn is_empty(&self) -> bool {
        self.knots.is_empty()
    }

    /// The hazard beyond the longest failed run, an hour.
    pub fn tail(&self) -> f64 {
        self.tail
    }

    /// Hours of life expected at an age, with hazards multiplied by `factor`; a tick lasts `tick` hours.
    pub fn expected_life(&self, age: f64, factor: f64, tick: f64) -> f64 {
        let (mut expected, mut survival, mut at) = (0.0, 1.0, age);
        for &(length, jump) in self.knots.iter().filter(|(length, _)| *length > age + 1e-12) {
            expected += survival * (length - at);
            survival *= libm::exp(-factor * jump);
            at = length;
        }
        let fails = 1.0 - libm::exp(-factor * self.tail);
        let last = if fails <= 1e-9 { (factor * self.tail).max(1e-9) } else { fails };
        expected + survival * tick / last
    }

    /// Hazard run from one age to the next; where the jumps show none, that of the tail.
    pub fn unseen_risk(&self, previous: f64, age: f64, tick: f64) -> f64 {
        let risk = (self.cumulative(age) - self.cumulative(previous)).max(0.0);
        match self.knots.last() {
            _ if risk != 0.0 => risk,
            None => self.tail * tick,
            Some(&(last, _)) if previous >= last => self.tail * (age - previous),
            Some(_) => 0.0,
        }
    }

    fn cumulative(&self, age: f64) -> f64 {
        let below = || self.knots.iter().take_while(|(length, _)| *length < age);
        let jumps: f64 = below().map(|(_, jump)| jump).sum();
        jumps + (age - below().last().map_or(0.0, |(length, _)| *length)) * self.tail
    }
}
