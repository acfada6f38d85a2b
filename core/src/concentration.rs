//! Deadline-critical work, of which a rule may allow only a share on any one spot pool
//! ([`crate::rules::Rules::concentration`]): when a pool is interrupted, no more than that is at risk.
//!
//! Decision and reasons: `docs/decisions/0013-concentration-cap.md`.

use crate::job::{Job, Workload};
use crate::market::CapacityType;
use crate::pool::Pool;
use crate::time::Millis;
use crate::work::Spread;

/// Deadline-critical work of a task in thousandths of a vCPU x ms: its vCPUs, nodes and mean running time
/// at speed 1, so that it is the same wherever it runs; 0 without a deadline. What exceeds an `i128` is
/// cut.
pub fn work_of_task(job: &Job) -> i128 {
    if job.deadline.is_none() {
        return 0;
    }
    let runtime = Spread::from_quantiles(job.runtime.p50, job.runtime.p95, 1.0);
    let useful = Millis::from_hours_f64(runtime.mean()).get().max(0);
    let width = i128::from(job.demand.vcpu_milli).saturating_mul(i128::from(job.nodes));
    width.saturating_mul(i128::from(useful))
}

/// The deadline-critical work of all tasks of a queue, placed or not: a constant, so that the share of a
/// pool is linear in what is placed there.
pub fn work_of_queue(workload: &Workload) -> i128 {
    let of_job = |job: &Job| work_of_task(job).saturating_mul(i128::from(job.count));
    workload.jobs().iter().map(of_job).fold(0, i128::saturating_add)
}

/// Whether the rule concerns a pool: only spot capacity can be taken away all at once.
pub fn concerns(pool: &Pool) -> bool {
    pool.capacity_type == CapacityType::Spot
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Runtime;
    use crate::resources::Resources;
    use crate::time::Time;

    #[test]
    fn work_is_vcpus_by_nodes_by_mean_time_of_jobs_with_a_deadline() {
        let demand = Resources { vcpu_milli: 1500, memory_mib: 1024, gpu_milli: 0 };
        let mut job = Job::new("a", demand, Runtime { p50: Millis::HOUR, p95: Millis::HOUR });
        (job.nodes, job.count) = (2, 3);
        assert_eq!(work_of_task(&job), 0, "nothing is due");
        job.deadline = Some(Time::from_ms(1));
        assert_eq!(work_of_task(&job), 1500 * 2 * 3_600_000);
        let free = Job { deadline: None, ..Job::new("b", demand, job.runtime) };
        let queue = Workload::new(vec![job.clone(), free]).unwrap();
        assert_eq!(work_of_queue(&queue), 3 * work_of_task(&job));
        // A lognormal time of median 1 h and 95th percentile 2 h has mean e^(s^2/2) h, s = ln 2 / 1.6449.
        job.runtime.p95 = Millis::from_hours(2);
        let mean = work_of_task(&job) as f64 / (3000.0 * 3.6e6);
        assert!((mean - (0.5 * (2_f64.ln() / 1.644_853_6).powi(2)).exp()).abs() < 1e-6, "{mean}");
    }
}
