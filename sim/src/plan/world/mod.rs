//! What the simulated world does differently from the plan's own figures. The default differs in nothing.
//!
//! A scenario file is a [`World`] as JSON: `docs/schema/scenario.schema.json`. One process a file.

mod billing;
mod each;
mod launch_rate;
mod moment;
mod outage;
mod price_path;
mod quota_cut;
mod retry;
mod shortage;

use serde::{Deserialize, Serialize};

pub use billing::BillingRules;
pub use each::Each;
pub use launch_rate::LaunchRate;
pub use moment::Moment;
pub use outage::{BUSIEST_REGION, Outage};
pub use price_path::{Course, PricePath};
pub use quota_cut::QuotaCut;
pub use retry::Retry;
pub use shortage::{Shortage, When};

/// A world: factors on the plan's laws, and what happens to places and pools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// On every interruption rate; 1 is as planned.
    pub hazard_factor: f64,
    /// On every boot time.
    pub boot_factor: f64,
    /// On every running time.
    pub runtime_factor: f64,
    /// On the time that each staged copy takes to arrive.
    pub staging_factor: f64,
    /// On every spot price.
    pub spot_price_factor: f64,
    /// On every on-demand price.
    pub on_demand_price_factor: f64,
    /// Shape of the life of a spot node: 1 is memoryless, below 1 the young die first (Weibull of the same mean).
    pub life_shape: f64,
    /// Probability that an attempt of a task fails by itself, at a time drawn evenly over its work. It is tried again
    /// from its last checkpoint, up to the attempts that its job allows.
    pub failure_probability: f64,
    /// Places that are out.
    pub outages: Vec<Outage>,
    /// Capacity that comes and goes.
    pub shortages: Vec<Shortage>,
    /// How fast nodes can be launched.
    pub launch_rates: Vec<LaunchRate>,
    /// Prices that change.
    pub price_paths: Vec<PricePath>,
    /// Quotas that shrink.
    pub quota_cuts: Vec<QuotaCut>,
    /// How a refused launch is tried again.
    pub retry: Retry,
    /// Rules of billing in force.
    pub billing: BillingRules,
}

impl Default for World {
    fn default() -> Self {
        Self {
            hazard_factor: 1.0,
            boot_factor: 1.0,
            runtime_factor: 1.0,
            staging_factor: 1.0,
            spot_price_factor: 1.0,
            on_demand_price_factor: 1.0,
            life_shape: 1.0,
            failure_probability: 0.0,
            outages: Vec::new(),
            shortages: Vec::new(),
            launch_rates: Vec::new(),
            price_paths: Vec::new(),
            quota_cuts: Vec::new(),
            retry: Retry::default(),
            billing: BillingRules::default(),
        }
    }
}

/// No factor is larger.
const MOST_FACTOR: f64 = 1000.0;

/// A field that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its path in the scenario, without the first slash.
    pub field: String,
    /// What stands there and what is accepted.
    pub what: String,
}

impl Problem {
    fn new(field: &str, what: String) -> Self {
        Self { field: field.to_owned(), what }
    }

    /// The same, of a field inside another one.
    fn inside(self, outer: &str) -> Self {
        Self { field: format!("{outer}/{}", self.field), ..self }
    }
}

/// Told where the value lies outside.
fn in_range(field: &str, value: f64, least: f64, most: f64) -> Option<Problem> {
    let is_inside = (least..=most).contains(&value);
    (!is_inside).then(|| Problem::new(field, format!("{value} is not between {least} and {most}")))
}

impl World {
    /// The first field that makes no sense, with what is accepted.
    pub fn problem(&self) -> Option<Problem> {
        let numbers = [
            ("hazard_factor", self.hazard_factor, 0.0, MOST_FACTOR),
            ("boot_factor", self.boot_factor, 0.0, MOST_FACTOR),
            ("runtime_factor", self.runtime_factor, 1e-3, MOST_FACTOR),
            ("staging_factor", self.staging_factor, 0.0, MOST_FACTOR),
            ("spot_price_factor", self.spot_price_factor, 0.0, MOST_FACTOR),
            ("on_demand_price_factor", self.on_demand_price_factor, 0.0, MOST_FACTOR),
            ("life_shape", self.life_shape, 0.3, 5.0),
            ("failure_probability", self.failure_probability, 0.0, 0.9),
        ];
        numbers
            .into_iter()
            .find_map(|(field, value, least, most)| in_range(field, value, least, most))
            .or_else(|| outage::problem(&self.outages))
            .or_else(|| shortage::problem(&self.shortages))
            .or_else(|| launch_rate::problem(&self.launch_rates))
            .or_else(|| price_path::problem(&self.price_paths))
            .or_else(|| quota_cut::problem(&self.quota_cuts))
            .or_else(|| self.retry.problem())
    }
}
