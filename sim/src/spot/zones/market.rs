//! The zones a job may use, and the job.

use std::sync::Arc;

use crate::spot::HOUR;

/// A zone's series, from the first tick of the trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Its name, for people.
    pub name: Arc<str>,
    /// Its region: zones of one region pay nothing for moves between them.
    pub region: Arc<str>,
    /// Price of on-demand, dollars an hour.
    pub on_demand: f64,
    /// Price of spot at each tick, dollars an hour; one entry stands for every tick.
    pub spot: Arc<[f64]>,
    /// Whether spot can be had at each tick.
    pub available: Arc<[bool]>,
}

impl Zone {
    /// Price of spot at a tick of the trace; the last known one beyond its end.
    pub fn spot_price(&self, tick: usize) -> f64 {
        self.spot[tick.min(self.spot.len() - 1)]
    }
}

/// What lies between two zones.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Link {
    /// Dollars a GB.
    pub usd_per_gb: f64,
    /// Seconds a GB takes beyond what a restart within a region takes.
    pub seconds_per_gb: f64,
}

/// The zones in their order, which breaks ties, and what lies between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// At least one.
    pub zones: Vec<Zone>,
    /// From row to column.
    pub links: Vec<Vec<Link>>,
}

impl Market {
    /// The cheapest on-demand price, dollars an hour.
    pub fn cheapest_on_demand(&self) -> f64 {
        self.zones.iter().map(|z| z.on_demand).fold(f64::INFINITY, f64::min)
    }

    /// Whether spot prices change with time anywhere.
    pub fn prices_move(&self) -> bool {
        self.zones.iter().any(|z| z.spot.len() > 1)
    }
}

/// One job in one window of the trace: seconds, ticks and GB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Job {
    /// Tick of the trace at which it starts.
    pub start: usize,
    /// Length of a tick.
    pub tick: f64,
    /// Work to do.
    pub work: f64,
    /// Time from the start to the deadline.
    pub deadline: f64,
    /// Lost at each launch.
    pub restart: f64,
    /// What a move takes along.
    pub checkpoint_gb: f64,
}

impl Job {
    /// Ticks of the window: no spot exists after them.
    pub fn ticks(&self) -> usize {
        (self.deadline / self.tick).ceil() as usize
    }

    /// Whether work and one restart fit before the deadline.
    pub fn is_feasible(&self) -> bool {
        self.work / HOUR + self.restart / HOUR <= self.deadline / HOUR
    }

    /// Dollars of work and one restart at an hourly price.
    pub fn cost_at(&self, hourly: f64) -> f64 {
        hourly * (self.work / HOUR + self.restart / HOUR)
    }

    /// Dollars of a move over a link.
    pub fn egress(&self, link: Link) -> f64 {
        self.checkpoint_gb * link.usd_per_gb
    }

    /// `count` restarts and the work `left`, in whole ticks (seconds).
    pub fn needed(&self, left: f64, count: f64) -> f64 {
        ((left + count * self.restart) / self.tick).ceil() * self.tick
    }

    /// Whole ticks from a tick to the deadline (seconds).
    pub fn time_left(&self, tick: usize) -> f64 {
        ((self.deadline - tick as f64 * self.tick) / self.tick).floor() * self.tick
    }
}
