//! The search for a schedule: constructed in several manners, each improved, the best kept.

use crate::construct::{Packing, all, construct};
use crate::exact::Seen;
use crate::improve::improve;
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::singles::Singles;
use crate::{orders, regret, tolls};

/// Queues of more tasks are packed in one manner only, the most thorough, which is best there; and only the best
/// of their schedules is improved.
const FEW_TASKS: u64 = 5_000;

/// The best schedule found, and whether it costs no more than `enough`, where the search then ended. All
/// that it came upon is noted in `seen`.
pub(crate) fn search<'p, 'a>(
    problem: &'p Problem<'a>,
    relaxation: &Relaxation,
    singles: &Singles,
    enough: Option<f64>,
    told: &dyn Fn(f64),
    seen: &mut Seen,
    stop: &(dyn Fn() -> bool + Sync),
) -> (Schedule<'p, 'a>, bool) {
    let reached = |s: &Schedule<'_, '_>| enough.is_some_and(|e| s.cost() <= e);
    let few = is_small(problem);
    let manners: &[Packing] =
        if few { &[Packing::Prompt, Packing::Patient, Packing::Alone] } else { &[Packing::Patient] };
    let mut best: Option<Schedule<'p, 'a>> = None;
    for &packing in manners {
        if best.is_some() && stop() {
            break;
        }
        let mut schedule = first_schedule(problem, relaxation, singles, packing, seen, stop);
        told(schedule.cost());
        if reached(&schedule) {
            return (schedule, true);
        }
        seen.note(&schedule);
        if few {
            improve(&mut schedule, relaxation, singles, stop);
            seen.note(&schedule);
        }
        if best.as_ref().is_none_or(|b| better(&schedule, b)) {
            best = Some(schedule);
        }
    }
    let mut best = best.unwrap_or_else(|| Schedule::new(problem));
    if let Some(tolled) = tolls::search(problem, relaxation, singles, stop) {
        seen.note(&tolled);
        if better(&tolled, &best) {
            best = tolled;
        }
    }
    regret::rounds(&mut best, relaxation, singles, told, seen, stop);
    if !few {
        improve(&mut best, relaxation, singles, stop);
    }
    orders::try_orders(&mut best, relaxation, singles, better, stop);
    (best, false)
}

/// Whether a queue is so small that much is tried.
pub(crate) fn is_small(problem: &Problem<'_>) -> bool {
    problem.workload.tasks() <= FEW_TASKS
}

/// All tasks at once; where some stay unplaced, also level by level, and the better of the two.
fn first_schedule<'p, 'a>(
    problem: &'p Problem<'a>,
    relaxation: &Relaxation,
    singles: &Singles,
    packing: Packing,
    seen: &mut Seen,
    stop: &(dyn Fn() -> bool + Sync),
) -> Schedule<'p, 'a> {
    let mut at_once = Schedule::new(problem);
    seen.add(construct(&mut at_once, relaxation, singles, &all, packing, stop));
    let complete = problem.classes.iter().zip(&at_once.left).all(|(c, l)| c.choices.is_empty() || *l == 0);
    let mut levels: Vec<u8> = problem.classes.iter().map(|c| c.priority).collect();
    levels.dedup();
    if complete || levels.len() < 2 {
        return at_once;
    }
    let mut by_level = Schedule::new(problem);
    for level in levels {
        let of_level = |k: usize| problem.classes[k].priority == level;
        seen.add(construct(&mut by_level, relaxation, singles, &of_level, packing, stop));
    }
    if better(&by_level, &at_once) { by_level } else { at_once }
}

/// More tasks at the highest level at which they differ, then less cost.
pub(crate) fn better(a: &Schedule<'_, '_>, b: &Schedule<'_, '_>) -> bool {
    let (x, y) = (a.placed_by_level(), b.placed_by_level());
    x > y || (x == y && a.cost() < b.cost() - 1e-9)
}
