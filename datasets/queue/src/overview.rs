//! What is in a queue, in figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tradewind_core::job::{Job, Runtime};
use tradewind_core::market::Delay;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};

/// Sums over the jobs of a queue. Hours are of the mean running time at speed 1, all tasks and nodes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Overview {
    /// Jobs.
    pub jobs: u64,
    /// Tasks.
    pub tasks: u64,
    /// vCPU-hours.
    pub vcpu_hours: f64,
    /// GPU-hours by model.
    pub gpu_hours: BTreeMap<String, f64>,
    /// Jobs of several nodes.
    pub gangs: u64,
    /// The most nodes of a job.
    pub largest_gang: u32,
    /// Jobs that spot capacity will do for.
    pub interruptible: u64,
    /// Jobs that wait for others.
    pub dependent: u64,
    /// Jobs with a deadline, the first and the last one.
    pub deadlines: Option<Deadlines>,
    /// Data, each shared dataset once.
    pub data: Data,
    /// Jobs by priority.
    pub priorities: BTreeMap<u8, u64>,
    /// By project; the empty name is for jobs without one.
    pub projects: BTreeMap<String, Share>,
    #[serde(skip)]
    sums: Sums,
}

/// When jobs must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// Jobs that have one.
    pub jobs: u64,
    /// The earliest.
    pub first: Time,
    /// The latest.
    pub last: Time,
}

/// What is read and written, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Data {
    /// Shared datasets.
    pub datasets: u64,
    /// Their size, each once.
    pub shared: Bytes,
    /// Inputs of tasks of their own.
    pub private: Bytes,
    /// Outputs.
    pub written: Bytes,
}

/// What is a project's.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Share {
    /// Jobs.
    pub jobs: u64,
    /// Tasks.
    pub tasks: u64,
    /// vCPU-hours.
    pub vcpu_hours: f64,
    #[serde(skip)]
    vcpu_ms: u128,
}

/// Exact sums, in thousandths and milliseconds: the order of jobs does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
struct Sums {
    vcpu_ms: u128,
    gpu_ms: BTreeMap<String, u128>,
    datasets: BTreeSet<String>,
}

impl Overview {
    /// Adds a job.
    pub fn add(&mut self, job: &Job) {
        let nodes = u128::from(job.count) * u128::from(job.nodes);
        let node_ms = nodes * u128::from(mean(job.runtime).get().unsigned_abs());
        let vcpu_ms = node_ms * u128::from(job.demand.vcpu_milli);
        self.jobs += 1;
        self.tasks += u64::from(job.count);
        self.sums.vcpu_ms += vcpu_ms;
        if let Some(gpu) = &job.gpu {
            let gpu_ms = node_ms * u128::from(gpu.count);
            match self.sums.gpu_ms.get_mut(&gpu.model) {
                Some(sum) => *sum += gpu_ms,
                None => drop(self.sums.gpu_ms.insert(gpu.model.clone(), gpu_ms)),
            }
        }
        self.gangs += u64::from(job.nodes > 1);
        self.largest_gang = self.largest_gang.max(job.nodes);
        self.interruptible += u64::from(job.interruptible);
        self.dependent += u64::from(!job.depends_on.is_empty());
        *self.priorities.entry(job.priority).or_default() += 1;
        self.add_data(job);
        if let Some(at) = job.deadline {
            let known = self.deadlines.unwrap_or(Deadlines { jobs: 0, first: at, last: at });
            self.deadlines =
                Some(Deadlines { jobs: known.jobs + 1, first: known.first.min(at), last: known.last.max(at) });
        }
        // Looked up before it is copied: a million jobs have few projects.
        let project = job.project.as_deref().unwrap_or_default();
        if !self.projects.contains_key(project) {
            self.projects.insert(project.to_owned(), Share::default());
        }
        if let Some(share) = self.projects.get_mut(project) {
            share.jobs += 1;
            share.tasks += u64::from(job.count);
            share.vcpu_ms += vcpu_ms;
        }
    }

    /// Works out the hours, once all jobs are there.
    pub fn finish(&mut self) {
        self.vcpu_hours = hours(self.sums.vcpu_ms) / 1000.0;
        self.gpu_hours = self.sums.gpu_ms.iter().map(|(model, ms)| (model.clone(), hours(*ms))).collect();
        self.projects.values_mut().for_each(|share| share.vcpu_hours = hours(share.vcpu_ms) / 1000.0);
    }

    fn add_data(&mut self, job: &Job) {
        let times = |size: Bytes| size.get().saturating_mul(u64::from(job.count));
        let plus = |a: Bytes, b: u64| Bytes::new(a.get().saturating_add(b));
        for input in &job.inputs {
            match &input.dataset {
                None => self.data.private = plus(self.data.private, times(input.size)),
                Some(name) if self.sums.datasets.contains(name) => {}
                Some(name) => {
                    self.sums.datasets.insert(name.clone());
                    self.data.datasets += 1;
                    self.data.shared = plus(self.data.shared, input.size.get());
                }
            }
        }
        for output in &job.outputs {
            self.data.written = plus(self.data.written, times(output.size));
        }
    }
}

/// Of a lognormal, or the fixed time.
fn mean(runtime: Runtime) -> Millis {
    if runtime.p50 == runtime.p95 {
        return runtime.p50;
    }
    Delay { median: runtime.p50, p95: runtime.p95 }.mean()
}

fn hours(ms: u128) -> f64 {
    ms as f64 / 3_600_000.0
}
