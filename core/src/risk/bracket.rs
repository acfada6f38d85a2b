//! The search for the least time at which a falling probability is allowed.

use crate::time::Millis;

/// A time and the probability of a miss with it.
pub(crate) type Point = (Millis, f64);

/// The time is sought to the second.
const SOUGHT: Millis = Millis::from_secs(1);
/// Steps by interpolation, before the distance is halved: probabilities in steps do not interpolate.
const INTERPOLATIONS: u32 = 8;
/// Probabilities below do not interpolate by their logarithm.
const LEAST_LOG: f64 = 1e-300;

/// Two times around the one sought, narrowed by regula falsi on the logarithm of the probability
/// (the Illinois rule: an end kept twice counts half), then by halves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bracket {
    /// Too early.
    low: Point,
    /// Late enough.
    pub high: Point,
    allowed: f64,
    /// Logarithms over the allowed probability, as they enter the interpolation.
    weights: (f64, f64),
    steps: u32,
    /// Whether the last step moved the upper end.
    fell: Option<bool>,
}

impl Bracket {
    /// A bracket of `low`, whose probability is above `allowed`, and `high`, whose is not.
    pub(crate) fn new(low: Point, high: Point, allowed: f64) -> Self {
        let over = |p: f64| libm::log(p.max(LEAST_LOG) / allowed);
        Self { low, high, allowed, weights: (over(low.1), over(high.1)), steps: 0, fell: None }
    }

    /// Whether the upper end is the answer to the second.
    pub(crate) fn is_narrow(&self) -> bool {
        self.high.0 - self.low.0 <= SOUGHT
    }

    /// The time to look at next, strictly inside.
    pub(crate) fn next(&self) -> Millis {
        let (low, width) = (self.low.0.get(), (self.high.0 - self.low.0).get());
        let (above, below) = self.weights;
        let share = if self.steps < INTERPOLATIONS { above / (above - below) } else { 0.5 };
        let edge = SOUGHT.get() / 2;
        Millis::new(low + ((width as f64 * share) as i64).clamp(edge, width - edge))
    }

    /// Takes note of the probability at a time inside.
    pub(crate) fn narrow(&mut self, at: Millis, probability: f64) {
        let over = libm::log(probability.max(LEAST_LOG) / self.allowed);
        let falls = probability <= self.allowed;
        let twice = self.fell == Some(falls);
        if falls {
            self.high = (at, probability);
            self.weights = (if twice { self.weights.0 / 2.0 } else { self.weights.0 }, over);
        } else {
            self.low = (at, probability);
            self.weights = (over, if twice { self.weights.1 / 2.0 } else { self.weights.1 });
        }
        self.fell = Some(falls);
        self.steps += 1;
    }
}
