//! A TOML file as it is read: its tables and lists, and the line of everything that is wrong.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use tradewind_datasets::queue::{Problem, nearest};

use super::keys::Keys;

/// Largest configuration or policy file in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The text of a file, of at most 1 MiB: a device without an end is refused, not read.
pub(super) fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

pub(super) type Value<'v> = Spanned<DeValue<'v>>;

/// The file, and what is wrong with it so far.
pub(super) struct Source<'a> {
    name: &'a str,
    text: &'a str,
    /// The code of its problems.
    code: &'static str,
    keys: Keys,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The line of every key that was read, by its path.
    pub lines: BTreeMap<String, u64>,
}

impl<'a> Source<'a> {
    /// Nothing read yet.
    pub fn new(name: &'a str, text: &'a str, code: &'static str, keys: Keys) -> Self {
        Self { name, text, code, keys, problems: Vec::new(), lines: BTreeMap::new() }
    }

    /// The top table; `None` (with a problem) if this is not TOML.
    pub fn root(&mut self) -> Option<Spanned<DeTable<'a>>> {
        match DeTable::parse(self.text) {
            Ok(root) => Some(root),
            Err(error) => {
                let at = error.span().unwrap_or(0..0);
                self.refuse(&at, "", "broken TOML", error.message(), "a TOML file");
                None
            }
        }
    }

    fn line_and_column(&self, at: &Range<usize>) -> (u64, u64) {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        (line, (before.len() - start) as u64 + 1)
    }

    /// Notes a problem; the last one can still be given a help.
    pub fn refuse(&mut self, at: &Range<usize>, key: &str, title: &str, got: &str, accepted: &str) -> &mut Problem {
        let (line, column) = self.line_and_column(at);
        let mut problem = Problem::of_file(self.code, title, self.name).line(line).column(column);
        problem = problem.got(got).accepted(accepted);
        if !key.is_empty() {
            problem = problem.at(key);
        }
        self.problems.push(problem);
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// Notes an unknown word with the nearest known one.
    pub fn refuse_word(&mut self, at: &Range<usize>, key: &str, title: &str, got: &str, known: &[&str]) {
        let near = nearest(got, known.iter().copied()).map(|near| format!("did you mean {near:?}?"));
        self.refuse(at, key, title, got, &known.join(", ")).help = near.unwrap_or_default();
    }

    /// Remembers where a key was said.
    pub fn note(&mut self, key: &str, at: &Range<usize>) {
        let line = self.line_and_column(at).0;
        self.lines.insert(key.to_owned(), line);
    }

    /// Refuses the keys of a table of this kind that are not known. Values are not repeated: a key that
    /// strayed here may be a secret.
    pub fn open(&mut self, kind: &str, shown: &str, table: &DeTable<'_>) {
        let known = self.keys.iter().find(|(n, _)| *n == kind).map_or(&[][..], |(_, keys)| keys);
        for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
            let got = key.get_ref();
            self.refuse_word(&key.span(), &joined(shown, got), "unknown key", got, known);
        }
    }

    /// Reads a table where it is there; `at` is the path of the table around it.
    pub fn section(
        &mut self,
        around: &DeTable<'_>,
        at: &str,
        name: &str,
        kind: &str,
        read: impl FnOnce(&mut Self, &DeTable<'_>, &str),
    ) {
        let at = joined(at, name);
        if let Some(table) = around.get(name).and_then(|value| self.table(value, &at)) {
            self.open(kind, &at, table);
            read(self, table, &at);
        }
    }

    fn table<'t, 'v>(&mut self, value: &'t Value<'v>, at: &str) -> Option<&'t DeTable<'v>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            other => {
                self.refuse(&value.span(), at, "wrong kind of value", kind(other), "a table");
                None
            }
        }
    }

    /// A table with free names and values of one kind.
    pub fn map<T>(
        &mut self,
        around: &DeTable<'_>,
        at: &str,
        name: &str,
        read: impl Fn(&mut Self, &Value<'_>, &str) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let at = joined(at, name);
        let Some(table) = around.get(name).and_then(|value| self.table(value, &at)) else { return BTreeMap::new() };
        let one = |(key, value): (&Spanned<_>, &Value<'_>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            let at = joined(&at, key);
            self.note(&at, &value.span());
            read(self, value, &at).map(|v| (key.to_string(), v))
        };
        table.iter().filter_map(one).collect()
    }

    /// A list of tables, `[[name]]`; each is read with its path, e.g. `discount[0]`, and its place.
    pub fn each<T>(
        &mut self,
        root: &DeTable<'_>,
        name: &str,
        read: impl Fn(&mut Self, &DeTable<'_>, &str, &Range<usize>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = root.get(name) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            let accepted = format!("tables under [[{name}]]");
            self.refuse(&value.span(), name, "wrong kind of value", kind(value.get_ref()), &accepted);
            return Vec::new();
        };
        let mut all = Vec::with_capacity(list.len());
        for (i, item) in list.iter().enumerate() {
            let at = format!("{name}[{i}]");
            let Some(table) = self.table(item, &at) else { continue };
            self.open(&format!("{name}/-"), &at, table);
            all.extend(read(self, table, &at, &item.span()));
        }
        all
    }

    /// A value of a table where it is there.
    pub fn field<T>(
        &mut self,
        table: &DeTable<'_>,
        at: &str,
        name: &str,
        read: impl FnOnce(&mut Self, &Value<'_>, &str) -> Option<T>,
    ) -> Option<T> {
        let (value, at) = (table.get(name)?, joined(at, name));
        self.note(&at, &value.span());
        read(self, value, &at)
    }

    /// A value of a table that must be there.
    pub fn required<T>(
        &mut self,
        table: &DeTable<'_>,
        at: &str,
        place: &Range<usize>,
        name: &str,
        read: impl FnOnce(&mut Self, &Value<'_>, &str) -> Option<T>,
    ) -> Option<T> {
        if table.get(name).is_none() {
            self.refuse(place, at, "a key is missing", &format!("no {name}"), &format!("{name} = ..."));
        }
        self.field(table, at, name, read)
    }
}

fn joined(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// What a value is, without repeating it.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
