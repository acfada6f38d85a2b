//! Whether a zone fails faster than its own curve says: failures against risk, lately.

use std::collections::VecDeque;

/// Risk is kept so far back (expected failures).
const MEMORY: f64 = 8.0;

/// Recent steps: the risk run and the failures seen.
#[derive(Debug, Clone, Default)]
pub struct Burst {
    steps: VecDeque<(f64, f64)>,
}

impl Burst {
    /// Adds a step, unless nothing was at stake, and forgets what lies too far back.
    pub fn push(&mut self, risk: f64, failures: f64) {
        if risk == 0.0 && failures == 0.0 {
            return;
        }
        self.steps.push_back((risk, failures));
        while let Some(&(oldest, _)) = self.steps.front()
            && self.risk() - oldest >= MEMORY
        {
            self.steps.pop_front();
        }
    }

    fn risk(&self) -> f64 {
        self.steps.iter().map(|(risk, _)| risk).sum()
    }

    /// The factor on hazards, at least 1: the most failures for the risk over the last unit of risk.
    pub fn factor(&self) -> f64 {
        if self.risk() < 1.0 {
            return 1.0;
        }
        let (mut risk, mut failures, mut best) = (0.0, 0.0, 0.0);
        for (newest, &(r, f)) in self.steps.iter().rev().enumerate().map(|(i, step)| (i == 0, step)) {
            risk += r;
            failures += f;
            if risk > 1.0 + 1e-9 && !newest {
                break;
            }
            let quiet = newest && r <= 1e-6 && f == 0.0;
            let ratio = failures / if risk == 0.0 { 1e-6 } else { risk };
            if !quiet && ratio > best + 1e-9 {
                best = ratio;
            }
            if risk > 1.0 + 1e-9 {
                break;
            }
        }
        f64::max(1.0, best)
    }
}
