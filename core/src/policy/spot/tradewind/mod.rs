//! Our own policy: no future, no paid probes, no tuning; a rolling programme over what is believed.

mod aging;
mod belief;
mod in_one_zone;
mod in_zones;
mod one_zone_outlook;
mod outlook;

pub use belief::{PRIOR, Prior};
pub use in_one_zone::InOneZone;
pub use in_zones::InZones;
