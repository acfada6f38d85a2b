//! How probable a missed deadline is where plain replications see none.
//!
//! A miss is reached over levels: how late the job ends, or, while no node is lost, how nearly one would have been. At
//! each level trials go on from those that reached the one before, by a small move of all their chance at once that
//! does not fall back (multilevel splitting, also called subset simulation: Au and Beck 2001; Botev and Kroese 2012).
//! The levels are found by trials that are not counted, so the estimate is without bias.

mod climb;
mod levels;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use serde::Serialize;
use tradewind_core::seed::Seed;

use super::model::Model;
use super::run::Run;
use crate::draws::{Draws, Purpose};
use crate::stats::{Estimate, Moments, Sequential, Stopped, most_probable_when_never_seen, split};

use climb::{Climb, Way};
use levels::Level;

/// Trials at each level in one replication.
const EFFORT: u32 = 250;
/// Of the interval.
const CONFIDENCE: f64 = 0.95;
/// The replication that finds the levels: no other has so high a number.
const FINDS_LEVELS: u64 = u64::MAX;
const PICK: Purpose = Purpose(133);

/// How sharp the answer has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sharpness {
    /// Half of the 95 % interval over the probability.
    pub half_width: f64,
    /// Replications after which it ends in any case.
    pub most: u64,
}

impl Default for Sharpness {
    /// Within a fifth.
    fn default() -> Self {
        Self { half_width: 0.2, most: 120 }
    }
}

/// The probability that some task of a job misses its deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RareMiss {
    /// The mean of independent estimates, each without bias.
    pub probability: f64,
    /// Its 95 % interval. Where no estimate saw a miss: from 0 to the most probable that it can be by the trials from
    /// the ground.
    pub interval: [f64; 2],
    /// The part of it where no cloud took a node back before the job ended: boots, running times and refusals did it.
    pub undisturbed: f64,
    /// Independent estimates.
    pub replications: u64,
    /// Whether it became as sharp as asked.
    pub is_sharp: bool,
    /// Levels of the longer way.
    pub levels: usize,
    /// Events simulated, those that found the levels included.
    pub events: u64,
    /// Events of plain replications for an interval of this width; none where no estimate saw a miss.
    pub plain_events: Option<f64>,
    /// Tasks simulated: those of the job, and all on which its end depends.
    pub tasks: usize,
}

/// What one replication found on a way.
#[derive(Debug, Clone, Copy)]
struct Found {
    probability: f64,
    events: u64,
}

/// The probability that a job of the model, by its index, misses its deadline; none where it has no task or no
/// deadline. The same bytes at any number of threads: `told` hears of each replication.
pub fn rare_miss(
    model: &Model,
    job: u32,
    seed: Seed,
    sharp: Sharpness,
    told: &(dyn Fn(u64) + Sync),
) -> Option<RareMiss> {
    let first = *model.tasks_of(job).first()?;
    if model.tasks[first as usize].deadline == i64::MAX {
        return None;
    }
    let cone = model.cone(job);
    let ways = [Way::Undisturbed, Way::Disturbed].map(|way| Ascent::new(&cone, job, way, seed));
    let one = |replication: u64| {
        let draws = Draws::new(seed, replication);
        let found = ways.each_ref().map(|ascent| ascent.probability(draws.other(ascent.way as u64)));
        told(1);
        found
    };
    let mut all: Vec<[Found; 2]> = Vec::new();
    let rule = Sequential { confidence: CONFIDENCE, half_width: sharp.half_width, most: sharp.most };
    let stopped = rule.run(|numbers| {
        let more: Vec<[Found; 2]> = numbers.into_par_iter().map(one).collect();
        let values = more.iter().map(|[p, q]| p.probability + q.probability).collect();
        all.extend(more);
        values
    });
    Some(RareMiss {
        undisturbed: all.iter().map(|[p, _]| p.probability).collect::<Moments>().mean(),
        levels: ways.iter().map(|w| w.levels.len()).max().unwrap_or_default(),
        events: ways.iter().map(|w| w.events).sum::<u64>() + all.iter().flatten().map(|f| f.events).sum::<u64>(),
        plain_events: plain_events(&cone, job, seed, stopped.estimate),
        tasks: cone.tasks(),
        ..RareMiss::of(&stopped)
    })
}

impl RareMiss {
    /// What the estimates say together.
    fn of(stopped: &Stopped) -> Self {
        let Estimate { value, interval } = stopped.estimate;
        let ground = stopped.replications * u64::from(EFFORT);
        let seen = interval.map_or([0.0, 1.0], |i| [i.low.max(0.0), i.high.min(1.0)]);
        let unseen = [0.0, most_probable_when_never_seen(ground, CONFIDENCE)];
        Self {
            probability: value,
            interval: if value > 0.0 { seen } else { unseen },
            undisturbed: 0.0,
            replications: stopped.replications,
            is_sharp: stopped.is_reached,
            levels: 0,
            events: 0,
            plain_events: None,
            tasks: 0,
        }
    }
}

/// How many events plain replications of the same tasks take for an interval as narrow, by the first hundred of them.
fn plain_events(cone: &Model, job: u32, seed: Seed, estimate: Estimate) -> Option<f64> {
    const LOOKED_AT: u64 = 100;
    const DEVIATIONS: f64 = 1.96;
    let (p, width) = (estimate.value, estimate.relative_half_width());
    let mut run = Run::default();
    let events: u64 = (0..LOOKED_AT).map(|r| run.fate(cone, &Draws::new(seed, r), job).events).sum();
    let runs = DEVIATIONS * DEVIATIONS * (1.0 - p) / (p * width * width);
    (p > 0.0).then_some(runs * events as f64 / LOOKED_AT as f64)
}

/// One way to a miss, its levels found.
struct Ascent<'m> {
    cone: &'m Model,
    job: u32,
    way: Way,
    levels: Vec<Level>,
    /// Events that found the levels.
    events: u64,
}

impl<'m> Ascent<'m> {
    /// No levels where the way is closed: no cloud takes a node back.
    fn new(cone: &'m Model, job: u32, way: Way, seed: Seed) -> Self {
        let mut ascent = Self { cone, job, way, levels: Vec::new(), events: 0 };
        if way == Way::Undisturbed || cone.may_lose_nodes() {
            let mut climb = ascent.climb(Draws::new(seed, FINDS_LEVELS).other(way as u64));
            ascent.levels = levels::find(&mut climb);
            ascent.events = climb.events;
        }
        ascent
    }

    /// One estimate of its probability.
    fn probability(&self, draws: Draws) -> Found {
        if self.levels.is_empty() {
            return Found { probability: 0.0, events: 0 };
        }
        let mut climb = self.climb(draws.clone());
        let split = split(&mut climb, self.levels.len() as u32, EFFORT, &draws, PICK);
        Found { probability: split.probability, events: climb.events }
    }

    fn climb(&self, draws: Draws) -> Climb<'m> {
        let (model, job, way) = (self.cone, self.job, self.way);
        Climb { model, job, way, levels: self.levels.clone(), draws, run: Run::default(), events: 0 }
    }
}
