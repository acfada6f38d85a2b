//! Many unlike tasks: too many classes for a covering program, so nodes are filled one after another.
//!
//! Tasks of one node are packed by spans of time ([`spans`]). Gangs go where the relaxation runs them: the
//! longest leads its nodes, what fits beside it fills them up, and of the sizes around the best one is opened
//! where it costs less than its tasks alone.

use std::collections::{BTreeMap, BTreeSet};

use super::Pattern;
use super::alone::Alone;
use super::fill::{Filler, Partner};
use super::spans;
use super::tries::{self, Try};
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::singles::Singles;

/// Tasks tried beside a lead.
const BESIDE: usize = 300;

/// Opens nodes for tasks of the open classes, one after another.
pub(super) fn place(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    open: &[bool],
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let alone = Alone::new(problem, relaxation, singles).least();
    let filler = Filler::new(problem, relaxation, &[], &[]);
    spans::place(schedule, relaxation, &filler, &alone, open, stop);
    for ((pool, _), classes) in by_pool(problem, relaxation, open) {
        let mut classes: Vec<(usize, usize)> = classes.into_iter().collect();
        classes.sort_by_key(|&(k, c)| {
            let class = &problem.classes[k];
            (std::cmp::Reverse(class.laws[usize::from(class.choices[c].law)].mean), k)
        });
        let sizes = tries::spread(problem, pool as usize);
        for lead in 0..classes.len() {
            if stop() {
                return;
            }
            while schedule.left[classes[lead].0] > 0 {
                let Some(pattern) = best(schedule, &filler, &alone, &sizes, &classes[lead..]) else { break };
                pattern.take(schedule);
            }
        }
    }
}

/// Open gangs by the pool in which the relaxation runs them and their size, each once whatever its starts.
fn by_pool(
    problem: &Problem<'_>,
    relaxation: &Relaxation,
    open: &[bool],
) -> BTreeMap<(u32, u32), BTreeSet<(usize, usize)>> {
    let mut by_pool: BTreeMap<(u32, u32), BTreeSet<(usize, usize)>> = BTreeMap::new();
    for column in relaxation.columns.iter().filter(|c| open[c.class] && problem.classes[c.class].nodes > 1) {
        let of = (problem.pool_of[column.way.offer as usize], problem.classes[column.class].nodes);
        by_pool.entry(of).or_default().insert((column.class, column.way.choice as usize));
    }
    by_pool
}

/// The pattern led by the first of the classes that saves most against its tasks alone, on one of the
/// sizes.
fn best(
    schedule: &Schedule<'_, '_>,
    filler: &Filler<'_, '_>,
    alone: &[f64],
    sizes: &[usize],
    classes: &[(usize, usize)],
) -> Option<Pattern> {
    let (lead, choice) = classes[0];
    let start = schedule.problem.classes[lead].choices[choice].earliest;
    let beside = in_time(schedule, classes, start);
    let on = |&offer: &usize| {
        let items = filler.items(schedule, alone, offer, &beside);
        let start = filler.free_start(schedule, &items, lead, offer, start)?;
        filler.fill(schedule, alone, &items, &Try { offer, lead, start, partner: Partner::Densest })
    };
    let found = sizes.iter().filter_map(on);
    found.reduce(|a, b| if b.0 > a.0 { b } else { a }).map(|(_, pattern)| pattern)
}

/// The first of the classes, and those that may run beside it from `start` until it ends.
fn in_time(schedule: &Schedule<'_, '_>, classes: &[(usize, usize)], start: i64) -> Vec<(usize, usize)> {
    let problem = schedule.problem;
    let of = |&(k, c): &(usize, usize)| {
        let choice = &problem.classes[k].choices[c];
        (choice, problem.classes[k].laws[usize::from(choice.law)].mean.get())
    };
    let end = start + of(&classes[0]).1;
    let fits = |at: &&(usize, usize)| {
        let (choice, mean) = of(at);
        schedule.left[at.0] > 0 && choice.earliest.max(start) + mean <= end && choice.latest >= start
    };
    let beside = classes[1..].iter().filter(fits).take(BESIDE);
    std::iter::once(&classes[0]).chain(beside).copied().collect()
}
