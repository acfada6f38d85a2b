//! Small queues: which of all the nodes that the search came upon make the cheapest plan.
//!
//! A bundle is what stands or falls together: one node with its tasks, or the nodes of a gang. Every
//! bundle of every schedule tried, every pattern offered on the way and a few nodes for each class alone
//! are the columns of an integer program:
//!
//! ```text
//! min  sum cost_j x_j  +  sum egress_dr u_dr
//! cover   sum count_kj x_j >= n_k               per class, tasks of the schedule it starts from
//! quota   sum taken_qj(t) x_j <= free_q(t)      per quota row and instant at which its load may peak
//! copies  sum over region r of count_kj x_j <= n_k u_dr      per copy and class that reads it
//! x integer, u binary
//! ```
//!
//! The schedule at hand is a solution of it, so the result is never worse. Tasks of chains stay where they
//! are. Of many columns only those are kept that the relaxation of the program likes best, and what is proven
//! holds for the kept ones only: a plan of other nodes may be cheaper, and the gap to the bound of all plans
//! stays the one that counts.

mod bundle;
mod program;
mod seen;
mod solver;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use bundle::Nodes;
pub(crate) use seen::Seen;

use crate::budgets;
use crate::improve::improve;
use crate::problem::Problem;
use crate::relaxation::Relaxation;
use crate::schedule::Schedule;
use crate::search::better;
use crate::singles::Singles;
use bundle::Bundle;
use program::Program;

/// Queues of more tasks are left alone: their schedules are close to the bound as they are.
pub(crate) const MOST_TASKS: u64 = 2_000;
/// Columns that the program keeps, those that its relaxation likes best.
const MOST_COLUMNS: usize = 1_000;
/// Nodes of branch and bound: the root alone. Where nodes can be filled to the brim in many ways the tree is
/// endless, and elsewhere the root is enough.
const MOST_NODES: i32 = 1;

/// Whether a problem is small enough, and no budget of a project and no concentration cap binds nodes to
/// each other.
pub(crate) fn suits(problem: &Problem<'_>) -> bool {
    problem.workload.tasks() <= MOST_TASKS && problem.budgets.is_empty() && problem.cap.is_none()
}

/// Puts the best choice among the bundles seen in the place of `schedule`, if it is better. The gap that is
/// proven for the bundles kept, relative; none where the program was not solved.
pub(crate) fn choose(
    schedule: &mut Schedule<'_, '_>,
    seen: Seen,
    relaxation: &Relaxation,
    singles: &Singles,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<f64> {
    let problem = schedule.problem;
    if !suits(problem) || stop() {
        return None;
    }
    let (base, taken) = bundle::without_loose(schedule);
    let wanted: Vec<u32> = base.left.iter().zip(&schedule.left).map(|(all, kept)| all - kept).collect();
    let columns = seen.with(&taken).with_singles(problem, relaxation, singles, &wanted);
    let bundles: Vec<Bundle> = columns.into_iter().filter_map(|n| Bundle::new(problem, n, &wanted)).collect();
    let mut times: BTreeMap<bundle::Key, f64> = BTreeMap::new();
    taken.iter().for_each(|nodes| *times.entry(bundle::key(nodes)).or_insert(0.0) += 1.0);
    let program = Program::new(&base, &wanted, bundles, |b| times.get(&bundle::key(&b.nodes)).copied().unwrap_or(0.0));
    let program = program.narrowed(MOST_COLUMNS)?;
    let solved = solver::solve(&program, MOST_NODES)?;
    let chosen = bundle::rebuilt(base, &schedule.left, program.bundles().zip(&solved.times));
    let mut improved = chosen.clone();
    improve(&mut improved, relaxation, singles, stop);
    for mut found in [chosen, improved] {
        budgets::repair(&mut found);
        if found.within_quotas() && better(&found, schedule) {
            *schedule = found;
        }
    }
    Some(solved.gap())
}
