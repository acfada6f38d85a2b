//! How many tasks can be placed at all: a certificate for each priority level.

use tradewind_core::certificate::PlacementCertificate;

use crate::certify::{budget_duals, concentration_duals, quota_duals};
use crate::master::MasterError;
use crate::relaxation::{Objective, Prices};
use crate::schedule::Schedule;
use crate::sketch::Relaxable;

/// One certificate a level, highest first; their bounds are filled in by the plan's assembly. Where
/// every task that has somewhere to run is placed, no prices are needed.
pub(crate) fn certificates(
    relaxable: &Relaxable<'_, '_>,
    schedule: &Schedule<'_, '_>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<PlacementCertificate>, MasterError> {
    let problem = schedule.problem;
    let mut levels: Vec<u8> = problem.classes.iter().map(|c| c.priority).collect();
    levels.dedup();
    let mut certificates = Vec::with_capacity(levels.len());
    for priority in levels {
        let counted = |k: usize| problem.classes[k].priority >= priority && !problem.classes[k].choices.is_empty();
        let complete = (0..problem.classes.len()).filter(|&k| counted(k)).all(|k| schedule.left[k] == 0);
        let prices = if complete || stop() {
            Prices::default()
        } else {
            let counts: Vec<u32> =
                problem.classes.iter().enumerate().map(|(k, c)| if counted(k) { c.tasks } else { 0 }).collect();
            let penalty = vec![1.0; counts.len()];
            relaxable.solve(&counts, &penalty, Objective::Unserved, None, stop)?.prices
        };
        certificates.push(PlacementCertificate {
            priority,
            quotas: quota_duals(problem, &prices),
            budgets: budget_duals(problem, &prices),
            concentration: concentration_duals(&prices),
            upper_bound: 0,
        });
    }
    Ok(certificates)
}
