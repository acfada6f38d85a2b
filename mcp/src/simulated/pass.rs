//! Time passes: what is due happens, in order.

use tradewind_core::market::CapacityType;
use tradewind_core::money::UsdPerHour;
use tradewind_core::time::Time;

use super::agenda::{Due, Kind};
use super::cloud::{Cloud, Found};
use super::fault::What;

impl Cloud<'_> {
    /// Lets time pass up to an instant; an earlier one changes nothing.
    pub fn pass(&mut self, to: Time) {
        while let Some((at, due)) = self.world.agenda.take(to) {
            self.world.now = self.world.now.max(at);
            self.happen(due);
        }
        self.world.now = self.world.now.max(to);
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Fault(index) => self.begin(index),
            Due::Ready(id) => self.ready(&id),
            Due::Rebalance(id) => self.rebalance(&id),
            Due::Notice(id) => self.notice(&id),
            Due::Lost(id) => self.interrupt(&id, "capacity"),
            Due::Done(id) => self.job_done(&id),
            Due::Expired(kind, id) => self.expire(kind, &id),
        }
    }

    fn expire(&mut self, kind: Kind, id: &str) {
        match kind {
            Kind::Node => self.expire_node(id),
            Kind::Pool => self.expire_pool(id),
            Kind::Volume => self.expire_volume(id),
            Kind::Bucket => self.expire_bucket(id),
            Kind::Job => self.expire_job(id),
            Kind::Endpoint => self.expire_endpoint(id),
            // Neither costs anything, and to lose them by a timer would be an outage: they wait for their owner.
            Kind::Secret | Kind::Route => {}
        }
    }

    /// A fault begins: what it does at once.
    fn begin(&mut self, index: usize) {
        let Some(fault) = self.world.faults.get(index).cloned() else { return };
        let concerned: Vec<(String, bool)> = self
            .world
            .nodes
            .iter()
            .filter(|(_, n)| n.is_up() && fault.concerns(self.region(self.offer(n.offer)), &n.zone))
            .map(|(id, n)| (id.clone(), self.offer(n.offer).capacity_type == CapacityType::Spot))
            .collect();
        match fault.what {
            What::Outage => concerned.iter().for_each(|(id, _)| self.interrupt(id, "outage")),
            What::Interrupt => {
                for (id, _) in concerned.iter().filter(|(_, is_spot)| *is_spot) {
                    let lost = self.now() + self.notice_of(id);
                    self.note_interruption(id, self.now(), lost);
                }
            }
            What::Price { instance_type, capacity_type, usd_per_hour } => {
                self.change_price(&instance_type, capacity_type, usd_per_hour, &fault.place);
            }
            What::Capacity { .. }
            | What::NoNotice
            | What::Throttle { .. }
            | What::Unreachable { .. }
            | What::ReplyLost { .. } => {}
        }
    }

    /// A price changes: for nodes that run, and for those to come. Who would not pay it is interrupted.
    fn change_price(&mut self, instance_type: &str, bought: CapacityType, price: UsdPerHour, place: &str) {
        let market = self.market;
        let offers = market.offers.iter().enumerate().filter(|(_, o)| {
            let here = place.is_empty() || market.region_of(o).name.region() == place;
            here && o.capacity_type == bought && market.type_of(o).name == instance_type && o.commitment().is_none()
        });
        for (index, offer) in offers {
            self.reprice(Found { index: index as u32, offer }, price);
        }
    }

    fn reprice(&mut self, found: Found<'_>, price: UsdPerHour) {
        let now = self.now();
        self.world.prices.insert(found.index, price);
        let mut too_dear = Vec::new();
        for (id, node) in self.world.nodes.iter_mut().filter(|(_, n)| n.offer == found.index && n.ended_at.is_none()) {
            node.meter.reprice(now, price);
            if node.max_price.is_some_and(|most| most < price) {
                too_dear.push(id.clone());
            }
        }
        too_dear.iter().for_each(|id| self.interrupt(id, "price"));
    }

    /// Until when a place is out, if it is.
    pub(super) fn outage(&self, region: &str, zone: &str) -> Option<Time> {
        let out = self.world.faults.iter().filter(|f| f.what == What::Outage && f.holds(self.now(), region, zone));
        out.map(|f| f.until).max()
    }

    /// Whether a fault swallows the notice of a node.
    pub(super) fn is_unannounced(&self, id: &str) -> bool {
        let Some(node) = self.world.nodes.get(id) else { return false };
        let region = self.region(self.offer(node.offer));
        self.world.faults.iter().any(|f| f.what == What::NoNotice && f.holds(self.now(), region, &node.zone))
    }
}
