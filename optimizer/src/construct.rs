//! A first schedule: chains, then nodes chosen from patterns, then what is left one task at a time.

use crate::exact::Nodes;
use crate::insertion::{self, Manner};
use crate::patterns;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::singles::Singles;

/// Waits after the earliest start that patient nodes try: later they find more tasks to mix, ms.
const WAITS: [i64; 5] = [0, 3_600_000, 3 * 3_600_000, 7 * 3_600_000, 13 * 3_600_000];

/// How tasks are packed into nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// By patterns whose nodes start early or wait for company.
    Patient,
    /// By patterns whose nodes start as early as they can.
    Prompt,
    /// One task at a time, where it adds least.
    Alone,
}

/// Builds a schedule for the tasks of the `wanted` classes that are `left` in it.
/// `stop` cuts the patterns short; every task is placed all the same, one by one. The nodes that were
/// offered on the way: see [`patterns::place`].
pub(crate) fn construct(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    wanted: &dyn Fn(usize) -> bool,
    packing: Packing,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Nodes> {
    schedule.promise(&relaxation.staged);
    place_tied(schedule, singles, wanted);
    let offered = match packing {
        Packing::Alone => Vec::new(),
        Packing::Prompt => patterns::place(schedule, relaxation, singles, wanted, &[0], stop),
        Packing::Patient => patterns::place(schedule, relaxation, singles, wanted, &WAITS, stop),
    };
    place_rest(schedule, relaxation, singles, wanted);
    schedule.settle(&relaxation.staged);
    offered
}

/// Every class.
pub(crate) fn all(_: usize) -> bool {
    true
}

/// Chains in order of dependency: they are the hardest to place.
fn place_tied(schedule: &mut Schedule<'_, '_>, singles: &Singles, wanted: &dyn Fn(usize) -> bool) {
    let problem = schedule.problem;
    let order = problem.workload.topological_order().unwrap_or_default();
    let tied = order.into_iter().map(|j| problem.class_of[j]).filter(|&k| problem.classes[k].tied);
    for k in tied.filter(|&k| wanted(k)).collect::<Vec<_>>() {
        insertion::place_all(schedule, singles, k, Manner::FREE);
    }
}

/// What is left, highest priority and dearest first, where it adds least.
fn place_rest(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    wanted: &dyn Fn(usize) -> bool,
) {
    let problem = schedule.problem;
    let mut rest: Vec<usize> = (0..problem.classes.len()).filter(|&k| schedule.left[k] > 0 && wanted(k)).collect();
    rest.sort_by(|&a, &b| {
        let by_priority = problem.classes[b].priority.cmp(&problem.classes[a].priority);
        by_priority.then(relaxation.alpha[b].total_cmp(&relaxation.alpha[a])).then(a.cmp(&b))
    });
    for k in rest {
        insertion::place_all(schedule, singles, k, Manner { together: true, ..Manner::FREE });
    }
}
