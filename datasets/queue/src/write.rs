//! A job as a line of JSON: what [`crate::read`] takes, and nothing that it would assume anyway.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};
use tradewind_core::job::{Arch, Checkpoint, Input, Job, Output, Runtime};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};

/// Appends a job as one line, newline included. Fields at their default are left out, and every
/// number has the unit that shows it exactly, so that reading the line gives the same job.
///
/// ```
/// use tradewind_core::{job::{Job, Runtime}, resources::Resources, time::Millis};
/// let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
/// let demand = Resources { vcpu_milli: 500, memory_mib: 3072, gpu_milli: 0 };
/// let mut line = Vec::new();
/// tradewind_queue::write_json_line(&Job::new("prep", demand, runtime), &mut line);
/// assert_eq!(line, b"{\"id\":\"prep\",\"vcpus\":0.5,\"memory\":\"3GiB\",\"runtime\":\"1h\"}\n");
/// ```
///
/// # Panics
/// Never: memory takes all text, and no map has keys that JSON could not have.
pub fn write_json_line(job: &Job, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, &Line::of(job)).expect("memory takes all text");
    out.push(b'\n');
}

/// A job with the names and the order of the schema.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a str>,
    #[serde(skip_serializing_if = "is_one")]
    count: u32,
    #[serde(skip_serializing_if = "is_one")]
    nodes: u32,
    vcpus: Thousandths,
    memory: Text<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu: Option<Gpu<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<Text<Exact>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arch: Option<&'a BTreeSet<Arch>>,
    #[serde(skip_serializing_if = "is_false")]
    burstable: bool,
    runtime: RuntimeOf,
    #[serde(skip_serializing_if = "Option::is_none")]
    submit: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_start: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_miss_probability: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<Data<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<Data<'a>>,
    #[serde(skip_serializing_if = "is_empty")]
    residency: &'a [String],
    #[serde(skip_serializing_if = "is_empty")]
    clouds: &'a [String],
    #[serde(skip_serializing_if = "is_empty")]
    regions: &'a [RegionName],
    #[serde(skip_serializing_if = "is_false")]
    interruptible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<CheckpointOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget_usd: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_price_usd_per_hour: Option<UsdPerHour>,
    #[serde(skip_serializing_if = "is_empty")]
    depends_on: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_attempts: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "is_empty")]
    command: &'a [String],
}

impl<'a> Line<'a> {
    fn of(job: &'a Job) -> Self {
        let usual = Job::new("", Resources::ZERO, job.runtime);
        Self {
            id: &job.id,
            project: job.project.as_deref(),
            count: job.count,
            nodes: job.nodes,
            vcpus: Thousandths(job.demand.vcpu_milli),
            memory: Text(Exact(Bytes::new(job.demand.memory_mib << 20))),
            gpu: job.gpu.as_ref().map(|g| Gpu { model: &g.model, count: g.count, alternatives: &g.alternatives }),
            disk: (job.disk != usual.disk).then_some(Text(Exact(job.disk))),
            arch: (job.arch != usual.arch).then_some(&job.arch),
            burstable: job.burstable,
            runtime: RuntimeOf::of(job.runtime),
            submit: job.submit,
            earliest_start: job.earliest_start,
            deadline: job.deadline,
            max_miss_probability: (job.max_miss_probability != usual.max_miss_probability)
                .then_some(job.max_miss_probability),
            inputs: job.inputs.iter().map(Data::read).collect(),
            outputs: job.outputs.iter().map(Data::written).collect(),
            residency: &job.residency,
            clouds: &job.clouds,
            regions: &job.regions,
            interruptible: job.interruptible,
            checkpoint: job.checkpoint.as_ref().map(CheckpointOf::of),
            priority: (job.priority != usual.priority).then_some(job.priority),
            budget_usd: job.budget,
            max_price_usd_per_hour: job.max_price,
            depends_on: &job.depends_on,
            max_attempts: job.max_attempts,
            labels: &job.labels,
            image: job.image.as_deref(),
            command: &job.command,
        }
    }
}

#[derive(Serialize)]
struct Gpu<'a> {
    model: &'a str,
    count: u32,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    alternatives: &'a BTreeMap<String, f64>,
}

/// One figure where both are the same.
#[derive(Serialize)]
#[serde(untagged)]
enum RuntimeOf {
    Fixed(Text<Millis>),
    Lognormal { p50: Text<Millis>, p95: Text<Millis> },
}

impl RuntimeOf {
    fn of(runtime: Runtime) -> Self {
        if runtime.p50 == runtime.p95 {
            Self::Fixed(Text(runtime.p50))
        } else {
            Self::Lognormal { p50: Text(runtime.p50), p95: Text(runtime.p95) }
        }
    }
}

/// An input or an output.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<&'a str>,
    location: &'a RegionName,
    size: Text<Exact>,
}

impl<'a> Data<'a> {
    fn read(input: &'a Input) -> Self {
        Self { dataset: input.dataset.as_deref(), location: &input.location, size: Text(Exact(input.size)) }
    }
    fn written(output: &'a Output) -> Self {
        Self { dataset: None, location: &output.location, size: Text(Exact(output.size)) }
    }
}

#[derive(Serialize)]
struct CheckpointOf {
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<Text<Millis>>,
    save: Text<Millis>,
    restore: Text<Millis>,
    size: Text<Exact>,
}

impl CheckpointOf {
    fn of(checkpoint: &Checkpoint) -> Self {
        Self {
            interval: checkpoint.interval.map(Text),
            save: Text(checkpoint.save),
            restore: Text(checkpoint.restore),
            size: Text(Exact(checkpoint.size)),
        }
    }
}

/// A value as the text it displays.
struct Text<T>(T);

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

/// Thousandths as a number: `8`, `0.5`.
struct Thousandths(u64);

impl Serialize for Thousandths {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1000) { s.serialize_u64(self.0 / 1000) } else { s.serialize_f64(self.0 as f64 / 1e3) }
    }
}

/// A size in the largest unit that leaves no fraction, be it of powers of 1024 or of 1000.
struct Exact(Bytes);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 8] = [
            ("TiB", 1 << 40),
            ("TB", 1_000_000_000_000),
            ("GiB", 1 << 30),
            ("GB", 1_000_000_000),
            ("MiB", 1 << 20),
            ("MB", 1_000_000),
            ("KiB", 1 << 10),
            ("kB", 1_000),
        ];
        let bytes = self.0.get();
        match UNITS.iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit)) {
            Some((name, unit)) => write!(f, "{}{name}", bytes / unit),
            None => write!(f, "{bytes}B"),
        }
    }
}

fn is_one(n: &u32) -> bool {
    *n == 1
}

fn is_false(b: &bool) -> bool {
    !b
}

fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}
