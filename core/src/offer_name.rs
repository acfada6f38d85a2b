//! What people call an offer: `aws/us-east-1/m6i.xlarge/spot`, or `.../on_demand/NAME` against the
//! commitment NAME.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::market::{CapacityType, Market};
use crate::place::RegionName;
use crate::plan::Allocation;

/// An instance type in a region, bought one way, by name. Written `cloud/region/type/capacity`, with
/// the name of the commitment after it where it is charged against one.
///
/// ```
/// use tradewind_core::offer_name::OfferName;
/// let name: OfferName = "aws/us-east-1/m6i.xlarge/spot".parse().unwrap();
/// assert_eq!(name.instance_type, "m6i.xlarge");
/// assert_eq!(name.to_string(), "aws/us-east-1/m6i.xlarge/spot");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferName {
    /// `cloud/region`.
    pub region: RegionName,
    /// The vendor's name of the type.
    pub instance_type: String,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// The commitment it is charged against.
    pub commitment: Option<String>,
}

/// Why a text names no offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no offer; write cloud/region/type/spot or cloud/region/type/on_demand")]
pub struct OfferNameError(String);

impl OfferName {
    /// The name of an offer of a market, by its index.
    pub fn of(market: &Market, offer: usize) -> Self {
        let o = &market.offers[offer];
        Self {
            region: market.region_of(o).name.clone(),
            instance_type: market.type_of(o).name.clone(),
            capacity_type: o.capacity_type,
            commitment: market.commitment_of(o).map(|c| c.name.clone()),
        }
    }

    /// The name of what an allocation buys.
    pub fn of_allocation(a: &Allocation) -> Self {
        Self {
            region: a.region.clone(),
            instance_type: a.instance_type.clone(),
            capacity_type: a.capacity_type,
            commitment: a.commitment.clone(),
        }
    }

    /// The offer of that name in a market.
    pub fn find(&self, market: &Market) -> Option<usize> {
        market.find_offer(&self.region, &self.instance_type, self.capacity_type, self.commitment.as_deref())
    }
}

impl fmt::Display for OfferName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = self.commitment.as_ref().map_or(String::new(), |c| format!("/{c}"));
        f.pad(&format!("{}/{}/{}{against}", self.region, self.instance_type, self.capacity_type))
    }
}

impl FromStr for OfferName {
    type Err = OfferNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || OfferNameError(text.to_owned());
        let parts: Vec<&str> = text.splitn(5, '/').collect();
        let (&[cloud, region, instance_type, capacity], against) = parts.split_first_chunk().ok_or_else(error)?;
        if parts.iter().any(|p| p.is_empty()) {
            return Err(error());
        }
        Ok(Self {
            region: RegionName::new(cloud, region),
            instance_type: instance_type.to_owned(),
            capacity_type: capacity.replace('-', "_").parse().map_err(|()| error())?,
            commitment: against.first().map(|name| (*name).to_owned()),
        })
    }
}

impl Serialize for OfferName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OfferName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_strictly() {
        for text in ["", "aws", "aws/us-east-1/m6i.xlarge", "aws/us-east-1//spot", "aws/r/t/free", "aws/r/t/spot/"] {
            assert!(text.parse::<OfferName>().is_err(), "{text:?}");
        }
        let against: OfferName = "aws/r/t/on_demand/three years".parse().unwrap();
        assert_eq!(against.commitment.as_deref(), Some("three years"));
        assert_eq!(against.to_string(), "aws/r/t/on_demand/three years");
        assert_eq!("gcp/r/t/on-demand".parse::<OfferName>().unwrap().capacity_type, CapacityType::OnDemand);
    }
}
