//! What a plan must keep besides the jobs' own wishes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::money::Usd;
use crate::policy::Policy;
use crate::share::Share;
use crate::time::{Millis, Time};

/// The planned time: tasks start within it; quota prices are per window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Horizon {
    /// First instant at which a node may be launched.
    pub start: Time,
    /// No task starts at or after it.
    pub end: Time,
    /// Length of a window, positive; the last one may be cut.
    pub window: Millis,
}

impl Horizon {
    /// Number of windows.
    pub fn windows(&self) -> usize {
        let length = (self.end - self.start).get().max(0) as u64;
        length.div_ceil(self.window.get().max(1) as u64) as usize
    }

    /// Start of window `t`; for `t == windows()` the end of the horizon.
    pub fn edge(&self, t: usize) -> Time {
        (self.start + Millis::new(self.window.get() * t as i64)).min(self.end)
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
}

impl Rules {
    /// The planned time and no other rule.
    pub fn over(horizon: Horizon) -> Self {
        Self { horizon, budgets: BTreeMap::new(), policies: Vec::new(), concentration: None }
    }

    /// Indices of the policies that concern a job, in order.
    pub fn concerning(&self, job: &Job) -> Vec<u16> {
        let concerned = |(i, p): (usize, &Policy)| p.when.concerns(job).then_some(i as u16);
        self.policies.iter().enumerate().filter_map(concerned).collect()
    }
}
