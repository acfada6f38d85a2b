//! One line to one job.

use std::collections::BTreeSet;

use tradewind_core::job::{Arch, Job, Runtime};
use tradewind_core::resources::Resources;
use tradewind_core::size::Bytes;
use tradewind_core::time::Millis;

use crate::fields::{At, Fields, Sink};
use crate::node::Node;
use crate::{MAX_TASKS, Options, parts, value};

/// Fields of a job.
const JOB: &[&str] = &[
    "id",
    "project",
    "count",
    "nodes",
    "vcpus",
    "memory",
    "gpu",
    "disk",
    "arch",
    "burstable",
    "runtime",
    "submit",
    "earliest_start",
    "deadline",
    "max_miss_probability",
    "inputs",
    "outputs",
    "residency",
    "clouds",
    "regions",
    "interruptible",
    "checkpoint",
    "priority",
    "budget_usd",
    "max_price_usd_per_hour",
    "depends_on",
    "max_attempts",
    "labels",
    "image",
    "command",
];

/// Every field the reader knows, by the JSON pointer of its object: the empty one is the job
/// itself, `-` stands for any index. `labels` and `gpu.alternatives` have free names.
pub const FIELDS: &[(&str, &[&str])] = &[
    ("", JOB),
    ("/gpu", parts::GPU),
    ("/runtime", parts::RUNTIME),
    ("/inputs/-", parts::INPUT),
    ("/outputs/-", parts::OUTPUT),
    ("/checkpoint", parts::CHECKPOINT),
];

/// Most nodes of a gang.
const MAX_NODES: u32 = 10_000;

/// Reads a job; `None` where anything is wrong with it, which is then in the sink.
pub(crate) fn read(node: &Node, options: &Options, sink: &mut Sink<'_>) -> Option<Job> {
    let before = sink.problems.count();
    let at = At::Line;
    let fields = Fields::open(node, &at, JOB, sink)?;
    let id = fields.required("id", &at, sink, value::name);
    let vcpu_milli = fields.required("vcpus", &at, sink, value::vcpu_milli);
    let memory_mib = fields.required("memory", &at, sink, value::memory_mib);
    let runtime = fields.required("runtime", &at, sink, parts::runtime);
    let mut job = Job::new(
        id.as_deref().unwrap_or_default(),
        Resources {
            vcpu_milli: vcpu_milli.unwrap_or_default(),
            memory_mib: memory_mib.unwrap_or_default(),
            gpu_milli: 0,
        },
        runtime.unwrap_or(Runtime { p50: Millis::HOUR, p95: Millis::HOUR }),
    );
    job.max_miss_probability = options.max_miss_probability;
    read_shape(&mut job, fields, sink);
    read_time(&mut job, fields, sink);
    read_place(&mut job, fields, sink);
    read_terms(&mut job, fields, sink);
    (sink.problems.count() == before).then_some(job)
}

/// How many, how large.
fn read_shape(job: &mut Job, fields: Fields<'_>, sink: &mut Sink<'_>) {
    let at = At::Line;
    if let Some(count) = fields.optional("count", &at, sink, count) {
        job.count = count;
    }
    if let Some(nodes) = fields.optional("nodes", &at, sink, |n, at, s| value::whole(n, at, s, 1..=MAX_NODES)) {
        job.nodes = nodes;
    }
    job.gpu = fields.optional("gpu", &at, sink, parts::gpu);
    job.demand.gpu_milli = job.gpu.as_ref().map_or(0, |g| u64::from(g.count) * 1000);
    job.disk = fields.optional("disk", &at, sink, value::size).unwrap_or(Bytes::ZERO);
    if let Some(arch) = fields.optional("arch", &at, sink, arch) {
        job.arch = arch;
    }
    job.burstable = fields.optional("burstable", &at, sink, value::boolean).unwrap_or(false);
}

/// When.
fn read_time(job: &mut Job, fields: Fields<'_>, sink: &mut Sink<'_>) {
    let at = At::Line;
    job.submit = fields.optional("submit", &at, sink, value::instant);
    job.earliest_start = fields.optional("earliest_start", &at, sink, value::instant);
    job.deadline = fields.optional("deadline", &at, sink, value::instant);
    if let Some(p) = fields.optional("max_miss_probability", &at, sink, probability) {
        job.max_miss_probability = p;
    }
    if let (Some(deadline), Some(earliest)) = (job.deadline, job.earliest())
        && deadline <= earliest
    {
        let which = if job.earliest_start >= job.submit { "earliest_start" } else { "submit" };
        let at = at.key("deadline");
        let problem = sink.problem("TW1004", "the deadline is not after the earliest start", &at);
        let got = format!("deadline {deadline}, {which} {earliest}");
        sink.push(problem.got(got).accepted(format!("a deadline after {which}")).help("check offsets and dates"));
    }
}

/// Where.
fn read_place(job: &mut Job, fields: Fields<'_>, sink: &mut Sink<'_>) {
    let at = At::Line;
    job.inputs = fields.optional("inputs", &at, sink, parts::inputs).unwrap_or_default();
    job.outputs = fields.optional("outputs", &at, sink, parts::outputs).unwrap_or_default();
    let names = |n: &Node, at: &At<'_>, s: &mut Sink<'_>| value::set(n, at, s, value::name);
    job.residency = fields.optional("residency", &at, sink, names).unwrap_or_default();
    job.clouds = fields.optional("clouds", &at, sink, names).unwrap_or_default();
    let regions = |n: &Node, at: &At<'_>, s: &mut Sink<'_>| value::set(n, at, s, value::region);
    job.regions = fields.optional("regions", &at, sink, regions).unwrap_or_default();
}

/// On what terms.
fn read_terms(job: &mut Job, fields: Fields<'_>, sink: &mut Sink<'_>) {
    let at = At::Line;
    job.project = fields.optional("project", &at, sink, value::name);
    job.interruptible = fields.optional("interruptible", &at, sink, value::boolean).unwrap_or(false);
    job.checkpoint = fields.optional("checkpoint", &at, sink, parts::checkpoint);
    if let Some(p) = fields.optional("priority", &at, sink, |n, at, s| value::whole(n, at, s, 0..=100)) {
        job.priority = p as u8;
    }
    job.budget = fields.optional("budget_usd", &at, sink, value::usd);
    job.max_price = fields.optional("max_price_usd_per_hour", &at, sink, value::usd_per_hour);
    let names = |n: &Node, at: &At<'_>, s: &mut Sink<'_>| value::set(n, at, s, value::name);
    job.depends_on = fields.optional("depends_on", &at, sink, names).unwrap_or_default();
    job.max_attempts = fields.optional("max_attempts", &at, sink, |n, at, s| value::whole(n, at, s, 1..=1000));
    job.labels = fields.optional("labels", &at, sink, parts::labels).unwrap_or_default();
    let text = |n: &Node, at: &At<'_>, s: &mut Sink<'_>| value::text(n, at, s).map(str::to_owned);
    job.image = fields.optional("image", &at, sink, text);
    job.command = fields.optional("command", &at, sink, |n, at, s| value::list(n, at, s, text)).unwrap_or_default();
}

/// Tasks of a job: `TW1020` outside 1 to a million.
fn count(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<u32> {
    let whole = match node {
        Node::Number(n) => Some(*n),
        Node::Cell(t) => t.parse().ok(),
        _ => None,
    };
    match whole {
        Some(n) if n.fract() == 0.0 && !(1.0..=MAX_TASKS as f64).contains(&n) => {
            let problem = sink.problem("TW1020", "an array of impossible size", at).got(node.describe());
            sink.push(problem.accepted("1 to 1000000 tasks"));
            None
        }
        _ => value::whole(node, at, sink, 1..=MAX_TASKS as u32),
    }
}

fn probability(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<f64> {
    value::number_where(node, at, sink, "more than 0, at most 0.5", |p| p > 0.0 && p <= 0.5)
}

fn arch(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<BTreeSet<Arch>> {
    let one = |node: &Node, at: &At<'_>, sink: &mut Sink<'_>| {
        let name = value::text(node, at, sink)?;
        let known = name.parse::<Arch>();
        if known.is_err() {
            let problem = sink.problem("TW1018", "unknown architecture", at).got(node.describe());
            sink.push(problem.accepted("\"x86_64\" or \"arm64\""));
        }
        known.ok()
    };
    let set: BTreeSet<Arch> = value::list(node, at, sink, one)?.into_iter().collect();
    if set.is_empty() {
        sink.push(sink.problem("TW1011", "no architecture", at).got("[]").accepted("at least one architecture"));
        return None;
    }
    Some(set)
}
