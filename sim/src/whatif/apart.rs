//! Whether two plans of a queue place the same tasks: only then their costs compare as they are.

use std::collections::BTreeMap;

use tradewind_core::plan::Plan;

/// Tasks that one of two plans places and the other does not. The tasks of a job are alike, so they are counted.
pub fn apart(a: &Plan, b: &Plan) -> u64 {
    let (a, b) = (by_job(a), by_job(b));
    let jobs = a.keys().chain(b.keys().filter(|job| !a.contains_key(*job)));
    let tasks = |of: &BTreeMap<&str, u64>, job: &str| of.get(job).copied().unwrap_or(0);
    jobs.map(|job| tasks(&a, job).abs_diff(tasks(&b, job))).sum()
}

fn by_job(plan: &Plan) -> BTreeMap<&str, u64> {
    let mut tasks = BTreeMap::new();
    for placement in &plan.placements {
        *tasks.entry(placement.job.as_str()).or_insert(0) += u64::from(placement.count());
    }
    tasks
}
