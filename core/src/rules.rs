//! What a plan must keep besides the jobs' own wishes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::money::Usd;
use crate::policy::Policy;
use crate::share::Share;
use crate::spending::Spending;
use crate::time::{Millis, Time};

/// No horizon has more windows, and no bound prices a later one.
pub const MOST_WINDOWS: usize = 20_000;

/// The planned time: tasks start within it, and may run on after it. Quota prices are per window; the windows
/// go on after the end, since quotas hold then too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Horizon {
    /// First instant at which a node may be launched.
    pub start: Time,
    /// No task starts at or after it.
    pub end: Time,
    /// Length of a window, positive; the last one before the end may be cut.
    pub window: Millis,
}

impl Horizon {
    /// Number of windows until the end.
    pub fn windows(&self) -> usize {
        let length = (self.end - self.start).get().max(0) as u64;
        length.div_ceil(self.window.get().max(1) as u64) as usize
    }

    /// Start of window `t`; for `t == windows()` the end of the horizon, and so on from there.
    pub fn edge(&self, t: usize) -> Time {
        let within = t.min(self.windows());
        let start = (self.start + Millis::new(self.window.get() * within as i64)).min(self.end);
        start + Millis::new(self.whole().get() * (t - within) as i64)
    }

    /// The window of an instant; the first for what is before the start.
    pub fn window_at(&self, at: Time) -> usize {
        let steps = |from: Time, step: Millis| ((at - from).get().max(0) / step.get().max(1)) as usize;
        if at < self.end { steps(self.start, self.window) } else { self.windows() + steps(self.end, self.whole()) }
    }

    /// Length of a window after the end.
    fn whole(&self) -> Millis {
        self.window.min(self.end - self.start)
    }
}

/// The house rules of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The planned time.
    pub horizon: Horizon,
    /// Most that a project may spend: expected cost plus the largest concurrent escrow.
    pub budgets: BTreeMap<String, Usd>,
    /// Who may use what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    /// Most of the queue's deadline-critical work that may stand on any one spot pool
    /// ([`crate::concentration`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concentration: Option<Share>,
    /// How a run keeps the budgets.
    #[serde(default, skip_serializing_if = "Spending::is_default")]
    pub spending: Spending,
}

impl Rules {
    /// The planned time and no other rule.
    pub fn over(horizon: Horizon) -> Self {
        Self {
            horizon,
            budgets: BTreeMap::new(),
            policies: Vec::new(),
            concentration: None,
            spending: Spending::default(),
        }
    }

    /// Indices of the policies that concern a job, in order.
    pub fn concerning(&self, job: &Job) -> Vec<u16> {
        let concerned = |(i, p): (usize, &Policy)| p.when.concerns(job).then_some(i as u16);
        self.policies.iter().enumerate().filter_map(concerned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_go_on_after_the_end() {
        let at = |h: i64| Time::from_ms(h * 3_600_000);
        // The third of the horizon's windows is cut.
        let horizon = Horizon { start: at(0), end: at(5), window: Millis::from_hours(2) };
        let edges: Vec<Time> = (0..6).map(|t| horizon.edge(t)).collect();
        assert_eq!(edges, [0, 2, 4, 5, 7, 9].map(at));
        let windows: Vec<usize> = (0..10).map(|h| horizon.window_at(at(h))).collect();
        assert_eq!(windows, [0, 0, 1, 1, 2, 3, 3, 4, 4, 5]);
        assert!((0..50).all(|t| horizon.window_at(horizon.edge(t)) == t));
    }

    #[test]
    fn a_window_longer_than_the_horizon_is_cut_to_it() {
        let at = |h: i64| Time::from_ms(h * 3_600_000);
        let horizon = Horizon { start: at(0), end: at(5), window: Millis::from_hours(24) };
        assert_eq!([0, 1, 2, 3].map(|t| horizon.edge(t)), [0, 5, 10, 15].map(at));
    }
}
