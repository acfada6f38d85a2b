//! The restricted master: the rows and columns made so far, by meaning.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::concentration;
use tradewind_core::resources::Resources;

use super::prices::{DIMENSIONS, Prices, billed_time, dimensions, least_share};
use super::pricing::Pricing;
use super::{Column, Objective, Way, Ways};
use crate::master::{ColumnId, LpSolution, Master, RowId, RowKind};
use crate::occupancy::Windows;
use crate::problem::Problem;

/// The master with its rows by meaning.
pub(super) struct Restricted<'p, 'a, M: Master> {
    problem: &'p Problem<'a>,
    counts: &'p [u32],
    pub(super) windows: Windows,
    objective: Objective,
    pub(super) master: M,
    pub(super) columns: Vec<(Column, ColumnId)>,
    known: BTreeSet<(usize, Way)>,
    pub(super) cover: Vec<RowId>,
    pub(super) unserved: Vec<ColumnId>,
    /// Rows of the dimensions of each offer's nodes.
    nodes: BTreeMap<u32, [RowId; DIMENSIONS]>,
    quota: BTreeMap<(u16, usize), RowId>,
    budget: Vec<RowId>,
    /// Rows of the concentration cap by pool.
    cap: BTreeMap<u32, RowId>,
    pub(super) copies: BTreeMap<(usize, u16), ColumnId>,
    links: BTreeMap<(usize, usize, u16), RowId>,
}

impl<'p, 'a, M: Master> Restricted<'p, 'a, M> {
    pub(super) fn new(
        problem: &'p Problem<'a>,
        counts: &'p [u32],
        penalty: &[f64],
        objective: Objective,
        mut master: M,
    ) -> Self {
        let windows = Windows::of(problem);
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
            nodes: BTreeMap::new(),
            quota: BTreeMap::new(),
            budget,
            cap: BTreeMap::new(),
            copies: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// Units of each quota row and window that the whole class takes in a column.
    fn quota_use(&self, column: &Column) -> Vec<((u16, usize), f64)> {
        let class = &self.problem.classes[column.class];
        let choice = &class.choices[column.way.choice as usize];
        let pool = &self.problem.pools[choice.pool as usize];
        let length = class.laws[usize::from(choice.law)].reserved.get();
        let mut uses = Vec::new();
        for &q in &self.problem.market.quota_sets[usize::from(pool.quota_set)] {
            let unit = self.problem.market.quotas[usize::from(q)].unit;
            let taken = self.problem.least_quota(class, column.way.offer, unit) as f64 / 1e3
                * f64::from(self.counts[column.class]);
            if taken > 0.0 {
                uses.extend(
                    self.windows
                        .overlaps(column.way.start, column.way.start + length)
                        .map(|(t, h)| ((q, t), taken * h)),
                );
            }
        }
        uses
    }

    /// What a quota row holds over a window, unit-hours.
    fn quota_limit(&self, (q, t): (u16, usize)) -> f64 {
        self.problem.market.quotas[usize::from(q)].available as f64 * self.windows.hours(t)
    }

    /// Appends a column with the rows it needs; false if it is there already.
    pub(super) fn add(&mut self, class: usize, way: Way) -> bool {
        if !self.known.insert((class, way)) {
            return false;
        }
        let problem = self.problem;
        let k = &problem.classes[class];
        let choice = k.choices[way.choice as usize];
        let p = choice.pool as usize;
        let n = f64::from(self.counts[class]);
        let own = choice.own;
        let column = Column { class, way, value: 0.0 };
        let mut entries = vec![(self.cover[class], 1.0)];
        let costs = self.objective == Objective::Cost;
        if costs {
            let rows = self.node_rows(way.offer);
            let hours = billed_time(problem, k, &choice);
            let taken = dimensions(k.demand, self.capacity(way.offer));
            let taken = rows.into_iter().zip(taken).filter(|(_, x)| *x > 0.0);
            entries.extend(taken.map(|(row, x)| (row, n * hours * x)));
        }
        for (key, units) in self.quota_use(&column) {
            if let Some(&row) = self.quota.get(&key) {
                entries.push((row, units / self.quota_limit(key).max(1e-6)));
            }
        }
        if let Some(b) = k.budget {
            entries.push((self.budget[b], n * (own + least_share(problem, k, &choice))));
        }
        if let Some(row) = self.cap_row(k.due_share, choice.pool) {
            entries.push((row, n * k.due_share));
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

    /// Appends those of the ways of each class that cost less at the master's prices than what the class pays, and such
    /// ways at other starts; how many.
    pub(super) fn add_cheaper(&mut self, ways: &[Ways], prices: &Prices, solution: &LpSolution) -> usize {
        let pricing = Pricing::new(self.problem, self.counts, prices, self.windows, self.objective);
        let mut added = 0;
        for (k, ways) in ways.iter().enumerate() {
            let alpha = solution.duals[self.cover[k].0] / f64::from(self.counts[k].max(1));
            let limit = alpha - 1e-9 * (1.0 + alpha.abs());
            for &(_, way) in ways.iter().filter(|(price, _)| *price < limit) {
                added += usize::from(self.add(k, way));
                for other in pricing.other_starts(k, way, limit) {
                    added += usize::from(self.add(k, other));
                }
            }
        }
        added
    }

    /// The row of the cap on a pool, made at first use; `None` where it does not count such work there.
    fn cap_row(&mut self, work: f64, pool: u32) -> Option<RowId> {
        let cap = self.problem.cap.filter(|_| work > 0.0)?;
        concentration::concerns(&self.problem.pools[pool as usize]).then_some(())?;
        let master = &mut self.master;
        let add = || master.add_row(RowKind::AtMost(cap.share.as_f64()), &[]);
        Some(*self.cap.entry(pool).or_insert_with(add))
    }

    fn capacity(&self, offer: u32) -> Resources {
        self.problem.market.type_of(&self.problem.market.offers[offer as usize]).capacity
    }

    /// The rows of the dimensions of an offer's nodes, made with the column of their hours at first use.
    fn node_rows(&mut self, offer: u32) -> [RowId; DIMENSIONS] {
        if let Some(rows) = self.nodes.get(&offer) {
            return *rows;
        }
        let rows = [(); DIMENSIONS].map(|()| self.master.add_row(RowKind::AtMost(0.0), &[]));
        let size = self.capacity(offer);
        let node = rows.into_iter().zip(dimensions(size, size)).filter(|(_, x)| *x > 0.0);
        let entries: Vec<(RowId, f64)> = node.map(|(row, x)| (row, -x)).collect();
        self.master.add_column(self.problem.least_rate[offer as usize], f64::INFINITY, &entries);
        self.nodes.insert(offer, rows);
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

    /// Unit-hours of each quota row and window that columns take, each by its value.
    fn loads(&self, columns: impl Iterator<Item = Column>) -> BTreeMap<(u16, usize), f64> {
        let mut load = BTreeMap::new();
        for column in columns {
            for (key, units) in self.quota_use(&column) {
                *load.entry(key).or_insert(0.0) += units * column.value;
            }
        }
        load
    }

    /// The most that columns take of each quota row, units in the mean of a window.
    pub(super) fn quota_peaks(&self, columns: &[Column]) -> Vec<f64> {
        let mut peaks = vec![0.0_f64; self.problem.market.quotas.len()];
        for ((q, t), units) in self.loads(columns.iter().copied()) {
            let peak = &mut peaks[usize::from(q)];
            *peak = peak.max(units / self.windows.hours(t));
        }
        peaks
    }

    /// Appends the rows, in all windows, of quotas that the solution takes too much of in one: who has no room in a window
    /// goes to the next. How many quotas.
    pub(super) fn add_violated_quotas(&mut self, solution: &LpSolution) -> usize {
        let valued = self.columns.iter().map(|(c, id)| Column { value: solution.primal[id.0], ..*c });
        let violated: BTreeSet<u16> = self
            .loads(valued.filter(|c| c.value > 1e-9))
            .into_iter()
            .filter(|(key, units)| {
                !self.quota.contains_key(key) && *units > self.quota_limit(*key) * (1.0 + 1e-7) + 1e-9
            })
            .map(|((q, _), _)| q)
            .collect();
        let windows = |q: u16| (0..self.windows.count()).map(move |t| (q, t));
        let mut entries: BTreeMap<(u16, usize), Vec<(ColumnId, f64)>> = violated
            .iter()
            .flat_map(|&q| windows(q))
            .filter(|key| !self.quota.contains_key(key))
            .map(|key| (key, Vec::new()))
            .collect();
        for (column, id) in &self.columns {
            for (key, units) in self.quota_use(column) {
                if let Some(list) = entries.get_mut(&key) {
                    list.push((*id, units / self.quota_limit(key).max(1e-6)));
                }
            }
        }
        for (key, entries) in entries {
            let limit = self.quota_limit(key);
            let row = self.master.add_row(RowKind::AtMost(limit / limit.max(1e-6)), &entries);
            self.quota.insert(key, row);
        }
        violated.len()
    }

    /// The master's duals as prices.
    pub(super) fn prices(&self, solution: &LpSolution) -> Prices {
        let price = |row: RowId| (-solution.duals[row.0]).max(0.0);
        let mut staging: BTreeMap<(usize, u16), BTreeMap<usize, f64>> = BTreeMap::new();
        for (&(k, d, r), &row) in &self.links {
            staging.entry((d, r)).or_default().insert(k, price(row) / f64::from(self.counts[k].max(1)));
        }
        Prices {
            nodes: self.nodes.iter().map(|(&offer, rows)| (offer, rows.map(price))).collect(),
            quota: self
                .quota
                .iter()
                .map(|(&key, &row)| (key, price(row) / self.quota_limit(key).max(1e-6)))
                .filter(|(_, w)| *w > 0.0)
                .collect(),
            budget: self.budget.iter().map(|&row| price(row)).collect(),
            concentration: self.cap_prices(price),
            staging,
        }
    }
    /// Prices of the cap that are not zero, by key of the pool.
    fn cap_prices(&self, price: impl Fn(RowId) -> f64) -> BTreeMap<String, f64> {
        let of = |(&pool, &row): (&u32, &RowId)| (self.problem.pools[pool as usize].key.clone(), price(row));
        self.cap.iter().map(of).filter(|(_, price)| *price > 0.0).collect()
    }
}
