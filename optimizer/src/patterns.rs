//! Nodes as patterns: a set of tasks on one offer from one start, generated against the duals of a
//! covering program and chosen by diving.
//!
//! The program covers each class by patterns and, at worst, by each task alone on its cheapest node.
//! A pattern is made for a lead class that sets the span of the node; what it leaves free is filled by
//! value (dual less own cost) per share of the node and hour. Patterns whose value exceeds their cost
//! enter the program; when none is found, those that the solution wants most are opened, as often as it
//! wants them, their tasks leave, and it starts again with what is left.

mod alone;
mod board;
mod cover;
mod fill;
mod spans;
mod tries;
mod unlike;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::exact::{self, Nodes};
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::{Part, Schedule};
use crate::singles::Singles;
use alone::Alone;
use cover::Cover;
use fill::Filler;
use tries::Try;

/// More classes are packed without a covering program.
const MOST_CLASSES: usize = 1_500;
/// Rounds of pricing before the first dive, and between dives.
const FIRST_ROUNDS: usize = 24;
const NEXT_ROUNDS: usize = 2;
/// Dives at most.
const DIVES: usize = 24;
/// A pattern is opened when the solution takes it at least so far; the best one always is.
const TAKE: f64 = 0.6;
/// Patterns of one lead class that enter the program in one round.
const PER_LEAD: usize = 10;

/// Nodes worth opening: one, or as many alike as a gang has.
#[derive(Debug, Clone)]
struct Pattern {
    offer: usize,
    /// How many, all with the same parts.
    nodes: u32,
    /// Bill, own costs, copies and quota at its price, dollars.
    cost: f64,
    parts: Vec<Part>,
    /// Tasks of each class on all of them, by class.
    counts: Vec<(usize, u32)>,
}

impl Pattern {
    /// What makes two patterns the same.
    fn key(&self) -> (usize, i64, Vec<(usize, u32)>) {
        (self.offer, self.parts.first().map_or(0, |p| p.start), self.counts.clone())
    }

    /// Opens its nodes for its tasks.
    fn take(&self, schedule: &mut Schedule<'_, '_>) {
        self.counts.iter().for_each(|&(k, n)| schedule.left[k] -= n);
        let mut parts = self.parts.clone();
        for part in &mut parts {
            let gang = schedule.problem.classes[part.class].nodes > 1;
            part.gang = gang.then(|| schedule.new_gang());
        }
        for _ in 0..self.nodes {
            schedule.open(self.offer, parts.clone());
        }
    }

    /// Its nodes, gangs numbered among themselves.
    fn laid_out(&self, problem: &Problem<'_>) -> Nodes {
        let gang = |part: &Part| problem.classes[part.class].nodes > 1;
        let parts = self.parts.iter().zip(0..).map(|(p, n)| Part { gang: gang(p).then_some(n), ..*p });
        vec![(self.offer, parts.collect()); self.nodes as usize]
    }

    /// Whether all its tasks are still to be placed, and its pool may take their work.
    fn usable(&self, schedule: &Schedule<'_, '_>) -> bool {
        let left = self.counts.iter().all(|&(k, n)| schedule.left[k] >= n);
        left && schedule.cap_allows(self.offer, &self.parts, self.nodes)
    }

    /// How often quota lets it be opened.
    fn room(&self, schedule: &Schedule<'_, '_>) -> u64 {
        let launch = self.parts.iter().map(|p| p.start).min().unwrap_or(0) - schedule.boot(self.offer);
        let held = self.parts.iter().map(|p| p.held).max().unwrap_or(launch);
        schedule.quota_room(self.offer, launch, held) / u64::from(self.nodes)
    }
}

/// Opens nodes for tasks of the wanted classes that no chain ties in time. `waits` are how long after
/// the earliest start a node may begin, ms. Every node that was offered to the program, those of small
/// queues only.
pub(crate) fn place(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    wanted: &dyn Fn(usize) -> bool,
    waits: &[i64],
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Nodes> {
    let problem = schedule.problem;
    let open: Vec<bool> = (0..problem.classes.len())
        .map(|k| wanted(k) && !problem.classes[k].tied && !singles.of(k).is_empty())
        .collect();
    if open.iter().filter(|o| **o).count() > MOST_CLASSES {
        unlike::place(schedule, relaxation, singles, &open, stop);
        return Vec::new();
    }
    let alone = Alone::new(problem, relaxation, singles);
    let tries = tries::tries(problem, relaxation, singles, &open, waits);
    let filler = Filler::new(problem, relaxation, &tries, &open);
    let turns = tries::in_turns(tries);
    let mut turn = turns.iter().cycle();
    let keep = exact::suits(problem);
    let mut offered: Vec<Nodes> = Vec::new();
    let mut pool: Vec<Pattern> = Vec::new();
    let mut known: BTreeSet<(usize, i64, Vec<(usize, u32)>)> = BTreeSet::new();
    for dive in 0..DIVES {
        if stop() {
            return offered;
        }
        pool.retain(|p| p.usable(schedule));
        let mut cover = Cover::new(schedule, &open, &alone, &pool);
        let rounds = if dive == 0 { FIRST_ROUNDS } else { NEXT_ROUNDS };
        let mut primal = Vec::new();
        let mut in_vain = 0;
        for round in 0..=rounds {
            let Some(solution) = cover.solve() else { return offered };
            primal = cover.amounts(&solution);
            if round == rounds || stop() {
                break;
            }
            let worth = cover.worth(&solution, problem.classes.len());
            let before = pool.len();
            let Some(tries) = turn.next() else { return offered };
            for pattern in found(schedule, &filler, tries, &worth) {
                if known.insert(pattern.key()) {
                    cover.add(&pattern, pattern.room(schedule));
                    offered.extend(keep.then(|| pattern.laid_out(problem)));
                    pool.push(pattern);
                }
            }
            in_vain = if pool.len() == before { in_vain + 1 } else { 0 };
            if in_vain == turns.len() {
                break;
            }
        }
        primal.resize(pool.len(), 0.0);
        if !open_best(schedule, &pool, &primal) {
            break;
        }
    }
    offered
}

/// The best patterns at these duals, a few of each lead class. `tries` are in order of offers.
fn found(schedule: &Schedule<'_, '_>, filler: &Filler<'_, '_>, tries: &[Try], worth: &[f64]) -> Vec<Pattern> {
    let of_offers: Vec<&[Try]> = tries.chunk_by(|a, b| a.offer == b.offer).collect();
    let mut found: Vec<(usize, f64, Pattern)> =
        of_offers.into_par_iter().flat_map_iter(|of_offer| filler.fill_all(schedule, worth, of_offer)).collect();
    // Stable: ties stay in order of offer and start.
    found.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut best = Vec::new();
    for of_lead in found.chunk_by(|a, b| a.0 == b.0) {
        best.extend(of_lead.iter().take(PER_LEAD).map(|(.., p)| p.clone()));
    }
    best
}

/// Opens the patterns that the solution wants most; false if there is none.
fn open_best(schedule: &mut Schedule<'_, '_>, pool: &[Pattern], primal: &[f64]) -> bool {
    let mut order: Vec<usize> = (0..pool.len()).filter(|&i| primal[i] > 0.02).collect();
    order.sort_by(|&a, &b| primal[b].total_cmp(&primal[a]).then(a.cmp(&b)));
    let mut opened = false;
    for i in order {
        let mut copies = if primal[i] >= TAKE { (primal[i] + 1.0 - TAKE).floor() as u32 } else { u32::from(!opened) };
        let p = &pool[i];
        while copies > 0 && p.usable(schedule) {
            if !schedule.parts_allowed(p.offer, &p.parts, i64::from(p.nodes)) {
                break;
            }
            p.take(schedule);
            opened = true;
            copies -= 1;
        }
    }
    opened
}
