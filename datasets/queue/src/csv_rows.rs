//! CSV: a header of dotted names (`runtime.p50`, `inputs.0.size`, `labels.team`), a job a row.
//!
//! An empty cell is a field left out; lists are separated by `;`.

use std::io::BufRead;

use csv::StringRecord;

use crate::fields::At;
use crate::intake::Intake;
use crate::job::FIELDS;
use crate::node::{Entries, Node, insert};
use crate::suggest::did_you_mean;
use crate::table::{self, CSV};

/// Reads every row.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    table::read(input, CSV, intake, header, |columns, record, line, intake| intake.node(row(columns, record), line));
}

/// A column's name, split at its dots.
struct Column {
    path: Vec<String>,
}

/// Most columns of a table: every field, and hundreds of labels, inputs and outputs.
const MAX_COLUMNS: usize = 1000;

/// Checks the header: `None` if it names a column that is unknown, twice there, or within another.
fn header(record: &StringRecord, line: u64, intake: &mut Intake<'_>) -> Option<Vec<Column>> {
    let before = intake.problems.count();
    let mut sink = intake.sink(line);
    if record.len() > MAX_COLUMNS {
        let problem = sink.problem("TW1025", "more columns than a queue may have", &At::Line);
        let help = "is it a queue? Columns are fields of a job, rows are jobs; reading stopped here";
        let accepted = format!("at most {MAX_COLUMNS} columns");
        sink.push(problem.got(format!("{} columns", record.len())).accepted(accepted).help(help));
        return None;
    }
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
    (intake.problems.count() == before).then_some(columns)
}

fn column_help(name: &str, known: &[String]) -> String {
    let list = || format!("known columns: {}", known.join(", "));
    did_you_mean(name, known.iter().map(String::as_str), list)
}

/// Whether a column or a setting may have this name.
pub(crate) fn is_known(path: &[String]) -> bool {
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
pub(crate) fn known_columns() -> Vec<String> {
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
fn row(columns: &[Column], record: &StringRecord) -> Node {
    let mut root = Entries::new();
    for (column, cell) in columns.iter().zip(record) {
        let cell = cell.trim();
        if !cell.is_empty() {
            let path: Vec<&str> = column.path.iter().map(String::as_str).collect();
            insert(&mut root, &path, Node::Cell(cell.to_owned()));
        }
    }
    for (name, node) in &mut root {
        if matches!(name.as_ref(), "inputs" | "outputs")
            && let Node::Object(items) = node
        {
            *node = Node::List(items.drain(..).map(|(_, item)| item).collect());
        }
    }
    Node::Object(root)
}
