//! Many unlike tasks packed by spans of time: nodes that live for a span are filled with whatever fits, pool
//! after pool, those nodes first that cost hardly more than their tasks do at the relaxation's prices.
//!
//! A task goes to any pool in which it is not much dearer than in its cheapest. The pools in which the
//! relaxation runs most work come first and draw together what would else be scattered.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;
use tradewind_core::resources::Resources;

use super::Pattern;
use super::board::Board;
use super::fill::Filler;
use super::tries;
use crate::problem::{Choice, Problem};
use crate::relaxation::{self, Relaxation};
use crate::schedule::{Part, Schedule};

/// A task is packed in a pool where it costs no more than this times its least.
const NEAR: f64 = 1.1;
/// What a node may cost in terms of its tasks at the relaxation's prices: the best nodes first.
const DEARER: [f64; 4] = [1.1, 1.3, 1.7, f64::INFINITY];
/// Up to here only the sizes that are cheapest for what they hold are tried, from here on small ones too.
const ANY_SIZE: f64 = 1.3;
/// Longest and shortest span, ms; each is half the one before.
const LONGEST: i64 = 64 * 3_600_000;
const SHORTEST: i64 = 900_000;
/// Spans begin at each half of their length.
const STARTS: i64 = 2;
/// After so many tasks in a row that find no room on a node only tasks of half the length are tried.
const MISSES: u32 = 24;
/// Most tasks on a node.
const MOST_PARTS: usize = 1024;

/// A class in a pool.
struct Candidate {
    class: usize,
    choice: Choice,
    demand: Resources,
    mean: i64,
    held: i64,
    /// Work of a task that the concentration cap counts here.
    work: i128,
}

/// Where a node may live.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
}

/// Opens nodes for tasks of the open classes that run on one node.
pub(super) fn place(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    filler: &Filler<'_, '_>,
    alone: &[f64],
    open: &[bool],
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let pools = pools(problem, relaxation, open);
    for dearer in DEARER {
        for (pool, candidates) in &pools {
            let sizes = match dearer > ANY_SIZE {
                true => tries::ladder(problem, *pool as usize),
                false => tries::spread(problem, *pool as usize),
            };
            let packer = Packer { filler, alone, alpha: &relaxation.alpha, sizes };
            let mut length = LONGEST;
            while length >= SHORTEST {
                if stop() {
                    return;
                }
                packer.pack(schedule, candidates, length, dearer);
                length /= 2;
            }
        }
    }
}

/// The pools that are near for some open class, with these classes, longest first: the pools in which the
/// relaxation runs most work come first.
fn pools(problem: &Problem<'_>, relaxation: &Relaxation, open: &[bool]) -> Vec<(u32, Vec<Candidate>)> {
    let pool = |k: usize, c: u32| problem.classes[k].choices[c as usize].pool;
    let mut work: BTreeMap<u32, f64> = BTreeMap::new();
    for column in relaxation.columns.iter().filter(|c| open[c.class]) {
        let class = &problem.classes[column.class];
        let done = relaxation.alpha[column.class] * f64::from(class.tasks) * column.value;
        *work.entry(pool(column.class, column.way.choice)).or_default() += done;
    }
    let mut near: BTreeMap<u32, Vec<Candidate>> = BTreeMap::new();
    for (k, choices) in relaxation::near(problem, relaxation, NEAR).into_iter().enumerate() {
        if !open[k] || problem.classes[k].nodes > 1 {
            continue;
        }
        for c in choices {
            near.entry(pool(k, c)).or_default().push(candidate(problem, k, c));
        }
    }
    let mut pools: Vec<(u32, Vec<Candidate>)> = near.into_iter().filter(|(p, _)| work.contains_key(p)).collect();
    for (_, candidates) in &mut pools {
        candidates.sort_by_key(|c| (Reverse((c.mean, c.demand)), c.class));
    }
    pools.sort_by(|a, b| work[&b.0].total_cmp(&work[&a.0]).then(a.0.cmp(&b.0)));
    pools
}

fn candidate(problem: &Problem<'_>, k: usize, c: u32) -> Candidate {
    let class = &problem.classes[k];
    let choice = class.choices[c as usize];
    let law = &class.laws[usize::from(choice.law)];
    let (mean, held) = (law.mean.get(), law.reserved.get());
    Candidate { class: k, choice, demand: class.demand, mean, held, work: problem.part_work(k, choice.pool) }
}

/// What packing a pool needs.
struct Packer<'f, 'p, 'a> {
    filler: &'f Filler<'p, 'a>,
    /// What a task of each class costs on a node of its own, and at the relaxation's prices.
    alone: &'f [f64],
    alpha: &'f [f64],
    sizes: Vec<usize>,
}

impl Packer<'_, '_, '_> {
    /// Opens nodes that live no longer than `length`, as long as they are good enough.
    fn pack(&self, schedule: &mut Schedule<'_, '_>, candidates: &[Candidate], length: i64, dearer: f64) {
        let horizon = schedule.problem.length();
        let step = length / STARTS;
        let mut from = 0;
        while from < horizon {
            let span = Span { from, to: from + length };
            while let Some(pattern) = self.best(schedule, candidates, span, dearer) {
                pattern.take(schedule);
            }
            from += step;
        }
    }

    /// The best node in a span, if it is good enough.
    fn best(&self, schedule: &Schedule<'_, '_>, candidates: &[Candidate], span: Span, dearer: f64) -> Option<Pattern> {
        let longest = candidates.partition_point(|c| c.mean > span.to - span.from);
        let in_time = |c: &&Candidate| {
            let start = c.choice.earliest.max(span.from);
            schedule.left[c.class] > 0 && start <= c.choice.latest && start + c.mean <= span.to
        };
        let fitting: Vec<&Candidate> = candidates[longest..].iter().filter(in_time).collect();
        let first = fitting.first()?;
        let worth: f64 = fitting.iter().map(|c| self.alpha[c.class] * f64::from(schedule.left[c.class])).sum();
        // A node lives at least as long as the longest task on it, which may be one of the shorter ones.
        let hours = first.mean as f64 / 3.6e6 / 2.0;
        let good = |&&offer: &&usize| schedule.problem.least_rate[offer] * hours <= worth * dearer;
        let found: Vec<Option<(f64, Pattern)>> = self
            .sizes
            .par_iter()
            .map(|offer| Some(offer).filter(good).and_then(|&offer| self.fill(schedule, &fitting, offer, span)))
            .collect();
        let best = found.into_iter().flatten().reduce(|a, b| if b.0 < a.0 { b } else { a })?;
        Some(best.1).filter(|_| best.0 <= dearer)
    }

    /// A node of an offer filled, longest tasks first, and its cost over that of its tasks at the
    /// relaxation's prices, if it costs less than its tasks alone.
    fn fill(
        &self,
        schedule: &Schedule<'_, '_>,
        fitting: &[&Candidate],
        offer: usize,
        span: Span,
    ) -> Option<(f64, Pattern)> {
        let problem = schedule.problem;
        let market = problem.market;
        let capacity = market.type_of(&market.offers[offer]).capacity;
        let hourly = market.hourly(&market.offers[offer]);
        let mut room = schedule.work_room(problem.pool_of[offer]);
        let mut board = Board::new(capacity);
        let mut parts: Vec<Part> = Vec::new();
        let (mut next, mut misses) = (0, 0);
        while next < fitting.len() && parts.len() < MOST_PARTS {
            let c = fitting[next];
            next += 1;
            let most = problem.workload.jobs()[problem.classes[c.class].jobs[0]].max_price;
            if !c.demand.fits_in(capacity) || most.is_some_and(|m| hourly > m) || c.work > room {
                continue;
            }
            let before = parts.len();
            for _ in 0..schedule.left[c.class] {
                let latest = c.choice.latest.min(span.to - c.mean);
                let from = c.choice.earliest.max(span.from);
                let Some(start) = board.first_room(from, latest, c.held, c.demand) else { break };
                if parts.len() == MOST_PARTS || c.work > room {
                    break;
                }
                board.take(start, start + c.held, c.demand, 1);
                room -= c.work;
                parts.push(Part { class: c.class, start, end: start + c.mean, held: start + c.held, gang: None });
            }
            misses = if parts.len() > before { 0 } else { misses + 1 };
            if misses == MISSES {
                misses = 0;
                next += fitting[next..].partition_point(|f| f.mean > c.mean / 2);
            }
        }
        let (_, pattern) = self.filler.priced(schedule, self.alone, offer, 1, parts)?;
        let worth: f64 = pattern.counts.iter().map(|&(k, n)| self.alpha[k] * f64::from(n)).sum();
        Some((pattern.cost / worth.max(f64::MIN_POSITIVE), pattern))
    }
}
