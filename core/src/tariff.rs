//! What moving and keeping data costs.

use serde::{Deserialize, Serialize};

use crate::money::UsdPerGb;

/// How a transfer price was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TariffBasis {
    /// The two ends are one region: free.
    SameRegion,
    /// A published price of this very pair.
    Pair,
    /// The median of the published pairs between the two continents.
    ContinentMedian,
    /// The source's internet price at its first volume tier.
    Internet,
    /// The organisation's transfer programme.
    Programme,
}

/// The price of moving data from one region to another, at the first volume tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferRate {
    /// Dollars per GB of 1e9 bytes.
    pub price: UsdPerGb,
    /// Where the price comes from.
    pub basis: TariffBasis,
}
