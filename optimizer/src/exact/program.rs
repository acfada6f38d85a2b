//! The integer program over bundles and copies.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::Bundle;
use crate::master::{LiveMaster, Master, RowId, RowKind};
use crate::schedule::{Schedule, limit_milli};

/// A column: a bundle, or a copy.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Dollars each.
    pub cost: f64,
    /// Most times.
    pub most: f64,
    /// Rows and what each takes.
    pub entries: Vec<(usize, f64)>,
    /// Times in the schedule it starts from.
    pub start: f64,
    /// The bundle; a copy has none.
    bundle: Option<Bundle>,
}

#[cfg(test)]
impl Column {
    /// A column of no bundle.
    pub fn plain(cost: f64, most: f64, entries: Vec<(usize, f64)>, start: f64) -> Self {
        Self { cost, most, entries, start, bundle: None }
    }
}

/// Least cost under rows of the form `sum <= limit`, all columns integer.
pub(super) struct Program {
    /// The limits.
    pub rows: Vec<f64>,
    /// The columns.
    pub columns: Vec<Column>,
}

impl Program {
    /// For `wanted[k]` tasks of each class beside what `base` holds. `start` is how often a bundle is in the
    /// schedule at hand.
    pub fn new(base: &Schedule<'_, '_>, wanted: &[u32], bundles: Vec<Bundle>, start: impl Fn(&Bundle) -> f64) -> Self {
        let mut program = Self { rows: Vec::new(), columns: Vec::new() };
        let column = |b: Bundle| {
            let (start, most) = (start(&b), f64::from(b.most));
            Column { cost: b.cost, most: most.max(start), entries: Vec::new(), start, bundle: Some(b) }
        };
        program.columns = bundles.into_iter().map(column).collect();
        program.cover(wanted);
        program.limit_quotas(base);
        program.make_copies(base, wanted);
        program
    }

    /// The bundles, in order of columns.
    pub fn bundles(&self) -> impl Iterator<Item = &Bundle> {
        self.columns.iter().filter_map(|c| c.bundle.as_ref())
    }

    /// Every bundle with its number.
    fn numbered(&self) -> impl Iterator<Item = (usize, &Bundle)> {
        self.columns.iter().enumerate().filter_map(|(j, c)| Some((j, c.bundle.as_ref()?)))
    }

    fn row(&mut self, limit: f64, entries: impl IntoIterator<Item = (usize, f64)>) {
        let row = self.rows.len();
        self.rows.push(limit);
        entries.into_iter().for_each(|(j, value)| self.columns[j].entries.push((row, value)));
    }

    /// At least the wanted tasks of each class: what is beyond is left out when nodes are opened.
    fn cover(&mut self, wanted: &[u32]) {
        let mut serving: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        for (j, bundle) in self.numbered() {
            for &(k, n) in &bundle.counts {
                serving.entry(k).or_default().push((j, -f64::from(n)));
            }
        }
        serving.into_iter().for_each(|(k, entries)| self.row(-f64::from(wanted[k]), entries));
    }

    /// Every quota row at each instant at which its load may be largest.
    fn limit_quotas(&mut self, base: &Schedule<'_, '_>) {
        let mut holding: BTreeMap<usize, Vec<(usize, Vec<(i64, i64)>)>> = BTreeMap::new();
        for (j, bundle) in self.numbered() {
            for (row, steps) in &bundle.holds {
                holding.entry(*row).or_default().push((j, steps.clone()));
            }
        }
        let held: BTreeMap<usize, &[(i64, i64)]> = base.quota_steps().collect();
        for (row, members) in holding {
            let limit = limit_milli(&base.problem.market.quotas[row]);
            let fixed = held.get(&row).copied().unwrap_or(&[]);
            let all = members.iter().map(|(_, steps)| steps.as_slice()).chain([fixed]);
            for at in peaks(all) {
                let free = limit - load(fixed, at);
                let loads = members.iter().map(|(j, steps)| (*j, load(steps, at))).filter(|(_, l)| *l > 0);
                let loads: Vec<(usize, i64)> = loads.collect();
                let most: f64 = loads.iter().map(|&(j, l)| self.columns[j].most * l as f64).sum();
                if most > free as f64 {
                    self.row(free as f64 / 1e3, loads.into_iter().map(|(j, l)| (j, l as f64 / 1e3)));
                }
            }
        }
    }

    /// A copy for those who read it, and for each reader no more than the copy allows.
    fn make_copies(&mut self, base: &Schedule<'_, '_>, wanted: &[u32]) {
        let problem = base.problem;
        let made: BTreeSet<(usize, u16)> = base.copies().collect();
        let mut reading: BTreeMap<(usize, u16), BTreeMap<usize, Vec<(usize, f64)>>> = BTreeMap::new();
        for (j, bundle) in self.numbered() {
            for &(d, region) in bundle.copies.iter().filter(|copy| !made.contains(copy)) {
                let readers = bundle.counts.iter().filter(|(k, _)| problem.classes[*k].datasets.contains(&d));
                for &(k, n) in readers {
                    reading.entry((d, region)).or_default().entry(k).or_default().push((j, f64::from(n)));
                }
            }
        }
        for ((d, region), readers) in reading {
            let used = |entries: &Vec<(usize, f64)>| entries.iter().any(|(j, _)| self.columns[*j].start > 0.0);
            let start = if readers.values().any(used) { 1.0 } else { 0.0 };
            let copy = self.columns.len();
            let cost = problem.staging_egress(d, region).unwrap_or(f64::INFINITY);
            self.columns.push(Column { cost, most: 1.0, entries: Vec::new(), start, bundle: None });
            for (k, entries) in readers {
                self.row(0.0, entries.into_iter().chain([(copy, -f64::from(wanted[k]))]));
            }
        }
    }

    /// The columns that its relaxation likes best, `most` of them, and all that it starts from; `None` if it
    /// cannot be solved.
    pub fn narrowed(mut self, most: usize) -> Option<Self> {
        let mut master = LiveMaster::new();
        for &limit in &self.rows {
            master.add_row(RowKind::AtMost(limit), &[]);
        }
        for c in &self.columns {
            let entries: Vec<(RowId, f64)> = c.entries.iter().map(|&(r, v)| (RowId(r), v)).collect();
            master.add_column(c.cost, c.most, &entries);
        }
        let solution = master.solve().ok()?;
        let reduced = |c: &Column| c.cost - c.entries.iter().map(|(r, v)| solution.duals[*r] * v).sum::<f64>();
        let mut order: Vec<(f64, usize)> = self.columns.iter().map(reduced).zip(0..).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut keep: Vec<bool> = self.columns.iter().map(|c| c.start > 0.0 || c.bundle.is_none()).collect();
        order.iter().take(most).for_each(|&(_, j)| keep[j] = true);
        let mut kept = keep.into_iter();
        self.columns.retain(|_| kept.next() == Some(true));
        Some(self)
    }
}

/// The load of steps at an instant.
fn load(steps: &[(i64, i64)], at: i64) -> i64 {
    let after = steps.partition_point(|(t, _)| *t <= at);
    after.checked_sub(1).map_or(0, |i| steps[i].1)
}

/// Instants among which the sum of any choice of these loads is largest: the last rise before each fall.
fn peaks<'s>(all: impl Iterator<Item = &'s [(i64, i64)]>) -> Vec<i64> {
    let mut changes: BTreeMap<i64, (bool, bool)> = BTreeMap::new();
    for steps in all {
        let mut before = 0;
        for &(t, load) in steps {
            let (rises, falls) = changes.entry(t).or_default();
            *rises |= load > before;
            *falls |= load < before;
            before = load;
        }
    }
    let mut peaks = Vec::new();
    let mut risen = None;
    for (t, (rises, falls)) in changes {
        if falls {
            peaks.extend(risen.take());
        }
        risen = if rises { Some(t) } else { risen };
    }
    peaks.extend(risen);
    peaks
}
