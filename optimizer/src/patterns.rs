//! Nodes as patterns: a set of tasks on one offer from one start, generated against the duals of a
//! covering program and chosen by diving.
//!
//! The program covers each class by patterns and, at worst, by each task alone on its cheapest node.
//! A pattern is made by a knapsack rule: the longest task sets the span, the rest is filled by value
//! (dual less own cost) per share of the node. Patterns whose value exceeds their cost enter the
//! program; when none is found, those that the solution wants most are opened, their tasks leave, and
//! it starts again with what is left.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::master::{LiveMaster, Master, RowId, RowKind};
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::{Part, Schedule, fits};
use crate::singles::Singles;

/// Offers whose price per value of a full node exceeds this are not filled.
const WORST_DENSITY: f64 = 1.35;
/// Offers filled in a pool, best density first.
const OFFERS: usize = 10;
/// Starts tried in a pool.
const STARTS: usize = 3;
/// Positions in the list of tasks, longest first, of the one that sets the span.
const LEADS: [f64; 10] = [0.0, 0.04, 0.1, 0.17, 0.25, 0.35, 0.46, 0.58, 0.72, 0.88];
/// Cheapest offers for each class alone that are filled too.
const SINGLES: usize = 2;
/// Rounds of pricing before the first dive, and between dives.
const FIRST_ROUNDS: usize = 6;
const NEXT_ROUNDS: usize = 1;
/// Dives at most.
const DIVES: usize = 16;
/// A pattern is opened when the solution takes it at least so far; the best one always is.
const TAKE: f64 = 0.6;
/// Most parts of a pattern that are stacked behind others.
const MOST_PARTS: usize = 256;

/// A node worth opening.
#[derive(Debug, Clone)]
struct Pattern {
    offer: usize,
    cost: f64,
    parts: Vec<Part>,
    /// Tasks of each class.
    counts: BTreeMap<usize, u32>,
}

/// Where patterns are looked for: an offer, a start, and the list of its pool.
struct Try {
    offer: usize,
    start: i64,
    lead: usize,
}

/// The classes that may run in each pool, longest first, with their choice.
type Lists = BTreeMap<u32, Vec<(usize, usize)>>;

/// Opens nodes for loose single-node tasks of the wanted classes.
pub(crate) fn place(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    wanted: &dyn Fn(usize) -> bool,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let open: Vec<bool> = (0..problem.classes.len())
        .map(|k| wanted(k) && problem.classes[k].nodes == 1 && !problem.classes[k].tied && !singles.of(k).is_empty())
        .collect();
    let alone: Vec<f64> =
        (0..problem.classes.len()).map(|k| singles.of(k).first().map_or(f64::INFINITY, |s| s.cost)).collect();
    let tries = tries(problem, relaxation, singles, schedule, &open);
    let lists = lists(problem, &tries, &open);
    let mut pool: Vec<Pattern> = Vec::new();
    let mut known: BTreeSet<(usize, i64, Vec<(usize, u32)>)> = BTreeSet::new();
    for dive in 0..DIVES {
        if stop() {
            return;
        }
        pool.retain(|p| usable(schedule, p));
        let mut cover = Cover::new(schedule, &open, &alone, &pool);
        let rounds = if dive == 0 { FIRST_ROUNDS } else { NEXT_ROUNDS };
        let mut primal = Vec::new();
        for round in 0..=rounds {
            let Ok(solution) = cover.master.solve() else { return };
            primal = cover.columns.iter().map(|&c| solution.primal[c]).collect();
            if round == rounds || stop() {
                break;
            }
            let worth = cover.worth(&solution.duals, &alone);
            let shared: &Schedule<'_, '_> = schedule;
            let found: Vec<Option<Pattern>> = tries
                .par_iter()
                .map(|t| fill(shared, relaxation, &worth, &lists[&problem.pool_of[t.offer]], t))
                .collect();
            let before = pool.len();
            for pattern in found.into_iter().flatten() {
                let start = pattern.parts[0].start;
                let counts: Vec<(usize, u32)> = pattern.counts.iter().map(|(&k, &n)| (k, n)).collect();
                if known.insert((pattern.offer, start, counts)) {
                    cover.add(&pattern);
                    pool.push(pattern);
                }
            }
            if pool.len() == before {
                break;
            }
        }
        primal.resize(pool.len(), 0.0);
        if !open_best(schedule, &pool, &primal) {
            return;
        }
    }
}

/// Whether all tasks of a pattern are still to be placed.
fn usable(schedule: &Schedule<'_, '_>, pattern: &Pattern) -> bool {
    pattern.counts.iter().all(|(&k, &n)| schedule.left[k] >= n)
}

/// Opens the patterns that the solution wants most; false if there is none.
fn open_best(schedule: &mut Schedule<'_, '_>, pool: &[Pattern], primal: &[f64]) -> bool {
    let mut order: Vec<usize> = (0..pool.len()).filter(|&i| primal[i] > 0.02).collect();
    order.sort_by(|&a, &b| primal[b].total_cmp(&primal[a]).then(a.cmp(&b)));
    let mut opened = false;
    for i in order {
        let mut copies = if primal[i] >= TAKE { (primal[i] + 1.0 - TAKE).floor() as u32 } else { u32::from(!opened) };
        while copies > 0 && usable(schedule, &pool[i]) {
            let p = &pool[i];
            let held = p.parts.iter().map(|x| x.held).max().unwrap_or(0);
            let first = p.parts.iter().map(|x| x.start).min().unwrap_or(0);
            if !schedule.quota_allows(p.offer, first - schedule.boot(p.offer), held, 1) {
                break;
            }
            p.counts.iter().for_each(|(&k, &n)| schedule.left[k] -= n);
            schedule.open(p.offer, p.parts.clone());
            opened = true;
            copies -= 1;
        }
    }
    opened
}

/// The covering program.
struct Cover {
    master: LiveMaster,
    rows: BTreeMap<usize, RowId>,
    /// Column of each pattern in the pool.
    columns: Vec<usize>,
}

impl Cover {
    fn new(schedule: &Schedule<'_, '_>, open: &[bool], alone: &[f64], pool: &[Pattern]) -> Self {
        let mut master = LiveMaster::new();
        let mut rows = BTreeMap::new();
        for (k, &left) in schedule.left.iter().enumerate() {
            if open[k] && left > 0 {
                let row = master.add_row(RowKind::Equal(f64::from(left)), &[]);
                master.add_column(alone[k], f64::INFINITY, &[(row, 1.0)]);
                rows.insert(k, row);
            }
        }
        let mut cover = Self { master, rows, columns: Vec::new() };
        pool.iter().for_each(|p| cover.add(p));
        cover
    }

    fn add(&mut self, pattern: &Pattern) {
        let entries: Vec<(RowId, f64)> = pattern.counts.iter().map(|(k, &n)| (self.rows[k], f64::from(n))).collect();
        let column = self.master.add_column(pattern.cost, f64::INFINITY, &entries);
        self.columns.push(column.0);
    }

    /// The dual of each class; nothing where it is not covered here.
    fn worth(&self, duals: &[f64], alone: &[f64]) -> Vec<f64> {
        (0..alone.len()).map(|k| self.rows.get(&k).map_or(0.0, |r| duals[r.0])).collect()
    }
}

/// Offers worth filling, and from which starts.
fn tries(
    problem: &Problem<'_>,
    relaxation: &Relaxation,
    singles: &Singles,
    schedule: &Schedule<'_, '_>,
    open: &[bool],
) -> Vec<Try> {
    let wanted = |k: usize| open[k] && schedule.left[k] > 0;
    let mut starts: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    for column in relaxation.columns.iter().filter(|c| wanted(c.class)) {
        let choice = &problem.classes[column.class].choices[column.choice];
        starts.entry(choice.pool).or_default().extend([column.start, choice.earliest]);
    }
    let mut offers: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
    for (&p, list) in &starts {
        let mu = relaxation.prices.mu[p as usize];
        let mut dense: Vec<(f64, usize)> = problem.pools[p as usize]
            .offers
            .iter()
            .filter_map(|&o| {
                let c = problem.market.type_of(&problem.market.offers[o]).capacity;
                let size = [c.vcpu_milli as f64 / 1e3, c.memory_mib as f64 / 1024.0, c.gpu_milli as f64 / 1e3];
                let value = mu[0] * size[0] + mu[1] * size[1] + mu[2] * size[2];
                (problem.least_rate[o] <= WORST_DENSITY * value).then(|| (problem.least_rate[o] / value, o))
            })
            .collect();
        dense.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, o) in spread(problem, &dense) {
            offers.entry(o).or_default().extend(list.iter().copied().take(STARTS));
        }
    }
    for k in (0..problem.classes.len()).filter(|&k| wanted(k)) {
        for single in singles.of(k).iter().take(SINGLES) {
            let list = offers.entry(single.offer as usize).or_default();
            if list.len() < STARTS {
                list.insert(problem.classes[k].choices[single.choice as usize].earliest);
            }
        }
    }
    let each = |(&offer, starts): (&usize, &BTreeSet<i64>)| {
        let all: Vec<Try> =
            starts.iter().flat_map(|&start| (0..LEADS.len()).map(move |lead| Try { offer, start, lead })).collect();
        all
    };
    offers.iter().flat_map(each).collect()
}

/// The densest offers, at most two of one vCPU count, so that small and large nodes are tried.
fn spread(problem: &Problem<'_>, dense: &[(f64, usize)]) -> Vec<(f64, usize)> {
    let mut of_size: BTreeMap<u64, usize> = BTreeMap::new();
    let fresh = |&&(_, o): &&(f64, usize)| {
        let n = of_size.entry(problem.market.type_of(&problem.market.offers[o]).capacity.vcpu_milli).or_insert(0);
        *n += 1;
        *n <= 2
    };
    dense.iter().filter(fresh).take(OFFERS).copied().collect()
}

fn lists(problem: &Problem<'_>, tries: &[Try], open: &[bool]) -> Lists {
    let mut lists: Lists = tries.iter().map(|t| (problem.pool_of[t.offer], Vec::new())).collect();
    for (k, class) in problem.classes.iter().enumerate().filter(|(k, _)| open[*k]) {
        for (c, choice) in class.choices.iter().enumerate() {
            if let Some(list) = lists.get_mut(&choice.pool) {
                list.push((k, c));
            }
        }
    }
    for list in lists.values_mut() {
        list.sort_by_key(|&(k, c)| {
            let class = &problem.classes[k];
            (std::cmp::Reverse(class.laws[usize::from(class.choices[c].law)].mean), k)
        });
    }
    lists
}

/// An item of one fill.
struct Item {
    class: usize,
    choice: usize,
    left: u32,
    density: f64,
}

/// The best pattern of a try under `worth`, if it is worth more than it costs.
fn fill(
    schedule: &Schedule<'_, '_>,
    relaxation: &Relaxation,
    worth: &[f64],
    list: &[(usize, usize)],
    t: &Try,
) -> Option<Pattern> {
    let problem = schedule.problem;
    let offer = &problem.market.offers[t.offer];
    let capacity = problem.market.type_of(offer).capacity;
    let mut items: Vec<Item> = Vec::with_capacity(list.len());
    for &(k, c) in list {
        let class = &problem.classes[k];
        let choice = &class.choices[c];
        let within = choice.earliest <= t.start && t.start <= choice.latest;
        if schedule.left[k] == 0 || !within || !class.demand.fits_in(capacity) {
            continue;
        }
        if problem.workload.jobs()[class.jobs[0]].max_price.is_some_and(|m| problem.market.hourly(offer) > m) {
            continue;
        }
        // A copy that the relaxation makes is paid for by all its readers; any other by this node.
        let own = class.own_cost(offer.region, choice.law);
        let copies: f64 = schedule
            .missing_copies(k, offer.region)
            .filter(|&d| !relaxation.staged.contains(&(d, offer.region)))
            .map(|d| problem.staging_egress(d, offer.region).unwrap_or(f64::INFINITY))
            .sum();
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let d = class.demand;
        let size = share(d.vcpu_milli, capacity.vcpu_milli)
            + share(d.memory_mib, capacity.memory_mib)
            + share(d.gpu_milli, capacity.gpu_milli);
        items.push(Item { class: k, choice: c, left: schedule.left[k], density: (worth[k] - own - copies) / size });
    }
    let skip = (LEADS[t.lead] * items.len() as f64) as usize;
    if items.is_empty() || (t.lead > 0 && skip == 0) {
        return None;
    }
    // The items are sorted longest first: the lead sets the span, shorter ones fill it.
    let mut items = items.split_off(skip);
    let lead = items.iter().position(|i| i.density > 0.0)?;
    let mut order: Vec<usize> = (lead + 1..items.len()).filter(|&i| items[i].density > 0.0).collect();
    order.sort_by(|&a, &b| items[b].density.total_cmp(&items[a].density).then(a.cmp(&b)));
    let mut free = capacity;
    let mut parts: Vec<Part> = Vec::new();
    for i in std::iter::once(lead).chain(order.iter().copied()) {
        let class = &problem.classes[items[i].class];
        let choice = &class.choices[items[i].choice];
        while items[i].left > 0 && class.demand.fits_in(free) {
            free -= class.demand;
            parts.push(schedule.part(items[i].class, choice, t.start));
            items[i].left -= 1;
        }
        if free.vcpu_milli == 0 || free.memory_mib == 0 {
            break;
        }
    }
    let waiting: Vec<&Item> = order.iter().map(|&i| &items[i]).filter(|i| i.left > 0).collect();
    stack(schedule, capacity, &waiting, &mut parts);
    pattern(schedule, relaxation, worth, t, parts)
}

/// Adds shorter tasks behind others, where they end before the node would be released anyway.
fn stack(
    schedule: &Schedule<'_, '_>,
    capacity: tradewind_core::resources::Resources,
    waiting: &[&Item],
    parts: &mut Vec<Part>,
) {
    let problem = schedule.problem;
    let end = parts.iter().map(|p| p.end).max().unwrap_or(0);
    let mut times: BTreeSet<i64> = parts.iter().map(|p| p.held).filter(|&h| h < end).collect();
    for item in waiting.iter().take(60) {
        if times.is_empty() || parts.len() >= MOST_PARTS {
            return;
        }
        let choice = &problem.classes[item.class].choices[item.choice];
        let mut taken = 0;
        for at in times.clone() {
            let part = schedule.part(item.class, choice, at);
            if part.end > end || at > choice.latest || taken == item.left {
                break;
            }
            if fits(problem, capacity, parts, &part) {
                parts.push(part);
                taken += 1;
                if part.held < end {
                    times.insert(part.held);
                }
            }
        }
    }
}

/// Prices the parts; nothing if they are not worth their node.
fn pattern(
    schedule: &Schedule<'_, '_>,
    relaxation: &Relaxation,
    worth: &[f64],
    t: &Try,
    parts: Vec<Part>,
) -> Option<Pattern> {
    let problem = schedule.problem;
    let region = problem.market.offers[t.offer].region;
    let first = parts.iter().map(|p| p.start).min()?;
    let end = parts.iter().map(|p| p.end).max()?;
    let held = parts.iter().map(|p| p.held).max()?;
    let launch = first - schedule.boot(t.offer);
    let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
    let mut copies: BTreeSet<usize> = BTreeSet::new();
    let (mut value, mut cost) = (0.0, schedule.bill(t.offer, launch, end));
    for part in &parts {
        *counts.entry(part.class).or_insert(0) += 1;
        value += worth[part.class];
        cost += schedule.own(t.offer, part);
        copies
            .extend(schedule.missing_copies(part.class, region).filter(|&d| !relaxation.staged.contains(&(d, region))));
    }
    cost += copies.iter().map(|&d| problem.staging_egress(d, region).unwrap_or(f64::INFINITY)).sum::<f64>();
    let worthwhile = cost < value * (1.0 - 1e-9) && schedule.quota_allows(t.offer, launch, held, 1);
    worthwhile.then_some(Pattern { offer: t.offer, cost, parts, counts })
}
