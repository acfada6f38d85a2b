//! An organisation's discounts and commitments, and a market under them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::market::{CapacityType, Market, MarketError, Offer, QuotaRow, QuotaUnit};
use crate::money::UsdPerHour;
use crate::select::Selector;
use crate::terms::{Commitment, Discount, NANOS_PER_MILLI_USD, Terms};

/// What an organisation has agreed with its clouds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Contract {
    /// The first that names an offer applies, to its list price.
    pub discounts: Vec<(Discount, Selector)>,
    /// Each adds an offer beside every on-demand offer that it names; its quota row is made then.
    pub commitments: Vec<(Commitment, Selector)>,
}

impl Contract {
    /// Whether nothing is agreed.
    pub fn is_empty(&self) -> bool {
        self.discounts.is_empty() && self.commitments.is_empty()
    }

    /// The market at these terms; `market` has list prices.
    ///
    /// # Errors
    /// What would not hold together: more quota sets than can be numbered, a commitment that ends
    /// before it starts or is not in whole thousandths of a dollar.
    pub fn applied_to(&self, mut market: Market) -> Result<Market, MarketError> {
        let listed = std::mem::take(&mut market.offers);
        market.offers = listed.iter().map(|o| self.discounted(&market, o)).collect();
        market.discounts = self.discounts.iter().map(|(d, _)| d.clone()).collect();
        for (commitment, on) in &self.commitments {
            commit(&mut market, &listed, commitment, on)?;
        }
        market.offers.sort_by_key(|o| (o.region, o.instance_type, o.capacity_type, o.commitment()));
        market.validated()
    }

    fn discounted(&self, market: &Market, offer: &Offer) -> Offer {
        let Some(index) = self.discounts.iter().position(|(_, on)| on.matches(market, offer)) else { return *offer };
        let (list, price) = (offer.price, self.discounts[index].0.percent.off(offer.price));
        Offer { price, terms: Some(Terms::Discount { index: index as u16, list }), ..*offer }
    }
}

/// Adds a commitment: its quota row, and an offer beside every on-demand offer that it names.
fn commit(market: &mut Market, listed: &[Offer], commitment: &Commitment, on: &Selector) -> Result<(), MarketError> {
    let (index, quota) = (market.commitments.len() as u16, number(market.quotas.len(), "quotas")?);
    market.quotas.push(QuotaRow {
        name: format!("commitment/{}", commitment.name),
        unit: QuotaUnit::MilliUsd,
        available: (commitment.usd_per_hour.nanos() / NANOS_PER_MILLI_USD).unsigned_abs(),
    });
    market.commitments.push(Commitment { quota, ..commitment.clone() });
    let mut sets: BTreeMap<u16, u16> = BTreeMap::new();
    let named = |o: &&Offer| o.capacity_type == CapacityType::OnDemand && on.matches(market, o);
    let eligible: Vec<&Offer> = listed.iter().filter(named).collect();
    for offer in eligible {
        let set = match sets.get(&offer.quota_set) {
            Some(&known) => known,
            None => {
                let new = number(market.quota_sets.len(), "quota_sets")?;
                // The new row has the highest number, so the set stays sorted.
                let mut rows = market.quota_sets[usize::from(offer.quota_set)].clone();
                rows.push(quota);
                market.quota_sets.push(rows);
                *sets.entry(offer.quota_set).or_insert(new)
            }
        };
        let terms = Some(Terms::Commitment { index, list: offer.price });
        market.offers.push(Offer { price: UsdPerHour::ZERO, quota_set: set, terms, ..*offer });
    }
    Ok(())
}

fn number(length: usize, table: &str) -> Result<u16, MarketError> {
    u16::try_from(length).map_err(|_| MarketError {
        row: format!("{table}[{length}]"),
        what: "more rows than can be numbered: name fewer offers in the commitments".to_owned(),
    })
}
