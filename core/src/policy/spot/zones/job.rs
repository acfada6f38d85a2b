//! The job, and what lies between the zones it may use.

use crate::policy::spot::HOUR;

/// What lies between two zones.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Link {
    /// Dollars a GB.
    pub usd_per_gb: f64,
    /// Seconds a GB takes beyond what a restart within a region takes.
    pub seconds_per_gb: f64,
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
