//! A first schedule: chains and gangs, then nodes chosen from patterns, then what is left one task at
//! a time.

use crate::insertion::{self, Manner};
use crate::patterns;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::singles::Singles;

/// Builds a schedule for the tasks that are `left` in it, classes of priority `level` only if given.
/// `stop` cuts the patterns short; every task is placed all the same, one by one.
pub(crate) fn construct(
    schedule: &mut Schedule<'_, '_>,
    relaxation: &Relaxation,
    singles: &Singles,
    level: Option<u8>,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let wanted = |k: usize| level.is_none_or(|l| problem.classes[k].priority == l);
    place_tied_and_gangs(schedule, singles, &wanted);
    patterns::place(schedule, relaxation, singles, &wanted, stop);
    place_rest(schedule, relaxation, singles, &wanted);
}

/// Chains in order of dependency, and gangs, largest first: they are the hardest to place.
fn place_tied_and_gangs(schedule: &mut Schedule<'_, '_>, singles: &Singles, wanted: &dyn Fn(usize) -> bool) {
    let problem = schedule.problem;
    let mut gangs: Vec<usize> =
        (0..problem.classes.len()).filter(|&k| !problem.classes[k].tied && problem.classes[k].nodes > 1).collect();
    gangs.sort_by_key(|&k| {
        let class = &problem.classes[k];
        let size = u64::from(class.nodes) * (class.demand.gpu_milli * 16 + class.demand.vcpu_milli);
        (std::cmp::Reverse((class.priority, size)), k)
    });
    let order = problem.workload.topological_order().unwrap_or_default();
    let tied = order.into_iter().map(|j| problem.class_of[j]).filter(|&k| problem.classes[k].tied);
    for k in tied.chain(gangs).filter(|&k| wanted(k)).collect::<Vec<_>>() {
        while schedule.left[k] > 0 && insertion::place(schedule, singles, k, Manner::FREE) {}
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
        while schedule.left[k] > 0 && insertion::place(schedule, singles, k, Manner::FREE) {}
    }
}
