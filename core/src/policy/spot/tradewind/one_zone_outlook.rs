//! The rolling programme for one zone whose state is told each tick: least expected cost from a state on.
//!
//! States: what runs, whether spot is up, and the phase of its age; time and work left in ticks. A launch counts
//! its restart as work at once. The grid is anchored at the work left when it was solved, so that the last moment
//! lies where the benchmark's rule puts it.

use crate::policy::spot::Kind;

use super::aging::{PHASES, span};

/// What the programme is about: dollars and chances a tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneZoneTerms {
    /// Price of spot.
    pub spot: f64,
    /// Price of on-demand.
    pub on_demand: f64,
    /// Ticks that a launch loses.
    pub restart: f64,
    /// Chance of loss in each phase of a life.
    pub loss: [f64; PHASES],
    /// Chance of return in each phase of an outage.
    pub back: [f64; PHASES],
}

/// A state of the market: phases of being down, then of being up.
type Costs = [f64; 2 * PHASES];

/// Expected costs at a grid point when the tick is seen, by what runs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    none: Costs,
    on_demand: Costs,
    spot: Costs,
}

impl Point {
    fn of(&self, kind: Option<Kind>) -> &Costs {
        match kind {
            None => &self.none,
            Some(Kind::OnDemand) => &self.on_demand,
            Some(Kind::Spot) => &self.spot,
        }
    }
}

/// Expected costs for the next ticks.
#[derive(Debug, Clone)]
pub struct OneZoneOutlook {
    terms: OneZoneTerms,
    anchor: f64,
    /// Of the latest times first to last: `layers[i]` has `first + i` ticks left.
    layers: Vec<Vec<Point>>,
    first: usize,
}

impl OneZoneOutlook {
    /// Solves for `left` ticks of work within `ticks` ticks, for use in the next `hold` ticks.
    pub fn solve(terms: OneZoneTerms, left: f64, ticks: usize, hold: usize) -> Self {
        let top = (left - 1e-9).ceil().max(1.0) as usize - 1;
        let anchor = left - top as f64;
        let size = top + 2 + 2 * terms.restart.ceil() as usize;
        let zero = Point { none: [0.0; 2 * PHASES], on_demand: [0.0; 2 * PHASES], spot: [0.0; 2 * PHASES] };
        let mut outlook = Self { terms, anchor, layers: Vec::new(), first: 0 };
        for ticks_left in 0..ticks {
            let mut layer = vec![zero; size];
            for (at, point) in layer.iter_mut().enumerate().skip((top + ticks_left).saturating_sub(ticks)) {
                *point = outlook.point(anchor + at as f64, ticks_left);
            }
            outlook.layers.push(layer);
            if outlook.layers.len() > hold.max(1) {
                outlook.layers.remove(0);
                outlook.first += 1;
            }
        }
        outlook
    }

    /// The best of the free choices at a tick with `ticks` left, the present one included.
    pub fn best(&self, left: f64, ticks: usize, current: Option<Kind>, up: bool, phase: usize) -> Option<Kind> {
        let state = if up { PHASES + phase } else { phase };
        let kinds = [None, Some(Kind::OnDemand), Some(Kind::Spot)];
        let open = kinds.into_iter().filter(|kind| up || *kind != Some(Kind::Spot));
        let cost = |kind| self.choose(left, ticks, current, kind)[state];
        open.min_by(|&a, &b| cost(a).total_cmp(&cost(b))).flatten()
    }

    /// All states of a grid point.
    fn point(&self, left: f64, ticks: usize) -> Point {
        if (left + self.terms.restart - 1e-9).ceil() >= ticks as f64 {
            return self.last_call(left, ticks);
        }
        let idle = self.choose(left, ticks, None, None);
        let bought = self.choose(left, ticks, None, Some(Kind::OnDemand));
        let launched = self.choose(left, ticks, None, Some(Kind::Spot));
        let kept = self.choose(left, ticks, Some(Kind::OnDemand), Some(Kind::OnDemand));
        let stayed = self.choose(left, ticks, Some(Kind::Spot), Some(Kind::Spot));
        let spot = |costs: &Costs, state: usize| if state < PHASES { f64::INFINITY } else { costs[state] };
        let least = |on_demand: &Costs, on_spot: &Costs| {
            std::array::from_fn(|state| idle[state].min(on_demand[state]).min(spot(on_spot, state)))
        };
        Point { none: least(&bought, &launched), on_demand: least(&kept, &launched), spot: least(&bought, &stayed) }
    }

    /// On-demand must run, unless spot does.
    fn last_call(&self, left: f64, ticks: usize) -> Point {
        let restarted = self.terms.on_demand * (left + self.terms.restart);
        let none = [restarted; 2 * PHASES];
        let mut spot = none;
        if ticks > 0 {
            let stayed = self.choose(left, ticks, Some(Kind::Spot), Some(Kind::Spot));
            for state in PHASES..2 * PHASES {
                spot[state] = stayed[state].min(restarted);
            }
        }
        Point { none, on_demand: [self.terms.on_demand * left; 2 * PHASES], spot }
    }

    /// Expected cost of running `kind` for a tick and the best from then on, in each state of the market.
    fn choose(&self, left: f64, ticks: usize, current: Option<Kind>, kind: Option<Kind>) -> Costs {
        let (price, work) = match kind {
            None => (0.0, 0.0),
            Some(Kind::Spot) => (self.terms.spot, 1.0),
            Some(Kind::OnDemand) => (self.terms.on_demand, 1.0),
        };
        let restart = if kind.is_some() && kind != current { self.terms.restart } else { 0.0 };
        let left = left - work + restart;
        if left <= 1e-9 {
            return [price; 2 * PHASES];
        }
        let late = self.terms.on_demand * (left + self.terms.restart);
        let Some(layer) = (ticks.checked_sub(1 + self.first)).and_then(|at| self.layers.get(at)) else {
            return [price + late; 2 * PHASES];
        };
        let place = (left - self.anchor).max(0.0);
        let (low, share) = (place as usize, place - place.floor());
        let high = if share < 1e-9 { low } else { low + 1 };
        let (Some(low), Some(high)) = (layer.get(low), layer.get(high)) else { return [price + late; 2 * PHASES] };
        self.expect(low, high, share, kind).map(|cost| price + cost)
    }

    /// Mean over the next state of the market, between two grid points.
    fn expect(&self, low: &Point, high: &Point, share: f64, kind: Option<Kind>) -> Costs {
        let after = if kind == Some(Kind::Spot) { None } else { kind };
        let mix = |kind, state: usize| (1.0 - share) * low.of(kind)[state] + share * high.of(kind)[state];
        let (lost, back) = (mix(after, 0), mix(kind, PHASES));
        std::array::from_fn(|state| {
            let (up, phase) = (state >= PHASES, state % PHASES);
            let older = if phase + 1 < PHASES { 1.0 / span(phase).1 as f64 } else { 0.0 };
            let (chance, changed) = if up { (self.terms.loss[phase], lost) } else { (self.terms.back[phase], back) };
            let kind = if up { kind } else { after };
            let next = mix(kind, if older > 0.0 { state + 1 } else { state });
            chance * changed + (1.0 - chance) * (older * next + (1.0 - older) * mix(kind, state))
        })
    }
}
