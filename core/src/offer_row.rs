//! How an offer is written: a row of numbers, to keep a plan small.
//!
//! Type, region, how it is bought (0 on demand, 1 spot, 2 against a commitment), nano-dollars, quota set;
//! then, where there is one, the hazard; and where the price is not the list price, hazard or null, the
//! index of the discount or commitment, and the list price in nano-dollars.

use serde::{Deserialize, Serialize};

use crate::market::{CapacityType, Offer};
use crate::money::UsdPerHour;
use crate::terms::Terms;

/// Every column; the last three may be missing.
#[derive(Deserialize)]
struct Row(
    u32,
    u16,
    u8,
    i64,
    u16,
    #[serde(default)] Option<u16>,
    #[serde(default)] Option<u16>,
    #[serde(default)] Option<i64>,
);

impl Serialize for Offer {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let how: u8 = match (self.capacity_type, self.terms) {
            (CapacityType::Spot, _) => 1,
            (CapacityType::OnDemand, Some(Terms::Commitment { .. })) => 2,
            (CapacityType::OnDemand, _) => 0,
        };
        let plain = (self.instance_type, self.region, how, self.price.nanos(), self.quota_set);
        let (a, b, c, d, e) = plain;
        match (self.terms, self.hazard) {
            (None, None) => plain.serialize(s),
            (None, Some(hazard)) => (a, b, c, d, e, hazard).serialize(s),
            (Some(Terms::Discount { index, list } | Terms::Commitment { index, list }), hazard) => {
                (a, b, c, d, e, hazard, index, list.nanos()).serialize(s)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Offer {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let row = Row::deserialize(d)?;
        let error = |what: &str| Err(serde::de::Error::custom(what));
        let terms = match (row.2, row.6, row.7.map(UsdPerHour::from_nanos)) {
            (0 | 1, None, None) => None,
            (0 | 1, Some(index), Some(list)) => Some(Terms::Discount { index, list }),
            (2, Some(index), Some(list)) => Some(Terms::Commitment { index, list }),
            (0..=2, ..) => return error("an offer has an index of its terms and a list price, or neither"),
            _ => return error("an offer is bought in one of the ways 0, 1 and 2"),
        };
        Ok(Self {
            instance_type: row.0,
            region: row.1,
            capacity_type: if row.2 == 1 { CapacityType::Spot } else { CapacityType::OnDemand },
            price: UsdPerHour::from_nanos(row.3),
            quota_set: row.4,
            hazard: row.5,
            terms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_round_trip_and_are_short() {
        let list = UsdPerHour::from_nanos(384_000_000);
        let plain = Offer {
            instance_type: 7,
            region: 3,
            capacity_type: CapacityType::OnDemand,
            price: UsdPerHour::from_nanos(336_000_000),
            hazard: None,
            quota_set: 2,
            terms: None,
        };
        let spot = Offer { capacity_type: CapacityType::Spot, hazard: Some(4), ..plain };
        let discounted = Offer { terms: Some(Terms::Discount { index: 1, list }), ..plain };
        let cheap_spot = Offer { terms: discounted.terms, ..spot };
        let covered = Offer { price: UsdPerHour::ZERO, terms: Some(Terms::Commitment { index: 0, list }), ..plain };
        let rows = [
            (plain, "[7,3,0,336000000,2]"),
            (spot, "[7,3,1,336000000,2,4]"),
            (discounted, "[7,3,0,336000000,2,null,1,384000000]"),
            (cheap_spot, "[7,3,1,336000000,2,4,1,384000000]"),
            (covered, "[7,3,2,0,2,null,0,384000000]"),
        ];
        for (offer, text) in rows {
            assert_eq!(serde_json::to_string(&offer).unwrap(), text);
            assert_eq!(serde_json::from_str::<Offer>(text).unwrap(), offer);
        }
        for text in ["[7,3,3,1,2]", "[7,3,2,1,2]", "[7,3,0,1,2,null,1]", "[7,3]", "[7,3,0,1,2,null,1,5,9]"] {
            assert!(serde_json::from_str::<Offer>(text).is_err(), "{text}");
        }
    }
}
