//! What the planner foresees: its prior, in which scarce spot comes in spells.
//!
//! The prior takes a share of time without capacity for as many refusals, each by itself. The traces that it is read
//! off say otherwise: capacity that is gone stays away for a while, and all nodes of a pool go with it. So in its
//! scarce worlds pools turn tight and back at two rates without memory (Gilbert 1960). A zone to come is none of those
//! seen: its two mean spells are drawn from what the zones seen leave open ([`Unseen`]). No width is set by hand, and
//! nothing here is read off the truth.

use tradewind_core::market::CapacityType;
use tradewind_core::plan::Plan;
use tradewind_core::select::Selector;

use super::prior::{Prior, Scarcity};
use super::unseen::Unseen;
use crate::draws::{Draws, Purpose};
use crate::plan::{Each, Shortage, When, World};

/// Streams of the draws; the entity is the number of the world.
const SPELL: Purpose = Purpose(116);

/// Spells of a drawn course, after which it repeats: a month or more of the busiest zone.
const SPELLS: u32 = 400;
/// Spells are no shorter in the mean than a minute, and no longer than the traces that are looked at over and over.
const HOURS: [f64; 2] = [1.0 / 60.0, 10_000.0];
/// Where capacity is there less than this share of the time no plan is made on spot: no world of the truth has less.
const LEAST_THERE: f64 = 0.1;
/// Zones that are drawn at most until capacity is there often enough.
const TRIES: u32 = 32;

/// The planner's worlds by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Planner {
    prior: Prior,
    /// What zones leave open; none of too few.
    zone: Option<Unseen>,
}

impl Planner {
    /// About a plan, where spot may be as scarce as in zones like these. With fewer than four of them, or with such
    /// as are all alike, its worlds are those of the prior.
    pub fn new(plan: &Plan, traces: &[When]) -> Self {
        let prior = Prior::new(plan, traces.iter().filter_map(Scarcity::of).collect());
        let seen: Vec<[f64; 2]> = traces.iter().filter_map(mean_spells).map(|m| m.map(libm::log)).collect();
        Self { prior, zone: Unseen::after(&seen) }
    }

    /// A world of the prior; where it is scarce, with spells in place of refusals.
    pub fn world(&self, draws: &Draws, number: u64) -> World {
        let world = self.prior.world(draws, number);
        match self.zone.as_ref().filter(|_| !world.shortages.is_empty()) {
            Some(zone) => World { shortages: vec![spells(means(zone, draws, number), draws, number)], ..world },
            None => world,
        }
    }
}

/// Mean hours of plenty and of a tight spell in a trace with both; none of anything else.
fn mean_spells(when: &When) -> Option<[f64; 2]> {
    let When::Trace { hours, tight, .. } = when else { return None };
    let without: f64 = tight.iter().map(|[from, until]| until - from).sum();
    let spells = tight.len() as f64;
    (without > 0.0 && without < *hours).then(|| [(hours - without) / spells, without / spells])
}

/// Those of a zone to come, in which capacity is there often enough.
fn means(zone: &Unseen, draws: &Draws, number: u64) -> [f64; 2] {
    let drawn = |attempt| zone.draw(draws, number, attempt).map(|log| libm::exp(log).clamp(HOURS[0], HOURS[1]));
    let is_there = |[plenty, tight]: &[f64; 2]| *plenty >= LEAST_THERE * (plenty + tight);
    (0..TRIES).map(drawn).find(is_there).unwrap_or([1.0, 1.0])
}

/// Each pool turns tight and back without memory, and is lost as one.
fn spells([plenty, short]: [f64; 2], draws: &Draws, number: u64) -> Shortage {
    let mut hours = 0.0;
    let spell = |index| {
        let [a, b] = draws.pair(number, SPELL, index);
        let from = hours - plenty * libm::log(a);
        hours = from - short * libm::log(b);
        [from, hours]
    };
    let tight = (0..SPELLS).map(spell).collect();
    Shortage {
        offers: Selector { capacity: Some(CapacityType::Spot), ..Selector::default() },
        each: Each::Pool,
        when: When::Trace { hours, tight, shift: true },
        // A zone's spells are all its losses.
        hazard_in_plenty: 0.0,
        loses: 1.0,
        ..Shortage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Moments;
    use tradewind_core::seed::Seed;

    #[test]
    fn mean_spells_are_read_off_a_trace() {
        let trace = |tight: Vec<[f64; 2]>| When::Trace { hours: 10.0, tight, shift: true };
        assert_eq!(mean_spells(&trace(vec![[1.0, 2.0], [5.0, 8.0]])), Some([3.0, 2.0]));
        assert_eq!(mean_spells(&trace(Vec::new())), None);
        assert_eq!(mean_spells(&trace(vec![[0.0, 10.0]])), None);
    }

    /// Zones that may have next to nothing: none of them is drawn.
    #[test]
    fn capacity_is_there_a_tenth_of_the_time_at_least() {
        let zone = Unseen::after(&[[0.0, 0.0], [0.5, 3.0], [-1.0, 1.5], [1.0, -1.0], [0.2, 2.0]]).expect("five");
        let draws = Draws::new(Seed(3), 0);
        let there: Vec<f64> =
            (0..2000).map(|n| means(&zone, &draws, n)).map(|[plenty, tight]| plenty / (plenty + tight)).collect();
        assert!(there.iter().all(|share| *share >= LEAST_THERE) && there.iter().any(|share| *share < 0.2));
    }

    /// Over a course as many hours are tight as the two means say, and spells have the law of no memory: their
    /// standard deviation is their mean.
    #[test]
    fn spells_have_no_memory() {
        let draws = Draws::new(Seed(5), 0);
        let lengths: Moments = (0..50)
            .flat_map(|number| match spells([3.0, 1.0], &draws, number).when {
                When::Trace { tight, .. } => tight.into_iter().map(|[from, until]| until - from).collect(),
                _ => Vec::new(),
            })
            .collect();
        let n = 50.0 * f64::from(SPELLS);
        assert!((lengths.mean() - 1.0).abs() < 4.0 / f64::sqrt(n), "{}", lengths.mean());
        // The variance of such a variance is 8/n of its square.
        assert!((lengths.variance() - 1.0).abs() < 4.0 * f64::sqrt(8.0 / n), "{}", lengths.variance());
    }
}
