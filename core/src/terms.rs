//! What an organisation pays instead of list prices: discounts, and commitments paid in advance.
//!
//! A discount changes the price of an offer. A commitment adds offers: the same types bought against
//! money that is spent already, at no further price, limited by a quota counted in dollars per hour.
//! Why that is right and exact: `docs/decisions/0007-commitments-as-quota.md`.

use serde::{Deserialize, Serialize};

use crate::market::{CapacityType, HIGHEST_PRICE, Market, MarketError, Offer, QuotaUnit};
use crate::money::{Usd, UsdPerHour};
use crate::percent::Percent;
use crate::rules::Horizon;
use crate::time::{Millis, Time};

/// Nano-dollars in the unit of a commitment's quota, a thousandth of a dollar per hour.
pub const NANOS_PER_MILLI_USD: i64 = 1_000_000;

/// A negotiated discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// Unique among the discounts.
    pub name: String,
    /// Off the list price.
    pub percent: Percent,
}

/// An hourly spend that is owed whether it is used or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Unique among the commitments.
    pub name: String,
    /// What is owed for every hour; whole thousandths of a dollar.
    pub usd_per_hour: UsdPerHour,
    /// Covered usage is charged against it at the list price less this.
    pub percent: Percent,
    /// In force from here; `None` is always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Time>,
    /// In force until here; `None` is always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Time>,
    /// Index of its row in [`Market::quotas`].
    pub quota: u16,
}

impl Commitment {
    /// What is owed over the horizon, used or not.
    pub fn owed(&self, horizon: Horizon) -> Usd {
        self.usd_per_hour.times(self.within(horizon.start, horizon.end))
    }

    /// How much of `[from, to)` it is in force.
    pub fn within(&self, from: Time, to: Time) -> Millis {
        let from = self.starts.map_or(from, |s| s.max(from));
        let to = self.ends.map_or(to, |e| e.min(to));
        (to - from).max(Millis::ZERO)
    }
}

/// What stands between an offer's list price and what a node of it is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The price is the list price less a discount.
    Discount {
        /// Index in [`Market::discounts`].
        index: u16,
        /// Before the discount.
        list: UsdPerHour,
    },
    /// The price is zero: the node is charged against a commitment.
    Commitment {
        /// Index in [`Market::commitments`].
        index: u16,
        /// Before anything.
        list: UsdPerHour,
    },
}

impl Terms {
    /// The list price.
    pub fn list(self) -> UsdPerHour {
        match self {
            Self::Discount { list, .. } | Self::Commitment { list, .. } => list,
        }
    }
}

impl Offer {
    /// The price before any discount or commitment.
    pub fn list_price(&self) -> UsdPerHour {
        self.terms.map_or(self.price, Terms::list)
    }

    /// Index of the commitment it is bought against.
    pub fn commitment(&self) -> Option<u16> {
        match self.terms {
            Some(Terms::Commitment { index, .. }) => Some(index),
            _ => None,
        }
    }
}

impl Market {
    /// What an hour of a node is charged, in money or against its commitment: what limits on a node's
    /// price are held against.
    pub fn hourly(&self, offer: &Offer) -> UsdPerHour {
        match offer.terms {
            Some(Terms::Commitment { index, list }) => self.commitments[usize::from(index)].percent.off(list),
            _ => offer.price,
        }
    }

    /// How much of a quota one node of an offer takes, in thousandths of the quota's unit. Of a
    /// commitment that is what an hour is charged, in micro-dollars, rounded up.
    pub fn taken_milli(&self, unit: QuotaUnit, offer: &Offer) -> u64 {
        let instance_type = self.type_of(offer);
        match unit {
            QuotaUnit::Vcpu => instance_type.quota_vcpu_milli(),
            QuotaUnit::Gpu => instance_type.capacity.gpu_milli,
            QuotaUnit::Instance => 1000,
            QuotaUnit::MilliUsd => self.hourly(offer).nanos().unsigned_abs().div_ceil(1000),
        }
    }

    /// How many nodes of an offer its quotas let stand at once; [`u64::MAX`] where it takes none.
    pub fn most_nodes(&self, offer: &Offer) -> u64 {
        let of = |&q: &u16| {
            let row = &self.quotas[usize::from(q)];
            let taken = u128::from(self.taken_milli(row.unit, offer));
            let most = (u128::from(row.available) * 1000).checked_div(taken).unwrap_or(u128::MAX);
            u64::try_from(most).unwrap_or(u64::MAX)
        };
        self.quotas_of(offer).iter().map(of).min().unwrap_or(u64::MAX)
    }

    /// The commitment an offer is bought against.
    pub fn commitment_of(&self, offer: &Offer) -> Option<&Commitment> {
        offer.commitment().map(|c| &self.commitments[usize::from(c)])
    }

    /// What all commitments owe over the horizon, used or not.
    pub fn owed(&self, horizon: Horizon) -> Usd {
        self.commitments.iter().map(|c| c.owed(horizon)).sum()
    }

    /// Whether every commitment has its quota row, and every offer's price follows from its terms.
    pub(crate) fn check_terms(&self) -> Result<(), MarketError> {
        let err = |row: String, what: &str| Err(MarketError { row, what: what.to_owned() });
        for (i, c) in self.commitments.iter().enumerate() {
            let row = self.quotas.get(usize::from(c.quota)).filter(|q| q.unit == QuotaUnit::MilliUsd);
            let limit = row.map(|q| i128::from(q.available) * i128::from(NANOS_PER_MILLI_USD));
            let backwards = c.starts.zip(c.ends).is_some_and(|(s, e)| s >= e);
            if limit != Some(i128::from(c.usd_per_hour.nanos())) || backwards {
                return err(format!("commitments[{i}]"), "its quota row does not hold what it owes, or it ends first");
            }
        }
        for (i, offer) in self.offers.iter().enumerate() {
            if !self.priced_by_terms(offer) || !self.charged_to_its_commitment(offer) {
                return err(format!("offers[{i}]"), "its price does not follow from its list price and terms");
            }
        }
        Ok(())
    }

    fn priced_by_terms(&self, offer: &Offer) -> bool {
        let positive = |price: UsdPerHour| (1..=HIGHEST_PRICE).contains(&price.nanos());
        match offer.terms {
            None => positive(offer.price),
            Some(Terms::Discount { index, list }) => {
                let discount = self.discounts.get(usize::from(index));
                positive(list) && discount.is_some_and(|d| d.percent.off(list) == offer.price)
            }
            Some(Terms::Commitment { index, list }) => {
                let known = usize::from(index) < self.commitments.len();
                known && positive(list) && offer.price.nanos() == 0 && offer.capacity_type == CapacityType::OnDemand
            }
        }
    }

    /// Of the quotas counted in dollars, exactly the row of its own commitment, or none.
    fn charged_to_its_commitment(&self, offer: &Offer) -> bool {
        let in_dollars = |q: &&u16| self.quotas[usize::from(**q)].unit == QuotaUnit::MilliUsd;
        let rows = self.quotas_of(offer).iter().filter(in_dollars).copied();
        rows.eq(self.commitment_of(offer).map(|c| c.quota))
    }
}
