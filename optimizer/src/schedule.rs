//! Nodes with tasks on them, and the quota they hold: the state that construction and search change.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::cost;
use tradewind_core::resources::Resources;
use tradewind_core::time::Millis;

use crate::cap::CapLoad;
use crate::problem::{Choice, Problem};
use crate::timeline::Timeline;

mod quotas;

pub(crate) use quotas::limit_milli;

/// A task's part on a node. Times in ms from the horizon's start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    /// The class.
    pub class: usize,
    /// Start.
    pub start: i64,
    /// Mean end.
    pub end: i64,
    /// Reserved end.
    pub held: i64,
    /// The gang it belongs to.
    pub gang: Option<u32>,
}

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Its offer.
    pub offer: usize,
    /// What runs on it, in order of placement.
    pub parts: Vec<Part>,
    /// Launch: first start less the boot.
    pub launch: i64,
    /// Mean end of the last part.
    pub end: i64,
    /// Reserved end of the last part.
    pub held: i64,
    /// Its bill and the own costs of its tasks, gangs left out, dollars: the search asks for the sum all the time.
    cost: f64,
}

/// The nodes and what they hold.
#[derive(Clone)]
pub(crate) struct Schedule<'p, 'a> {
    /// The problem.
    pub problem: &'p Problem<'a>,
    /// Nodes; `None` where one was removed.
    pub nodes: Vec<Option<Node>>,
    /// Thousandths of a unit held of each quota row.
    quotas: Vec<Timeline>,
    /// Deadline-critical work on spot pools.
    pub cap: CapLoad,
    /// Uses of staged copies, by (dataset, region).
    copies: BTreeMap<(usize, u16), u32>,
    /// Tasks of each class not placed yet.
    pub left: Vec<u32>,
    /// Next gang number.
    next_gang: u32,
}

impl<'p, 'a> Schedule<'p, 'a> {
    /// Nothing placed.
    pub fn new(problem: &'p Problem<'a>) -> Self {
        Self {
            problem,
            nodes: Vec::new(),
            quotas: vec![Timeline::default(); problem.market.quotas.len()],
            cap: CapLoad::default(),
            copies: BTreeMap::new(),
            left: problem.classes.iter().map(|c| c.tasks).collect(),
            next_gang: 0,
        }
    }

    /// The same nodes over the same inputs at other tolls.
    pub fn over<'q>(self, problem: &'q Problem<'a>) -> Schedule<'q, 'a> {
        let Self { nodes, quotas, cap, copies, left, next_gang, .. } = self;
        let mut schedule = Schedule { problem, nodes, quotas, cap, copies, left, next_gang };
        let mut nodes = std::mem::take(&mut schedule.nodes);
        nodes.iter_mut().flatten().for_each(|node| schedule.work_out(node));
        schedule.nodes = nodes;
        schedule
    }

    /// Tasks placed.
    pub fn placed(&self) -> u64 {
        self.problem.classes.iter().zip(&self.left).map(|(c, l)| u64::from(c.tasks - l)).sum()
    }

    /// Tasks placed by priority level, highest first.
    pub fn placed_by_level(&self) -> Vec<u64> {
        let mut levels: BTreeMap<std::cmp::Reverse<u8>, u64> = BTreeMap::new();
        for (class, left) in self.problem.classes.iter().zip(&self.left) {
            *levels.entry(std::cmp::Reverse(class.priority)).or_insert(0) += u64::from(class.tasks - left);
        }
        levels.into_values().collect()
    }

    /// A fresh gang number.
    pub fn new_gang(&mut self) -> u32 {
        self.next_gang += 1;
        self.next_gang
    }

    /// A part of class `k` by `choice` from `start`.
    pub fn part(&self, k: usize, choice: &Choice, start: i64) -> Part {
        let law = &self.problem.classes[k].laws[usize::from(choice.law)];
        Part { class: k, start, end: start + law.mean.get(), held: start + law.reserved.get(), gang: None }
    }

    /// The living nodes.
    pub fn living(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().filter_map(|(i, n)| n.as_ref().map(|n| (i, n)))
    }

    /// Mean boot of an offer's cloud, ms.
    pub fn boot(&self, offer: usize) -> i64 {
        let o = &self.problem.market.offers[offer];
        self.problem.boot[usize::from(self.problem.market.region_of(o).cloud)]
    }

    /// Expected bill of a node in dollars.
    pub fn bill(&self, offer: usize, launch: i64, end: i64) -> f64 {
        bill(self.problem, offer, end - launch)
    }

    /// Cost of staged copies that a class would add in a region, dollars.
    pub fn new_copies(&self, k: usize, region: u16) -> f64 {
        self.missing_copies(k, region).map(|d| self.problem.staging_egress(d, region).unwrap_or(f64::INFINITY)).sum()
    }

    /// Datasets that a class reads and a region lacks.
    pub fn missing_copies(&self, k: usize, region: u16) -> impl Iterator<Item = usize> + '_ {
        let p = self.problem;
        let lacks = move |d: &usize| p.datasets[*d].home != region && !self.copies.contains_key(&(*d, region));
        p.classes[k].datasets.iter().copied().filter(lacks)
    }

    /// Takes these copies as made until they are [settled](Self::settle): a task that goes there pays for none
    /// of them, since it will not be the only one.
    pub fn promise(&mut self, copies: &BTreeSet<(usize, u16)>) {
        copies.iter().for_each(|copy| *self.copies.entry(*copy).or_insert(0) += 1);
    }

    /// Takes back a promise: copies that nobody reads are not made.
    pub fn settle(&mut self, copies: &BTreeSet<(usize, u16)>) {
        for copy in copies {
            if let Some(uses) = self.copies.get_mut(copy) {
                *uses -= 1;
            }
        }
        self.copies.retain(|_, uses| *uses > 0);
    }

    /// The staged copies.
    pub fn copies(&self) -> impl Iterator<Item = (usize, u16)> + '_ {
        self.copies.keys().copied()
    }

    /// Counts a part: its work, and its uses of copies.
    fn count(&mut self, offer: usize, part: &Part, add: bool) {
        self.cap.count(self.problem, offer, part, add);
        let region = self.problem.market.offers[offer].region;
        for &d in &self.problem.classes[part.class].datasets {
            if self.problem.datasets[d].home == region {
                continue;
            }
            let uses = self.copies.entry((d, region)).or_insert(0);
            *uses = if add { *uses + 1 } else { *uses - 1 };
            if *uses == 0 {
                self.copies.remove(&(d, region));
            }
        }
    }

    /// Opens a node with these parts; its index. Tasks of gangs count once, with their first part.
    pub fn open(&mut self, offer: usize, parts: Vec<Part>) -> usize {
        let mut node = Node { offer, parts, launch: 0, end: 0, held: 0, cost: 0.0 };
        self.work_out(&mut node);
        self.hold(&node, 1);
        for part in &node.parts {
            self.count(offer, part, true);
        }
        self.nodes.push(Some(node));
        self.nodes.len() - 1
    }

    /// Removes a node; its contents.
    pub fn close(&mut self, index: usize) -> Option<Node> {
        let node = self.nodes[index].take()?;
        self.hold(&node, -1);
        for part in &node.parts {
            self.count(node.offer, part, false);
        }
        Some(node)
    }

    /// Takes out the nodes that are not among `kept`; they go on holding their quota and copies.
    pub fn freeze(&mut self, kept: &[usize]) -> Vec<Node> {
        let mut keep = vec![false; self.nodes.len()];
        kept.iter().for_each(|&i| keep[i] = true);
        let (kept, frozen): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.nodes).into_iter().zip(keep).partition(|(_, keep)| *keep);
        self.nodes = kept.into_iter().map(|(node, _)| node).collect();
        frozen.into_iter().filter_map(|(node, _)| node).collect()
    }

    /// Puts back what [`Self::freeze`] took out.
    pub fn thaw(&mut self, frozen: Vec<Node>) {
        self.nodes.extend(frozen.into_iter().map(Some));
    }

    /// Takes one part off a node, closing it if it was the last.
    pub fn remove(&mut self, index: usize, part: usize) {
        let Some(mut node) = self.close(index) else { return };
        node.parts.remove(part);
        if !node.parts.is_empty() {
            let at = self.open(node.offer, node.parts);
            self.nodes.swap(index, at);
            self.nodes.pop();
        }
    }

    /// Takes a task off: its part on a node, or all parts of its gang.
    pub fn unplace(&mut self, index: usize, part: usize) {
        let Some(node) = &self.nodes[index] else { return };
        let Part { class, gang, .. } = node.parts[part];
        match gang {
            None => self.remove(index, part),
            Some(_) => {
                for i in 0..self.nodes.len() {
                    let at = self.nodes[i].as_ref().and_then(|n| n.parts.iter().position(|p| p.gang == gang));
                    if let Some(at) = at {
                        self.remove(i, at);
                    }
                }
            }
        }
        self.left[class] += 1;
    }

    /// Takes the first task off, in order of nodes, of which a part matches; whether there was one.
    pub fn take_off(&mut self, matches: impl Fn(&Node, &Part) -> bool) -> bool {
        let part_of = |n: &Node| n.parts.iter().position(|p| matches(n, p));
        let found = self.living().find_map(|(i, n)| Some((i, part_of(n)?)));
        found.inspect(|&(node, part)| self.unplace(node, part)).is_some()
    }

    /// Adds a part to a node.
    pub fn insert(&mut self, index: usize, part: Part) {
        let Some(mut node) = self.nodes[index].take() else { return };
        self.hold(&node, -1);
        node.parts.push(part);
        self.work_out(&mut node);
        self.hold(&node, 1);
        self.count(node.offer, &part, true);
        self.nodes[index] = Some(node);
    }

    /// Works out what follows from a node's parts: launch, ends and cost.
    fn work_out(&self, node: &mut Node) {
        node.launch = node.parts.iter().map(|p| p.start).min().unwrap_or(0) - self.boot(node.offer);
        node.end = node.parts.iter().map(|p| p.end).max().unwrap_or(0);
        node.held = node.parts.iter().map(|p| p.held).max().unwrap_or(0);
        let alone = node.parts.iter().filter(|p| p.gang.is_none());
        let own: f64 = alone.map(|p| self.own(node.offer, p)).sum();
        node.cost = self.bill(node.offer, node.launch, node.end) + own;
    }

    /// Whether a node's capacity allows one more part.
    pub fn capacity_allows(&self, node: &Node, part: &Part) -> bool {
        let market = self.problem.market;
        let capacity = market.type_of(&market.offers[node.offer]).capacity;
        fits(self.problem, capacity, &node.parts, part)
    }

    /// Whether a node may be changed to span from `launch` to `held`.
    pub fn may_span(&mut self, index: usize, launch: i64, held: i64) -> bool {
        let Some(node) = self.nodes[index].take() else { return false };
        if launch >= node.launch && held <= node.held {
            self.nodes[index] = Some(node);
            return true;
        }
        self.hold(&node, -1);
        let allowed = self.quota_allows(node.offer, launch.min(node.launch), held.max(node.held), 1);
        self.hold(&node, 1);
        self.nodes[index] = Some(node);
        allowed
    }

    /// Expected cost of everything, dollars: bills, own costs, transfers of copies.
    pub fn cost(&self) -> f64 {
        let mut total = 0.0;
        let mut gangs = BTreeSet::new();
        for (_, node) in self.living() {
            total += node.cost;
            let first_of_gang = |part: &&Part| part.gang.is_some_and(|g| gangs.insert(g));
            total += node.parts.iter().filter(first_of_gang).map(|part| self.own(node.offer, part)).sum::<f64>();
        }
        let copies: f64 = self.copies.keys().map(|&(d, r)| self.problem.staging_egress(d, r).unwrap_or(0.0)).sum();
        total + copies
    }

    /// Own cost of the task of a part, dollars.
    pub fn own(&self, offer: usize, part: &Part) -> f64 {
        let pool = self.problem.pool_of[offer];
        let class = &self.problem.classes[part.class];
        match class.choices.binary_search_by_key(&pool, |c| c.pool) {
            Ok(c) => class.choices[c].own,
            Err(_) => f64::INFINITY,
        }
    }

    /// The choice of a class in an offer's pool.
    pub fn choice_in(&self, k: usize, pool: u32) -> Option<&'p Choice> {
        let choices = &self.problem.classes[k].choices;
        choices.binary_search_by_key(&pool, |c| c.pool).ok().map(|c| &choices[c])
    }
}

/// Expected bill in dollars of a node kept for `span` ms, with its toll.
pub(crate) fn bill(problem: &Problem<'_>, offer: usize, span: i64) -> f64 {
    let market = problem.market;
    let o = &market.offers[offer];
    let cloud = market.cloud_of(o);
    let billed = if o.hazard.is_some() {
        cost::billed_time(market, o, Millis::new(span))
    } else {
        Millis::new(span).max(cloud.billing_minimum)
    };
    let toll = problem.tolls.get(offer).copied().unwrap_or(0.0);
    o.price.as_f64() * billed.hours() + (cloud.address.as_f64() + toll) * Millis::new(span).hours()
}

/// Whether `part` fits beside `parts` within `capacity` at every instant.
pub(crate) fn fits(problem: &Problem<'_>, capacity: Resources, parts: &[Part], part: &Part) -> bool {
    let demand = problem.classes[part.class].demand;
    if !demand.fits_in(capacity) {
        return false;
    }
    let overlapping = || parts.iter().filter(|p| p.start < part.held && part.start < p.held);
    let load_at = |now: i64| {
        let mut load = demand;
        for p in overlapping().filter(|p| p.start <= now && now < p.held) {
            load += problem.classes[p.class].demand;
        }
        load
    };
    if !load_at(part.start).fits_in(capacity) {
        return false;
    }
    let mut last = part.start;
    overlapping().map(|p| p.start).filter(|s| *s > part.start).all(|s| {
        let same = s == last;
        last = s;
        same || load_at(s).fits_in(capacity)
    })
}
