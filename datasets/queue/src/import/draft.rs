//! A job of another format in our names, before it is checked.

use crate::node::{Entries, Node, insert};
use crate::problem::{Collector, Problem};

/// Where something stands in a foreign file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    /// A JSON pointer into the document, or the name of an option or a column.
    pub(crate) pointer: String,
}

impl Place {
    pub(crate) fn new(line: u64, pointer: impl Into<String>) -> Self {
        Self { line, pointer: pointer.into() }
    }
}

/// Fields that every job has, with an example each.
const REQUIRED: [(&str, &str); 4] = [("id", "NAME"), ("vcpus", "4"), ("memory", "4GiB"), ("runtime", "2h")];

/// A job in the making: our fields, and where each came from.
pub(crate) struct Draft<'a> {
    file: &'a str,
    pub(crate) place: Place,
    entries: Entries,
    origins: Vec<(String, Place)>,
    /// What could not be translated.
    pub(crate) problems: Collector,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(file: &'a str, place: Place) -> Self {
        Self { file, place, entries: Entries::new(), origins: Vec::new(), problems: Collector::default() }
    }

    /// Sets a field by its dotted name, unless it is set.
    pub(crate) fn set(&mut self, field: &str, value: impl Into<Node>, from: &Place) {
        if self.has(field) {
            return;
        }
        insert(&mut self.entries, &field.splitn(3, '.').collect::<Vec<_>>(), value.into());
        self.origins.push((pointer_of(field), from.clone()));
    }

    /// Sets a label, whose name may have dots.
    pub(crate) fn label(&mut self, name: &str, text: &str, from: &Place) {
        insert(&mut self.entries, &["labels", name], text.into());
        self.origins.push((format!("/labels/{}", name.replace('~', "~0").replace('/', "~1")), from.clone()));
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        let pointer = pointer_of(field);
        self.origins.iter().any(|(own, _)| *own == pointer)
    }

    /// Refuses a value: `TW1012`. The field is not reported as missing on top of that.
    pub(crate) fn refuse(&mut self, field: &str, from: &Place, title: &str, got: &str, accepted: &str) {
        self.problem(Problem::of_file("TW1012", title, self.file).got(got).accepted(accepted), from);
        self.stand_in(field, from);
    }

    /// Adds a problem at a foreign place.
    pub(crate) fn problem(&mut self, problem: Problem, from: &Place) {
        self.problems.push(placed(Problem { file: self.file.to_owned(), ..problem }, from));
    }

    /// Any sound value, so that one defect is told once.
    fn stand_in(&mut self, field: &str, from: &Place) {
        if let Some((_, example)) = REQUIRED.iter().find(|(name, _)| *name == field) {
            self.set(field, Node::Cell((*example).to_owned()), from);
        }
    }

    /// The fields, after `settings` filled in what they could. What is still missing is told with the
    /// setting that would give it.
    pub(crate) fn finish(&mut self, fill: impl FnOnce(&mut Node)) -> Node {
        let mut node = Node::Object(std::mem::take(&mut self.entries));
        fill(&mut node);
        let Node::Object(entries) = &mut node else { return node };
        for (field, example) in REQUIRED {
            if !entries.iter().any(|(name, _)| name == field) {
                let title = format!("the field {field:?} is missing");
                let help = format!("give it to the jobs that lack it: --set {field}={example}");
                self.problems
                    .push(placed(Problem::of_file("TW1029", title, self.file).got("nothing").help(help), &self.place));
                insert(entries, &[field], Node::Cell(example.to_owned()));
            }
        }
        let gpu = entries.iter_mut().find(|(name, _)| name == "gpu").map(|(_, gpu)| gpu);
        if let Some(Node::Object(gpu)) = gpu
            && !gpu.iter().any(|(name, _)| name == "model")
        {
            let from = self.origin("/gpu");
            let problem = Problem::of_file("TW1013", "a GPU without a model", self.file).got("no model");
            self.problems.push(placed(problem.help("give it to the jobs that lack it: --set gpu.model=A100"), from));
            insert(gpu, &["model"], Node::Cell("any".to_owned()));
        }
        node
    }

    /// Where one of our fields came from: its own place, or that of what it is a part of, or the job's.
    fn origin(&self, pointer: &str) -> &Place {
        let parts = self
            .origins
            .iter()
            .filter(|(own, _)| pointer.starts_with(own.as_str()) || own.starts_with(&format!("{pointer}/")));
        parts.max_by_key(|(own, _)| own.len()).map_or(&self.place, |(_, place)| place)
    }

    /// A problem of our reader at the foreign place.
    pub(crate) fn translate(&self, mut problem: Problem) -> Problem {
        let own = problem.pointer.take().unwrap_or_default();
        if problem.code == "TW1006" {
            problem.help = "say where the file's clock stands: --utc-offset Z or --utc-offset +01:00".to_owned();
        }
        placed(problem, if own.is_empty() { &self.place } else { self.origin(&own) })
    }
}

fn pointer_of(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

fn placed(problem: Problem, place: &Place) -> Problem {
    let problem = problem.line(place.line);
    if place.pointer.is_empty() { problem } else { problem.at(crate::problem::printable(&place.pointer)) }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Node {
    fn from(n: u64) -> Self {
        Self::Number(n as f64)
    }
}

impl From<bool> for Node {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}
