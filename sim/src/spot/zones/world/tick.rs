//! What a policy may see and do in a tick.

use crate::spot::Kind;
use crate::spot::zones::{Job, Link, Market};

use super::{Instance, World};

/// A tick as a policy sees it: the present, the past, and its means. Nothing here tells of ticks to come.
pub struct Tick<'a, 'w> {
    world: &'a mut World<'w>,
}

impl<'a, 'w> Tick<'a, 'w> {
    pub(super) fn new(world: &'a mut World<'w>) -> Self {
        Self { world }
    }

    /// The job.
    pub fn job(&self) -> &'w Job {
        self.world.job
    }

    /// Ticks since the start.
    pub fn number(&self) -> usize {
        self.world.tick
    }

    /// Seconds since the start.
    pub fn elapsed(&self) -> f64 {
        self.world.tick as f64 * self.world.job.tick
    }

    /// Work done, seconds.
    pub fn done(&self) -> f64 {
        self.world.done
    }

    /// Work left, seconds.
    pub fn left(&self) -> f64 {
        self.world.job.work - self.world.done
    }

    /// Restart loss still to pay, seconds.
    pub fn restart_left(&self) -> f64 {
        self.world.restart_left
    }

    /// What runs.
    pub fn instance(&self) -> Option<Instance> {
        self.world.instance
    }

    /// How what runs is bought.
    pub fn kind(&self) -> Option<Kind> {
        self.world.instance.map(|i| i.kind)
    }

    /// Zone of the last machine that completed a tick.
    pub fn home(&self) -> Option<usize> {
        self.world.home
    }

    /// Number of zones.
    pub fn zones(&self) -> usize {
        self.world.market.zones.len()
    }

    /// Price of on-demand in a zone, dollars an hour.
    pub fn on_demand(&self, zone: usize) -> f64 {
        self.world.market.zones[zone].on_demand
    }

    /// The cheapest on-demand price of all zones.
    pub fn cheapest_on_demand(&self) -> f64 {
        self.world.market.cheapest_on_demand()
    }

    /// Whether spot prices change with time in this market.
    pub fn prices_move(&self) -> bool {
        self.world.market.prices_move()
    }

    /// Whether two zones lie in one region.
    pub fn same_region(&self, a: usize, b: usize) -> bool {
        self.market().zones[a].region == self.market().zones[b].region
    }

    /// What lies between two zones.
    pub fn link(&self, from: usize, to: usize) -> Link {
        self.market().links[from][to]
    }

    /// Dollars of a move.
    pub fn egress(&self, from: usize, to: usize) -> f64 {
        self.world.job.egress(self.link(from, to))
    }

    /// Spot price of a zone when it was last looked at, dollars an hour.
    pub fn seen(&self, zone: usize) -> f64 {
        self.world.seen[zone]
    }

    /// Looks at the spot price of a zone.
    pub fn look(&mut self, zone: usize) -> f64 {
        self.world.seen[zone] = self.world.spot_price(zone, self.world.tick);
        self.world.seen[zone]
    }

    /// Dollars that probes of a zone were billed at the start of this tick.
    pub fn probe_bill(&self, zone: usize) -> f64 {
        self.world.probe_bills[zone]
    }

    /// Launches a machine in the place of what runs. Without spot it fails: nothing changes, nothing is paid.
    pub fn launch(&mut self, zone: usize, kind: Kind) -> bool {
        if kind == Kind::Spot {
            self.look(zone);
            if !self.world.is_available(zone) {
                return false;
            }
        }
        if self.world.instance != Some(Instance { zone, kind }) {
            self.world.start(zone, kind);
        }
        true
    }

    /// Ends what runs, unless it was launched in this tick.
    pub fn terminate(&mut self) {
        if !self.world.launched {
            self.world.instance = None;
        }
    }

    /// Asks whether spot can be had in a zone; a minute of spot is billed if it can.
    pub fn probe(&mut self, zone: usize) -> bool {
        self.look(zone);
        let available = self.world.is_available(zone);
        if available && !self.world.probed.contains(&zone) {
            self.world.probed.push(zone);
        }
        available
    }

    fn market(&self) -> &'w Market {
        self.world.market
    }
}
