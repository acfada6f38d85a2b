//! One zone: each tick the rule is told whether spot can be had, and says what to run.

mod greedy;
mod net;
mod on_demand;
mod sliced;
mod uniform;

pub use greedy::Greedy;
pub use net::last_call;
pub use on_demand::OnDemand;
pub use sliced::Sliced;
pub use uniform::Uniform;

use super::{HOUR, Kind};

/// The job, the clock and the prices: seconds and dollars an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Work to do.
    pub work: f64,
    /// Time from the start to the deadline.
    pub deadline: f64,
    /// Lost at each launch.
    pub restart: f64,
    /// Length of a tick.
    pub tick: f64,
    /// Price of on-demand, an hour.
    pub on_demand: f64,
    /// Price of spot, an hour.
    pub spot: f64,
}

impl Setting {
    /// Whole ticks of time left at a tick, as the published safety nets count it.
    fn time_left(&self, tick: usize) -> f64 {
        ((self.deadline - tick as f64 * self.tick) / self.tick).floor() * self.tick
    }

    /// Dollars of a tick of this kind.
    pub fn tick_price(&self, kind: Kind) -> f64 {
        let hourly = match kind {
            Kind::Spot => self.spot,
            Kind::OnDemand => self.on_demand,
        };
        hourly * self.tick / HOUR
    }
}

/// What a rule knows when it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Ticks since the start.
    pub tick: usize,
    /// Work done, seconds.
    pub done: f64,
    /// What runs: a spot machine lost now is none.
    pub current: Option<Kind>,
    /// Restart loss still to pay, seconds.
    pub restart_left: f64,
    /// Spot can be had now.
    pub available: bool,
}

impl Moment {
    /// Spot if it can be had.
    fn spot_if_available(&self) -> Option<Kind> {
        self.available.then_some(Kind::Spot)
    }
}

/// A policy for one zone.
pub trait Rule {
    /// What to run in this tick. Spot that cannot be had counts as nothing.
    fn choose(&mut self, setting: &Setting, now: &Moment) -> Option<Kind>;
}
