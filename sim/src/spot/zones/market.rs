//! The zones that a job may use, with all that becomes of them.

use std::sync::Arc;

use tradewind_core::policy::spot::zones::Link;

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

    /// What becomes of spot in each zone, by tick: for those who are told.
    pub fn availability(&self) -> Vec<Arc<[bool]>> {
        self.zones.iter().map(|z| z.available.clone()).collect()
    }

    /// Whether spot prices change with time anywhere.
    pub fn prices_move(&self) -> bool {
        self.zones.iter().any(|z| z.spot.len() > 1)
    }
}
