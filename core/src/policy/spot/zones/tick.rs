//! What a policy may see and do in a tick.

use crate::policy::spot::Kind;

use super::{Job, Link};

/// A machine that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instance {
    /// Index of its zone.
    pub zone: usize,
    /// How it is bought.
    pub kind: Kind,
}

/// A tick as a policy sees it: the present, the past, and its means. Nothing here tells of ticks to come. Whoever
/// carries the job stands behind it; zones are indices from 0 on, in an order that breaks ties.
pub trait Tick {
    /// The job.
    fn job(&self) -> &Job;

    /// Ticks since the start.
    fn number(&self) -> usize;

    /// Work done, seconds.
    fn done(&self) -> f64;

    /// Restart loss still to pay, seconds.
    fn restart_left(&self) -> f64;

    /// What runs.
    fn instance(&self) -> Option<Instance>;

    /// Zone of the last machine that completed a tick.
    fn home(&self) -> Option<usize>;

    /// Number of zones, at least one.
    fn zones(&self) -> usize;

    /// Price of on-demand in a zone, dollars an hour.
    fn on_demand(&self, zone: usize) -> f64;

    /// Whether spot prices change with time in this market.
    fn prices_move(&self) -> bool;

    /// Whether two zones lie in one region.
    fn same_region(&self, a: usize, b: usize) -> bool;

    /// What lies between two zones.
    fn link(&self, from: usize, to: usize) -> Link;

    /// Spot price of a zone when it was last looked at, dollars an hour.
    fn seen(&self, zone: usize) -> f64;

    /// Looks at the spot price of a zone.
    fn look(&mut self, zone: usize) -> f64;

    /// Dollars that probes of a zone were billed at the start of this tick.
    fn probe_bill(&self, zone: usize) -> f64;

    /// Launches a machine in the place of what runs. Without spot it fails: nothing changes, nothing is paid.
    fn launch(&mut self, zone: usize, kind: Kind) -> bool;

    /// Ends what runs, unless it was launched in this tick.
    fn terminate(&mut self);

    /// Asks whether spot can be had in a zone; a minute of spot is billed if it can.
    fn probe(&mut self, zone: usize) -> bool;

    /// Seconds since the start.
    fn elapsed(&self) -> f64 {
        self.number() as f64 * self.job().tick
    }

    /// Work left, seconds.
    fn left(&self) -> f64 {
        self.job().work - self.done()
    }

    /// How what runs is bought.
    fn kind(&self) -> Option<Kind> {
        self.instance().map(|i| i.kind)
    }

    /// The cheapest on-demand price of all zones, dollars an hour.
    fn cheapest_on_demand(&self) -> f64 {
        (0..self.zones()).map(|zone| self.on_demand(zone)).fold(f64::INFINITY, f64::min)
    }

    /// Dollars of a move.
    fn egress(&self, from: usize, to: usize) -> f64 {
        self.job().egress(self.link(from, to))
    }
}
