//! What was made, counted while it was written.

use serde::Serialize;
use tradewind_core::job::Job;

/// Counts over the jobs of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Jobs.
    pub jobs: u64,
    /// Tasks: one a job.
    pub tasks: u64,
    /// Kinds of job that a planner can tell apart.
    pub classes: u64,
    /// Thousandths of a vCPU times milliseconds, at the median runtime, over all nodes.
    #[serde(skip)]
    vcpu_milli_ms: u128,
    /// The same for GPUs.
    #[serde(skip)]
    gpu_milli_ms: u128,
    /// Jobs on GPUs.
    pub on_gpus: u64,
    /// Jobs of several nodes.
    pub gangs: u64,
    /// Jobs with a deadline.
    pub with_deadline: u64,
    /// Jobs that read data.
    pub with_data: u64,
    /// Jobs that read a dataset which others share.
    pub with_shared_data: u64,
    /// Jobs that may be interrupted: spot will do.
    pub interruptible: u64,
    /// Jobs that save checkpoints.
    pub with_checkpoint: u64,
    /// Jobs that must stay in a residency group.
    pub with_residency: u64,
    /// Jobs with a budget of their own.
    pub with_budget: u64,
    /// Jobs that wait for another.
    pub waiting: u64,
    /// Jobs whose runtime was raised to the shortest.
    pub runtimes_raised: u64,
    /// Jobs whose runtime was cut to the longest.
    pub runtimes_cut: u64,
    /// Gaps between arrivals that were cut, of as many as there are classes.
    pub gaps_cut: u64,
    /// Bytes of the queue.
    pub bytes: u64,
}

impl Summary {
    /// Before any job.
    pub(crate) fn of(classes: u64, gaps_cut: u64) -> Self {
        Self { classes, gaps_cut, ..Self::default() }
    }

    /// vCPU-hours at the median runtime.
    pub fn vcpu_hours(&self) -> f64 {
        self.vcpu_milli_ms as f64 / 3.6e9
    }

    /// GPU-hours at the median runtime.
    pub fn gpu_hours(&self) -> f64 {
        self.gpu_milli_ms as f64 / 3.6e9
    }

    /// Counts a job.
    pub(crate) fn count(&mut self, job: &Job) {
        let node_ms = u128::from(job.nodes) * u128::from(job.runtime.p50.get().unsigned_abs());
        self.jobs += 1;
        self.tasks += u64::from(job.count);
        self.vcpu_milli_ms += node_ms * u128::from(job.demand.vcpu_milli);
        self.gpu_milli_ms += node_ms * u128::from(job.demand.gpu_milli);
        self.on_gpus += u64::from(job.gpu.is_some());
        self.gangs += u64::from(job.nodes > 1);
        self.with_deadline += u64::from(job.deadline.is_some());
        self.with_data += u64::from(!job.inputs.is_empty());
        self.with_shared_data += u64::from(job.datasets().next().is_some());
        self.interruptible += u64::from(job.interruptible);
        self.with_checkpoint += u64::from(job.checkpoint.is_some());
        self.with_residency += u64::from(!job.residency.is_empty());
        self.with_budget += u64::from(job.budget.is_some());
        self.waiting += u64::from(!job.depends_on.is_empty());
    }

    /// Adds the counts of other jobs of the same queue.
    pub(crate) fn add(&mut self, other: &Self) {
        self.jobs += other.jobs;
        self.tasks += other.tasks;
        self.vcpu_milli_ms += other.vcpu_milli_ms;
        self.gpu_milli_ms += other.gpu_milli_ms;
        self.on_gpus += other.on_gpus;
        self.gangs += other.gangs;
        self.with_deadline += other.with_deadline;
        self.with_data += other.with_data;
        self.with_shared_data += other.with_shared_data;
        self.interruptible += other.interruptible;
        self.with_checkpoint += other.with_checkpoint;
        self.with_residency += other.with_residency;
        self.with_budget += other.with_budget;
        self.waiting += other.waiting;
        self.runtimes_raised += other.runtimes_raised;
        self.runtimes_cut += other.runtimes_cut;
        self.bytes += other.bytes;
    }
}
