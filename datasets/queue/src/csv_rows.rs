//! CSV: a header of dotted names (`runtime.p50`, `inputs.0.size`, `labels.team`), a job a row.
//!
//! An empty cell is a field left out; lists are separated by `;`.

use std::io::{BufRead, Read};

use crate::fields::{At, Sink};
use crate::job::{self, FIELDS};
use crate::node::Node;
use crate::problem::{Collector, Problem};
use crate::suggest::did_you_mean;
use crate::whole::Gathered;
use crate::{MAX_LINE, Options};

/// Reads every row into `gathered`.
pub(crate) fn read(
    name: &str,
    input: impl BufRead,
    options: &Options,
    gathered: &mut Gathered<'_>,
    problems: &mut Collector,
) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(LineLimit { input, run: 0 });
    let mut record = csv::StringRecord::new();
    let mut columns: Option<Vec<Column>> = None;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => {
                let stop = error.is_io_error();
                problems.push(csv_problem(name, line, &error));
                if stop || columns.is_none() {
                    return;
                }
                continue;
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        let mut sink = Sink { file: name, line, problems };
        let Some(columns) = &columns else {
            columns = header(&record, &mut sink);
            if columns.is_none() {
                return;
            }
            continue;
        };
        if let Some(at) = record.iter().position(|cell| cell.contains('\0')) {
            let problem = sink.problem("TW1002", "a NUL byte", &At::Line).got(format!("in column {}", at + 1));
            return sink.push(problem.accepted("UTF-8 without NUL bytes"));
        }
        let node = row(columns, &record);
        if let Some(job) = job::read(&node, options, &mut sink)
            && !gathered.add(job, &mut sink)
        {
            return;
        }
    }
}

/// A column's name, split at its dots.
struct Column {
    path: Vec<String>,
}

/// Most columns of a table: every field, and hundreds of labels, inputs and outputs.
const MAX_COLUMNS: usize = 1000;

/// Checks the header: `None` if it names a column that is unknown, twice there, or within another.
fn header(record: &csv::StringRecord, sink: &mut Sink<'_>) -> Option<Vec<Column>> {
    if record.len() > MAX_COLUMNS {
        let problem = sink.problem("TW1025", "more columns than a queue may have", &At::Line);
        let help = "is it a queue? Columns are fields of a job, rows are jobs; reading stopped here";
        let accepted = format!("at most {MAX_COLUMNS} columns");
        sink.push(problem.got(format!("{} columns", record.len())).accepted(accepted).help(help));
        return None;
    }
    let before = sink.problems.count();
    let known = known_columns();
    let mut columns: Vec<Column> = Vec::new();
    for name in record.iter().map(str::trim) {
        let path: Vec<String> = name.splitn(3, '.').map(str::to_owned).collect();
        if !is_known(&path) {
            let help = if sink.problems.is_open() { column_help(name, &known) } else { String::new() };
            sink.push(sink.problem("TW1010", "unknown column", &At::Line).got(name).help(help));
        } else if let Some(other) = columns.iter().find(|c| c.path.starts_with(&path) || path.starts_with(&c.path)) {
            let problem = sink.problem("TW1009", "two columns for one field", &At::Line);
            sink.push(problem.got(format!("{} and {name}", other.path.join("."))).accepted("each field once"));
        }
        columns.push(Column { path });
    }
    (sink.problems.count() == before).then_some(columns)
}

fn column_help(name: &str, known: &[String]) -> String {
    let list = || format!("known columns: {}", known.join(", "));
    did_you_mean(name, known.iter().map(String::as_str), list)
}

fn is_known(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let has = |object: &str, field: &str| FIELDS.iter().any(|(o, names)| *o == object && names.contains(&field));
    match path[..] {
        [field] => has("", field) && !matches!(field, "gpu" | "inputs" | "outputs" | "checkpoint" | "labels"),
        ["labels", _] => true,
        ["labels", _, _] => false,
        ["gpu", "alternatives", model] => !model.is_empty(),
        [object @ ("gpu" | "runtime" | "checkpoint"), field] => {
            field != "alternatives" && has(&format!("/{object}"), field)
        }
        [object @ ("inputs" | "outputs"), index, field] => {
            index.parse::<u8>().is_ok() && has(&format!("/{object}/-"), field)
        }
        _ => false,
    }
}

/// The flat names, for "did you mean".
fn known_columns() -> Vec<String> {
    let mut names = Vec::new();
    for (object, fields) in FIELDS {
        let prefix = object.trim_start_matches('/').replace("/-", ".0").replace('/', ".");
        for field in *fields {
            let name = if prefix.is_empty() { (*field).to_owned() } else { format!("{prefix}.{field}") };
            if is_known(&name.splitn(3, '.').map(str::to_owned).collect::<Vec<_>>()) {
                names.push(name);
            }
        }
    }
    names.push("gpu.alternatives.MODEL".to_owned());
    names.push("labels.NAME".to_owned());
    names
}

/// The row as the object it stands for.
fn row(columns: &[Column], record: &csv::StringRecord) -> Node {
    let mut root = Vec::new();
    for (column, cell) in columns.iter().zip(record) {
        let cell = cell.trim();
        if !cell.is_empty() {
            insert(&mut root, &column.path, cell);
        }
    }
    for (name, node) in &mut root {
        if matches!(name.as_str(), "inputs" | "outputs")
            && let Node::Object(items) = node
        {
            *node = Node::List(items.drain(..).map(|(_, item)| item).collect());
        }
    }
    Node::Object(root)
}

fn insert(object: &mut Vec<(String, Node)>, path: &[String], cell: &str) {
    let [name, rest @ ..] = path else { return };
    if rest.is_empty() {
        object.push((name.clone(), Node::Cell(cell.to_owned())));
        return;
    }
    let at = object.iter().position(|(n, _)| n == name).unwrap_or_else(|| {
        object.push((name.clone(), Node::Object(Vec::new())));
        object.len() - 1
    });
    if let Node::Object(inner) = &mut object[at].1 {
        insert(inner, rest, cell);
    }
}

fn csv_problem(name: &str, line: u64, error: &csv::Error) -> Problem {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, err } => {
            let (line, offset) = pos.as_ref().map_or((line, 0), |p| (p.line(), p.byte()));
            Problem::of_file("TW1002", "not UTF-8 text", name)
                .line(line)
                .got(format!("field {} of the row that starts at offset {offset}", err.field() + 1))
                .accepted("UTF-8 without NUL bytes")
        }
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            Problem::of_file("TW1003", "a row of another length than the header", name)
                .line(pos.as_ref().map_or(line, csv::Position::line))
                .got(format!("{len} cells"))
                .accepted(format!("{expected_len} cells"))
                .help("the file may be cut off, or a cell with a comma lacks its quotes")
        }
        csv::ErrorKind::Io(reason) if reason.get_ref().is_some_and(|r| r.is::<LongLine>()) => {
            Problem::of_file("TW1025", "a line longer than 1 MiB", name)
                .line(line)
                .got("more than 1048576 bytes")
                .accepted("shorter lines")
                .help("a quote may be missing; reading stopped here")
        }
        csv::ErrorKind::Io(reason) => Problem::unreadable(name, reason),
        _ => Problem::of_file("TW1003", "broken CSV", name).line(line).got(error.to_string()),
    }
}

/// Stops at a line that is too long, so that a binary file or a missing quote cannot fill memory.
struct LineLimit<R> {
    input: R,
    run: usize,
}

/// Raised by [`LineLimit`].
#[derive(Debug, thiserror::Error)]
#[error("a line longer than 1 MiB")]
struct LongLine;

impl<R: BufRead> Read for LineLimit<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.input.read(out)?;
        for run in out[..n].split_inclusive(|b| *b == b'\n') {
            self.run += run.len();
            if self.run > MAX_LINE {
                return Err(std::io::Error::other(LongLine));
            }
            if run.ends_with(b"\n") {
                self.run = 0;
            }
        }
        Ok(n)
    }
}
