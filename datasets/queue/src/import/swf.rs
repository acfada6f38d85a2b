//! The Standard Workload Format: 18 numbers a line, -1 where nothing is known, `;` before comments.
//!
//! Source of the format: the Parallel Workloads Archive, version 2.2.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use super::draft::{Draft, Place};
use super::{FROM_LIMIT, quantity};
use crate::MAX_LINE;
use crate::intake::Intake;
use crate::node::Node;
use crate::source;

/// The fields in their order.
const NAMES: [&str; 18] = [
    "job number",
    "submit time",
    "wait time",
    "run time",
    "allocated processors",
    "average CPU time",
    "used memory",
    "requested processors",
    "requested time",
    "requested memory",
    "status",
    "user",
    "group",
    "executable",
    "queue",
    "partition",
    "preceding job",
    "think time",
];
/// Fields that are read, and header comments.
pub(crate) const FIELDS: &[&str] = &[
    "job number",
    "submit time",
    "run time",
    "allocated processors",
    "used memory",
    "requested processors",
    "requested time",
    "requested memory",
    "user",
    "group",
    "queue",
    "partition",
    "preceding job",
];

/// What the header says of the machine.
#[derive(Default)]
struct Header {
    /// Seconds since 1970 of the log's time zero.
    start: Option<i64>,
    nodes: Option<u64>,
    processors: Option<u64>,
    /// Jobs that were dropped: nobody waits for them.
    dropped: HashSet<u64>,
}

impl Header {
    fn comment(&mut self, text: &str) {
        let Some((name, value)) = text.split_once(':') else { return };
        let value = value.split_whitespace().next().unwrap_or_default();
        match name.trim() {
            "UnixStartTime" => self.start = value.parse().ok().filter(|s| (0..=8_000_000_000).contains(s)),
            "MaxNodes" => self.nodes = value.parse().ok().filter(|n| *n > 0),
            "MaxProcs" => self.processors = value.parse().ok(),
            _ => {}
        }
    }

    /// Processors of a node, where the header tells.
    fn node_size(&self) -> Option<u64> {
        let (nodes, processors) = (self.nodes?, self.processors?);
        (processors >= nodes && processors % nodes == 0).then(|| processors / nodes)
    }
}

/// Reads every line.
pub(crate) fn read(mut input: impl BufRead, intake: &mut Intake<'_>) {
    let mut header = Header::default();
    let mut buffer = Vec::new();
    for line in 1.. {
        buffer.clear();
        match input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut buffer) {
            Ok(0) => return,
            Ok(_) if buffer.len() > MAX_LINE => {
                let problem = intake.problem(Some(line), "TW1025", "a line longer than 1 MiB");
                return intake.push(problem.got("more than 1048576 bytes").accepted("18 numbers a line"));
            }
            Ok(_) => {}
            Err(reason) => return intake.push(source::unreadable(intake.file, &reason).line(line)),
        }
        let text = String::from_utf8_lossy(&buffer);
        let text = text.trim();
        match text.strip_prefix(';') {
            Some(comment) => header.comment(comment),
            None if text.is_empty() => {}
            None => {
                if !row(text, line, &mut header, intake) {
                    return;
                }
            }
        }
    }
}

/// Takes a line; false where reading must stop.
fn row(text: &str, line: u64, header: &mut Header, intake: &mut Intake<'_>) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() != NAMES.len() {
        let problem =
            intake.problem(Some(line), "TW1026", "a line of another length").got(format!("{} fields", words.len()));
        intake.push(problem.accepted("18 fields").help("fields that are not known are written as -1"));
        return true;
    }
    let mut numbers = [0.0_f64; 18];
    for (i, word) in words.iter().enumerate() {
        match word.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers[i] = number,
            _ => {
                let problem = intake.problem(Some(line), "TW1026", "a field that is no number");
                intake.push(problem.at(NAMES[i]).got(word).accepted("a number, -1 where it is not known"));
                return true;
            }
        }
    }
    for (name, number) in NAMES.iter().zip(numbers).filter(|(name, n)| *n >= 0.0 && !FIELDS.contains(name)) {
        // Zeros of the fields that models leave empty would only be noise.
        if number > 0.0 {
            intake.notes.ignore(name);
        }
    }
    match draft(&Fields { numbers, line }, header, intake) {
        Some(draft) => intake.draft(draft),
        None => true,
    }
}

/// The numbers of a line.
struct Fields {
    numbers: [f64; 18],
    line: u64,
}

impl Fields {
    /// A field by its number in the format's own counting, from 1, where it is known.
    fn get(&self, number: usize) -> Option<f64> {
        Some(self.numbers[number - 1]).filter(|n| *n >= 0.0)
    }

    fn positive(&self, number: usize) -> Option<f64> {
        self.get(number).filter(|n| *n > 0.0)
    }

    fn place(&self, number: usize) -> Place {
        Place::new(self.line, NAMES[number - 1])
    }

    /// The first of two fields that is known and above zero, and which it is.
    fn either(&self, first: usize, second: usize) -> Option<(f64, usize)> {
        let of = |number| self.positive(number).map(|value| (value, number));
        of(first).or_else(|| of(second))
    }
}

/// The job of a line; `None` where a rule drops it, which is then noted.
fn draft<'a>(fields: &Fields, header: &mut Header, intake: &mut Intake<'a>) -> Option<Draft<'a>> {
    let number = fields.get(1).map_or(0, |n| n as u64);
    let mut draft = Draft::new(intake.file, Place::new(fields.line, ""));
    let dropped = match (fields.get(4), fields.either(4, 9), fields.either(8, 5)) {
        (Some(0.0), ..) => Some("jobs with a run time of 0 are dropped"),
        (_, None, _) => Some("jobs without a run time are dropped"),
        (.., None) => Some("jobs without processors are dropped"),
        _ => None,
    };
    if let Some(rule) = dropped {
        intake.notes.remark(rule);
        header.dropped.insert(number);
        return None;
    }
    draft.set("id", number.to_string(), &fields.place(1));
    if let Some((seconds, field)) = fields.either(4, 9) {
        draft.set("runtime", format!("{seconds}s"), &fields.place(field));
        if field == 9 {
            intake.notes.remark(FROM_LIMIT);
        }
    }
    if let (Some(submit), Some(start)) = (fields.get(2), header.start) {
        let at = tradewind_core::time::Time::from_ms(start * 1000 + (submit.min(1e12) * 1000.0) as i64);
        draft.set("submit", at.to_string(), &fields.place(2));
    } else if fields.get(2).is_some() {
        intake.notes.remark("submit times are not used: the header has no UnixStartTime");
    }
    shape(fields, header, &mut draft);
    owners(fields, &mut draft);
    if let Some(before) = fields.positive(17).map(|n| n as u64) {
        if header.dropped.contains(&before) {
            intake.notes.remark("jobs do not wait for those that were dropped");
        } else {
            draft.set("depends_on", Node::List(vec![before.to_string().into()]), &fields.place(17));
        }
    }
    Some(draft)
}

/// Processors on one node, or on nodes of the machine's size; memory is of a processor, in KB.
fn shape(fields: &Fields, header: &Header, draft: &mut Draft<'_>) {
    let Some((processors, field)) = fields.either(8, 5) else { return };
    let processors = processors.ceil().min(1e9) as u64;
    let node = header.node_size().unwrap_or(processors).min(processors);
    let nodes = processors.div_ceil(node);
    draft.set("vcpus", node, &fields.place(field));
    if nodes > 1 {
        draft.set("nodes", nodes, &fields.place(field));
    }
    if let Some((kb, field)) = fields.either(10, 7) {
        let bytes = (kb.min(1e12) * 1024.0 * node as f64).ceil() as u64;
        draft.set("memory", quantity::size(bytes), &fields.place(field));
    }
}

fn owners(fields: &Fields, draft: &mut Draft<'_>) {
    let names =
        [(13, "project", "group-"), (12, "labels.user", ""), (15, "labels.queue", ""), (16, "labels.partition", "")];
    for (number, field, prefix) in names {
        if let Some(owner) = fields.get(number) {
            draft.set(field, format!("{prefix}{owner}"), &fields.place(number));
        }
    }
}
