//! The rolling programme: least expected cost from a state on, under what is believed now.
//!
//! A stochastic dynamic programme over time left and work left, both in ticks, for each machine that may run.
//! Zones are up or down by chance, independent of each other; a tick that finds one down finds it up a tick later
//! with its chance of return. A launch counts its restart as work at once. The grid is anchored at the work left
//! now, so that the cliff lies where the safety net puts it: past it, on-demand runs to the end.

/// A zone as it is believed to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Dollars a tick of spot.
    pub spot: f64,
    /// Dollars a tick on demand.
    pub on_demand: f64,
    /// Chance that spot is lost within a tick.
    pub loss: f64,
    /// Chance that it is back a tick after it was down.
    pub back: f64,
    /// Chance that it is up where nothing is known.
    pub share: f64,
}

/// What the programme is about.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The zones.
    pub places: Vec<Place>,
    /// Ticks that a launch loses.
    pub restart: f64,
    /// Dollars of a move, on average.
    pub move_cost: f64,
    /// Zone of the cheapest on-demand.
    pub haven: usize,
}

/// Expected costs at one time, by work left.
#[derive(Debug, Clone)]
struct Layer {
    /// Nothing runs, and every zone was down a tick ago.
    waiting: Vec<f64>,
    /// On-demand runs.
    on_demand: Vec<f64>,
    /// Spot has run in a zone for a tick: it may be lost now.
    spot: Vec<Vec<f64>>,
}

/// The programme solved up to a tick from now.
pub struct Outlook<'a> {
    terms: &'a Terms,
    /// Work left of the first grid point, ticks: above 0, at most 1.
    anchor: f64,
    next: Layer,
    /// Ticks left after this one.
    ticks: usize,
}

impl<'a> Outlook<'a> {
    /// Solves for `left` ticks of work within `ticks` ticks, this one included.
    pub fn solve(terms: &'a Terms, left: f64, ticks: usize) -> Self {
        let top = (left - 1e-9).ceil().max(1.0) as usize - 1;
        let anchor = left - top as f64;
        let size = top + 2 + 2 * terms.restart.ceil() as usize;
        let layer = Layer {
            waiting: vec![0.0; size],
            on_demand: vec![0.0; size],
            spot: vec![vec![0.0; size]; terms.places.len()],
        };
        let mut outlook = Self { terms, anchor, next: layer.clone(), ticks: 0 };
        let mut now = layer;
        for ticks_left in 0..ticks {
            // Less work cannot be left so early.
            let least = (top + ticks_left).saturating_sub(ticks);
            outlook.fill(&mut now, ticks_left, least);
            std::mem::swap(&mut outlook.next, &mut now);
            outlook.ticks = ticks_left;
        }
        outlook
    }

    fn fill(&self, now: &mut Layer, ticks: usize, least: usize) {
        let mut launch = Vec::with_capacity(self.terms.places.len());
        for at in least..now.waiting.len() {
            let left = self.anchor + at as f64;
            if self.is_last_call(left, ticks) {
                self.fill_last_call(now, at, left);
                continue;
            }
            launch.clear();
            launch.extend((0..self.terms.places.len()).map(|zone| (self.launch_after(left, zone, ticks), zone)));
            launch.sort_by(|a: &(f64, usize), b| a.0.total_cmp(&b.0));
            let idle = self.idle_after(left, ticks);
            let bought = self.buy_after(left, ticks);
            let still = idle.min(bought);
            now.waiting[at] = self.expect(&launch, still, |p| p.back, None);
            let kept = self.keep_after(left, ticks).min(idle);
            now.on_demand[at] = self.expect(&launch, kept, |p| p.back, None);
            for (zone, place) in self.terms.places.iter().enumerate() {
                let lost = self.expect(&launch, still, |p| p.share, Some(zone));
                let alive = self.stay_after(left, zone, ticks).min(bought).min(idle);
                now.spot[zone][at] = (1.0 - place.loss) * alive + place.loss * lost;
            }
        }
    }

    fn fill_last_call(&self, now: &mut Layer, at: usize, left: f64) {
        let haven = self.terms.places[self.terms.haven].on_demand;
        let restarted = left + self.terms.restart;
        now.waiting[at] = haven * restarted;
        now.on_demand[at] = haven * left;
        for (zone, place) in self.terms.places.iter().enumerate() {
            now.spot[zone][at] = restarted * (place.loss * haven + (1.0 - place.loss) * place.on_demand);
        }
    }

    /// On-demand must start now to be in time.
    fn is_last_call(&self, left: f64, ticks: usize) -> bool {
        (left + self.terms.restart - 1e-9).ceil() >= ticks as f64
    }

    /// The least of the options that chance leaves; `still` is always there. Cheapest first in `launch`.
    fn expect(
        &self,
        launch: &[(f64, usize)],
        still: f64,
        chance: impl Fn(&Place) -> f64,
        without: Option<usize>,
    ) -> f64 {
        let (mut expected, mut none) = (0.0, 1.0);
        for &(cost, zone) in launch.iter().take_while(|(cost, _)| *cost < still) {
            if Some(zone) != without {
                let up = chance(&self.terms.places[zone]);
                expected += none * up * cost;
                none *= 1.0 - up;
            }
        }
        expected + none * still
    }

    /// A value of the next layer between grid points; nothing is left to pay once no work is left.
    fn at(&self, values: &[f64], left: f64, ticks: usize, fallback: f64) -> f64 {
        if left <= 1e-9 {
            return 0.0;
        }
        if ticks == 0 {
            return fallback;
        }
        let place = (left - self.anchor).max(0.0);
        let (low, share) = (place.floor() as usize, place - place.floor());
        if share < 1e-9 {
            return values.get(low).copied().unwrap_or(fallback);
        }
        match (values.get(low), values.get(low + 1)) {
            (Some(a), Some(b)) => a + share * (b - a),
            _ => fallback,
        }
    }

    fn haven_cost(&self, left: f64) -> f64 {
        self.terms.places[self.terms.haven].on_demand * (left + self.terms.restart)
    }

    fn idle_after(&self, left: f64, ticks: usize) -> f64 {
        self.at(&self.next.waiting, left, ticks, self.haven_cost(left))
    }

    fn keep_after(&self, left: f64, ticks: usize) -> f64 {
        let hourly = self.terms.places[self.terms.haven].on_demand;
        hourly + self.at(&self.next.on_demand, left - 1.0, ticks, hourly * left)
    }

    fn buy_after(&self, left: f64, ticks: usize) -> f64 {
        let price = self.terms.places[self.terms.haven].on_demand;
        let left = left - 1.0 + self.terms.restart;
        price + self.at(&self.next.on_demand, left, ticks, price * left)
    }

    fn stay_after(&self, left: f64, zone: usize, ticks: usize) -> f64 {
        let left = left - 1.0;
        self.terms.places[zone].spot + self.at(&self.next.spot[zone], left, ticks, self.haven_cost(left))
    }

    fn launch_after(&self, left: f64, zone: usize, ticks: usize) -> f64 {
        let left = left - 1.0 + self.terms.restart;
        let price = self.terms.places[zone].spot + self.terms.move_cost;
        price + self.at(&self.next.spot[zone], left, ticks, self.haven_cost(left))
    }

    /// Expected cost of idling now.
    pub fn idle(&self, left: f64) -> f64 {
        self.idle_after(left, self.ticks)
    }

    /// Of on-demand that runs on.
    pub fn keep(&self, left: f64) -> f64 {
        self.keep_after(left, self.ticks)
    }

    /// Of a launch on demand.
    pub fn buy(&self, left: f64) -> f64 {
        self.buy_after(left, self.ticks)
    }

    /// Of spot that runs on in a zone.
    pub fn stay(&self, left: f64, zone: usize) -> f64 {
        self.stay_after(left, zone, self.ticks)
    }

    /// Of a launch of spot in a zone, if it succeeds.
    pub fn launch(&self, left: f64, zone: usize) -> f64 {
        self.launch_after(left, zone, self.ticks)
    }
}
