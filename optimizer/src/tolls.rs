//! A second search in which committed capacity has a price.
//!
//! Against a commitment nodes cost nothing more, so in a search by cost the first to come takes it. The
//! relaxation prices it; searched at that toll, a node takes part of a commitment only where that saves
//! as much as anywhere. What is left over is taken freely afterwards.

use std::collections::BTreeMap;

use tradewind_core::market::QuotaUnit;

use crate::construct::{Packing, all, construct};
use crate::improve::improve;
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::singles::Singles;

/// The schedule found at the relaxation's tolls, polished without them; `None` where there are no
/// commitments, or they are not scarce.
pub(crate) fn search<'p, 'a>(
    problem: &'p Problem<'a>,
    relaxation: &Relaxation,
    singles: &Singles,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Schedule<'p, 'a>> {
    let tolls = tolls(problem, relaxation);
    if tolls.iter().all(|t| *t == 0.0) {
        return None;
    }
    let tolled = problem.at_tolls(tolls);
    let at_tolls = Singles::new(&tolled);
    let mut schedule = Schedule::new(&tolled);
    construct(&mut schedule, relaxation, &at_tolls, &all, Packing::Prompt, stop);
    improve(&mut schedule, relaxation, &at_tolls, stop);
    let mut schedule = schedule.over(problem);
    improve(&mut schedule, relaxation, singles, stop);
    Some(schedule)
}

/// By offer, dollars per hour: what it takes of its commitment at the mean price over the horizon.
fn tolls(problem: &Problem<'_>, relaxation: &Relaxation) -> Vec<f64> {
    let market = problem.market;
    let windows = problem.rules.horizon.windows();
    let mut mean: BTreeMap<u16, f64> = BTreeMap::new();
    for (&(row, _), price) in relaxation.prices.quota.iter().filter(|((_, t), _)| *t < windows) {
        *mean.entry(row).or_insert(0.0) += price / windows as f64;
    }
    let toll = |offer: &tradewind_core::market::Offer| {
        let price = market.commitment_of(offer).and_then(|c| mean.get(&c.quota));
        price.map_or(0.0, |p| p * market.taken_milli(QuotaUnit::MilliUsd, offer) as f64 / 1e3)
    };
    market.offers.iter().map(toll).collect()
}
