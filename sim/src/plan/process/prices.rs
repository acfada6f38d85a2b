//! What prices are multiplied by, for all that share a course.

use std::sync::Arc;

use tradewind_core::time::Millis;

use super::Course;
use crate::draws::{Draws, Purpose};
use crate::plan::world;

const CHANGE: Purpose = Purpose(7);
const DAY: i64 = Millis::from_hours(24).get();

/// The law of one course of a [`world::PricePath`], times in ms from the horizon's start.
#[derive(Debug, Clone)]
pub(in crate::plan) struct PricesLaw {
    source: Source,
    /// The course's name as a source of chance.
    luck: u64,
}

/// Where factors come from.
#[derive(Debug, Clone)]
enum Source {
    /// Each from its time on.
    Steps(Arc<[(i64, f64)]>),
    /// Changes of which one is drawn for each day.
    Daily(Arc<[f64]>),
}

impl PricesLaw {
    /// Of one that shares a course.
    pub fn new(course: &world::Course, luck: u64) -> Self {
        let ms = |hours: f64| Millis::from_hours_f64(hours).get();
        let source = match course {
            world::Course::Steps(steps) => Source::Steps(steps.iter().map(|&[h, factor]| (ms(h), factor)).collect()),
            world::Course::Daily(changes) => Source::Daily(changes.as_slice().into()),
        };
        Self { source, luck }
    }

    /// Its course in a replication.
    #[cfg(test)]
    pub fn begin(&self, draws: &Draws) -> Prices {
        self.begin_in(Vec::new(), draws)
    }

    /// Its course in a replication, in the memory of one that is over.
    pub fn begin_in(&self, mut days: Vec<f64>, draws: &Draws) -> Prices {
        days.clear();
        days.push(1.0);
        Prices { law: self.clone(), draws: draws.clone(), days }
    }
}

/// One course of factors in one replication.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Prices {
    law: PricesLaw,
    draws: Draws,
    /// The factor of each day, as far as known.
    days: Vec<f64>,
}

impl Prices {
    /// What it was told in, for another course.
    pub fn memory(self) -> Vec<f64> {
        self.days
    }
}

impl Course for Prices {
    fn at(&mut self, at: i64) -> (f64, i64) {
        match &self.law.source {
            Source::Steps(steps) => {
                let passed = steps.partition_point(|&(from, _)| from <= at);
                let factor = passed.checked_sub(1).map_or(1.0, |last| steps[last].1);
                (factor, steps.get(passed).map_or(i64::MAX, |&(from, _)| from))
            }
            Source::Daily(changes) => {
                let day = at.div_euclid(DAY).max(0) as usize;
                while self.days.len() <= day {
                    let index = self.days.len();
                    let drawn = self.draws.uniform(self.law.luck, CHANGE, index as u32) * changes.len() as f64;
                    self.days.push(self.days[index - 1] * (1.0 + changes[drawn as usize]));
                }
                (self.days[day], (day as i64 + 1) * DAY)
            }
        }
    }
}
