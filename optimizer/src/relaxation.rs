//! The fluid relaxation by column generation: its value is the bound, its prices guide the search.
//!
//! Master over the columns made so far (fractions `f` of a class run in a pool from a start):
//!
//! ```text
//! min  sum n_k own f  +  sum least_rate_s y_s  +  sum egress_dr u_dr  +  sum penalty_k n_k o_k
//! cover    sum f + o_k = 1                                   per class          alpha_k n_k
//! capacity sum n_k d_k H f <= sum_s C_s y_s                  per pool, resource mu
//! quota    sum n_k a_kq |[start, start+W) x window t| f <= Q_q |t|   lazily     w
//! stage    sum over region r of f <= u_dr                    per class, dataset sigma
//! budget   sum n_k (own + mu0.d H) f <= B_b                  per project        beta
//! ```
//!
//! Capacity is one row a pool and resource over the whole horizon: prices are flat in time, so what
//! is lost is only that tasks of different hours cannot share a node, which a bound may ignore.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use tradewind_core::market::QuotaUnit;

use crate::master::{ColumnId, LiveMaster, LpSolution, Master, MasterError, RowId, RowKind};
use crate::occupancy::Windows;
use crate::problem::{Choice, Class, Problem};

/// Stop when the bound is this close to the master's value.
const GAP: f64 = 1e-4;
/// Most rounds of pricing.
const ROUNDS: usize = 80;
/// Columns added per class and round.
const PER_CLASS: usize = 3;

/// A class run in a pool from a start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// The class.
    pub class: usize,
    /// Index in its choices.
    pub choice: usize,
    /// Start in ms.
    pub start: i64,
    /// Fraction of the class in the solution.
    pub value: f64,
}

/// The prices that solve the relaxation, in dollars.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    /// Per vCPU-, GiB- and GPU-hour of each pool; pools without rows have their reference prices.
    pub mu: Vec<[f64; 3]>,
    /// Whether the pool's prices come from the master.
    pub active: Vec<bool>,
    /// Per unit and hour of (quota row, window).
    pub quota: BTreeMap<(u16, usize), f64>,
    /// Per dollar of each budget.
    pub budget: Vec<f64>,
    /// Per task of (dataset, region) by class.
    pub staging: BTreeMap<(usize, u16), BTreeMap<usize, f64>>,
}

/// The relaxation's answer.
#[derive(Debug, Clone)]
pub(crate) struct Relaxation {
    /// Marginal cost of one more task of each class.
    pub alpha: Vec<f64>,
    /// Prices with the best bound.
    pub prices: Prices,
    /// Columns of the last solution with a positive value.
    pub columns: Vec<Column>,
    /// Best lower bound in dollars (by floats; the plan's is recomputed in integers).
    pub bound: f64,
    /// Copies that the relaxation makes at least half: (dataset, region).
    pub staged: BTreeSet<(usize, u16)>,
    /// Tasks left unserved by the relaxation.
    pub unserved: f64,
}

/// What the relaxation minimizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objective {
    /// Expected cost.
    Cost,
    /// Tasks left unserved: money and capacity count for nothing, quotas and budgets hold.
    Unserved,
}

/// What a class's demand takes: vCPU-, GiB-, GPU-hours of a task under each law.
pub(crate) fn taken_hours(class: &Class, law: u16) -> [f64; 3] {
    let h = class.laws[usize::from(law)].mean.hours() * f64::from(class.nodes);
    let d = class.demand;
    [d.vcpu_milli as f64 / 1e3 * h, d.memory_mib as f64 / 1024.0 * h, d.gpu_milli as f64 / 1e3 * h]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

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
struct Pricing<'p, 'a> {
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
    fn new(
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
    fn choice(&self, k: usize, choice: &Choice, below: f64) -> Option<(f64, i64)> {
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
    fn best(&self, k: usize, most: usize) -> Vec<(f64, usize, i64)> {
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
    fn constant(&self, windows: Windows) -> f64 {
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

/// Least that a task pays for its node share, dollars: reference prices times hours.
fn least_share(problem: &Problem<'_>, pool: usize, hours: [f64; 3]) -> f64 {
    dot(reference(problem, pool), hours)
}

fn reference(problem: &Problem<'_>, pool: usize) -> [f64; 3] {
    let r = problem.pools[pool].reference;
    [r.vcpu as f64 / 1e9, r.gib as f64 / 1e9, r.gpu as f64 / 1e9]
}

/// The master with its rows by meaning.
struct Restricted<'p, 'a, M: Master> {
    problem: &'p Problem<'a>,
    counts: &'p [u32],
    windows: Windows,
    objective: Objective,
    master: M,
    columns: Vec<(Column, ColumnId)>,
    known: BTreeSet<(usize, usize, i64)>,
    cover: Vec<RowId>,
    unserved: Vec<ColumnId>,
    capacity: BTreeMap<usize, [RowId; 3]>,
    quota: BTreeMap<(u16, usize), RowId>,
    budget: Vec<RowId>,
    copies: BTreeMap<(usize, u16), ColumnId>,
    links: BTreeMap<(usize, usize, u16), RowId>,
}

impl<'p, 'a, M: Master> Restricted<'p, 'a, M> {
    fn new(problem: &'p Problem<'a>, counts: &'p [u32], penalty: &[f64], objective: Objective, mut master: M) -> Self {
        let windows = Windows { length: problem.length(), window: problem.rules.horizon.window.get() };
        let budget = problem.budgets.iter().map(|(_, b)| master.add_row(RowKind::AtMost(*b), &[])).collect();
        let mut cover = Vec::with_capacity(counts.len());
        let mut unserved = Vec::with_capacity(counts.len());
        for (k, &n) in counts.iter().enumerate() {
            let row = master.add_row(RowKind::Equal(if n > 0 { 1.0 } else { 0.0 }), &[]);
            unserved.push(master.add_column(penalty[k] * f64::from(n), f64::INFINITY, &[(row, 1.0)]));
            cover.push(row);
        }
        Self {
            problem,
            counts,
            windows,
            objective,
            master,
            columns: Vec::new(),
            known: BTreeSet::new(),
            cover,
            unserved,
            capacity: BTreeMap::new(),
            quota: BTreeMap::new(),
            budget,
            copies: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// Units of each quota row and window that the whole class takes in a column.
    fn quota_use(&self, column: &Column) -> Vec<((u16, usize), f64)> {
        let class = &self.problem.classes[column.class];
        let choice = &class.choices[column.choice];
        let pool = &self.problem.pools[choice.pool as usize];
        let length = class.laws[usize::from(choice.law)].reserved.get();
        let mut uses = Vec::new();
        for &q in &self.problem.market.quota_sets[usize::from(pool.quota_set)] {
            let unit = self.problem.market.quotas[usize::from(q)].unit;
            let taken = self.problem.least_quota(class, pool, unit) as f64 / 1e3 * f64::from(self.counts[column.class]);
            if taken > 0.0 {
                uses.extend(
                    self.windows.overlaps(column.start, column.start + length).map(|(t, h)| ((q, t), taken * h)),
                );
            }
        }
        uses
    }

    /// What a quota row holds over a window, unit-hours.
    fn quota_limit(&self, (q, t): (u16, usize)) -> f64 {
        let hours = (self.windows.edge(t + 1) - self.windows.edge(t)) as f64 / 3.6e6;
        self.problem.market.quotas[usize::from(q)].available as f64 * hours
    }

    /// Appends a column with the rows it needs; false if it is there already.
    fn add(&mut self, class: usize, choice: usize, start: i64) -> bool {
        if !self.known.insert((class, choice, start)) {
            return false;
        }
        let problem = self.problem;
        let k = &problem.classes[class];
        let way = k.choices[choice];
        let p = way.pool as usize;
        let n = f64::from(self.counts[class]);
        let hours = taken_hours(k, way.law);
        let own = k.own_cost(problem.pools[p].region, way.law);
        let column = Column { class, choice, start, value: 0.0 };
        let mut entries = vec![(self.cover[class], 1.0)];
        let costs = self.objective == Objective::Cost;
        if costs {
            let rows = self.capacity_rows(p);
            entries.extend((0..3).filter(|&r| hours[r] > 0.0).map(|r| (rows[r], n * hours[r])));
        }
        for (key, units) in self.quota_use(&column) {
            if let Some(&row) = self.quota.get(&key) {
                entries.push((row, units / self.quota_limit(key).max(1e-6)));
            }
        }
        if let Some(b) = k.budget {
            entries.push((self.budget[b], n * (own + least_share(problem, p, hours))));
        }
        for &d in &k.datasets {
            if costs && problem.datasets[d].home != problem.pools[p].region {
                entries.push((self.link(class, d, problem.pools[p].region), 1.0));
            }
        }
        let id = self.master.add_column(if costs { n * own } else { 0.0 }, f64::INFINITY, &entries);
        self.columns.push((column, id));
        true
    }

    /// The rows of a pool's resources, made with its node columns at first use.
    fn capacity_rows(&mut self, pool: usize) -> [RowId; 3] {
        if let Some(rows) = self.capacity.get(&pool) {
            return *rows;
        }
        let rows = [(); 3].map(|()| self.master.add_row(RowKind::AtMost(0.0), &[]));
        for &o in &self.problem.frontier[pool] {
            let c = self.problem.market.type_of(&self.problem.market.offers[o]).capacity;
            let size = [c.vcpu_milli as f64 / 1e3, c.memory_mib as f64 / 1024.0, c.gpu_milli as f64 / 1e3];
            let entries: Vec<(RowId, f64)> = (0..3).filter(|&r| size[r] > 0.0).map(|r| (rows[r], -size[r])).collect();
            self.master.add_column(self.problem.least_rate[o], f64::INFINITY, &entries);
        }
        self.capacity.insert(pool, rows);
        rows
    }

    /// The row that ties a class in a region to the staged copy it reads there.
    fn link(&mut self, class: usize, dataset: usize, region: u16) -> RowId {
        if let Some(&row) = self.links.get(&(class, dataset, region)) {
            return row;
        }
        let copy = match self.copies.get(&(dataset, region)) {
            Some(&copy) => copy,
            None => {
                let egress = self.problem.staging_egress(dataset, region).unwrap_or(0.0);
                let copy = self.master.add_column(egress, f64::INFINITY, &[]);
                self.copies.insert((dataset, region), copy);
                copy
            }
        };
        let row = self.master.add_row(RowKind::AtMost(0.0), &[(copy, -1.0)]);
        self.links.insert((class, dataset, region), row);
        row
    }

    /// Appends the quota rows that the solution violates; how many.
    fn add_violated_quotas(&mut self, solution: &LpSolution) -> usize {
        let mut load: BTreeMap<(u16, usize), f64> = BTreeMap::new();
        for (column, id) in self.columns.iter().filter(|(_, id)| solution.primal[id.0] > 1e-9) {
            for (key, units) in self.quota_use(column) {
                *load.entry(key).or_insert(0.0) += units * solution.primal[id.0];
            }
        }
        let violated: Vec<(u16, usize)> = load
            .into_iter()
            .filter(|(key, units)| {
                !self.quota.contains_key(key) && *units > self.quota_limit(*key) * (1.0 + 1e-7) + 1e-9
            })
            .map(|(key, _)| key)
            .collect();
        for &key in &violated {
            let limit = self.quota_limit(key).max(1e-6);
            let entries: Vec<(ColumnId, f64)> = self
                .columns
                .iter()
                .filter_map(|(column, id)| {
                    let units: f64 = self.quota_use(column).iter().filter(|(k, _)| *k == key).map(|(_, u)| u).sum();
                    (units > 0.0).then_some((*id, units / limit))
                })
                .collect();
            let row = self.master.add_row(RowKind::AtMost(self.quota_limit(key) / limit), &entries);
            self.quota.insert(key, row);
        }
        violated.len()
    }

    /// The master's duals as prices.
    fn prices(&self, solution: &LpSolution) -> Prices {
        let price = |row: RowId| (-solution.duals[row.0]).max(0.0);
        let mut mu: Vec<[f64; 3]> = (0..self.problem.pools.len()).map(|p| reference(self.problem, p)).collect();
        let mut active = vec![false; mu.len()];
        for (&p, rows) in &self.capacity {
            mu[p] = rows.map(price);
            active[p] = true;
        }
        let mut staging: BTreeMap<(usize, u16), BTreeMap<usize, f64>> = BTreeMap::new();
        for (&(k, d, r), &row) in &self.links {
            staging.entry((d, r)).or_default().insert(k, price(row) / f64::from(self.counts[k].max(1)));
        }
        Prices {
            mu,
            active,
            quota: self
                .quota
                .iter()
                .map(|(&key, &row)| (key, price(row) / self.quota_limit(key).max(1e-6)))
                .filter(|(_, w)| *w > 0.0)
                .collect(),
            budget: self.budget.iter().map(|&row| price(row)).collect(),
            staging,
        }
    }
}

/// Solves the relaxation for `counts[k]` tasks of each class. `penalty[k]` is what leaving a task of
/// the class unserved costs; `stop` ends the rounds early with the best bound so far.
pub(crate) fn solve(
    problem: &Problem<'_>,
    counts: &[u32],
    penalty: &[f64],
    objective: Objective,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Relaxation, MasterError> {
    let mut lp = Restricted::new(problem, counts, penalty, objective, LiveMaster::new());
    let windows = lp.windows;
    let start = Prices {
        mu: (0..problem.pools.len()).map(|p| reference(problem, p)).collect(),
        active: vec![false; problem.pools.len()],
        budget: vec![0.0; problem.budgets.len()],
        ..Prices::default()
    };
    let price_all = |prices: &Prices| -> (Vec<Vec<(f64, usize, i64)>>, f64) {
        let pricing = Pricing::new(problem, counts, prices, windows, objective);
        let best: Vec<Vec<(f64, usize, i64)>> = (0..problem.classes.len())
            .into_par_iter()
            .map(|k| if counts[k] == 0 { Vec::new() } else { pricing.best(k, PER_CLASS) })
            .collect();
        let tasks: f64 = best
            .iter()
            .enumerate()
            .map(|(k, b)| f64::from(counts[k]) * b.first().map_or(penalty[k], |x| x.0.min(penalty[k])))
            .sum();
        (best, tasks + pricing.constant(windows))
    };
    let (first, bound) = price_all(&start);
    for (k, best) in first.iter().enumerate() {
        for &(_, choice, at) in best {
            lp.add(k, choice, at);
        }
    }
    let mut best = (bound, start);
    let mut solution = lp.master.solve()?;
    let mut rounds = 0;
    while rounds < ROUNDS && !stop() {
        rounds += 1;
        let prices = lp.prices(&solution);
        let rows = lp.add_violated_quotas(&solution);
        let (columns, bound) = price_all(&prices);
        if bound > best.0 {
            best = (bound, prices.clone());
        }
        if rows == 0 && solution.objective - best.0 <= GAP * solution.objective.abs() {
            break;
        }
        let mut added = rows;
        for (k, ways) in columns.iter().enumerate() {
            let alpha = solution.duals[lp.cover[k].0] / f64::from(counts[k].max(1));
            for &(price, choice, at) in ways {
                if price < alpha - 1e-9 * (1.0 + alpha.abs()) {
                    added += usize::from(lp.add(k, choice, at));
                }
            }
        }
        if added == 0 {
            break;
        }
        solution = lp.master.solve()?;
    }
    let alpha = (0..counts.len()).map(|k| solution.duals[lp.cover[k].0] / f64::from(counts[k].max(1))).collect();
    let columns = lp
        .columns
        .iter()
        .map(|(c, id)| Column { value: solution.primal[id.0], ..*c })
        .filter(|c| c.value > 1e-7)
        .collect();
    let unserved = lp.unserved.iter().zip(counts).map(|(id, &n)| solution.primal[id.0] * f64::from(n)).sum();
    let staged = lp.copies.iter().filter(|(_, id)| solution.primal[id.0] >= 0.5).map(|(key, _)| *key).collect();
    Ok(Relaxation { alpha, prices: best.1, columns, staged, bound: best.0, unserved })
}
