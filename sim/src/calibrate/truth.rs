//! The truth that intervals are held against: a stated prior over worlds. Written, and committed, before the intervals.
//!
//! Of each four worlds two replay real traces, one has semi-Markov pools, one has a shock; prices, running times and
//! boots differ from the plan's in each. Widths are assumptions, chosen wide: a factor of e to either side for spells,
//! 10 % for prices, 3 % for running times.

use tradewind_core::market::CapacityType;
use tradewind_core::select::Selector;
use tradewind_core::time::Millis;

use crate::draws::{Draws, Purpose};
use crate::plan::{BUSIEST_REGION, Course, Each, Moment, Outage, PricePath, QuotaCut, Shortage, When, World};

/// What a world is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Spot comes and goes as it did in a trace.
    Trace,
    /// Tight spells of drawn laws.
    SemiMarkov,
    /// Something breaks once.
    Shock,
}

impl Kind {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "real traces",
            Self::SemiMarkov => "semi-Markov pools",
            Self::Shock => "shocks",
        }
    }
}

/// The prior: worlds by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// What was seen of spot capacity, at least one.
    traces: Vec<When>,
}

/// Streams of the draws; the entity is the number of the world.
const PRICE: Purpose = Purpose(101);
const RUNTIME: Purpose = Purpose(102);
const BOOT: Purpose = Purpose(103);
const TRACE: Purpose = Purpose(104);
const SPELLS: Purpose = Purpose(105);
const SHOCK: Purpose = Purpose(106);

impl Truth {
    /// Over these traces, each a [`When::Trace`]; none without any.
    pub fn new(traces: Vec<When>) -> Option<Self> {
        (!traces.is_empty()).then_some(Self { traces })
    }

    /// What a world is made of.
    pub fn kind(number: u64) -> Kind {
        match number % 4 {
            0 | 2 => Kind::Trace,
            1 => Kind::SemiMarkov,
            _ => Kind::Shock,
        }
    }

    /// A world.
    pub fn world(&self, draws: &Draws, number: u64) -> World {
        let of = Lots { draws, number };
        let price = of.lognormal(PRICE, 0, 1.0, 0.1);
        let mut world = World {
            spot_price_factor: price,
            runtime_factor: of.lognormal(RUNTIME, 0, 1.0, 0.03),
            boot_factor: of.lognormal(BOOT, 0, 1.2, 0.5),
            ..World::default()
        };
        match Self::kind(number) {
            Kind::Trace => world.shortages.push(self.replayed(of)),
            Kind::SemiMarkov => world.shortages.extend([drought(of, 0, Each::Region), drought(of, 1, Each::Pool)]),
            Kind::Shock => shock(of, &mut world),
        }
        world
    }

    /// One trace, which each pool enters at another time; nodes are lost when it ends and at no other time.
    fn replayed(&self, of: Lots<'_>) -> Shortage {
        let which = (of.uniform(TRACE, 0) * self.traces.len() as f64) as usize;
        Shortage {
            offers: spot(),
            each: Each::Pool,
            when: self.traces[which].clone(),
            hazard_in_plenty: 0.0,
            loses: 1.0,
            ..Shortage::default()
        }
    }
}

fn spot() -> Selector {
    Selector { capacity: Some(CapacityType::Spot), ..Selector::default() }
}

/// Spells of plenty of some 12 hours and tight ones of some 2, both within a factor of e or so.
fn drought(of: Lots<'_>, index: u32, each: Each) -> Shortage {
    let lot = |n: u32| index * 8 + n;
    Shortage {
        offers: spot(),
        each,
        when: When::Random {
            plenty_hours: of.lognormal(SPELLS, lot(0), 12.0, 1.0).max(0.1),
            tight_hours: of.lognormal(SPELLS, lot(1), 2.0, 1.0).max(0.1),
            sigma: of.between(SPELLS, lot(2), 0.5, 1.8),
        },
        hazard_in_plenty: 1.0,
        hazard_in_tight: of.lognormal(SPELLS, lot(3), 5.0, 0.7).min(1000.0),
        loses: of.uniform(SPELLS, lot(4)),
        refuses: of.between(SPELLS, lot(5), 0.5, 1.0),
    }
}

/// One of five things breaks within the first twelve hours, for some three hours.
fn shock(of: Lots<'_>, world: &mut World) {
    let begins = of.between(SHOCK, 1, 0.0, 12.0);
    let after = |hours: f64| Moment::After(Millis::from_hours_f64(hours));
    let (start, end) = (after(begins), after(begins + of.lognormal(SHOCK, 2, 3.0, 0.7)));
    let size = of.uniform(SHOCK, 3);
    match (of.uniform(SHOCK, 0) * 5.0) as u32 {
        0 => world.outages.push(Outage { place: BUSIEST_REGION.to_owned(), start, end }),
        1 => world.shortages.push(Shortage {
            offers: spot(),
            each: Each::Everything,
            when: When::Window { start, end },
            hazard_in_tight: of.lognormal(SHOCK, 4, 20.0, 1.0).min(1000.0),
            loses: size,
            ..Shortage::default()
        }),
        2 => world.price_paths.push(PricePath {
            offers: spot(),
            each: Each::Everything,
            course: Course::Steps(vec![[begins, of.lognormal(SHOCK, 5, 1.5, 0.3)]]),
        }),
        3 => world.quota_cuts.push(QuotaCut {
            offers: Selector::default(),
            each: Each::Region,
            start,
            end,
            nodes: Some(1 + (size * 8.0) as u32),
            vcpus: None,
        }),
        _ => world.boot_factor = of.lognormal(SHOCK, 6, 5.0, 0.7).min(1000.0),
    }
}

/// Draws of one world.
#[derive(Clone, Copy)]
struct Lots<'d> {
    draws: &'d Draws,
    number: u64,
}

impl Lots<'_> {
    fn uniform(self, purpose: Purpose, index: u32) -> f64 {
        self.draws.uniform(self.number, purpose, index)
    }

    fn between(self, purpose: Purpose, index: u32, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform(purpose, index)
    }

    fn lognormal(self, purpose: Purpose, index: u32, median: f64, sigma: f64) -> f64 {
        median * libm::exp(sigma * self.draws.normal(self.number, purpose, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::seed::Seed;

    fn truth() -> Truth {
        Truth::new(vec![When::Trace { hours: 10.0, tight: vec![[1.0, 2.0]], shift: true }]).expect("a trace")
    }

    #[test]
    fn every_world_makes_sense_and_half_replay_traces() {
        let draws = Draws::new(Seed(1), 0);
        for number in 0..4000 {
            let world = truth().world(&draws, number);
            assert_eq!(world.problem(), None, "world {number}");
            let replays = world.shortages.iter().any(|s| matches!(s.when, When::Trace { .. }));
            assert_eq!(replays, Truth::kind(number) == Kind::Trace, "world {number}");
            assert_eq!(world, truth().world(&draws, number));
        }
        assert_eq!((0..400).filter(|&n| Truth::kind(n) == Kind::Trace).count(), 200);
        assert_eq!(Truth::new(Vec::new()), None);
    }
}
