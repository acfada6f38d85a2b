//! Walking a parsed line: where we are, which fields are known, where problems go.

use std::collections::BTreeSet;
use std::fmt;

use crate::node::{Entries, Node};
use crate::problem::{Collector, Problem, printable};
use crate::suggest::did_you_mean;

/// A place within a line. Displayed as a JSON pointer, which is written out only when it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'a> {
    Line,
    Key(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl<'a> At<'a> {
    pub(crate) fn key(&'a self, name: &'a str) -> Self {
        Self::Key(self, name)
    }
    pub(crate) fn index(&'a self, i: usize) -> Self {
        Self::Index(self, i)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => Ok(()),
            Self::Key(parent, name) => {
                write!(f, "{parent}/{}", printable(&name.replace('~', "~0").replace('/', "~1")))
            }
            Self::Index(parent, i) => write!(f, "{parent}/{i}"),
        }
    }
}

/// Where the problems of one line go.
pub(crate) struct Sink<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: u64,
    pub(crate) problems: &'a mut Collector,
}

impl Sink<'_> {
    /// A problem of this line, to be completed and handed to [`Sink::push`].
    pub(crate) fn problem(&self, code: &'static str, title: impl Into<String>, at: &At<'_>) -> Problem {
        let problem = Problem::of_file(code, title, self.file).line(self.line);
        match at {
            At::Line => problem,
            at => problem.at(at),
        }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Something of another kind than expected: `TW1030`.
    pub(crate) fn wrong_kind(&mut self, at: &At<'_>, node: &Node, accepted: &str) {
        let help = match (at, node) {
            (_, Node::Null) => "leave the field out instead of writing null",
            (At::Line, Node::List(_)) => "write the items of the array one a line, e.g. `jq -c .[] queue.json`",
            _ => "",
        };
        self.push(self.problem("TW1030", "wrong kind of value", at).got(node.describe()).accepted(accepted).help(help));
    }
}

/// Fields of an object that are compared one by one.
const SMALL: usize = 32;

/// The fields of an object, known to be known and unique.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'n> {
    entries: &'n Entries,
}

impl<'n> Fields<'n> {
    /// Opens an object that may have these fields and no others.
    pub(crate) fn open(node: &'n Node, at: &At<'_>, known: &[&str], sink: &mut Sink<'_>) -> Option<Self> {
        let fields = Self::open_map(node, at, sink)?;
        for (name, _) in fields.entries.iter().filter(|(name, _)| !known.contains(&name.as_ref())) {
            let help = if sink.problems.is_open() {
                did_you_mean(name, known.iter().copied(), || format!("known fields: {}", known.join(", ")))
            } else {
                String::new()
            };
            sink.push(sink.problem("TW1010", "unknown field", &at.key(name)).got(name).help(help));
        }
        Some(fields)
    }

    /// Opens an object with free names.
    pub(crate) fn open_map(node: &'n Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Self> {
        let Node::Object(entries) = node else {
            sink.wrong_kind(at, node, "an object");
            return None;
        };
        // Objects are small, so looking back is cheaper than a set; large ones are not let go quadratic.
        let is_small = entries.len() <= SMALL;
        let mut seen = BTreeSet::new();
        for (i, (name, _)) in entries.iter().enumerate() {
            let is_twice =
                if is_small { entries[..i].iter().any(|(n, _)| n == name) } else { !seen.insert(name.as_ref()) };
            if is_twice {
                let problem = sink.problem("TW1009", "the same key twice in one object", &at.key(name));
                sink.push(problem.got(name).accepted("each key once").help("remove one of the two"));
            }
        }
        Some(Self { entries })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(n, _)| n == name).map(|(_, node)| node)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'n str, &'n Node)> {
        self.entries.iter().map(|(name, node)| (name.as_ref(), node))
    }

    /// Reads an optional field.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        at: &At<'_>,
        sink: &mut Sink<'_>,
        read: impl FnOnce(&'n Node, &At<'_>, &mut Sink<'_>) -> Option<T>,
    ) -> Option<T> {
        self.get(name).and_then(|node| read(node, &at.key(name), sink))
    }

    /// Reads a field that must be there: `TW1029` where it is not.
    pub(crate) fn required<T>(
        &self,
        name: &str,
        at: &At<'_>,
        sink: &mut Sink<'_>,
        read: impl FnOnce(&'n Node, &At<'_>, &mut Sink<'_>) -> Option<T>,
    ) -> Option<T> {
        if self.get(name).is_none() {
            let problem = sink.problem("TW1029", format!("the field {name:?} is missing"), at);
            sink.push(problem.got("nothing").accepted(accepted_of(name)));
        }
        self.optional(name, at, sink, read)
    }
}

/// An example of each required field.
fn accepted_of(name: &str) -> &'static str {
    match name {
        "id" => "a unique name, e.g. \"train-017\"",
        "vcpus" => "vCPUs of a node, e.g. 8 or 0.5",
        "memory" => "memory of a node with its unit, e.g. \"32GiB\"",
        "runtime" => "e.g. \"3h\" or {\"p50\": \"3h\", \"p95\": \"4h\"}",
        "size" => "e.g. \"150GiB\"",
        "location" => "cloud/region, e.g. \"aws/us-east-1\"",
        "model" => "a GPU model, e.g. \"A100\"",
        "count" => "a whole number, at least 1",
        "save" | "restore" | "p50" | "p95" => "a duration with its unit, e.g. \"90s\"",
        _ => "a value",
    }
}
