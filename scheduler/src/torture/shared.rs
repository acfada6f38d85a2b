//! What all that a round tortures share: chance, and counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tradewind_core::time::Time;
use tradewind_sim::draws::{Draws, Purpose};

use super::fault::Fault;

const WAY: Purpose = Purpose(200);

/// Chance and counts of a round.
pub(super) struct Shared {
    draws: Draws,
    /// Faults end here.
    pub until: Time,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    drawn: u32,
    reached: BTreeMap<Fault, u64>,
    old_terms_let_through: u64,
}

impl Shared {
    pub fn new(draws: Draws, until: Time) -> Self {
        Self { draws, until, counts: Mutex::default() }
    }

    fn counts<T>(&self, what: impl FnOnce(&mut Counts) -> T) -> T {
        what(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next number in [0, 1).
    pub fn draw(&self) -> f64 {
        let index = self.counts(|c| {
            c.drawn += 1;
            c.drawn
        });
        self.draws.uniform(0, WAY, index)
    }

    pub fn reach(&self, fault: Fault) {
        self.counts(|c| *c.reached.entry(fault).or_insert(0) += 1);
    }

    pub fn reached(&self) -> BTreeMap<Fault, u64> {
        self.counts(|c| c.reached.clone())
    }

    /// A call of an old leader changed something.
    pub fn let_through(&self) {
        self.counts(|c| c.old_terms_let_through += 1);
    }

    /// How many calls of old leaders changed something.
    pub fn old_terms_let_through(&self) -> u64 {
        self.counts(|c| c.old_terms_let_through)
    }
}
