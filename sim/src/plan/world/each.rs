//! How far the luck of a process reaches: who shares one course of it.

use serde::{Deserialize, Serialize};
use tradewind_core::market::{Market, Offer};

/// What has a course of its own, and shares it inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// All offers concerned share one.
    Everything,
    /// A cloud.
    Cloud,
    /// A region.
    #[default]
    Region,
    /// A zone of a region.
    Zone,
    /// The machines of one series in a zone, bought one way.
    Pool,
}

impl Each {
    /// The name of the one that an offer in a zone belongs to.
    pub(in crate::plan) fn name(self, market: &Market, offer: &Offer, zone: u32) -> String {
        let region = &market.region_of(offer).name;
        match self {
            Self::Everything => String::new(),
            Self::Cloud => region.cloud().to_owned(),
            Self::Region => region.to_string(),
            Self::Zone => format!("{region}/{zone}"),
            Self::Pool => format!("{region}/{zone}/{}/{}", market.type_of(offer).family, offer.capacity_type),
        }
    }
}
