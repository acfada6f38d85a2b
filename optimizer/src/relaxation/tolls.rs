//! What quota costs over time at the relaxation's prices.

use std::collections::{BTreeSet, HashMap};

use tradewind_core::market::QuotaUnit;

use super::prices::Prices;
use crate::occupancy::Windows;
use crate::problem::Problem;

/// The units that are priced; instances are not.
pub(super) const PRICED: [QuotaUnit; 3] = [QuotaUnit::Vcpu, QuotaUnit::Gpu, QuotaUnit::MilliUsd];

/// Index of a unit in [`PRICED`].
fn unit_index(unit: QuotaUnit) -> Option<usize> {
    PRICED.iter().position(|u| *u == unit)
}

/// Prices of quota over time for one quota set, per unit kind, with prefix integrals.
pub(super) struct SetTolls {
    windows: Windows,
    /// Per unit of [`PRICED`]: price rate in each window and integral up to each edge.
    rate: [Vec<f64>; PRICED.len()],
    upto: [Vec<f64>; PRICED.len()],
}

impl SetTolls {
    fn integral(&self, unit: usize, x: i64) -> f64 {
        let t = self.windows.at(x);
        let into = (x - self.windows.edge(t)).max(0) as f64 / 3.6e6;
        self.upto[unit][t] + self.rate[unit].get(t).map_or(0.0, |rate| rate * into)
    }

    /// The edges of windows.
    pub(super) fn edges(&self) -> impl Iterator<Item = i64> {
        (0..=self.windows.count()).map(|t| self.windows.edge(t))
    }

    /// Dollars for holding `taken` units of each kind over `[from, to)`.
    pub(super) fn held(&self, taken: &[f64; PRICED.len()], from: i64, to: i64) -> f64 {
        (0..taken.len()).map(|u| taken[u] * (self.integral(u, to) - self.integral(u, from))).sum()
    }

    /// The least of it over every start in `[earliest, latest]`, and the earliest such start: it is
    /// piecewise linear between window edges.
    pub(super) fn least(&self, taken: &[f64; PRICED.len()], earliest: i64, latest: i64, length: i64) -> (f64, i64) {
        let at = |s: i64| self.held(taken, s, s + length);
        let mut best = (at(earliest), earliest);
        let edges = (0..=self.windows.count()).flat_map(|t| [self.windows.edge(t), self.windows.edge(t) - length]);
        let inside = edges.filter(|s| *s > earliest && *s <= latest).chain([latest]);
        for s in inside {
            let v = at(s);
            if v < best.0 - 1e-12 {
                best = (v, s);
            }
        }
        best
    }
}

/// The quota sets that have a price.
pub(crate) struct QuotaTolls {
    sets: HashMap<u16, SetTolls>,
    /// Quota set and units of each kind that a node takes, by offer.
    nodes: HashMap<usize, (u16, [f64; PRICED.len()])>,
}

impl QuotaTolls {
    /// At given prices.
    pub(super) fn new(problem: &Problem<'_>, prices: &Prices, windows: Windows) -> Self {
        let sets = sets(problem, prices, windows);
        let priced = |o: &usize| sets.contains_key(&problem.market.offers[*o].quota_set);
        let node = |o: usize| {
            let offer = &problem.market.offers[o];
            (o, (offer.quota_set, PRICED.map(|u| problem.market.taken_milli(u, offer) as f64 / 1e3)))
        };
        let nodes = (0..problem.market.offers.len()).filter(priced).map(node).collect();
        Self { sets, nodes }
    }

    /// Dollars for a node of an offer that is held over `[launch, held)`.
    pub(crate) fn of_node(&self, offer: usize, launch: i64, held: i64) -> f64 {
        self.nodes.get(&offer).map_or(0.0, |(set, taken)| self.sets[set].held(taken, launch, held))
    }

    /// The least of it for a node held for `length` from a start in `[earliest, latest]`.
    pub(crate) fn least_of_node(&self, offer: usize, earliest: i64, latest: i64, length: i64) -> f64 {
        self.nodes.get(&offer).map_or(0.0, |(set, taken)| self.sets[set].least(taken, earliest, latest, length).0)
    }

    pub(super) fn of_set(&self, set: u16) -> Option<&SetTolls> {
        self.sets.get(&set)
    }
}

fn sets(problem: &Problem<'_>, prices: &Prices, windows: Windows) -> HashMap<u16, SetTolls> {
    let rows: BTreeSet<u16> = prices.quota.keys().map(|(q, _)| *q).collect();
    let mut sets = HashMap::new();
    for (s, set) in problem.market.quota_sets.iter().enumerate() {
        if !set.iter().any(|q| rows.contains(q)) {
            continue;
        }
        let n = windows.count();
        let mut rate = PRICED.map(|_| vec![0.0; n]);
        for &q in set {
            let Some(u) = unit_index(problem.market.quotas[usize::from(q)].unit) else { continue };
            for (&(_, t), &w) in prices.quota.range((q, 0)..(q, n)) {
                rate[u][t] += w;
            }
        }
        let upto = [0, 1, 2].map(|u: usize| {
            let mut sum = vec![0.0; n + 1];
            for t in 0..n {
                sum[t + 1] = sum[t] + rate[u][t] * windows.hours(t);
            }
            sum
        });
        if upto.iter().any(|u| u[n] > 0.0) {
            sets.insert(s as u16, SetTolls { windows, rate, upto });
        }
    }
    sets
}
