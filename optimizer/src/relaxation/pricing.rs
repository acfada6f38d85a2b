//! What each way to run a class costs at given prices, and the part of the bound that is not about tasks.

use std::collections::{BTreeSet, HashMap};

use tradewind_core::market::QuotaUnit;

use super::Objective;
use super::prices::{Prices, dot, least_share, taken_hours};
use crate::occupancy::Windows;
use crate::problem::{Choice, Problem};

/// Prices of quota over time for one quota set, per unit kind, with prefix integrals.
struct SetPrices {
    windows: Windows,
    /// Per unit of [`PRICED`]: price rate in each window and integral up to each edge.
    rate: [Vec<f64>; PRICED.len()],
    upto: [Vec<f64>; PRICED.len()],
}

impl SetPrices {
    fn integral(&self, unit: usize, x: i64) -> f64 {
        let x = x.clamp(0, self.windows.length);
        let t = ((x / self.windows.window) as usize).min(self.windows.count());
        let rest =
            if t < self.windows.count() { self.rate[unit][t] * (x - self.windows.edge(t)) as f64 / 3.6e6 } else { 0.0 };
        self.upto[unit][t] + rest
    }
}

/// Everything the pricing of columns needs, made once a round.
pub(super) struct Pricing<'p, 'a> {
    problem: &'p Problem<'a>,
    counts: &'p [u32],
    prices: &'p Prices,
    objective: Objective,
    sets: HashMap<u16, SetPrices>,
    readers: Vec<f64>,
}

/// The units of [`SetPrices`]; instances are not priced.
const PRICED: [QuotaUnit; 3] = [QuotaUnit::Vcpu, QuotaUnit::Gpu, QuotaUnit::MilliUsd];

/// Index of a unit in [`PRICED`].
fn unit_index(unit: QuotaUnit) -> Option<usize> {
    PRICED.iter().position(|u| *u == unit)
}

impl<'p, 'a> Pricing<'p, 'a> {
    pub(super) fn new(
        problem: &'p Problem<'a>,
        counts: &'p [u32],
        prices: &'p Prices,
        windows: Windows,
        objective: Objective,
    ) -> Self {
        let mut sets: HashMap<u16, SetPrices> = HashMap::new();
        let rows: BTreeSet<u16> = prices.quota.keys().map(|(q, _)| *q).collect();
        for (s, set) in problem.market.quota_sets.iter().enumerate() {
            if !set.iter().any(|q| rows.contains(q)) {
                continue;
            }
            let n = windows.count();
            let mut rate = PRICED.map(|_| vec![0.0; n]);
            for &q in set {
                let Some(u) = unit_index(problem.market.quotas[usize::from(q)].unit) else { continue };
                for (&(_, t), &w) in prices.quota.range((q, 0)..(q + 1, 0)) {
                    rate[u][t] += w;
                }
            }
            let upto = [0, 1, 2].map(|u: usize| {
                let mut sum = vec![0.0; n + 1];
                for t in 0..n {
                    sum[t + 1] = sum[t] + rate[u][t] * (windows.edge(t + 1) - windows.edge(t)) as f64 / 3.6e6;
                }
                sum
            });
            if upto.iter().any(|u| u[n] > 0.0) {
                sets.insert(s as u16, SetPrices { windows, rate, upto });
            }
        }
        let mut readers = vec![0.0; problem.datasets.len()];
        for (k, class) in problem.classes.iter().enumerate() {
            class.datasets.iter().for_each(|&d| readers[d] += f64::from(counts[k]));
        }
        Self { problem, counts, prices, objective, sets, readers }
    }

    /// Price of a task's share of staged copies in a region.
    fn staging(&self, k: usize, region: u16) -> f64 {
        let class = &self.problem.classes[k];
        class
            .datasets
            .iter()
            .map(|&d| match self.prices.staging.get(&(d, region)) {
                Some(shares) => shares.get(&k).copied().unwrap_or(0.0),
                None => self.problem.staging_egress(d, region).unwrap_or(0.0) / self.readers[d].max(1.0),
            })
            .sum()
    }

    /// Price of a task of class `k` by a choice, at its best start.
    pub(super) fn choice(&self, k: usize, choice: &Choice, below: f64) -> Option<(f64, i64)> {
        let class = &self.problem.classes[k];
        let pool = &self.problem.pools[choice.pool as usize];
        let own = class.own_cost(pool.region, choice.law);
        let hours = taken_hours(class, choice.law);
        let costs = self.objective == Objective::Cost;
        let mut price = if costs { own + dot(self.prices.mu[choice.pool as usize], hours) } else { 0.0 };
        if let Some(b) = class.budget {
            price += self.prices.budget[b] * (own + least_share(self.problem, choice.pool as usize, hours));
        }
        if price >= below {
            return None;
        }
        if costs && !class.datasets.is_empty() {
            price += self.staging(k, pool.region);
        }
        let Some(set) = self.sets.get(&pool.quota_set) else { return Some((price, choice.earliest)) };
        if price >= below {
            return None;
        }
        let taken = PRICED.map(|u| self.problem.least_quota(class, pool, u) as f64 / 1e3);
        let length = class.laws[usize::from(choice.law)].reserved.get();
        let at = |s: i64| -> f64 {
            (0..taken.len()).map(|u| taken[u] * (set.integral(u, s + length) - set.integral(u, s))).sum()
        };
        let mut best = (at(choice.earliest), choice.earliest);
        for t in 0..=set.windows.count() {
            for s in [set.windows.edge(t), set.windows.edge(t) - length] {
                if s > choice.earliest && s <= choice.latest {
                    let v = at(s);
                    if v < best.0 - 1e-12 {
                        best = (v, s);
                    }
                }
            }
        }
        let v = at(choice.latest);
        if v < best.0 - 1e-12 {
            best = (v, choice.latest);
        }
        Some((price + best.0, best.1))
    }

    /// The cheapest ways to run a class, cheapest first: (price, choice, start), distinct pools.
    pub(super) fn best(&self, k: usize, most: usize) -> Vec<(f64, usize, i64)> {
        let mut best: Vec<(f64, usize, i64)> = Vec::with_capacity(most + 1);
        for (c, choice) in self.problem.classes[k].choices.iter().enumerate() {
            let below = if best.len() == most { best[most - 1].0 } else { f64::INFINITY };
            if let Some((price, start)) = self.choice(k, choice, below)
                && price < below
            {
                let at = best.partition_point(|b| b.0 <= price);
                best.insert(at, (price, c, start));
                best.truncate(most);
            }
        }
        best
    }

    /// The part of the bound that is not about tasks: quotas, budgets and copies.
    pub(super) fn constant(&self, windows: Windows) -> f64 {
        let market = self.problem.market;
        let quota: f64 = self
            .prices
            .quota
            .iter()
            .map(|(&(q, t), w)| {
                w * market.quotas[usize::from(q)].available as f64 * (windows.edge(t + 1) - windows.edge(t)) as f64
                    / 3.6e6
            })
            .sum();
        let budget: f64 = self.prices.budget.iter().zip(&self.problem.budgets).map(|(b, (_, limit))| b * limit).sum();
        let copies: f64 = self
            .prices
            .staging
            .iter()
            .map(|(&(d, r), shares)| {
                let borne: f64 = shares.iter().map(|(&k, s)| s * f64::from(self.counts[k])).sum();
                (self.problem.staging_egress(d, r).unwrap_or(0.0) - borne).min(0.0)
            })
            .sum();
        copies - quota - budget
    }
}
