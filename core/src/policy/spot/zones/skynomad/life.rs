//! How long a zone will last from now on: estimated, or told by one who knows.

use std::sync::Arc;

use crate::policy::spot::HOUR;
use crate::policy::spot::zones::Tick;

use super::record::Record;

/// The published cap on estimates in the set-up of constant prices, hours.
pub const CAP_HOURS: f64 = 2.0;

/// Where lifetimes come from.
#[derive(Debug, Clone)]
pub enum Life {
    /// From the zone's own record.
    Estimated {
        /// No estimate is longer.
        cap_hours: Option<f64>,
    },
    /// From the trace itself: what no online policy has.
    Told {
        /// Each zone's availability by tick of the trace.
        available: Vec<Arc<[bool]>>,
    },
}

impl Life {
    /// Hours a zone lasts from now on.
    pub fn hours(&self, tick: &dyn Tick, now: f64, zone: usize, record: &Record, probed_hours: f64) -> f64 {
        let job = tick.job();
        match self {
            Self::Estimated { cap_hours } => {
                let curve = record.curve(now, cap_hours.is_none());
                let age = record.age(now).max(probed_hours);
                let life = curve.expected_life(age, record.burst_factor(), job.tick / HOUR);
                life.min(cap_hours.unwrap_or(f64::INFINITY)).min((job.deadline - now) / HOUR)
            }
            Self::Told { available } => {
                let from = job.start + tick.number();
                let up = available[zone].get(from..).unwrap_or(&[]).iter().take_while(|&&up| up).count();
                up as f64 * job.tick / HOUR
            }
        }
    }
}
