//! What nodes are billed in a replication.

use tradewind_core::money::UsdPerHour;
use tradewind_core::time::Millis;

use super::Run;
use crate::plan::model::Model;
use crate::plan::timeline::What;

impl Run {
    /// A node ends now, by itself or taken back by the cloud: bills its life. A price that changes is billed by the
    /// second, here as its mean over that life.
    pub(super) fn bill(&mut self, model: &Model, node: u32, by_cloud: bool) {
        let n = &self.nodes[node as usize];
        if let Some(watch) = self.watch.as_mut().filter(|_| !by_cloud) {
            watch.release(n.dies, self.now);
        }
        let machine = &model.machines[n.machine as usize];
        let (span, launched) = (self.now - n.launched, n.launched);
        let booted = n.ready.min(self.now) - n.launched;
        let is_free = by_cloud && machine.free_within > 0 && span <= machine.free_within;
        let billed = if is_free { 0 } else { span.max(machine.minimum) };
        let hourly = times(machine.price, self.around.price_factor(model, n.site, launched, self.now));
        let price = |ms: i64| hourly.times(Millis::new(ms)).nanos();
        let address = machine.address.times(Millis::new(span)).nanos();
        let (boot, compute, total) = (price(booted), price(n.busy), price(billed));
        let o = &mut self.outcome;
        if n.behind {
            o.fallback += total + address;
        } else {
            let idle = price(span) - boot - compute;
            let by_rules = total - boot - compute - idle;
            o.boot += boot;
            o.compute += compute;
            o.idle += idle;
            o.rules += by_rules;
            o.minimum += by_rules.max(0);
            o.address += address;
        }
        self.pools[machine.pool as usize].add(total + address, by_cloud);
        self.around.give_back(model, n);
        let n = &mut self.nodes[node as usize];
        (n.up, n.known) = (false, i64::MIN);
        self.note(node, launched, What::Node { lost: by_cloud, billed: total + address });
    }
}

/// A price times a factor, to the nano-dollar.
fn times(price: UsdPerHour, factor: f64) -> UsdPerHour {
    if factor == 1.0 { price } else { UsdPerHour::from_nanos(libm::rint(price.nanos() as f64 * factor) as i64) }
}
