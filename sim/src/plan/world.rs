//! What the simulated world does differently from the plan's own figures. The default differs in nothing.

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

/// Rules of billing that may be switched off to see what they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BillingRules {
    /// A cloud's free hour when it interrupts a spot node early.
    pub free_if_interrupted: bool,
    /// The least billed time of a node.
    pub minimum: bool,
    /// Public addresses.
    pub address: bool,
}

impl Default for BillingRules {
    fn default() -> Self {
        Self { free_if_interrupted: true, minimum: true, address: true }
    }
}

/// A time in which nothing can be launched in a place, and all that runs there is lost at its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// A cloud (`aws`) or a region (`aws/us-east-1`).
    pub place: String,
    /// From here.
    pub start: Time,
    /// Until here.
    pub end: Time,
}

/// A world: factors on the plan's laws, and what happens to whole places. A scenario file is this as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// On every interruption rate; 1 is as planned.
    pub hazard_factor: f64,
    /// On every boot time.
    pub boot_factor: f64,
    /// On every running time.
    pub runtime_factor: f64,
    /// On every spot price.
    pub spot_price_factor: f64,
    /// On every on-demand price.
    pub on_demand_price_factor: f64,
    /// Shape of the life of a spot node: 1 is memoryless, below 1 the young die first (Weibull of the same mean).
    pub life_shape: f64,
    /// Places that are out.
    pub outages: Vec<Outage>,
    /// Rules of billing in force.
    pub billing: BillingRules,
}

impl Default for World {
    fn default() -> Self {
        Self {
            hazard_factor: 1.0,
            boot_factor: 1.0,
            runtime_factor: 1.0,
            spot_price_factor: 1.0,
            on_demand_price_factor: 1.0,
            life_shape: 1.0,
            outages: Vec::new(),
            billing: BillingRules::default(),
        }
    }
}

/// No factor is larger, no shape outside its range.
const MOST_FACTOR: f64 = 1000.0;
const SHAPES: std::ops::RangeInclusive<f64> = 0.3..=5.0;
const MOST_OUTAGES: usize = 1000;

impl World {
    /// The first field that makes no sense, with what is accepted.
    pub fn problem(&self) -> Option<(&'static str, String)> {
        let factors = [
            ("hazard_factor", self.hazard_factor, 0.0),
            ("boot_factor", self.boot_factor, 0.0),
            ("runtime_factor", self.runtime_factor, 1e-3),
            ("spot_price_factor", self.spot_price_factor, 0.0),
            ("on_demand_price_factor", self.on_demand_price_factor, 0.0),
        ];
        for (name, factor, least) in factors {
            if !(least..=MOST_FACTOR).contains(&factor) {
                return Some((name, format!("{factor} is not between {least} and {MOST_FACTOR}")));
            }
        }
        if !SHAPES.contains(&self.life_shape) {
            return Some(("life_shape", format!("{} is not between 0.3 and 5", self.life_shape)));
        }
        if self.outages.len() > MOST_OUTAGES {
            return Some(("outages", format!("{} are more than {MOST_OUTAGES}", self.outages.len())));
        }
        let backwards = |o: &&Outage| o.end <= o.start;
        self.outages
            .iter()
            .find(backwards)
            .map(|o| ("outages", format!("the one of {} ends before it starts", o.place)))
    }
}
