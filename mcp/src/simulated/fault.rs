//! What goes wrong on purpose: by hand, or by seed for a share of the calls.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CapacityType;
use tradewind_core::money::UsdPerHour;
use tradewind_core::time::Time;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum What {
    /// So many machines are left in the place for each call.
    Capacity {
        /// Machines left.
        left: u32,
    },
    /// All that runs in the place is lost at the beginning; nothing is launched there until the end.
    Outage,
    /// The cloud takes back every spot node in the place, with its notice.
    Interrupt,
    /// Interruptions come without the notice.
    NoNotice,
    /// A price changes; it stays so.
    Price {
        /// Of this machine.
        instance_type: String,
        /// Bought this way.
        capacity_type: CapacityType,
        /// The new price.
        usd_per_hour: UsdPerHour,
    },
    /// A share of the calls is throttled.
    Throttle {
        /// 0 to 1.
        share: f64,
    },
    /// A share of the calls does not reach the cloud.
    Unreachable {
        /// 0 to 1.
        share: f64,
    },
    /// A share of the calls is done, and the reply is lost.
    ReplyLost {
        /// 0 to 1.
        share: f64,
    },
}

/// Something that goes wrong in a place for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What.
    pub what: What,
    /// A region or zone; empty is the whole cloud.
    #[serde(default)]
    pub place: String,
    /// From here.
    pub from: Time,
    /// Until here, exclusive.
    pub until: Time,
}

impl Fault {
    /// Whether it holds now, there.
    pub fn holds(&self, now: Time, region: &str, zone: &str) -> bool {
        self.from <= now && now < self.until && self.concerns(region, zone)
    }

    /// Whether it is about that place.
    pub fn concerns(&self, region: &str, zone: &str) -> bool {
        self.place.is_empty() || self.place == region || self.place == zone
    }
}
