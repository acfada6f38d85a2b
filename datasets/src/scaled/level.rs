//! The factor at which a given share of a demand lies within the limits.

use tradewind_core::market::Market;

use super::QuotaScale;
use super::demand::Demand;

/// A factor of 1, in millionths.
pub(crate) const MILLION: u64 = 1_000_000;
/// No limit grows beyond this: a billion vCPUs, far from overflowing anything.
pub(super) const MOST: u64 = 1_000_000_000;
/// Largest factor that is tried.
const LARGEST: f64 = 1e9;
/// Halvings of the interval: far below a millionth.
const HALVINGS: u32 = 60;

/// The factor on the account's limits, in millionths, rounded up, for the pools that `keep` names.
pub(super) fn factor(market: &Market, demand: &Demand, keep: impl Fn(usize) -> bool, scale: QuotaScale) -> u64 {
    let within = scale.within();
    let target = (1.0 - within).max(0.0);
    let holds = |factor: f64| beyond(market, demand, &keep, factor) <= target;
    let mut most = 1.0;
    while !holds(most) && most < LARGEST {
        most *= 2.0;
    }
    let mut least = 0.0;
    for _ in 0..HALVINGS {
        let middle = (least + most) / 2.0;
        if holds(middle) {
            most = middle;
        } else {
            least = middle;
        }
    }
    (most * within.max(1.0) * MILLION as f64).ceil() as u64
}

/// The share of the demand in the pools that `keep` names which lies beyond `factor` times the limits.
/// Of what a row cannot hold in a window, every use of it bears its part.
pub(super) fn beyond(market: &Market, demand: &Demand, keep: impl Fn(usize) -> bool, factor: f64) -> f64 {
    let (mut all, mut outside) = (0.0, 0.0);
    for (_, (rows, hours)) in demand.pools.iter().filter(|(p, _)| keep(**p)) {
        for (t, wanted) in hours.iter().enumerate().filter(|(_, wanted)| **wanted > 0.0) {
            let room = |q: &u16| {
                let limit = market.quotas[usize::from(*q)].available as f64 * factor * demand.hours[t];
                let used = demand.rows.get(q).map_or(0.0, |row| row[t]);
                if used > limit { limit / used } else { 1.0 }
            };
            let within = rows.iter().map(room).fold(1.0, f64::min);
            all += wanted;
            outside += wanted * (1.0 - within);
        }
    }
    if all > 0.0 { outside / all } else { 0.0 }
}
