//! What deadline-critical work costs in a spot pool at the relaxation's prices of the concentration cap.

use std::collections::{BTreeMap, HashMap};

use super::{Column, Ways};
use crate::problem::{Class, Problem};

/// Prices of the cap by pool.
pub(crate) struct CapTolls(HashMap<u32, f64>);

impl CapTolls {
    /// From prices by pool key, dollars for all the deadline-critical work of the queue.
    pub(super) fn new(problem: &Problem<'_>, prices: &BTreeMap<String, f64>) -> Self {
        if prices.is_empty() {
            return Self(HashMap::new());
        }
        let pools = problem.pools.iter().enumerate();
        Self(pools.filter_map(|(p, pool)| Some((p as u32, *prices.get(&pool.key)?))).collect())
    }

    /// Dollars for a task of a class in a pool.
    pub(crate) fn of(&self, class: &Class, pool: u32) -> f64 {
        match self.0.get(&pool) {
            Some(price) => price * class.due_share,
            None => 0.0,
        }
    }
}

/// Each class in its cheapest way; where a cap is felt, in the cheapest whose pool may still take its work,
/// those first that lose most by the next way. A class that finds no room keeps its cheapest way: the
/// schedule refuses what is too much.
pub(super) fn spread(problem: &Problem<'_>, counts: &[u32], ways: &[Ways]) -> Vec<Column> {
    let regret = |k: usize| match ways[k].as_slice() {
        [(first, _), (second, _), ..] => second - first,
        _ => f64::INFINITY,
    };
    let mut order: Vec<usize> = (0..ways.len()).filter(|&k| !ways[k].is_empty()).collect();
    if problem.cap.is_some() {
        order.sort_by(|&a, &b| regret(b).total_cmp(&regret(a)).then(a.cmp(&b)));
    }
    let mut held: HashMap<u32, i128> = HashMap::new();
    let mut columns: Vec<Column> = Vec::with_capacity(order.len());
    for class in order {
        let pool = |choice: u32| problem.classes[class].choices[choice as usize].pool;
        let work = |pool: u32| problem.capped_work(class, pool).saturating_mul(i128::from(counts[class]));
        let room = |pool: u32| {
            let held = held.get(&pool).copied().unwrap_or(0);
            problem.cap.is_none_or(|cap| held.saturating_add(work(pool)) <= cap.limit)
        };
        let way = ways[class].iter().find(|(_, w)| room(pool(w.choice))).unwrap_or(&ways[class][0]).1;
        *held.entry(pool(way.choice)).or_default() += work(pool(way.choice));
        columns.push(Column { class, way, value: 1.0 });
    }
    columns.sort_by_key(|c| c.class);
    columns
}
