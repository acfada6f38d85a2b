//! What the planner itself thinks may be otherwise: factors on its memoryless laws.
//!
//! Stated before judging and taken from other data than what is judged: the half of the worlds in which spot is
//! scarce is as scarce as the traces that the prior is given, which are not among those of the truth. The other
//! widths are assumptions.

use tradewind_core::market::CapacityType;
use tradewind_core::plan::Plan;
use tradewind_core::select::Selector;

use crate::draws::{Draws, Purpose};
use crate::plan::{Each, Shortage, When, World};

/// How scarce spot was in a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scarcity {
    /// Losses per hour of a node that runs.
    pub losses_per_hour: f64,
    /// Share of the time without capacity.
    pub tight: f64,
}

impl Scarcity {
    /// Of a trace; none of anything else, or of one that is tight all the time.
    pub fn of(when: &When) -> Option<Self> {
        let When::Trace { hours, tight, .. } = when else { return None };
        let without: f64 = tight.iter().map(|[from, until]| until - from).sum();
        let with = hours - without;
        (with > 0.0).then(|| Self { losses_per_hour: tight.len() as f64 / with, tight: without / hours })
    }
}

/// The prior: worlds by number, in which everything is memoryless.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// How scarce spot may be.
    scarce: Vec<Scarcity>,
    /// Mean interruptions per hour of the plan's spot nodes, positive.
    planned_rate: f64,
}

/// Streams of the draws; the entity is the number of the world.
const FACTORS: Purpose = Purpose(111);
const WHICH: Purpose = Purpose(112);

/// Probability that spot is scarce: an even chance, as nothing is known.
const SCARCE: f64 = 0.5;
/// Standard deviations of logarithms: rates within a factor of 3 or so, boots of 2, prices of 10 %, times of 3 %.
const RATE: f64 = 1.0;
const BOOT: f64 = 0.7;
const PRICE: f64 = 0.1;
const RUNTIME: f64 = 0.03;

impl Prior {
    /// About a plan, where spot may be as scarce as this.
    pub fn new(plan: &Plan, scarce: Vec<Scarcity>) -> Self {
        Self { scarce, planned_rate: spot_rate(plan).max(1e-9) }
    }

    /// A world: the plan's laws with other figures, and launches that are refused without memory.
    pub fn world(&self, draws: &Draws, number: u64) -> World {
        let factor = |index, sigma| libm::exp(sigma * draws.normal(number, FACTORS, index));
        let [is_scarce, which] = draws.pair(number, WHICH, 0);
        let scarcity = self.scarce.get((which * self.scarce.len() as f64) as usize).filter(|_| is_scarce < SCARCE);
        let rate = scarcity.map_or(1.0, |s| s.losses_per_hour / self.planned_rate);
        World {
            hazard_factor: (rate * factor(0, RATE)).min(1000.0),
            boot_factor: factor(1, BOOT),
            spot_price_factor: factor(2, PRICE),
            runtime_factor: factor(3, RUNTIME),
            shortages: scarcity.map(|s| refusals(s.tight)).into_iter().collect(),
            ..World::default()
        }
    }
}

/// Mean interruptions per hour of the plan's spot nodes; 0 without any.
fn spot_rate(plan: &Plan) -> f64 {
    let market = &plan.market;
    let (mut rates, mut nodes) = (0.0, 0.0);
    for a in plan.allocations.iter().filter(|a| a.capacity_type == CapacityType::Spot) {
        let offer = market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref());
        if let Some(offer) = offer {
            rates += f64::from(a.count) * market.hazard_per_hour(&market.offers[offer]);
            nodes += f64::from(a.count);
        }
    }
    if nodes > 0.0 { rates / nodes } else { 0.0 }
}

/// Every launch on spot is refused with a probability, at any time.
fn refusals(probability: f64) -> Shortage {
    const HOURS: f64 = 1e5;
    Shortage {
        offers: Selector { capacity: Some(CapacityType::Spot), ..Selector::default() },
        each: Each::Everything,
        when: When::Trace { hours: HOURS, tight: vec![[0.0, HOURS]], shift: false },
        refuses: probability,
        ..Shortage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::seed::Seed;

    #[test]
    fn scarcity_is_read_off_a_trace() {
        let when = When::Trace { hours: 10.0, tight: vec![[1.0, 2.0], [5.0, 8.0]], shift: true };
        assert_eq!(Scarcity::of(&when), Some(Scarcity { losses_per_hour: 2.0 / 6.0, tight: 0.4 }));
        assert_eq!(Scarcity::of(&When::Trace { hours: 1.0, tight: vec![[0.0, 1.0]], shift: true }), None);
    }

    #[test]
    fn every_world_makes_sense_and_half_are_scarce() {
        let prior = Prior { scarce: vec![Scarcity { losses_per_hour: 0.3, tight: 0.4 }], planned_rate: 1e-4 };
        let draws = Draws::new(Seed(1), 0);
        let worlds: Vec<World> = (0..4000).map(|n| prior.world(&draws, n)).collect();
        assert!(worlds.iter().all(|w| w.problem().is_none()));
        let scarce = worlds.iter().filter(|w| !w.shortages.is_empty()).count() as f64 / 4000.0;
        assert!((scarce - 0.5).abs() < 4.0 * 0.5 / 4000.0_f64.sqrt(), "{scarce}");
    }
}
