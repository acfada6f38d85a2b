//! A first schedule: nodes filled by density of value under the relaxation's prices, then what is
//! left one task at a time.
//!
//! The value of a task is its dual alpha. A node with a set of tasks costs its bill and their own
//! costs; the node with the least cost per value is opened, its tasks are taken out, and so on. At
//! the relaxation's optimum no node has a ratio below one, so the ratio is a measure of waste.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rayon::prelude::*;

use crate::insertion::{self, Manner};
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::{Part, Schedule, fits};
use crate::singles::Singles;

/// Offers whose price per value of a full node exceeds this are not filled.
const WORST_DENSITY: f64 = 1.3;
/// Starts tried per pool.
const STARTS: usize = 10;
/// Positions in the list of tasks (longest first) from which a node is filled.
const LEADS: [f64; 5] = [0.0, 0.1, 0.3, 0.55, 0.8];
/// Cheapest offers for each class alone that are filled too.
const SINGLES: usize = 4;

/// Builds a schedule for the tasks that are `left` in it, classes of priority `level` only if given.
pub(crate) fn construct<'p, 'a>(
    schedule: &mut Schedule<'p, 'a>,
    relaxation: &Relaxation,
    singles: &Singles,
    level: Option<u8>,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let wanted = |k: usize| level.is_none_or(|l| problem.classes[k].priority == l);
    place_tied_and_gangs(schedule, singles, &wanted);
    fill_nodes(schedule, relaxation, singles, &wanted, stop);
    place_rest(schedule, relaxation, singles, &wanted);
}

/// Chains in order of dependency, and gangs, largest first: they are the hardest to place.
fn place_tied_and_gangs(schedule: &mut Schedule<'_, '_>, singles: &Singles, wanted: &dyn Fn(usize) -> bool) {
    let problem = schedule.problem;
    let mut gangs: Vec<usize> =
        (0..problem.classes.len()).filter(|&k| !problem.classes[k].tied && problem.classes[k].nodes > 1).collect();
    gangs.sort_by_key(|&k| {
        let class = &problem.classes[k];
        (std::cmp::Reverse(u64::from(class.nodes) * (class.demand.gpu_milli * 16 + class.demand.vcpu_milli)), k)
    });
    let order = problem.workload.topological_order().unwrap_or_default();
    let tied = order.into_iter().map(|j| problem.class_of[j]).filter(|&k| problem.classes[k].tied);
    for k in tied.chain(gangs).filter(|&k| wanted(k)).collect::<Vec<_>>() {
        while schedule.left[k] > 0 && insertion::place(schedule, singles, k, Manner::FREE) {}
    }
}

/// What is left, dearest first, where it adds least.
pub(crate) fn place_rest(schedule: &mut Schedule<'_, '_>, relaxation: &Relaxation, singles: &Singles, wanted: &dyn Fn(usize) -> bool) {
    let problem = schedule.problem;
    let mut rest: Vec<usize> = (0..problem.classes.len()).filter(|&k| schedule.left[k] > 0 && wanted(k)).collect();
    rest.sort_by(|&a, &b| {
        problem.classes[b].priority.cmp(&problem.classes[a].priority).then(relaxation.alpha[b].total_cmp(&relaxation.alpha[a])).then(a.cmp(&b))
    });
    for k in rest {
        while schedule.left[k] > 0 && insertion::place(schedule, singles, k, Manner::FREE) {}
    }
}

/// A node worth opening.
#[derive(Debug, Clone)]
struct Filled {
    ratio: f64,
    offer: usize,
    start: i64,
    lead: usize,
    parts: Vec<Part>,
}

/// Heap order: least ratio first, then offer, start and lead, so that ties do not depend on threads.
struct Entry(Filled);

impl Entry {
    fn key(&self) -> (f64, usize, i64, usize) {
        (self.0.ratio, self.0.offer, self.0.start, self.0.lead)
    }
}
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.key(), other.key());
        b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)).then(b.3.cmp(&a.3))
    }
}

/// The classes that may run in a pool, longest first.
type Lists = BTreeMap<u32, Vec<(usize, usize)>>;

fn fill_nodes(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    wanted: &dyn Fn(usize) -> bool,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let candidates = candidates(problem, relaxation, singles, schedule, wanted);
    let lists = lists(problem, &candidates, schedule, wanted);
    let tries: Vec<(usize, i64, usize)> = candidates
        .iter()
        .flat_map(|(&offer, starts)| starts.iter().flat_map(move |&s| (0..LEADS.len()).map(move |l| (offer, s, l))))
        .collect();
    let fill_one = |schedule: &Schedule<'_, '_>, &(offer, start, lead): &(usize, i64, usize)| {
        fill(schedule, relaxation, &lists[&problem.pool_of[offer]], offer, start, lead)
    };
    let shared: &Schedule<'_, '_> = schedule;
    let filled: Vec<Option<Filled>> = tries.par_iter().map(|t| fill_one(shared, t)).collect();
    let mut heap: BinaryHeap<Entry> = filled.into_iter().flatten().map(Entry).collect();
    while let Some(Entry(old)) = heap.pop() {
        if stop() {
            break;
        }
        let mut taken: BTreeMap<usize, u32> = BTreeMap::new();
        old.parts.iter().for_each(|p| *taken.entry(p.class).or_insert(0) += 1);
        let fresh = taken.iter().all(|(&k, &n)| schedule.left[k] >= n) && quota_ok(schedule, &old);
        let now = if fresh { Some(old) } else { fill_one(schedule, &(old.offer, old.start, old.lead)) };
        let Some(now) = now else { continue };
        if heap.peek().is_some_and(|next| next.0.ratio < now.ratio * (1.0 - 1e-9)) && !fresh {
            heap.push(Entry(now));
            continue;
        }
        for part in &now.parts {
            schedule.left[part.class] -= 1;
        }
        let (offer, start, lead) = (now.offer, now.start, now.lead);
        schedule.open(offer, now.parts);
        if let Some(again) = fill_one(schedule, &(offer, start, lead)) {
            heap.push(Entry(again));
        }
    }
}

fn quota_ok(schedule: &Schedule<'_, '_>, filled: &Filled) -> bool {
    let first = filled.parts.iter().map(|p| p.start).min().unwrap_or(0);
    let held = filled.parts.iter().map(|p| p.held).max().unwrap_or(0);
    schedule.quota_allows(filled.offer, first - schedule.boot(filled.offer), held, 1)
}

/// Offers worth filling and the starts to fill them from.
fn candidates(
    problem: &Problem<'_>,
    relaxation: &Relaxation,
    singles: &Singles,
    schedule: &Schedule<'_, '_>,
    wanted: &dyn Fn(usize) -> bool,
) -> BTreeMap<usize, BTreeSet<i64>> {
    let mut starts: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    let open = |k: usize| schedule.left[k] > 0 && wanted(k) && problem.classes[k].nodes == 1 && !problem.classes[k].tied;
    for column in relaxation.columns.iter().filter(|c| open(c.class)) {
        let choice = &problem.classes[column.class].choices[column.choice];
        let of_pool = starts.entry(choice.pool).or_default();
        of_pool.extend([column.start, choice.earliest]);
    }
    let mut candidates: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
    for (&p, list) in &starts {
        let mu = relaxation.prices.mu[p as usize];
        for &o in &problem.pools[p as usize].offers {
            let offer = &problem.market.offers[o];
            let c = problem.market.type_of(offer).capacity;
            let value = mu[0] * c.vcpu_milli as f64 / 1e3 + mu[1] * c.memory_mib as f64 / 1024.0 + mu[2] * c.gpu_milli as f64 / 1e3;
            if problem.least_rate[o] <= WORST_DENSITY * value {
                candidates.entry(o).or_default().extend(list.iter().copied().take(STARTS));
            }
        }
    }
    for k in (0..problem.classes.len()).filter(|&k| open(k)) {
        for single in singles.of(k).iter().take(SINGLES) {
            let start = problem.classes[k].choices[single.choice as usize].earliest;
            let list = candidates.entry(single.offer as usize).or_default();
            if list.len() < STARTS {
                list.insert(start);
            }
        }
    }
    candidates
}

fn lists(problem: &Problem<'_>, candidates: &BTreeMap<usize, BTreeSet<i64>>, schedule: &Schedule<'_, '_>, wanted: &dyn Fn(usize) -> bool) -> Lists {
    let mut lists: Lists = candidates.keys().map(|&o| (problem.pool_of[o], Vec::new())).collect();
    for (k, class) in problem.classes.iter().enumerate() {
        if schedule.left[k] == 0 || !wanted(k) || class.nodes > 1 || class.tied {
            continue;
        }
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

/// Fills one node of `offer` from `start` with tasks of `list`, from position `LEADS[lead]` on.
fn fill(
    schedule: &Schedule<'_, '_>,
    relaxation: &Relaxation,
    list: &[(usize, usize)],
    offer: usize,
    start: i64,
    lead: usize,
) -> Option<Filled> {
    let problem = schedule.problem;
    let o = &problem.market.offers[offer];
    let capacity = problem.market.type_of(o).capacity;
    let mut free = capacity;
    let mut parts: Vec<Part> = Vec::new();
    let mut left_over: Vec<(usize, usize, u32)> = Vec::new();
    let (mut value, mut own) = (0.0, 0.0);
    let able: Vec<&(usize, usize)> = list
        .iter()
        .filter(|&&(k, c)| {
            let class = &problem.classes[k];
            let choice = &class.choices[c];
            let most = problem.workload.jobs()[class.jobs[0]].max_price;
            schedule.left[k] > 0
                && choice.earliest <= start
                && start <= choice.latest
                && class.demand.fits_in(capacity)
                && most.is_none_or(|m| o.price <= m)
        })
        .collect();
    let skip = (LEADS[lead] * able.len() as f64) as usize;
    if lead > 0 && skip == 0 {
        return None;
    }
    let mut copies: BTreeSet<usize> = BTreeSet::new();
    for &&(k, c) in &able[skip..] {
        let class = &problem.classes[k];
        let mut taken = 0;
        while taken < schedule.left[k] && class.demand.fits_in(free) {
            free -= class.demand;
            parts.push(schedule.part(k, &class.choices[c], start));
            taken += 1;
        }
        if taken > 0 {
            value += f64::from(taken) * relaxation.alpha[k];
            own += f64::from(taken) * class.own_cost(o.region, class.choices[c].law);
            if copies.insert(k) {
                own += schedule.new_copies(k, o.region) / f64::from(class.tasks.max(1)) * f64::from(taken);
            }
        }
        if taken < schedule.left[k] {
            left_over.push((k, c, schedule.left[k] - taken));
        }
        if free.vcpu_milli == 0 || free.memory_mib == 0 {
            break;
        }
    }
    if parts.is_empty() {
        return None;
    }
    stack(schedule, relaxation, o.region, capacity, &left_over, &mut parts, &mut value, &mut own);
    let first = parts.iter().map(|p| p.start).min()?;
    let end = parts.iter().map(|p| p.end).max()?;
    let held = parts.iter().map(|p| p.held).max()?;
    let launch = first - schedule.boot(offer);
    if value <= 0.0 || !schedule.quota_allows(offer, launch, held, 1) {
        return None;
    }
    let ratio = (schedule.bill(offer, launch, end) + own) / value;
    Some(Filled { ratio, offer, start, lead, parts })
}

/// Adds shorter tasks after others on the node, where they end before it would be released anyway.
#[expect(clippy::too_many_arguments, reason = "the running state of one fill")]
fn stack(
    schedule: &Schedule<'_, '_>,
    relaxation: &Relaxation,
    region: u16,
    capacity: tradewind_core::resources::Resources,
    left_over: &[(usize, usize, u32)],
    parts: &mut Vec<Part>,
    value: &mut f64,
    own: &mut f64,
) {
    let problem = schedule.problem;
    let end = parts.iter().map(|p| p.end).max().unwrap_or(0);
    let shortest = left_over
        .iter()
        .map(|&(k, c, _)| problem.classes[k].laws[usize::from(problem.classes[k].choices[c].law)].mean.get())
        .min();
    let Some(shortest) = shortest else { return };
    let mut times: Vec<i64> = parts.iter().map(|p| p.held).filter(|h| h + shortest <= end).collect();
    times.sort_unstable();
    times.dedup();
    for &(k, c, n) in left_over.iter().take(200) {
        let class = &problem.classes[k];
        let choice = &class.choices[c];
        let mut taken = 0;
        for &t in &times {
            while taken < n && t <= choice.latest {
                let part = schedule.part(k, choice, t);
                if part.end > end || !fits(problem, capacity, parts, &part) {
                    break;
                }
                parts.push(part);
                *value += relaxation.alpha[k];
                *own += class.own_cost(region, choice.law);
                taken += 1;
            }
        }
    }
}
