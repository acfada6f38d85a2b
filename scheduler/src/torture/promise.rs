//! What is promised, and how often it was looked at.

use std::collections::BTreeMap;

use serde::Serialize;

/// A promise: R1 to R11 of the fault model, as far as the simulated clouds can break them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Promise {
    /// Every task ends in exactly one of done, failed, cancelled; what is done was done on its cloud, and what was
    /// saved is not done again.
    R1,
    /// At most one live node a decision and attempt, and nothing by a leader whose term is over.
    R2,
    /// A task's end is recorded once, and never two of its stints run.
    R3,
    /// Whatever runs is known to the run or asked for by it; nothing of it is left when it is over.
    R4,
    /// What is owed stays below the budget, but for a minute of what runs.
    R5,
    /// Nothing is launched outside the region of its allocation.
    R6,
    /// A task is started again only after its cloud said that it stopped.
    R7,
    /// The run ends once the faults have stopped.
    R8,
    /// The journal tells the same state again, byte for byte.
    R9,
    /// What is on disk is the beginning of what was written, entry by entry: none half, none twice.
    R10,
    /// The bills of the run are those of the clouds.
    R11,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::R1,
        Self::R2,
        Self::R3,
        Self::R4,
        Self::R5,
        Self::R6,
        Self::R7,
        Self::R8,
        Self::R9,
        Self::R10,
        Self::R11,
    ];

    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::R1 => "no lost job: each task ends once",
            Self::R2 => "no double provisioning",
            Self::R3 => "no double completion, no two stints at once",
            Self::R4 => "no leak: all is known, nothing is left",
            Self::R5 => "the budget holds",
            Self::R6 => "nothing outside its region",
            Self::R7 => "unreachable is not dead",
            Self::R8 => "liveness: it ends after the faults",
            Self::R9 => "the journal tells the same state again",
            Self::R10 => "what is on disk is whole",
            Self::R11 => "the run's bills are the clouds'",
        }
    }
}

/// How often a promise was looked at, and broken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Looks.
    pub looks: BTreeMap<Promise, u64>,
    /// What was found, in order.
    pub broken: Vec<(Promise, String)>,
}

impl Tally {
    /// Looks at a promise.
    pub fn look(&mut self, promise: Promise, holds: bool, what: impl FnOnce() -> String) {
        *self.looks.entry(promise).or_insert(0) += 1;
        if !holds {
            self.broken.push((promise, what()));
        }
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        for (promise, looks) in &other.looks {
            *self.looks.entry(*promise).or_insert(0) += looks;
        }
        self.broken.extend(other.broken.iter().cloned());
    }
}
