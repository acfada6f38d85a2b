//! What a certificate says a node's capacity is worth, made feasible: by pool and size.

use std::collections::HashMap;

use super::view::View;
use crate::certificate::{Certificate, OfferDual};
use crate::cost;
use crate::node_price::{NodePrice, STEPS};
use crate::pool::{self, Pool};
use crate::resources::{ResourcePrices, Resources};

/// Prices above this (nano-dollars per unit and hour) are cut: they cannot help and could overflow.
pub(super) const MOST_PRICE: i64 = 1 << 50;

/// The prices of the nodes of each pool.
pub(super) fn node_prices(view: &View<'_>, certificate: &Certificate) -> Vec<NodePrices> {
    let index: HashMap<&str, usize> = view.pools.iter().enumerate().map(|(i, p)| (p.key.as_str(), i)).collect();
    let mut asked: HashMap<(usize, &str), NodePrice> = HashMap::new();
    for dual in &certificate.offers {
        if let Some(&p) = index.get(dual.pool.as_str()) {
            asked.insert((p, dual.instance_type.as_str()), node_price(dual));
        }
    }
    let frontier = pool::frontier(view.market, &view.pools);
    let of_pool = |(p, pool): (usize, &Pool)| {
        let mut prices = NodePrices::default();
        for &o in pool.offers.iter().filter(|&&o| frontier[o]) {
            let offer = &view.market.offers[o];
            let kind = view.market.type_of(offer);
            match asked.get(&(p, kind.name.as_str())) {
                Some(wanted) => {
                    let rate = cost::least_rate(view.market, offer).nanos();
                    prices.asked.push((o, kind.capacity, wanted.feasible(kind.capacity, rate)));
                }
                None => prices.own.push((o, kind.capacity, pool.own_prices(view.market, o))),
            }
        }
        // All in one direction: the lowest is lowest for every demand.
        prices.own.sort_by_key(|(_, _, own)| (own.vcpu, own.gib, own.gpu));
        prices
    };
    view.pools.iter().enumerate().map(of_pool).collect()
}

/// The prices that a certificate asks for; a step that there is not has none.
fn node_price(dual: &OfferDual) -> NodePrice {
    let cut = |x: i64| x.clamp(0, MOST_PRICE);
    let ResourcePrices { vcpu, gib, gpu } = dual.prices;
    let mut price = NodePrice {
        resources: ResourcePrices { vcpu: cut(vcpu), gib: cut(gib), gpu: cut(gpu) },
        ..NodePrice::default()
    };
    for step in &dual.steps {
        if let Some(at) = STEPS.iter().position(|s| s.of == step.of && s.parts == step.parts) {
            price.steps[at] = cut(step.price);
        }
    }
    price
}

/// Prices of the sizes of node in a pool, of those that a bound needs.
#[derive(Default)]
pub(super) struct NodePrices {
    /// Sizes that the certificate prices.
    asked: Vec<(usize, Resources, NodePrice)>,
    /// The others at their own prices, lowest first.
    own: Vec<(usize, Resources, ResourcePrices)>,
}

impl NodePrices {
    /// What an hour of the demand costs on nodes that hold it, by offer, times [`RESOURCE_SCALE`]: of
    /// the sizes at their own prices the lowest, or all where their quotas have a price too.
    pub(super) fn of(&self, demand: Resources, all: bool) -> impl Iterator<Item = (usize, i128)> {
        let holds = move |size: &Resources| demand.fits_in(*size);
        let asked = self.asked.iter().filter(move |(_, size, _)| holds(size));
        let asked = asked.map(move |(o, size, prices)| (*o, prices.hourly_scaled(demand, *size)));
        let own = self.own.iter().filter(move |(_, size, _)| holds(size));
        let own = own.map(move |(o, _, prices)| (*o, prices.hourly_scaled(demand)));
        asked.chain(own.take(if all { usize::MAX } else { 1 }))
    }
}
