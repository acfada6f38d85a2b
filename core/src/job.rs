//! Jobs as the planner sees them: validated, normalised, in integer units.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::by_id::ById;
use crate::money::{Usd, UsdPerHour};
use crate::place::RegionName;
use crate::resources::Resources;
use crate::size::Bytes;
use crate::time::{Millis, Time};

/// A processor architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Arch {
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Arch {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Arch {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "x86_64" => Ok(Self::X86_64),
            "arm64" => Ok(Self::Arm64),
            _ => Err(()),
        }
    }
}

/// Running time at speed 1 on the named GPU model: fixed when `p50 == p95`, else lognormal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Runtime {
    /// Median.
    pub p50: Millis,
    /// 95th percentile, at least the median.
    pub p95: Millis,
}

/// GPUs of each node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GpuRequest {
    /// The model the runtime is stated for.
    pub model: String,
    /// Whole GPUs per node, at least 1.
    pub count: u32,
    /// Other models that will do, with their speed relative to `model` (> 0).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alternatives: BTreeMap<String, f64>,
}

impl GpuRequest {
    /// Speed on `model` relative to the named one; `None` if the job cannot use it.
    pub fn speed_on(&self, model: &str) -> Option<f64> {
        if model == self.model { Some(1.0) } else { self.alternatives.get(model).copied() }
    }
}

/// Data read by each task. With a `dataset` name it is shared and staged once per region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Input {
    /// Name of a shared dataset; `None` is private to the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Where it lies.
    pub location: RegionName,
    /// How much.
    pub size: Bytes,
}

/// Data written by each task.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Output {
    /// Where it must end up.
    pub location: RegionName,
    /// How much.
    pub size: Bytes,
}

/// How a task survives an interruption.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Useful work between checkpoints; `None` lets the planner choose the best (`"auto"`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Millis>,
    /// Time to write one.
    pub save: Millis,
    /// Time to read one back.
    pub restore: Millis,
    /// Size of one.
    pub size: Bytes,
}

/// The priority of a job that does not say.
pub const DEFAULT_PRIORITY: u8 = 50;

/// One job: `count` interchangeable tasks, each a gang of `nodes` nodes that run together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Unique in the queue.
    pub id: String,
    /// Whose budget pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Independent identical tasks, at least 1.
    pub count: u32,
    /// Nodes of each task, all at once in one zone, at least 1.
    pub nodes: u32,
    /// vCPU, memory and GPU of each node.
    pub demand: Resources,
    /// GPU model and its alternatives; `None` uses no GPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuRequest>,
    /// Scratch disk of each node.
    pub disk: Bytes,
    /// Architectures that will do, not empty.
    pub arch: BTreeSet<Arch>,
    /// Whether burstable (shared-core) nodes will do.
    pub burstable: bool,
    /// Running time of a task.
    pub runtime: Runtime,
    /// When it entered the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit: Option<Time>,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_start: Option<Time>,
    /// Done by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Time>,
    /// Allowed probability of missing the deadline, in (0, 1).
    pub max_miss_probability: f64,
    /// What each task reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// What each task writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// Residency groups of which the region must have one (`EU`, `US`, ...); empty is anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub residency: Vec<String>,
    /// Allowed clouds; empty is any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clouds: Vec<String>,
    /// Allowed regions; empty is any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionName>,
    /// Whether spot capacity will do.
    pub interruptible: bool,
    /// How it survives an interruption; `None` starts over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// 0 to 100, higher first.
    pub priority: u8,
    /// Most that one task may cost in expectation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Usd>,
    /// Most that a node hosting it may cost per hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price: Option<UsdPerHour>,
    /// Jobs whose every task must end first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Attempts before a task counts as failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Free text, kept as tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What to run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl Job {
    /// A job with the defaults of the queue format: one task, one node, x86_64, on-demand only.
    pub fn new(id: &str, demand: Resources, runtime: Runtime) -> Self {
        Self {
            id: id.to_owned(),
            project: None,
            count: 1,
            nodes: 1,
            demand,
            gpu: None,
            disk: Bytes::ZERO,
            arch: BTreeSet::from([Arch::X86_64]),
            burstable: false,
            runtime,
            submit: None,
            earliest_start: None,
            deadline: None,
            max_miss_probability: 0.01,
            inputs: Vec::new(),
            outputs: Vec::new(),
            residency: Vec::new(),
            clouds: Vec::new(),
            regions: Vec::new(),
            interruptible: false,
            checkpoint: None,
            priority: DEFAULT_PRIORITY,
            budget: None,
            max_price: None,
            depends_on: Vec::new(),
            max_attempts: None,
            labels: BTreeMap::new(),
            image: None,
            command: Vec::new(),
        }
    }

    /// Not before this, by its own fields.
    pub fn earliest(&self) -> Option<Time> {
        self.earliest_start.max(self.submit)
    }

    /// The shared datasets it reads.
    pub fn datasets(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.inputs.iter().filter_map(|i| i.dataset.as_deref().map(|d| (d, i)))
    }
}

/// Why a set of jobs is not a workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkloadError {
    /// Two jobs with one id.
    #[error("two jobs have the id {0:?}")]
    DuplicateId(String),
    /// A predecessor that is not in the queue.
    #[error("job {job:?} depends on {missing:?}, which is not in the queue")]
    UnknownDependency {
        /// The job.
        job: String,
        /// What it names.
        missing: String,
    },
    /// Jobs that wait for each other, in order.
    #[error("dependency cycle: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// One dataset name with two places or sizes.
    #[error("dataset {dataset:?} of job {job:?} is named twice by it, or differs in place or size from another job's")]
    Dataset {
        /// The dataset.
        dataset: String,
        /// The job that differs.
        job: String,
    },
}

/// The queue: jobs sorted by id, so that permuting the file changes nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Workload {
    jobs: Vec<Job>,
    #[serde(skip)]
    by_id: ById,
}

impl Workload {
    /// Sorts by id and checks what only the whole can tell.
    ///
    /// # Errors
    /// Duplicate ids, unknown or cyclic dependencies, datasets with two descriptions.
    pub fn new(mut jobs: Vec<Job>) -> Result<Self, WorkloadError> {
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(pair) = jobs.windows(2).find(|w| w[0].id == w[1].id) {
            return Err(WorkloadError::DuplicateId(pair[0].id.clone()));
        }
        let workload = Self { jobs, by_id: ById::default() };
        workload.validate()?;
        Ok(workload)
    }

    /// Checks what only the whole can tell, of jobs that are sorted by id.
    ///
    /// # Errors
    /// Unknown or cyclic dependencies, datasets with two descriptions.
    pub fn validate(&self) -> Result<(), WorkloadError> {
        self.check_datasets()?;
        self.topological_order().map(|_| ())
    }

    /// The jobs by id.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The same queue with every job due by `by` at the latest; jobs without a deadline of their own may
    /// miss it with the probability `risk`, in (0, 1).
    #[must_use]
    pub fn due_by(&self, by: Time, risk: f64) -> Self {
        let due = |job: &Job| Job {
            deadline: Some(job.deadline.map_or(by, |own| own.min(by))),
            max_miss_probability: if job.deadline.is_some() { job.max_miss_probability } else { risk },
            ..job.clone()
        };
        Self { jobs: self.jobs.iter().map(due).collect(), by_id: ById::default() }
    }

    /// The same queue with no job allowed to miss its deadline with more than the probability `most`, in (0, 1).
    #[must_use]
    pub fn at_most_missing(&self, most: f64) -> Self {
        let capped = |job: &Job| Job { max_miss_probability: job.max_miss_probability.min(most), ..job.clone() };
        Self { jobs: self.jobs.iter().map(capped).collect(), by_id: ById::default() }
    }

    /// The index of a job.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.index_of(&self.jobs, id)
    }

    /// Tasks in all.
    pub fn tasks(&self) -> u64 {
        self.jobs.iter().map(|j| u64::from(j.count)).sum()
    }

    /// Where data lies or must end up, as often as it is named.
    pub fn places(&self) -> impl Iterator<Item = &RegionName> {
        self.jobs.iter().flat_map(|j| j.inputs.iter().map(|i| &i.location).chain(j.outputs.iter().map(|o| &o.location)))
    }

    /// Each shared dataset once: name, home and size.
    pub fn datasets(&self) -> BTreeMap<&str, &Input> {
        self.jobs.iter().flat_map(Job::datasets).collect()
    }

    fn check_datasets(&self) -> Result<(), WorkloadError> {
        let mut seen: BTreeMap<&str, &Input> = BTreeMap::new();
        for job in &self.jobs {
            let mut own = BTreeSet::new();
            for (name, input) in job.datasets() {
                if !own.insert(name) {
                    return Err(WorkloadError::Dataset { dataset: name.to_owned(), job: job.id.clone() });
                }
                let first = seen.entry(name).or_insert(input);
                if (&first.location, first.size) != (&input.location, input.size) {
                    return Err(WorkloadError::Dataset { dataset: name.to_owned(), job: job.id.clone() });
                }
            }
        }
        Ok(())
    }

    /// Job indices, every predecessor before its successors, otherwise by id.
    ///
    /// # Errors
    /// An unknown predecessor or a cycle.
    pub fn topological_order(&self) -> Result<Vec<usize>, WorkloadError> {
        let mut waiting = vec![0_usize; self.jobs.len()];
        let mut successors = vec![Vec::new(); self.jobs.len()];
        for (i, job) in self.jobs.iter().enumerate() {
            for name in &job.depends_on {
                let p = self
                    .index_of(name)
                    .ok_or_else(|| WorkloadError::UnknownDependency { job: job.id.clone(), missing: name.clone() })?;
                successors[p].push(i);
                waiting[i] += 1;
            }
        }
        let mut ready: BTreeSet<usize> = (0..self.jobs.len()).filter(|&i| waiting[i] == 0).collect();
        let mut order = Vec::with_capacity(self.jobs.len());
        while let Some(i) = ready.pop_first() {
            order.push(i);
            for &s in &successors[i] {
                waiting[s] -= 1;
                if waiting[s] == 0 {
                    ready.insert(s);
                }
            }
        }
        if order.len() == self.jobs.len() { Ok(order) } else { Err(WorkloadError::Cycle(self.cycle(&waiting))) }
    }

    /// One cycle among the jobs that never became ready.
    fn cycle(&self, waiting: &[usize]) -> Vec<String> {
        let start = (0..self.jobs.len()).find(|&i| waiting[i] > 0).unwrap_or(0);
        let mut path: Vec<usize> = Vec::new();
        let mut at = start;
        loop {
            if let Some(from) = path.iter().position(|&p| p == at) {
                let mut names: Vec<String> = path[from..].iter().map(|&i| self.jobs[i].id.clone()).collect();
                names.push(self.jobs[at].id.clone());
                return names;
            }
            path.push(at);
            let next = self.jobs[at].depends_on.iter().filter_map(|d| self.index_of(d)).find(|&p| waiting[p] > 0);
            match next {
                Some(p) => at = p,
                None => return path.iter().map(|&i| self.jobs[i].id.clone()).collect(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str, after: &[&str]) -> Job {
        let hour = Millis::HOUR;
        let mut job = Job::new(id, Resources::ZERO, Runtime { p50: hour, p95: hour });
        job.depends_on = after.iter().map(|s| (*s).to_owned()).collect();
        job
    }

    #[test]
    fn order_follows_dependencies() {
        let w = Workload::new(vec![job("a", &["c"]), job("b", &[]), job("c", &["b"])]).unwrap();
        assert_eq!(w.topological_order().unwrap(), [1, 2, 0]);
    }

    #[test]
    fn cycles_and_strangers_are_named() {
        let cycle = Workload::new(vec![job("a", &["b"]), job("b", &["a"]), job("c", &["a"])]);
        assert_eq!(cycle.unwrap_err().to_string(), "dependency cycle: a -> b -> a");
        assert!(matches!(Workload::new(vec![job("a", &["z"])]), Err(WorkloadError::UnknownDependency { .. })));
        assert!(matches!(Workload::new(vec![job("a", &[]), job("a", &[])]), Err(WorkloadError::DuplicateId(_))));
    }
}
