//! Whose things may be: the runs that are known, and how each stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::{Run, Stage};

/// How a run stands whose lock is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not over: the command that began it goes on with it.
    Unfinished,
    /// Its owner does not want it any more.
    Cancelled,
    /// Nothing is left to do.
    Over,
}

/// A run as an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// How it stands.
    pub standing: Standing,
    /// The term after that of its last leader: a call that this one sent and that is still on its way is refused.
    pub epoch: u64,
    /// The jobs of each allocation.
    pub(super) jobs: BTreeMap<String, BTreeSet<String>>,
}

/// Owners by name.
pub type Owners = BTreeMap<String, Owner>;

impl Owner {
    /// A run.
    pub fn of(run: &Run) -> Self {
        let standing = match run.state() {
            state if state.stage == Stage::Finished => Standing::Over,
            state if state.cancelled => Standing::Cancelled,
            _ => Standing::Unfinished,
        };
        let mut jobs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for placement in &run.script().plan.placements {
            jobs.entry(placement.allocation.clone()).or_default().insert(placement.job.clone());
        }
        Self { standing, epoch: run.state().epoch + 1, jobs }
    }

    /// The jobs that an allocation was bought for.
    pub fn jobs_of(&self, allocation: &str) -> Vec<String> {
        self.jobs.get(allocation).into_iter().flatten().cloned().collect()
    }
}
