//! Nodes that stand or fall together, with what they cost, serve and hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::budgets;
use crate::problem::Problem;
use crate::schedule::{Part, Schedule};

/// Offers and parts of the nodes of a bundle.
pub(crate) type Nodes = Vec<(usize, Vec<Part>)>;

/// What makes two bundles the same: offers, starts and classes, in order.
pub(super) type Key = Vec<(usize, Vec<(i64, usize)>)>;

/// The key of some nodes.
pub(super) fn key(nodes: &Nodes) -> Key {
    let of = |(offer, parts): &(usize, Vec<Part>)| {
        let mut parts: Vec<(i64, usize)> = parts.iter().map(|p| (p.start, p.class)).collect();
        parts.sort_unstable();
        (*offer, parts)
    };
    let mut key: Key = nodes.iter().map(of).collect();
    key.sort_unstable();
    key
}

/// A bundle as a column.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    /// Its nodes.
    pub nodes: Nodes,
    /// Bills and own costs, dollars; copies are apart.
    pub cost: f64,
    /// Tasks by class.
    pub counts: Vec<(usize, u32)>,
    /// Copies that it reads: (dataset, region).
    pub copies: Vec<(usize, u16)>,
    /// What it holds of quota rows over time: instants and thousandths from there on.
    pub holds: Vec<(usize, Vec<(i64, i64)>)>,
    /// Times that it can be of use.
    pub most: u32,
}

impl Bundle {
    /// Priced in an empty schedule; `None` where more tasks are on it than are wanted, or it is over a quota or
    /// the budget of a task by itself.
    pub fn new(problem: &Problem<'_>, nodes: Nodes, wanted: &[u32]) -> Option<Self> {
        let mut schedule = Schedule::new(problem);
        let mut tasks: BTreeMap<usize, u32> = BTreeMap::new();
        let mut gangs = BTreeSet::new();
        for (offer, parts) in &nodes {
            schedule.open(*offer, parts.clone());
            let fresh = parts.iter().filter(|p| p.gang.is_none_or(|g| gangs.insert(g)));
            fresh.for_each(|p| *tasks.entry(p.class).or_insert(0) += 1);
        }
        if tasks.iter().any(|(&k, &n)| n > wanted[k]) || !schedule.within_quotas() {
            return None;
        }
        let limited = |k: &usize| problem.workload.jobs()[problem.classes[*k].jobs[0]].budget.is_some();
        if tasks.keys().any(limited) && !budgets::repair(&mut schedule.clone()).is_empty() {
            return None;
        }
        let most = tasks.iter().map(|(&k, n)| wanted[k].div_ceil(*n)).min()?;
        let copies: Vec<(usize, u16)> = schedule.copies().collect();
        let egress: f64 = copies.iter().map(|&(d, r)| problem.staging_egress(d, r).unwrap_or(f64::INFINITY)).sum();
        let cost = schedule.cost() - egress;
        let holds = schedule.quota_steps().map(|(row, steps)| (row, steps.to_vec())).collect();
        cost.is_finite().then(|| Self { nodes, cost, counts: tasks.into_iter().collect(), copies, holds, most })
    }
}

/// The bundles of a schedule that may be taken apart: all but those with tasks of chains. By index of node.
fn loose(schedule: &Schedule<'_, '_>) -> Vec<Vec<usize>> {
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    let mut of_gang: BTreeMap<u32, usize> = BTreeMap::new();
    for (i, node) in schedule.living() {
        let gangs: BTreeSet<u32> = node.parts.iter().filter_map(|p| p.gang).collect();
        let mut joined: Vec<usize> = gangs.iter().filter_map(|g| of_gang.get(g).copied()).collect();
        joined.sort_unstable();
        joined.dedup();
        let at = joined.first().copied().unwrap_or_else(|| {
            bundles.push(Vec::new());
            bundles.len() - 1
        });
        for &other in joined.iter().skip(1) {
            let moved = std::mem::take(&mut bundles[other]);
            bundles[at].extend(moved);
        }
        bundles[at].push(i);
        of_gang.values_mut().filter(|b| joined.contains(b)).for_each(|b| *b = at);
        of_gang.extend(gangs.into_iter().map(|g| (g, at)));
    }
    let classes = &schedule.problem.classes;
    let free = |i: &usize| schedule.nodes[*i].iter().flat_map(|n| &n.parts).all(|p| !classes[p.class].tied);
    bundles.retain(|b| !b.is_empty() && b.iter().all(free));
    bundles
}

/// The loose bundles of a schedule.
pub(super) fn of(schedule: &Schedule<'_, '_>) -> Vec<Nodes> {
    let node = |i: usize| schedule.nodes[i].as_ref().map(|n| (n.offer, n.parts.clone()));
    loose(schedule).into_iter().map(|b| b.into_iter().filter_map(node).collect()).collect()
}

/// The schedule without its loose bundles, their tasks left to be placed; and these bundles.
pub(super) fn without_loose<'p, 'a>(schedule: &Schedule<'p, 'a>) -> (Schedule<'p, 'a>, Vec<Nodes>) {
    let mut base = schedule.clone();
    for bundle in loose(schedule) {
        let mut gangs = BTreeSet::new();
        for i in bundle {
            let parts = base.close(i).map_or_else(Vec::new, |node| node.parts);
            let fresh = parts.iter().filter(|p| p.gang.is_none_or(|g| gangs.insert(g)));
            fresh.for_each(|p| base.left[p.class] += 1);
        }
    }
    (base, of(schedule))
}

/// `base` with bundles as often as chosen, without tasks beyond those that `left` leaves out.
pub(super) fn rebuilt<'p, 'a, 'b>(
    mut base: Schedule<'p, 'a>,
    left: &[u32],
    chosen: impl Iterator<Item = (&'b Bundle, &'b f64)>,
) -> Schedule<'p, 'a> {
    for (bundle, times) in chosen {
        for _ in 0..times.round() as u32 {
            open(&mut base, left, &bundle.nodes);
        }
    }
    base
}

/// Opens a bundle for the tasks on it that are still to be placed.
fn open(schedule: &mut Schedule<'_, '_>, left: &[u32], nodes: &Nodes) {
    let mut gangs: BTreeMap<u32, Option<u32>> = BTreeMap::new();
    for (offer, parts) in nodes {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            let wanted = |schedule: &mut Schedule<'_, '_>| {
                let wanted = schedule.left[part.class] > left[part.class];
                schedule.left[part.class] -= u32::from(wanted);
                wanted
            };
            match part.gang {
                None if wanted(schedule) => kept.push(*part),
                None => {}
                Some(gang) => {
                    let known = gangs.get(&gang).copied();
                    let fresh = known.unwrap_or_else(|| wanted(schedule).then(|| schedule.new_gang()));
                    gangs.insert(gang, fresh);
                    kept.extend(fresh.map(|g| Part { gang: Some(g), ..*part }));
                }
            }
        }
        if !kept.is_empty() {
            schedule.open(*offer, kept);
        }
    }
}
