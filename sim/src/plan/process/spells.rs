//! Plenty and tight in turn, for all that share a course.

use std::sync::Arc;

use tradewind_core::time::{Millis, Time};

use super::Course;
use crate::draws::{Draws, Purpose};
use crate::plan::world::{Shortage, When};

const FIRST_SPELL: Purpose = Purpose(4);
const SPELL: Purpose = Purpose(5);
const SHIFT: Purpose = Purpose(6);

/// The law of one course of a [`Shortage`], times in ms from the horizon's start.
#[derive(Debug, Clone)]
pub(in crate::plan) struct SpellsLaw {
    source: Source,
    /// The course's name as a source of chance.
    luck: u64,
    /// On the interruption rate in plenty and in a tight spell.
    factors: [f64; 2],
    /// Probability that a node is lost as a tight spell begins.
    pub loses: f64,
    /// Probability that a launch is refused in a tight spell.
    pub refuses: f64,
}

/// Where spells come from.
#[derive(Debug, Clone)]
enum Source {
    /// Mean lengths of plenty and tight, ms, and the standard deviation of their logarithms.
    Random { means: [f64; 2], sigma: f64 },
    /// The only changes.
    Window([i64; 2]),
    /// Changes within a length that repeats.
    Trace { length: i64, changes: Arc<[i64]>, shift: bool },
}

impl SpellsLaw {
    /// Of one that shares a course of a shortage.
    pub fn new(shortage: &Shortage, luck: u64, start: Time) -> Self {
        let ms = |hours: f64| Millis::from_hours_f64(hours).get();
        let source = match &shortage.when {
            When::Random { plenty_hours, tight_hours, sigma } => {
                Source::Random { means: [plenty_hours * 3.6e6, tight_hours * 3.6e6], sigma: *sigma }
            }
            When::Window { start: from, end } => Source::Window([from.since(start), end.since(start)]),
            When::Trace { hours, tight, shift } => {
                let changes = tight.iter().flatten().map(|&h| ms(h)).collect();
                Source::Trace { length: ms(*hours), changes, shift: *shift }
            }
        };
        let factors = [shortage.hazard_in_plenty, shortage.hazard_in_tight];
        Self { source, luck, factors, loses: shortage.loses, refuses: shortage.refuses }
    }

    /// Its course in a replication, from an instant on.
    #[cfg(test)]
    pub fn begin(&self, draws: &Draws, from: i64) -> Spells {
        self.begin_in(Vec::new(), draws, from)
    }

    /// Its course in a replication, from an instant on, in the memory of one that is over.
    pub fn begin_in(&self, mut changes: Vec<i64>, draws: &Draws, from: i64) -> Spells {
        changes.clear();
        let (law, draws) = (self.clone(), draws.clone());
        let mut spells = Spells { law, draws, begins_tight: false, changes, is_open: true, offset: 0, asked: 0 };
        match &self.source {
            Source::Random { means, sigma } => spells.begin_random(*means, *sigma, from),
            Source::Window(changes) => {
                spells.changes.extend(changes);
                spells.is_open = false;
            }
            Source::Trace { length, shift, .. } => spells.begin_trace(*length, *shift, from),
        }
        spells
    }
}

/// One course of spells in one replication.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Spells {
    law: SpellsLaw,
    draws: Draws,
    /// Whether it is tight before the first change.
    begins_tight: bool,
    /// When it changes, in order, as far as known.
    changes: Vec<i64>,
    /// Whether more changes may follow.
    is_open: bool,
    /// Of a trace, when its next round begins, ms.
    offset: i64,
    /// Changes up to the instant asked for last: the next question is most often about the same spell.
    asked: usize,
}

impl Spells {
    /// In the steady state at an instant. That falls into long spells the more often: the logarithm of such a length
    /// is normal with the same deviation about a middle higher by its square, and the instant lies evenly in it.
    fn begin_random(&mut self, means: [f64; 2], sigma: f64, from: i64) {
        let [state, rest] = self.draws.pair(self.law.luck, FIRST_SPELL, 0);
        self.begins_tight = state * (means[0] + means[1]) < means[1];
        let mean = means[usize::from(self.begins_tight)] * libm::exp(sigma * sigma);
        let length = lognormal(mean, sigma, self.draws.normal(self.law.luck, FIRST_SPELL, 1));
        self.changes.push(from.saturating_add((rest * length) as i64));
    }

    /// From the horizon's start, or from elsewhere in the trace; what lies before is dropped in whole spells.
    fn begin_trace(&mut self, length: i64, shift: bool, from: i64) {
        let shifted = if shift { (self.draws.uniform(self.law.luck, SHIFT, 0) * length as f64) as i64 } else { 0 };
        let rounds_before = if from < 0 { (-from).div_euclid(length) + 1 } else { 0 };
        self.offset = -shifted - rounds_before * length;
        let passed = self.passed(from - 1);
        self.changes.drain(..passed - passed % 2);
        self.asked = passed % 2;
    }

    /// Whether capacity is tight at an instant.
    pub fn is_tight(&mut self, at: i64) -> bool {
        let passed = self.passed(at);
        self.begins_tight ^ (passed % 2 == 1)
    }

    /// Until when a launch is refused for sure, if it is refused at an instant: by a uniform number that is asked for
    /// where it matters, and then nothing is sure of the next.
    pub fn refuses(&mut self, at: i64, uniform: impl FnOnce() -> f64) -> Option<i64> {
        let refuses = self.law.refuses;
        if refuses <= 0.0 || !self.is_tight(at) {
            return None;
        }
        let ends = || self.changes.get(self.asked).copied().unwrap_or(i64::MAX);
        if refuses >= 1.0 { Some(ends()) } else { (uniform() < refuses).then_some(at) }
    }

    /// What it was told in, for another course.
    pub fn memory(self) -> Vec<i64> {
        self.changes
    }

    /// Probability that a node is lost as a tight spell begins.
    pub fn loses(&self) -> f64 {
        self.law.loses
    }

    /// The first tight spell that begins at or after an instant: its number and when.
    pub fn next_tight(&mut self, at: i64) -> Option<(u32, i64)> {
        let mut next = self.passed(at - 1);
        if self.begins_tight ^ (next % 2 == 1) {
            next += 1;
        }
        while next >= self.changes.len() {
            if !self.is_open {
                return None;
            }
            self.extend();
        }
        Some((next as u32, self.changes[next]))
    }

    /// Changes up to an instant.
    fn passed(&mut self, at: i64) -> usize {
        while self.is_open && self.changes.last().is_none_or(|&last| last <= at) {
            self.extend();
        }
        let (before, after) = self.changes.split_at(self.asked.min(self.changes.len()));
        let is_same = before.last().is_none_or(|&last| last <= at) && after.first().is_none_or(|&next| at < next);
        if !is_same {
            self.asked = self.changes.partition_point(|&change| change <= at);
        }
        self.asked
    }

    /// Learns of more changes.
    fn extend(&mut self) {
        match &self.law.source {
            Source::Random { means, sigma } => {
                let index = self.changes.len();
                let is_tight = self.begins_tight ^ (index % 2 == 1);
                let normal = self.draws.normal(self.law.luck, SPELL, index as u32);
                let length = lognormal(means[usize::from(is_tight)], *sigma, normal);
                let last = self.changes[index - 1];
                self.changes.push(last.saturating_add((length as i64).max(1)));
            }
            Source::Trace { length, changes, .. } => {
                self.changes.extend(changes.iter().map(|change| change + self.offset));
                self.offset += length;
                self.is_open = !changes.is_empty();
            }
            Source::Window(_) => {}
        }
    }
}

impl Course for Spells {
    fn at(&mut self, at: i64) -> (f64, i64) {
        let passed = self.passed(at);
        let is_tight = self.begins_tight ^ (passed % 2 == 1);
        (self.law.factors[usize::from(is_tight)], self.changes.get(passed).copied().unwrap_or(i64::MAX))
    }
}

/// A lognormal length of this mean, ms.
fn lognormal(mean: f64, sigma: f64, normal: f64) -> f64 {
    mean * libm::exp(sigma * normal - 0.5 * sigma * sigma)
}
