//! How a refused launch is tried again.

use serde::{Deserialize, Serialize};

use super::{Problem, in_range};

/// After a first pause, then after longer and longer ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// The first pause, seconds.
    pub first_seconds: f64,
    /// Each pause is so many times as long as the one before.
    pub factor: f64,
    /// No pause is longer, seconds.
    pub longest_seconds: f64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { first_seconds: 60.0, factor: 2.0, longest_seconds: 900.0 }
    }
}

impl Retry {
    /// The pause after so many refusals in a row, ms.
    pub fn pause(&self, refusals: u32) -> i64 {
        let seconds = self.first_seconds * libm::pow(self.factor, f64::from(refusals));
        libm::rint(seconds.min(self.longest_seconds) * 1000.0) as i64
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        in_range("first_seconds", self.first_seconds, 1.0, 86_400.0)
            .or_else(|| in_range("factor", self.factor, 1.0, 100.0))
            .or_else(|| in_range("longest_seconds", self.longest_seconds, self.first_seconds, 86_400.0))
            .map(|p| p.inside("retry"))
    }
}
