//! Filling a node: a lead class sets the span, the rest is filled by value per share of the node.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::resources::Resources;

use super::Pattern;
use super::board::{Board, times};
use super::tries::Try;
use crate::problem::{Choice, Problem};
use crate::relaxation::{CapTolls, QuotaTolls, Relaxation};
use crate::schedule::{Part, Schedule};

/// Classes tried on a node, densest first.
const MOST_ITEMS: usize = 400;
/// Instants within a node at which tasks are started.
const MOST_INSTANTS: usize = 48;
/// Most parts of a pattern.
const MOST_PARTS: usize = 1024;

/// With what the lead shares the node first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Partner {
    /// As many of the lead as fit, then the densest.
    Densest,
    /// The lead and the class that together use the node best, then the densest.
    Best,
}

/// The classes that may run in each pool, with their choice.
type Lists = BTreeMap<u32, Vec<(usize, usize)>>;

/// Fills nodes of the offers that are tried.
pub(super) struct Filler<'p, 'a> {
    problem: &'p Problem<'a>,
    relaxation: &'p Relaxation,
    tolls: QuotaTolls,
    cap: CapTolls,
    lists: Lists,
}

/// A class that may share the node.
pub(super) struct Item {
    class: usize,
    choice: Choice,
    demand: Resources,
    mean: i64,
    held: i64,
    /// Nodes of a task.
    nodes: u32,
    /// Work of a part that the cap counts here.
    work: i128,
    /// Tasks left.
    left: u32,
    /// What a part on one node is worth beyond its own cost.
    net: f64,
    /// The same per share of the node and hour.
    density: f64,
}

impl Item {
    /// Tasks that each of `nodes` alike nodes may take: single tasks are shared out among them, gangs of
    /// that many have a part on each, others none.
    fn left_for(&self, nodes: u32) -> u32 {
        match self.nodes {
            1 => self.left / nodes,
            n if n == nodes => self.left,
            _ => 0,
        }
    }
}

impl<'p, 'a> Filler<'p, 'a> {
    pub(super) fn new(problem: &'p Problem<'a>, relaxation: &'p Relaxation, tries: &[Try], open: &[bool]) -> Self {
        let mut lists: Lists = tries.iter().map(|t| (problem.pool_of[t.offer], Vec::new())).collect();
        for (k, class) in problem.classes.iter().enumerate().filter(|(k, _)| open.get(*k) == Some(&true)) {
            for (c, choice) in class.choices.iter().enumerate() {
                if let Some(list) = lists.get_mut(&choice.pool) {
                    list.push((k, c));
                }
            }
        }
        let (tolls, cap) = (relaxation.quota_tolls(problem), relaxation.cap_tolls(problem));
        Self { problem, relaxation, tolls, cap, lists }
    }

    /// The patterns of tries on one offer, with the number of the try and what each is worth beyond its
    /// cost, where it is.
    pub(super) fn fill_all(
        &self,
        schedule: &Schedule<'_, '_>,
        worth: &[f64],
        tries: &[Try],
    ) -> Vec<(usize, f64, Pattern)> {
        let Some(first) = tries.first() else { return Vec::new() };
        let items = self.items(schedule, worth, first.offer, &self.lists[&self.problem.pool_of[first.offer]]);
        let fill = |t: &Try| {
            let start = self.free_start(schedule, &items, t.lead, t.offer, t.start)?;
            let (gain, pattern) = self.fill(schedule, worth, &items, &Try { start, ..*t })?;
            Some((t.lead, gain, pattern))
        };
        tries.iter().filter_map(fill).collect()
    }

    /// Those of the classes that an offer's nodes hold and of which tasks are left, densest first.
    pub(super) fn items(
        &self,
        schedule: &Schedule<'_, '_>,
        worth: &[f64],
        offer: usize,
        classes: &[(usize, usize)],
    ) -> Vec<Item> {
        let mut items: Vec<Item> =
            classes.iter().filter_map(|&(k, c)| self.item(schedule, worth, offer, k, c)).collect();
        items.sort_by(|a, b| b.density.total_cmp(&a.density).then(a.class.cmp(&b.class)));
        items
    }

    /// The first start of a lead, from `start` on, at which quota allows nodes for it.
    pub(super) fn free_start(
        &self,
        schedule: &Schedule<'_, '_>,
        items: &[Item],
        lead: usize,
        offer: usize,
        start: i64,
    ) -> Option<i64> {
        let lead = items.iter().find(|i| i.class == lead)?;
        let boot = schedule.boot(offer);
        let launch = schedule.room_from(offer, start - boot, boot + lead.held, i64::from(lead.nodes))?;
        Some(launch + boot).filter(|s| *s <= lead.choice.latest)
    }

    /// The pattern of a try and what it is worth beyond its cost, if it is.
    pub(super) fn fill(
        &self,
        schedule: &Schedule<'_, '_>,
        worth: &[f64],
        items: &[Item],
        t: &Try,
    ) -> Option<(f64, Pattern)> {
        let capacity = self.problem.market.type_of(&self.problem.market.offers[t.offer]).capacity;
        let lead = items.iter().find(|i| i.class == t.lead)?;
        if !(lead.choice.earliest..=lead.choice.latest).contains(&t.start) {
            return None;
        }
        let (nodes, end) = (lead.nodes, t.start + lead.mean);
        let in_time = |i: &&Item| i.choice.earliest.max(t.start) + i.mean <= end && i.choice.latest >= t.start;
        let beside: Vec<&Item> = items
            .iter()
            .filter(|i| i.class != t.lead && i.net > 0.0 && i.left_for(nodes) > 0)
            .filter(in_time)
            .take(MOST_ITEMS)
            .collect();
        let mut node = Node {
            board: Board::new(capacity),
            work: schedule.work_room(self.problem.pool_of[t.offer]) / i128::from(nodes),
            parts: Vec::new(),
            instants: vec![t.start],
            end,
            nodes,
        };
        let full = lead.left_for(nodes).min(times(capacity, lead.demand) as u32);
        match t.partner {
            Partner::Densest => node.put(lead, t.start, full),
            Partner::Best => {
                let (n, partner) = best_partner(lead, full, &beside, capacity, t.start, end)?;
                node.put(lead, t.start, n);
                node.fill_with(partner);
            }
        }
        let arrivals = beside.iter().map(|i| i.choice.earliest).filter(|&e| e > t.start && e < end);
        node.instants.extend(arrivals);
        node.instants.sort_unstable();
        node.instants.dedup();
        beside.iter().for_each(|item| node.fill_with(item));
        self.priced(schedule, worth, t.offer, nodes, node.parts)
    }

    fn item(&self, schedule: &Schedule<'_, '_>, worth: &[f64], offer: usize, k: usize, c: usize) -> Option<Item> {
        let problem = self.problem;
        let class = &problem.classes[k];
        let left = schedule.left[k];
        let offer = &problem.market.offers[offer];
        let capacity = problem.market.type_of(offer).capacity;
        if left == 0 || !class.demand.fits_in(capacity) {
            return None;
        }
        if problem.workload.jobs()[class.jobs[0]].max_price.is_some_and(|m| problem.market.hourly(offer) > m) {
            return None;
        }
        let choice = class.choices[c];
        let law = &class.laws[usize::from(choice.law)];
        // A copy that the relaxation makes is paid for by all its readers; any other by this node.
        let own = choice.own + self.cap.of(class, choice.pool) + self.copies(schedule, &[k], offer.region);
        let net = (worth[k] - own) / f64::from(class.nodes);
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let d = class.demand;
        let size = share(d.vcpu_milli, capacity.vcpu_milli)
            + share(d.memory_mib, capacity.memory_mib)
            + share(d.gpu_milli, capacity.gpu_milli);
        let density = net / (size * law.mean.hours());
        let (mean, held) = (law.mean.get(), law.reserved.get());
        let work = problem.part_work(k, choice.pool);
        Some(Item { class: k, nodes: class.nodes, work, choice, demand: d, mean, held, left, net, density })
    }

    /// Transfers of copies that the relaxation does not make, each once, dollars.
    fn copies(&self, schedule: &Schedule<'_, '_>, classes: &[usize], region: u16) -> f64 {
        if classes.iter().all(|&k| self.problem.classes[k].datasets.is_empty()) {
            return 0.0;
        }
        let missing = classes.iter().flat_map(|&k| schedule.missing_copies(k, region));
        let fresh: BTreeSet<usize> = missing.filter(|&d| !self.relaxation.staged.contains(&(d, region))).collect();
        fresh.iter().map(|&d| self.problem.staging_egress(d, region).unwrap_or(f64::INFINITY)).sum()
    }

    /// Prices the parts on each of `nodes` alike nodes of an offer; nothing if they are not worth them.
    pub(super) fn priced(
        &self,
        schedule: &Schedule<'_, '_>,
        worth: &[f64],
        offer: usize,
        nodes: u32,
        parts: Vec<Part>,
    ) -> Option<(f64, Pattern)> {
        let problem = self.problem;
        let region = problem.market.offers[offer].region;
        let first = parts.iter().map(|p| p.start).min()?;
        let end = parts.iter().map(|p| p.end).max()?;
        let held = parts.iter().map(|p| p.held).max()?;
        let launch = first - schedule.boot(offer);
        let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
        parts.iter().for_each(|p| *counts.entry(p.class).or_insert(0) += nodes / problem.classes[p.class].nodes);
        let classes: Vec<usize> = counts.keys().copied().collect();
        let mut value = 0.0;
        let node = schedule.bill(offer, launch, end) + self.tolls.of_node(offer, launch, held);
        let mut cost = node * f64::from(nodes) + self.copies(schedule, &classes, region);
        for (&k, &n) in &counts {
            value += worth[k] * f64::from(n);
            let choice = schedule.choice_in(k, problem.pool_of[offer])?;
            cost += (choice.own + self.cap.of(&problem.classes[k], choice.pool)) * f64::from(n);
        }
        let worthwhile = cost < value * (1.0 - 1e-9)
            && schedule.parts_allowed(offer, &parts, i64::from(nodes))
            && schedule.cap_allows(offer, &parts, nodes);
        let counts = counts.into_iter().collect();
        worthwhile.then_some(((value - cost) / cost, Pattern { offer, nodes, cost, parts, counts }))
    }
}

/// A node being filled.
struct Node {
    board: Board,
    /// Work that the cap still lets in.
    work: i128,
    parts: Vec<Part>,
    /// When tasks may start on it, in order.
    instants: Vec<i64>,
    /// When it is released.
    end: i64,
    /// How many are filled alike.
    nodes: u32,
}

impl Node {
    /// How many tasks of an item the cap still lets in.
    fn work_room(&self, item: &Item) -> u32 {
        self.work.max(0).checked_div(item.work).map_or(u32::MAX, |n| u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// Puts `n` tasks of an item at an instant, or as many as the cap lets in.
    fn put(&mut self, item: &Item, at: i64, n: u32) {
        let n = n.min(self.work_room(item));
        if n == 0 {
            return;
        }
        let part = Part { class: item.class, start: at, end: at + item.mean, held: at + item.held, gang: None };
        self.board.take(at, part.held, item.demand, n);
        self.work -= item.work * i128::from(n);
        self.parts.extend(std::iter::repeat_n(part, n as usize));
        if let (true, Err(at)) = (part.held < self.end, self.instants.binary_search(&part.held)) {
            self.instants.insert(at, part.held);
        }
    }

    /// Puts tasks of an item wherever they fit and end before the node is released.
    fn fill_with(&mut self, item: &Item) {
        let mut left = item.left_for(self.nodes);
        let (from, to) = (item.choice.earliest, item.choice.latest.min(self.end - item.mean));
        let mut next = from;
        for _ in 0..MOST_INSTANTS {
            if left == 0 || next > to {
                return;
            }
            let at = self.instants.partition_point(|t| *t < next);
            let Some(&t) = self.instants.get(at).filter(|t| **t <= to) else { return };
            let room = (MOST_PARTS - self.parts.len().min(MOST_PARTS)) as u32;
            let n = self.board.room(t, t + item.held, item.demand, left.min(room).min(self.work_room(item)));
            self.put(item, t, n);
            left -= n;
            next = t + 1;
        }
    }
}

/// How many of the lead and which class beside it use the node best: at the corner where two resources
/// are both used up.
fn best_partner<'i>(
    lead: &Item,
    full: u32,
    beside: &[&'i Item],
    capacity: Resources,
    start: i64,
    end: i64,
) -> Option<(u32, &'i Item)> {
    let mut best: Option<(f64, u32, &'i Item)> = None;
    for &item in beside.iter().filter(|i| i.choice.earliest <= start) {
        // Shorter tasks follow one another.
        let turns = ((end - start - item.mean) / item.held.max(1) + 1).max(1) as u32;
        for n in corners(lead.demand, item.demand, capacity) {
            let n = n.min(full);
            if n == 0 || n == full {
                continue;
            }
            let mut free = capacity;
            free -= lead.demand.times(u64::from(n));
            let more = (times(free, item.demand).min(1 << 20) as u32).saturating_mul(turns);
            let value = f64::from(n) * lead.net + f64::from(more.min(item.left_for(lead.nodes))) * item.net;
            if best.is_none_or(|(b, ..)| value > b) {
                best = Some((value, n, item));
            }
        }
    }
    best.map(|(_, n, item)| (n, item))
}

/// Numbers of the first demand at which it and the second use up two resources of a capacity.
fn corners(a: Resources, b: Resources, capacity: Resources) -> impl Iterator<Item = u32> {
    let list = |r: Resources| [r.vcpu_milli as f64, r.memory_mib as f64, r.gpu_milli as f64];
    let (a, b, c) = (list(a), list(b), list(capacity));
    [(0, 1), (1, 2), (0, 2)].into_iter().filter_map(move |(x, y)| {
        let det = a[x] * b[y] - a[y] * b[x];
        let n = (c[x] * b[y] - c[y] * b[x]) / det;
        (det != 0.0 && n > 0.0 && n < 1e6).then_some(n as u32)
    })
}
