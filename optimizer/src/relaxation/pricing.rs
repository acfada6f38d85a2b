//! What each way to run a class costs at given prices, and the part of the bound that is not about tasks.

use std::collections::HashMap;

use tradewind_core::resources::Resources;

use super::caps::CapTolls;
use super::prices::{DIMENSIONS, Prices, billed_time, dimensions, dot, least_share};
use super::tolls::{PRICED, QuotaTolls};
use super::{Objective, Way};
use crate::occupancy::Windows;
use crate::problem::{Choice, Class, Problem, Size, units};

/// Most further starts of a class that enter the master at once.
const MOST_STARTS: usize = 16;

/// Everything the pricing of columns needs, made once a round.
pub(super) struct Pricing<'p, 'a> {
    pub(super) problem: &'p Problem<'a>,
    counts: &'p [u32],
    prices: &'p Prices,
    objective: Objective,
    tolls: QuotaTolls,
    cap: CapTolls,
    /// Sizes with prices of the master's, by pool.
    asked: HashMap<u32, Vec<(Resources, [f64; DIMENSIONS], u32)>>,
    readers: Vec<f64>,
}

impl<'p, 'a> Pricing<'p, 'a> {
    pub(super) fn new(
        problem: &'p Problem<'a>,
        counts: &'p [u32],
        prices: &'p Prices,
        windows: Windows,
        objective: Objective,
    ) -> Self {
        let mut readers = vec![0.0; problem.datasets.len()];
        for (k, class) in problem.classes.iter().enumerate() {
            class.datasets.iter().for_each(|&d| readers[d] += f64::from(counts[k]));
        }
        let mut asked: HashMap<u32, Vec<(Resources, [f64; DIMENSIONS], u32)>> = HashMap::new();
        for (&offer, &mu) in &prices.nodes {
            let capacity = problem.market.type_of(&problem.market.offers[offer as usize]).capacity;
            asked.entry(problem.pool_of[offer as usize]).or_default().push((capacity, mu, offer));
        }
        let tolls = QuotaTolls::new(problem, prices, windows);
        let cap = CapTolls::new(problem, &prices.concentration);
        Self { problem, counts, prices, objective, tolls, cap, asked, readers }
    }

    /// What an hour of a demand costs on the nodes of a pool that hold it, by offer.
    fn nodes(&self, pool: u32, demand: Resources) -> impl Iterator<Item = (f64, u32)> {
        let asked = self.asked.get(&pool).map_or(&[][..], Vec::as_slice);
        let priced = asked
            .iter()
            .filter(move |(size, ..)| demand.fits_in(*size))
            .map(move |(size, mu, o)| (dot(mu, &dimensions(demand, *size)), *o));
        let other = move |s: &&Size| demand.fits_in(s.capacity) && !asked.iter().any(|(_, _, o)| *o == s.offer);
        let own = self.problem.sizes[pool as usize].iter().filter(other);
        priced.chain(own.map(move |s| (dot(&s.own, &units(demand)), s.offer)))
    }

    /// The least of it. Own prices are all in one direction: the lowest is lowest for every demand.
    fn node(&self, pool: u32, demand: Resources) -> (f64, u32) {
        let asked = self.asked.get(&pool).map_or(0, Vec::len);
        let few = self.nodes(pool, demand).take(asked + 1);
        few.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).unwrap_or((f64::INFINITY, 0))
    }

    /// Price of a task's share of staged copies in a region.
    fn staging(&self, k: usize, region: u16) -> f64 {
        self.problem.classes[k]
            .datasets
            .iter()
            .map(|&d| match self.prices.staging.get(&(d, region)) {
                Some(shares) => shares.get(&k).copied().unwrap_or(0.0),
                None => self.problem.staging_egress(d, region).unwrap_or(0.0) / self.readers[d].max(1.0),
            })
            .sum()
    }

    /// Price of a task by a choice, on its best offer and at its best start, if below a limit. `k` is the
    /// number of its class where copies are priced.
    pub(super) fn choice(
        &self,
        k: Option<usize>,
        class: &Class,
        choice: &Choice,
        below: f64,
    ) -> Option<(f64, u32, i64)> {
        let pool = &self.problem.pools[choice.pool as usize];
        let costs = self.objective == Objective::Cost;
        if costs && choice.own >= below {
            return None;
        }
        let price = self.fixed(k, class, choice);
        let hours = if costs { billed_time(self.problem, class, choice) } else { 0.0 };
        let Some(set) = self.tolls.of_set(pool.quota_set) else {
            let (hourly, offer) = self.node(choice.pool, class.demand);
            return Some((price + hourly * hours, offer, choice.earliest)).filter(|(price, ..)| *price < below);
        };
        let length = class.laws[usize::from(choice.law)].reserved.get();
        let mut best: Option<(f64, u32, i64)> = None;
        for (hourly, offer) in self.nodes(choice.pool, class.demand) {
            let node = price + hourly * hours;
            if node >= best.map_or(below, |b| b.0) {
                continue;
            }
            let taken = PRICED.map(|u| self.problem.least_quota(class, offer, u) as f64 / 1e3);
            let (toll, start) = set.least(&taken, choice.earliest, choice.latest, length);
            if best.is_none_or(|b| node + toll < b.0) {
                best = Some((node + toll, offer, start));
            }
        }
        best
    }

    /// Price of a task of class `k` in one way.
    pub(super) fn way(&self, k: usize, way: Way) -> f64 {
        let class = &self.problem.classes[k];
        let choice = &class.choices[way.choice as usize];
        let pool = &self.problem.pools[choice.pool as usize];
        let mut price = self.fixed(Some(k), class, choice);
        if self.objective == Objective::Cost {
            let node = self.nodes(choice.pool, class.demand).find(|(_, offer)| *offer == way.offer);
            price += node.map_or(f64::INFINITY, |(hourly, _)| hourly) * billed_time(self.problem, class, choice);
        }
        if let Some(set) = self.tolls.of_set(pool.quota_set) {
            let taken = PRICED.map(|u| self.problem.least_quota(class, way.offer, u) as f64 / 1e3);
            let length = class.laws[usize::from(choice.law)].reserved.get();
            price += set.held(&taken, way.start, way.start + length);
        }
        price
    }

    /// Other starts of class `k` in a way's pool at which it costs less than `limit`, the cheapest first and no more than
    /// [`MOST_STARTS`]: where quota is scarce a class needs many, and one a round would take long to find them.
    pub(super) fn other_starts(&self, k: usize, way: Way, limit: f64) -> Vec<Way> {
        let choice = &self.problem.classes[k].choices[way.choice as usize];
        let Some(set) = self.tolls.of_set(self.problem.pools[choice.pool as usize].quota_set) else {
            return Vec::new();
        };
        let edges = set.edges().filter(|s| (choice.earliest..=choice.latest).contains(s) && *s != way.start);
        let price = |start: i64| (self.way(k, Way { start, ..way }), Way { start, ..way });
        let mut starts: Vec<(f64, Way)> = edges.map(price).filter(|(price, _)| *price < limit).collect();
        starts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.start.cmp(&b.1.start)));
        starts.truncate(MOST_STARTS);
        starts.into_iter().map(|(_, way)| way).collect()
    }

    /// What does not depend on the node nor the start: own cost, budget, cap and copies.
    fn fixed(&self, k: Option<usize>, class: &Class, choice: &Choice) -> f64 {
        let costs = self.objective == Objective::Cost;
        let mut price = if costs { choice.own } else { 0.0 };
        if let Some(b) = class.budget {
            price += self.prices.budget[b] * (choice.own + least_share(self.problem, class, choice));
        }
        price += self.cap.of(class, choice.pool);
        if let Some(k) = k.filter(|_| costs) {
            price += self.staging(k, self.problem.pools[choice.pool as usize].region);
        }
        price
    }

    /// The cheapest ways to run class `k` with their prices, cheapest first, distinct pools.
    pub(super) fn best(&self, k: usize, most: usize) -> Vec<(f64, Way)> {
        self.best_of(Some(k), &self.problem.classes[k], most)
    }

    /// The same of any class; copies are priced where `k` is its number.
    pub(super) fn best_of(&self, k: Option<usize>, class: &Class, most: usize) -> Vec<(f64, Way)> {
        let mut best: Vec<(f64, Way)> = Vec::with_capacity(most + 1);
        for (c, choice) in class.choices.iter().enumerate() {
            let below = if best.len() == most { best[most - 1].0 } else { f64::INFINITY };
            if let Some((price, offer, start)) = self.choice(k, class, choice, below)
                && price < below
            {
                let at = best.partition_point(|b| b.0 <= price);
                best.insert(at, (price, Way { choice: c as u32, offer, start }));
                best.truncate(most);
            }
        }
        best
    }

    /// The choices of class `k` that cost no more than `dearer` times its cheapest.
    pub(super) fn near(&self, k: usize, dearer: f64) -> Vec<u32> {
        let class = &self.problem.classes[k];
        let mut least = f64::INFINITY;
        let mut near: Vec<(f64, u32)> = Vec::new();
        for (c, choice) in class.choices.iter().enumerate() {
            if let Some((price, ..)) = self.choice(Some(k), class, choice, least * dearer) {
                least = least.min(price.max(0.0));
                near.push((price, c as u32));
            }
        }
        near.into_iter().filter(|(price, _)| *price <= least * dearer).map(|(_, c)| c).collect()
    }

    /// The part of the bound that is not about tasks: quotas, budgets, copies and the cap.
    pub(super) fn constant(&self, windows: Windows) -> f64 {
        let market = self.problem.market;
        let quota: f64 = self
            .prices
            .quota
            .iter()
            .map(|(&(q, t), w)| w * market.quotas[usize::from(q)].available as f64 * windows.hours(t))
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
        let share = self.problem.cap.map_or(0.0, |cap| cap.share.as_f64());
        let cap = share * self.prices.concentration.values().sum::<f64>();
        copies - quota - budget - cap
    }
}
