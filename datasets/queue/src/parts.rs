//! The objects inside a job: GPU, runtime, data, checkpoint, labels.

use std::collections::BTreeMap;

use tradewind_core::job::{Checkpoint, GpuRequest, Input, Output, Runtime};
use tradewind_core::size::Bytes;

use crate::fields::{At, Fields, Sink};
use crate::node::Node;
use crate::value;

/// Fields of `gpu`.
pub(crate) const GPU: &[&str] = &["model", "count", "alternatives"];
/// Fields of `runtime` where it is an object.
pub(crate) const RUNTIME: &[&str] = &["p50", "p95"];
/// Fields of each of `inputs`.
pub(crate) const INPUT: &[&str] = &["dataset", "location", "size"];
/// Fields of each of `outputs`.
pub(crate) const OUTPUT: &[&str] = &["location", "size"];
/// Fields of `checkpoint`.
pub(crate) const CHECKPOINT: &[&str] = &["interval", "save", "restore", "size"];

/// Most GPUs of a node.
const MAX_GPUS: u32 = 1024;

pub(crate) fn gpu(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<GpuRequest> {
    let fields = Fields::open(node, at, GPU, sink)?;
    if fields.get("model").is_none() {
        let problem = sink.problem("TW1013", "a GPU without a model", at).got("no model");
        let help = "the column gpu of `tradewind offers --format csv` has the models of the market";
        sink.push(problem.accepted("a model, e.g. {\"model\": \"A100\", \"count\": 1}").help(help));
    }
    let model = fields.optional("model", at, sink, value::name);
    let count = match fields.get("count") {
        None => Some(1),
        Some(node) => gpu_count(node, &at.key("count"), sink),
    };
    let alternatives = fields.optional("alternatives", at, sink, alternatives).unwrap_or_default();
    let (model, count) = (model?, count?);
    if alternatives.contains_key(&model) {
        let at = at.key("alternatives");
        let problem = sink.problem("TW1013", "the model is among its own alternatives", &at).got(&model);
        sink.push(problem.accepted("other models").help("runtime is stated for `model`, at speed 1"));
    }
    Some(GpuRequest { model, count, alternatives })
}

fn gpu_count(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<u32> {
    let fraction = match node {
        Node::Number(n) => n.fract() != 0.0,
        Node::Cell(t) => t.contains('.'),
        _ => false,
    };
    if fraction {
        let problem = sink.problem("TW1013", "a fraction of a GPU", at).got(node.describe());
        let help = "ask for a whole one; machines with a part of a GPU are not offered to jobs";
        sink.push(problem.accepted("whole GPUs, 1 to 1024").help(help));
        return None;
    }
    value::whole(node, at, sink, 1..=MAX_GPUS)
}

fn alternatives(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<BTreeMap<String, f64>> {
    let fields = Fields::open_map(node, at, sink)?;
    let mut speeds = BTreeMap::new();
    for (model, node) in fields.iter() {
        let at = at.key(model);
        let accepted = "a speed relative to the model, 0.001 to 1000";
        let speed = value::number_where(node, &at, sink, accepted, |v| (0.001..=1000.0).contains(&v));
        speeds.insert(model.to_owned(), speed?);
    }
    Some(speeds)
}

/// `"3h"` is fixed; `{"p50": "3h", "p95": "4h"}` is lognormal.
pub(crate) fn runtime(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Runtime> {
    if !matches!(node, Node::Object(_)) {
        let fixed = value::positive_duration(node, at, sink)?;
        return Some(Runtime { p50: fixed, p95: fixed });
    }
    let fields = Fields::open(node, at, RUNTIME, sink)?;
    let p50 = fields.required("p50", at, sink, value::positive_duration);
    let p95 = fields.required("p95", at, sink, value::positive_duration);
    let (p50, p95) = (p50?, p95?);
    if p95 < p50 {
        let problem = sink.problem("TW1015", "the 95th percentile is below the median", &at.key("p95"));
        let problem = problem.got(format!("p95 {p95}, p50 {p50}")).accepted("p95 at least p50");
        sink.push(problem.help("are the two swapped? Write one duration if it is always the same"));
        return None;
    }
    Some(Runtime { p50, p95 })
}

/// Size of an input, output or checkpoint: `TW1022` where it is missing.
fn data_size(fields: &Fields<'_>, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Bytes> {
    if fields.get("size").is_none() {
        let problem = sink.problem("TW1022", "data without a size", at).got("no size");
        sink.push(problem.accepted("e.g. \"150GiB\"").help("moving data costs by its size; it is never guessed"));
    }
    fields.optional("size", at, sink, value::size)
}

fn input(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Input> {
    let fields = Fields::open(node, at, INPUT, sink)?;
    let dataset = fields.optional("dataset", at, sink, value::name);
    let location = fields.required("location", at, sink, value::region);
    let size = data_size(&fields, at, sink);
    Some(Input { dataset, location: location?, size: size? })
}

fn output(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Output> {
    let fields = Fields::open(node, at, OUTPUT, sink)?;
    let location = fields.required("location", at, sink, value::region);
    let size = data_size(&fields, at, sink);
    Some(Output { location: location?, size: size? })
}

/// What a task reads, in a fixed order; a dataset may be named once.
pub(crate) fn inputs(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Vec<Input>> {
    let mut inputs = value::list(node, at, sink, input)?;
    inputs.sort_by(|a, b| (&a.dataset, &a.location, a.size).cmp(&(&b.dataset, &b.location, b.size)));
    if let Some(pair) = inputs.windows(2).find(|w| w[0].dataset.is_some() && w[0].dataset == w[1].dataset) {
        let name = pair[0].dataset.as_deref().unwrap_or_default();
        sink.push(sink.problem("TW1022", "a dataset twice in one job", at).got(name).accepted("each dataset once"));
    }
    Some(inputs)
}

/// What a task writes, in a fixed order.
pub(crate) fn outputs(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Vec<Output>> {
    let mut outputs = value::list(node, at, sink, output)?;
    outputs.sort_by(|a, b| (&a.location, a.size).cmp(&(&b.location, b.size)));
    Some(outputs)
}

pub(crate) fn checkpoint(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Checkpoint> {
    let fields = Fields::open(node, at, CHECKPOINT, sink)?;
    let interval = match fields.get("interval") {
        None => None,
        Some(Node::Text(t) | Node::Cell(t)) if t == "auto" => None,
        Some(node) => value::positive_duration(node, &at.key("interval"), sink),
    };
    let save = fields.required("save", at, sink, value::duration);
    let restore = fields.required("restore", at, sink, value::duration);
    let size = data_size(&fields, at, sink);
    let checkpoint = Checkpoint { interval, save: save?, restore: restore?, size: size? };
    if let Some(interval) = checkpoint.interval.filter(|i| *i <= checkpoint.save) {
        let problem = sink.problem("TW1016", "checkpoints take longer than what lies between them", at);
        let got = format!("interval {interval}, save {}", checkpoint.save);
        let help = "write \"interval\": \"auto\" to let the planner choose the best";
        sink.push(problem.got(got).accepted("an interval longer than save").help(help));
    }
    Some(checkpoint)
}

pub(crate) fn labels(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<BTreeMap<String, String>> {
    let fields = Fields::open_map(node, at, sink)?;
    let mut labels = BTreeMap::new();
    for (key, node) in fields.iter() {
        let at = at.key(key);
        value::name(&Node::Cell(key.to_owned()), &at, sink)?;
        labels.insert(key.to_owned(), value::text(node, &at, sink)?.to_owned());
    }
    Some(labels)
}
