//! What people call an offer: `aws/us-east-1/m6i.xlarge/spot`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::market::{CapacityType, Market};
use crate::place::RegionName;

/// An instance type in a region, bought one way, by name. Written `cloud/region/type/capacity`.
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
        }
    }

    /// The offer of that name in a market.
    pub fn find(&self, market: &Market) -> Option<usize> {
        market.find_offer(&self.region, &self.instance_type, self.capacity_type)
    }
}

impl fmt::Display for OfferName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}/{}", self.region, self.instance_type, self.capacity_type))
    }
}

impl FromStr for OfferName {
    type Err = OfferNameError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || OfferNameError(text.to_owned());
        let parts: Vec<&str> = text.split('/').collect();
        let [cloud, region, instance_type, capacity] = parts[..] else { return Err(error()) };
        let named = [cloud, region, instance_type].iter().all(|p| !p.is_empty());
        let capacity_type = capacity.replace('-', "_").parse().map_err(|()| error())?;
        let region = RegionName::new(cloud, region);
        if named { Ok(Self { region, instance_type: instance_type.to_owned(), capacity_type }) } else { Err(error()) }
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
        for text in ["", "aws", "aws/us-east-1/m6i.xlarge", "aws/us-east-1//spot", "aws/r/t/free", "aws/r/t/spot/x"] {
            assert!(text.parse::<OfferName>().is_err(), "{text:?}");
        }
        assert_eq!("gcp/r/t/on-demand".parse::<OfferName>().unwrap().capacity_type, CapacityType::OnDemand);
    }
}
