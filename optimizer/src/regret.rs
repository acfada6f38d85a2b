//! Who paid most beyond the relaxation's price goes first, and all is packed anew: squeaky wheel optimization
//! (Joslin and Clements, 1999).
//!
//! What is packed first takes scarce quota that others could do without; how much, shows only at the end.

use crate::construct::{Packing, construct};
use crate::exact::Seen;
use crate::improve::improve;
use crate::problem::{Problem, units};
use crate::relaxation::Relaxation;
use crate::schedule::{Node, Part, Schedule};
use crate::search::{better, is_small};
use crate::singles::Singles;

/// Queues of more classes are packed once: it takes long there.
const MOST_CLASSES: usize = 1_500;
/// Packed anew as often.
const ROUNDS: usize = 4;
/// Share of all regret that those who go first had.
const FIRST: f64 = 0.8;
/// Less regret, or less gained in a round, than this share of the cost is not worth a round.
const WORTH: f64 = 0.005;
/// After so many rounds in vain it ends: one for those who are due, one for all who regret.
const IN_VAIN: usize = 2;
/// What a class regretted in earlier rounds counts by so much less each round.
const FADING: f64 = 0.5;

/// Replaces `best` by what is better. Small queues are improved in each round, others by the caller at the end.
pub(crate) fn rounds<'p, 'a>(
    best: &mut Schedule<'p, 'a>,
    relaxation: &Relaxation,
    singles: &Singles,
    told: &dyn Fn(f64),
    seen: &mut Seen,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = best.problem;
    let few = is_small(problem);
    if problem.classes.len() > MOST_CLASSES {
        return;
    }
    let mut weights = vec![0.0; problem.classes.len()];
    let mut last = regrets(best, relaxation);
    let mut in_vain = 0;
    for round in 0..ROUNDS {
        let worth = last.iter().sum::<f64>() > WORTH * best.cost();
        if stop() || !worth {
            return;
        }
        weights.iter_mut().zip(&last).for_each(|(w, r)| *w = *w * FADING + r);
        let mut first = first(&weights);
        // In turn: some do best at once, others in company. And those who may wait for the night do not go before those
        // who cannot, unless that led nowhere.
        let packing = if round % 2 == 0 { Packing::Prompt } else { Packing::Patient };
        if round % 2 == 0 && first.iter().enumerate().any(|(k, first)| *first && is_due(problem, k)) {
            first.iter_mut().enumerate().for_each(|(k, first)| *first &= is_due(problem, k));
        }
        let mut next = Schedule::new(problem);
        seen.add(construct(&mut next, relaxation, singles, &|k| first[k], packing, stop));
        seen.add(construct(&mut next, relaxation, singles, &|k| !first[k], Packing::Patient, stop));
        let before = best.cost();
        if few {
            improve(&mut next, relaxation, singles, stop);
        }
        seen.note(&next);
        last = regrets(&next, relaxation);
        if better(&next, best) {
            told(next.cost());
            *best = next;
        }
        in_vain = if best.cost() > before * (1.0 - WORTH) { in_vain + 1 } else { 0 };
        if in_vain == IN_VAIN {
            return;
        }
    }
}

/// Whether tasks of a class must start some time before the horizon ends.
fn is_due(problem: &Problem<'_>, k: usize) -> bool {
    problem.classes[k].choices.iter().all(|c| c.latest < problem.length() - 1)
}

/// The classes with most weight that together have [`FIRST`] of it.
fn first(weights: &[f64]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..weights.len()).filter(|&k| weights[k] > 0.0).collect();
    order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
    let enough = weights.iter().sum::<f64>() * FIRST;
    let mut first = vec![false; weights.len()];
    let mut sum = 0.0;
    for k in order {
        if sum >= enough {
            break;
        }
        sum += weights[k];
        first[k] = true;
    }
    first
}

/// What the tasks of each class cost beyond its price in the relaxation, dollars, none below zero; for a task
/// that is not placed its price once more.
fn regrets(schedule: &Schedule<'_, '_>, relaxation: &Relaxation) -> Vec<f64> {
    let problem = schedule.problem;
    let mut paid = vec![0.0; problem.classes.len()];
    for (_, node) in schedule.living() {
        let bill = schedule.bill(node.offer, node.launch, node.end);
        let shares = shares(schedule, node);
        let all: f64 = shares.iter().sum();
        for (part, share) in node.parts.iter().zip(shares) {
            let nodes = f64::from(problem.classes[part.class].nodes);
            paid[part.class] += bill * share / all + schedule.own(node.offer, part) / nodes;
        }
    }
    let regret = |(k, paid): (usize, f64)| {
        let class = &problem.classes[k];
        if class.choices.is_empty() {
            return 0.0;
        }
        let (left, price) = (f64::from(schedule.left[k]), relaxation.alpha[k].max(0.0));
        let placed = f64::from(class.tasks) - left;
        (paid - placed * price).max(0.0) + left * price
    };
    paid.into_iter().enumerate().map(regret).collect()
}

/// What each part takes of a node: its largest share of a resource times its time.
fn shares(schedule: &Schedule<'_, '_>, node: &Node) -> Vec<f64> {
    let problem = schedule.problem;
    let capacity = units(problem.market.type_of(&problem.market.offers[node.offer]).capacity);
    let share = |part: &Part| {
        let taken = units(problem.classes[part.class].demand).into_iter().zip(capacity);
        let most = taken.filter(|(_, c)| *c > 0.0).map(|(d, c)| d / c).fold(0.0, f64::max);
        most * (part.end - part.start).max(1) as f64
    };
    node.parts.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_with_most_of_the_regret_go_first() {
        assert_eq!(first(&[1.0, 60.0, 0.0, 30.0, 9.0]), [false, true, false, true, false]);
        assert_eq!(first(&[0.0, 0.0]), [false, false]);
    }
}
