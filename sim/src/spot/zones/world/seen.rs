//! The world of a benchmark as a policy may see it.

use tradewind_core::policy::spot::Kind;
use tradewind_core::policy::spot::zones::{Instance, Job, Link, Tick};

use super::World;

/// A tick of the world.
pub(super) struct Seen<'a, 'w>(pub &'a mut World<'w>);

impl Tick for Seen<'_, '_> {
    fn job(&self) -> &Job {
        self.0.job
    }

    fn number(&self) -> usize {
        self.0.tick
    }

    fn done(&self) -> f64 {
        self.0.done
    }

    fn restart_left(&self) -> f64 {
        self.0.restart_left
    }

    fn instance(&self) -> Option<Instance> {
        self.0.instance
    }

    fn home(&self) -> Option<usize> {
        self.0.home
    }

    fn zones(&self) -> usize {
        self.0.market.zones.len()
    }

    fn on_demand(&self, zone: usize) -> f64 {
        self.0.market.zones[zone].on_demand
    }

    fn prices_move(&self) -> bool {
        self.0.market.prices_move()
    }

    fn same_region(&self, a: usize, b: usize) -> bool {
        self.0.market.zones[a].region == self.0.market.zones[b].region
    }

    fn link(&self, from: usize, to: usize) -> Link {
        self.0.market.links[from][to]
    }

    fn seen(&self, zone: usize) -> f64 {
        self.0.seen[zone]
    }

    fn look(&mut self, zone: usize) -> f64 {
        self.0.seen[zone] = self.0.spot_price(zone, self.0.tick);
        self.0.seen[zone]
    }

    fn probe_bill(&self, zone: usize) -> f64 {
        self.0.probe_bills[zone]
    }

    fn launch(&mut self, zone: usize, kind: Kind) -> bool {
        if kind == Kind::Spot {
            self.look(zone);
            if !self.0.is_available(zone) {
                return false;
            }
        }
        if self.0.instance != Some(Instance { zone, kind }) {
            self.0.start(zone, kind);
        }
        true
    }

    fn terminate(&mut self) {
        if !self.0.launched {
            self.0.instance = None;
        }
    }

    fn probe(&mut self, zone: usize) -> bool {
        self.look(zone);
        let available = self.0.is_available(zone);
        if available && !self.0.probed.contains(&zone) {
            self.0.probed.push(zone);
        }
        available
    }
}
