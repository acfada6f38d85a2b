//! Discounts and commitments put on a market of list prices, with what there is to say about them.

use tradewind_core::contract::Contract;
use tradewind_core::market::Market;
use tradewind_core::terms::Terms;

use crate::error::{DataError, Place};

/// The market at the contract's terms. Quarantine has judged the list prices before.
pub(crate) fn apply(
    contract: &Contract,
    market: Market,
    assumptions: &mut Vec<String>,
    warnings: &mut Vec<String>,
) -> Result<Market, DataError> {
    let market = contract.applied_to(market).map_err(|e| {
        let help = "name fewer offers in the commitments: fewer clouds, regions or families";
        DataError::inconsistent(Place::file("tradewind.toml"), e.to_string(), "a contract the market can hold", help)
    })?;
    let (mut discounted, mut covered) = (vec![0_u64; market.discounts.len()], vec![0_u64; market.commitments.len()]);
    for offer in &market.offers {
        match offer.terms {
            Some(Terms::Discount { index, .. }) => discounted[usize::from(index)] += 1,
            Some(Terms::Commitment { index, .. }) => covered[usize::from(index)] += 1,
            None => {}
        }
    }
    for (d, n) in market.discounts.iter().zip(discounted) {
        match n {
            0 => warnings.push(format!("discount {:?} applies to no offer that an earlier one does not take", d.name)),
            _ => assumptions.push(format!("discount {}: {} off the list price of {n} offers", d.name, d.percent)),
        }
    }
    for (c, n) in market.commitments.iter().zip(covered) {
        match n {
            0 => warnings.push(format!("commitment {:?} covers no offer: all of it is unused", c.name)),
            _ => assumptions.push(format!(
                "commitment {}: {} USD/h owed whatever is planned; nodes of {n} on-demand offers are charged against \
                 it at the list price less {}, each whole or not at all",
                c.name, c.usd_per_hour, c.percent
            )),
        }
    }
    Ok(market)
}
