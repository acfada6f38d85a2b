//! Small queues: tasks placed one by one in many orders, each where it adds least.
//!
//! With a handful of tasks and quota for a few, who goes first decides; so all orders are tried up
//! to a limit, then drawn ones.

use tradewind_core::seed::Seed;

use crate::improve::improve;
use crate::insertion::{self, Manner};
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::singles::Singles;

/// Queues of more tasks are left alone.
const MOST_TASKS: usize = 60;
/// All orders of up to six tasks.
const MOST_ORDERS: u64 = 720;

/// The best of many orders, if better by `better` than `schedule`.
pub(crate) fn try_orders<'p, 'a>(
    schedule: &mut Schedule<'p, 'a>,
    relaxation: &Relaxation,
    singles: &Singles,
    better: fn(&Schedule<'_, '_>, &Schedule<'_, '_>) -> bool,
    stop: &(dyn Fn() -> bool + Sync),
) {
    let problem = schedule.problem;
    let tasks: Vec<usize> = (0..problem.classes.len())
        .filter(|&k| !problem.classes[k].choices.is_empty())
        .flat_map(|k| std::iter::repeat_n(k, problem.classes[k].tasks.min(MOST_TASKS as u32 + 1) as usize))
        .collect();
    if tasks.len() < 2 || tasks.len() > MOST_TASKS {
        return;
    }
    let all: u64 = (1..=tasks.len() as u64).try_fold(1_u64, u64::checked_mul).unwrap_or(u64::MAX);
    // Few orders where each takes long.
    let tries = all.min(MOST_ORDERS).min(4_000 / tasks.len() as u64);
    for n in 0..tries {
        if stop() {
            return;
        }
        let order = if all <= MOST_ORDERS { permutation(&tasks, n) } else { shuffled(&tasks, n) };
        let mut attempt = build(problem, singles, &order);
        if better(&attempt, schedule) {
            improve(&mut attempt, relaxation, singles, stop);
            *schedule = attempt;
        }
    }
}

fn build<'p, 'a>(problem: &'p Problem<'a>, singles: &Singles, order: &[usize]) -> Schedule<'p, 'a> {
    let mut schedule = Schedule::new(problem);
    let mut waiting: Vec<usize> = order.to_vec();
    // Successors become placeable when their predecessors are: pass until nothing changes.
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|&k| !insertion::place(&mut schedule, singles, k, Manner::FREE));
        if waiting.len() == before || waiting.iter().all(|&k| !problem.classes[k].tied) {
            break;
        }
    }
    schedule
}

/// The `n`-th permutation in the factorial number system.
fn permutation(items: &[usize], mut n: u64) -> Vec<usize> {
    let mut rest = items.to_vec();
    let mut order = Vec::with_capacity(items.len());
    while !rest.is_empty() {
        let at = (n % rest.len() as u64) as usize;
        n /= rest.len() as u64;
        order.push(rest.remove(at));
    }
    order
}

/// The `n`-th drawn order.
fn shuffled(items: &[usize], n: u64) -> Vec<usize> {
    let mut order = items.to_vec();
    for i in (1..order.len()).rev() {
        let draw = Seed(n).bits("order", i as u64) % (i as u64 + 1);
        order.swap(i, draw as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_permutations_are_different() {
        let all: std::collections::BTreeSet<Vec<usize>> = (0..24).map(|n| permutation(&[0, 1, 2, 3], n)).collect();
        assert_eq!(all.len(), 24);
    }
}
