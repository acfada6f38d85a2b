//! Local search: cheaper nodes for the same tasks, tasks moved out, nodes merged.

mod worst;

use std::collections::BTreeSet;

use tradewind_core::resources::Resources;

use crate::insertion::{self, Manner};
use crate::problem::{Choice, Problem};
use crate::relaxation::Relaxation;
use crate::reseat::reseat;
use crate::schedule::{Node, Part, Schedule};
use crate::singles::{Singles, offers_by_price};

/// Most rounds over all nodes.
const ROUNDS: usize = 8;
/// The same where only the worst of many nodes are changed: a second gained 0.02 % in twice the time of the first.
const LARGE_ROUNDS: usize = 1;
/// A change must save at least this, dollars and relative.
const WORTH: f64 = 1e-9;
/// Nodes that may read a copy that is given up.
const READERS: usize = 60;
/// Neighbours tried for merging with a node.
const NEIGHBOURS: usize = 24;

/// Changes the schedule while that makes it cheaper; never places fewer tasks. Of many nodes those that
/// waste most are changed, the others left as they are.
pub(crate) fn improve(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    stop: &(dyn Fn() -> bool + Sync),
) {
    match worst::nodes(schedule) {
        Some(worst) => {
            let frozen = schedule.freeze(&worst);
            search(schedule, relaxation, singles, LARGE_ROUNDS, stop);
            schedule.thaw(frozen);
        }
        None => search(schedule, relaxation, singles, ROUNDS, stop),
    }
}

fn search(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    rounds: usize,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let hosts = Hosts::new(schedule.problem, relaxation);
    for _ in 0..rounds {
        let before = schedule.cost();
        for pass in [rehost_all, drop_copies, dissolve_all, move_parts, merge_all, reseat_all] {
            if stop() {
                return;
            }
            pass(schedule, singles, &hosts, stop);
        }
        if schedule.cost() > before * (1.0 - 1e-5) - WORTH {
            return;
        }
    }
}

/// Where nodes may be moved to.
struct Hosts {
    by_price: Vec<Vec<u32>>,
    /// Pools that the relaxation uses.
    active: BTreeSet<u32>,
}

impl Hosts {
    fn new(problem: &Problem<'_>, relaxation: &Relaxation) -> Self {
        let active =
            relaxation.columns.iter().map(|c| problem.classes[c.class].choices[c.way.choice as usize].pool).collect();
        Self { by_price: offers_by_price(problem), active }
    }
}

/// Whether a node may be taken apart: no gangs, no chains.
fn loose(problem: &Problem<'_>, node: &Node) -> bool {
    node.parts.iter().all(|p| p.gang.is_none() && !problem.classes[p.class].tied)
}

/// Cost of a node with its tasks' own costs and the copies only they need, given it is closed now.
fn cost_of(schedule: &Schedule<'_, '_>, offer: usize, parts: &[Part], launch: i64, end: i64) -> f64 {
    let region = schedule.problem.market.offers[offer].region;
    let own: f64 = parts.iter().map(|p| schedule.own(offer, p)).sum();
    own + schedule.bill(offer, launch, end) + copies_of(schedule, parts, region)
}

/// Transfers that these parts would add in a region, each dataset once.
fn copies_of(schedule: &Schedule<'_, '_>, parts: &[Part], region: u16) -> f64 {
    let problem = schedule.problem;
    let reading: BTreeSet<usize> =
        parts.iter().map(|p| p.class).filter(|&k| !problem.classes[k].datasets.is_empty()).collect();
    let mut seen = BTreeSet::new();
    let mut total = 0.0;
    for k in reading {
        if problem.classes[k].datasets.iter().all(|d| seen.insert(*d)) {
            total += schedule.new_copies(k, region);
        }
    }
    total
}

/// The cheapest node for these parts among `pools`, cheaper than `below`, under the quota left.
fn best_host(
    schedule: &Schedule<'_, '_>,
    hosts: &Hosts,
    parts: &[Part],
    pools: &mut dyn Iterator<Item = u32>,
    below: f64,
) -> Option<(f64, usize, Vec<Part>)> {
    let problem = schedule.problem;
    let most = parts.iter().filter_map(|p| problem.workload.jobs()[problem.classes[p.class].jobs[0]].max_price).min();
    let mut best: Option<(f64, usize, Vec<Part>)> = None;
    let mut limit = below;
    // A class is looked up once a pool, however many of its tasks are on the node.
    let mut classes: Vec<usize> = parts.iter().map(|p| p.class).collect();
    classes.sort_unstable();
    classes.dedup();
    let of_class = |p: &Part| classes.binary_search(&p.class).unwrap_or_default();
    let at: Vec<usize> = parts.iter().map(of_class).collect();
    let mut choices: Vec<&Choice> = Vec::with_capacity(classes.len());
    let mut moved: Vec<Part> = Vec::with_capacity(parts.len());
    'pools: for pool in pools {
        choices.clear();
        choices.extend(classes.iter().map_while(|&k| schedule.choice_in(k, pool)));
        if choices.len() < classes.len() {
            continue;
        }
        let own: f64 = at.iter().map(|&c| choices[c].own).sum();
        if own >= limit {
            continue;
        }
        moved.clear();
        for (part, &c) in parts.iter().zip(&at) {
            let start = part.start.max(choices[c].earliest);
            if start > choices[c].latest {
                continue 'pools;
            }
            moved.push(Part { gang: part.gang, ..schedule.part(part.class, choices[c], start) });
        }
        if !hosts.by_price[pool as usize].first().is_some_and(|&o| schedule.cap_allows(o as usize, &moved, 1)) {
            continue;
        }
        let first = moved.iter().map(|p| p.start).min().unwrap_or(0);
        let end = moved.iter().map(|p| p.end).max().unwrap_or(0);
        let hours = (end - first) as f64 / 3.6e6;
        let peak = peak(problem, &moved);
        for &o in &hosts.by_price[pool as usize] {
            let o = o as usize;
            let offer = &problem.market.offers[o];
            if own + problem.least_rate[o] * hours >= limit || most.is_some_and(|m| problem.market.hourly(offer) > m) {
                break;
            }
            if !peak.fits_in(problem.market.type_of(offer).capacity) {
                continue;
            }
            let launch = first - schedule.boot(o);
            let cost = own + schedule.bill(o, launch, end) + copies_of(schedule, &moved, offer.region);
            if cost < limit && schedule.parts_allowed(o, &moved, 1) {
                limit = cost;
                best = Some((cost, o, moved.clone()));
            }
        }
    }
    best
}

/// Componentwise largest load over time.
fn peak(problem: &Problem<'_>, parts: &[Part]) -> Resources {
    // At one instant what ends goes before what begins.
    let begins = parts.iter().map(|p| (p.start, true, p.class));
    let mut changes: Vec<(i64, bool, usize)> = begins.chain(parts.iter().map(|p| (p.held, false, p.class))).collect();
    changes.sort_unstable();
    let (mut load, mut peak) = (Resources::ZERO, Resources::ZERO);
    for (_, begins, class) in changes {
        let demand = problem.classes[class].demand;
        if !begins {
            load -= demand;
            continue;
        }
        load += demand;
        peak.vcpu_milli = peak.vcpu_milli.max(load.vcpu_milli);
        peak.memory_mib = peak.memory_mib.max(load.memory_mib);
        peak.gpu_milli = peak.gpu_milli.max(load.gpu_milli);
    }
    peak
}

/// The pools in which a class may run.
fn pools_of<'s>(schedule: &'s Schedule<'_, '_>, k: usize) -> impl Iterator<Item = u32> + 's {
    schedule.problem.classes[k].choices.iter().map(|c| c.pool)
}

/// The class with the fewest choices on the node: its pools are the ones to try.
fn pickiest(schedule: &Schedule<'_, '_>, parts: &[Part]) -> Option<usize> {
    parts.iter().map(|p| p.class).min_by_key(|&k| (schedule.problem.classes[k].choices.len(), k))
}

/// Each node on its cheapest offer, whatever pool.
fn rehost_all(schedule: &mut Schedule<'_, '_>, _: &Singles, hosts: &Hosts, stop: &(dyn Fn() -> bool + Sync)) {
    for i in 0..schedule.nodes.len() {
        let Some(node) = schedule.nodes[i].as_ref().filter(|n| loose(schedule.problem, n)) else { continue };
        let Some(k) = pickiest(schedule, &node.parts) else { continue };
        if stop() {
            return;
        }
        let Some(node) = schedule.close(i) else { continue };
        let now = cost_of(schedule, node.offer, &node.parts, node.launch, node.end);
        let better = best_host(schedule, hosts, &node.parts, &mut pools_of(schedule, k), now - WORTH);
        match better {
            Some((_, offer, parts)) => schedule.open(offer, parts),
            None => schedule.open(node.offer, node.parts),
        };
    }
}

/// Each node's tasks placed one by one elsewhere, if that is cheaper.
fn dissolve_all(schedule: &mut Schedule<'_, '_>, singles: &Singles, _: &Hosts, stop: &(dyn Fn() -> bool + Sync)) {
    for i in 0..schedule.nodes.len() {
        if stop() {
            return;
        }
        let few = |n: &&Node| n.parts.len() <= 40 && loose(schedule.problem, n);
        if schedule.nodes[i].as_ref().filter(few).is_none() {
            continue;
        }
        let before = schedule.cost();
        let kept = schedule.clone();
        let Some(node) = schedule.close(i) else { continue };
        let mut classes: Vec<usize> = node.parts.iter().map(|p| p.class).collect();
        classes.sort_by_key(|&k| {
            let d = schedule.problem.classes[k].demand;
            (std::cmp::Reverse((d.gpu_milli, d.vcpu_milli, d.memory_mib)), k)
        });
        classes.iter().for_each(|&k| schedule.left[k] += 1);
        let all = classes.iter().all(|&k| insertion::place(schedule, singles, k, Manner::FREE));
        if !all || schedule.cost() >= before - WORTH {
            *schedule = kept;
        }
    }
}

/// The first part of a gang on a node: where it stands, and its class.
fn gang_part(node: &Node) -> Option<(usize, usize)> {
    let at = node.parts.iter().position(|p| p.gang.is_some())?;
    Some((at, node.parts[at].class))
}

/// Each staged copy given up: its readers placed elsewhere together, if that is cheaper.
fn drop_copies(schedule: &mut Schedule<'_, '_>, singles: &Singles, _: &Hosts, stop: &(dyn Fn() -> bool + Sync)) {
    let problem = schedule.problem;
    for (dataset, region) in schedule.copies().collect::<Vec<_>>() {
        if stop() {
            return;
        }
        let reads = |n: &Node| {
            problem.market.offers[n.offer].region == region
                && n.parts.iter().any(|p| problem.classes[p.class].datasets.contains(&dataset))
        };
        let nodes: Vec<usize> = schedule.living().filter(|(_, n)| reads(n)).map(|(i, _)| i).collect();
        let tied = |n: &Node| n.parts.iter().any(|p| problem.classes[p.class].tied);
        if nodes.len() > READERS || nodes.iter().any(|&i| schedule.nodes[i].as_ref().is_some_and(tied)) {
            continue;
        }
        let before = schedule.cost();
        let kept = schedule.clone();
        let mut classes: Vec<usize> = Vec::new();
        for i in nodes {
            // A gang leaves all its nodes at once.
            while let Some((at, class)) = schedule.nodes[i].as_ref().and_then(gang_part) {
                schedule.unplace(i, at);
                classes.push(class);
            }
            for part in schedule.close(i).into_iter().flat_map(|n| n.parts) {
                schedule.left[part.class] += 1;
                classes.push(part.class);
            }
        }
        classes.sort_by_key(|&k| (std::cmp::Reverse(problem.classes[k].demand), k));
        let manner = Manner { closed: Some((dataset, region)), ..Manner::FREE };
        let all = classes.iter().all(|&k| insertion::place(schedule, singles, k, manner));
        if !all || schedule.cost() >= before - WORTH {
            *schedule = kept;
        }
    }
}

/// Single tasks moved off a node, the rest of the node on its cheapest offer.
fn move_parts(schedule: &mut Schedule<'_, '_>, singles: &Singles, hosts: &Hosts, stop: &(dyn Fn() -> bool + Sync)) {
    for i in 0..schedule.nodes.len() {
        let size = match &schedule.nodes[i] {
            Some(n) if n.parts.len() > 1 && n.parts.len() <= 40 && loose(schedule.problem, n) => n.parts.len(),
            _ => continue,
        };
        if stop() {
            return;
        }
        for x in (0..size).rev() {
            let Some(node) = schedule.nodes[i].clone().filter(|n| n.parts.len() > 1 && x < n.parts.len()) else {
                continue;
            };
            let part = node.parts[x];
            let mut rest = node.parts.clone();
            rest.remove(x);
            schedule.close(i);
            let now = cost_of(schedule, node.offer, &node.parts, node.launch, node.end);
            let mut pools = hosts.active.iter().copied().chain([schedule.problem.pool_of[node.offer]]);
            let smaller = best_host(schedule, hosts, &rest, &mut pools, now);
            let cheapest_alone = singles.of(part.class).first().map_or(f64::INFINITY, |s| s.cost);
            let accepted = smaller.and_then(|(cost, offer, parts)| {
                // Moving pays only if what is saved exceeds the task's cost alone or in a gap.
                (now - cost > 0.2 * cheapest_alone).then_some((offer, parts))
            });
            let Some((offer, parts)) = accepted else {
                reopen(schedule, i, node);
                continue;
            };
            reopen(schedule, i, node);
            let before = schedule.cost();
            let kept = schedule.clone();
            schedule.close(i);
            schedule.open(offer, parts);
            schedule.left[part.class] += 1;
            if !insertion::place(schedule, singles, part.class, Manner::FREE) || schedule.cost() >= before - WORTH {
                *schedule = kept;
            } else {
                break;
            }
        }
    }
}

/// Tasks of chains and gangs one by one.
fn reseat_all(schedule: &mut Schedule<'_, '_>, singles: &Singles, _: &Hosts, stop: &(dyn Fn() -> bool + Sync)) {
    reseat(schedule, singles, WORTH, stop);
}

/// Puts a closed node back in its place.
fn reopen(schedule: &mut Schedule<'_, '_>, index: usize, node: Node) {
    let at = schedule.open(node.offer, node.parts);
    schedule.nodes.swap(index, at);
    schedule.nodes.truncate(at.max(index + 1));
}

/// Two nodes' tasks on one.
fn merge_all(schedule: &mut Schedule<'_, '_>, _: &Singles, hosts: &Hosts, stop: &(dyn Fn() -> bool + Sync)) {
    let mut order: Vec<(i64, usize)> =
        schedule.living().filter(|(_, n)| loose(schedule.problem, n)).map(|(i, n)| (n.end - n.launch, i)).collect();
    order.sort_unstable_by(|a, b| b.cmp(a));
    for a in 0..order.len() {
        if stop() {
            return;
        }
        for b in a + 1..order.len().min(a + 1 + NEIGHBOURS) {
            let (i, j) = (order[a].1, order[b].1);
            let (Some(x), Some(y)) = (schedule.nodes[i].clone(), schedule.nodes[j].clone()) else { continue };
            if x.parts.len() + y.parts.len() > 64 {
                continue;
            }
            schedule.close(i);
            let first = cost_of(schedule, x.offer, &x.parts, x.launch, x.end);
            schedule.close(j);
            let both = first + cost_of(schedule, y.offer, &y.parts, y.launch, y.end);
            let parts: Vec<Part> = x.parts.iter().chain(&y.parts).copied().collect();
            let mut pools = hosts.active.iter().copied().chain([x.offer, y.offer].map(|o| schedule.problem.pool_of[o]));
            match best_host(schedule, hosts, &parts, &mut pools, both - WORTH) {
                Some((_, offer, parts)) => {
                    let at = schedule.open(offer, parts);
                    schedule.nodes.swap(i, at);
                    schedule.nodes.pop();
                }
                None => {
                    schedule.open(x.offer, x.parts);
                    let at = schedule.nodes.len() - 1;
                    schedule.nodes.swap(i, at);
                    schedule.nodes.pop();
                    schedule.open(y.offer, y.parts);
                    let at = schedule.nodes.len() - 1;
                    schedule.nodes.swap(j, at);
                    schedule.nodes.pop();
                }
            }
        }
    }
}
