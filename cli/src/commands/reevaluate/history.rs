//! Prices beside their own past.

use std::collections::BTreeSet;

use tradewind_core::market::CapacityType;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::Plan;
use tradewind_scheduler::nightly::anomaly::{DAYS, PriceJump, price_jump};

use super::tonight::{Prices, Tonight};

/// What was found of the prices.
#[derive(Default)]
pub struct Jumps {
    /// Those that jumped, the furthest first.
    pub found: Vec<PriceJump>,
    /// Prices that were judged.
    pub judged: u64,
    /// Prices whose past is too short.
    pub not_judged: u64,
}

/// The spot prices of what some plans buy, each against its past. A market of one snapshot has no past.
pub fn jumps<'p>(prices: &Prices, tonight: &Tonight, plans: impl Iterator<Item = &'p Plan>) -> Jumps {
    let bought: BTreeSet<OfferName> = plans
        .flat_map(|p| &p.allocations)
        .filter(|a| a.capacity_type == CapacityType::Spot)
        .map(OfferName::of_allocation)
        .collect();
    let market = &tonight.loaded.market;
    let mut jumps = Jumps::default();
    for name in bought {
        let Some(offer) = name.find(market) else { continue };
        let past = match prices {
            Prices::Daily(series) => series.before(&name.region, &name.instance_type, market.as_of, DAYS),
            Prices::One => Vec::new(),
        };
        match price_jump(&name.to_string(), market.offers[offer].price, &past) {
            Ok(found) => {
                jumps.judged += 1;
                jumps.found.extend(found);
            }
            Err(_) => jumps.not_judged += 1,
        }
    }
    jumps.found.sort_by(|a, b| b.score.abs().total_cmp(&a.score.abs()).then_with(|| a.offer.cmp(&b.offer)));
    jumps
}
