//! Jobs as CSV: the dotted columns that any of them has, a job a row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tradewind_core::job::Job;

use crate::job::FIELDS;
use crate::problem::{Problem, Problems};
use crate::{Format, Options, read, write_json_line};

/// The jobs as a table, which is read back and compared: CSV trims cells and separates lists by `;`,
/// so some texts cannot be said in it.
///
/// # Errors
/// `TW1031` with the first job that CSV cannot say; JSON Lines can say all of them.
pub fn write_csv(jobs: &[Job]) -> Result<Vec<u8>, Problems> {
    let bytes = table(jobs);
    if reads_back(jobs, &bytes) {
        return Ok(bytes);
    }
    let alone = |job: &&Job| {
        let job = Job { depends_on: Vec::new(), ..(*job).clone() };
        let jobs = std::slice::from_ref(&job);
        !reads_back(jobs, &table(jobs))
    };
    let got = jobs.iter().find(alone).map_or_else(|| "the queue".to_owned(), |job| format!("{:?}", job.id));
    let problem = Problem::of_file("TW1031", "a job that CSV cannot say", "").got(got);
    let accepted = "texts without \";\" and outer spaces, label names without dots";
    Err(Problems::one(problem.accepted(accepted).help("write JSON Lines: --to jsonl")))
}

/// A name and its rank in the schema.
type Column = (usize, String);

fn table(jobs: &[Job]) -> Vec<u8> {
    let rows: Vec<BTreeMap<Column, String>> = jobs.iter().map(cells).collect();
    let columns: BTreeSet<&Column> = rows.iter().flat_map(BTreeMap::keys).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut write = || -> csv::Result<()> {
        csv.write_record(columns.iter().map(|(_, name)| name))?;
        rows.iter().try_for_each(|row| {
            csv.write_record(columns.iter().map(|column| row.get(*column).map_or("", String::as_str)))
        })
    };
    // Memory takes everything; a table that is cut short would not read back.
    let written = write();
    csv.into_inner().ok().filter(|_| written.is_ok()).unwrap_or_default()
}

fn reads_back(jobs: &[Job], table: &[u8]) -> bool {
    let Ok(queue) = read("", table, Format::Csv, &Options::default()) else { return false };
    let same = |job: &Job| queue.workload.index_of(&job.id).is_some_and(|i| queue.workload.jobs()[i] == *job);
    queue.workload.jobs().len() == jobs.len() && jobs.iter().all(same)
}

/// A job's cells by their columns, which stand in the order of the schema.
fn cells(job: &Job) -> BTreeMap<Column, String> {
    let mut line = Vec::new();
    write_json_line(job, &mut line);
    let mut cells = BTreeMap::new();
    if let Ok(Value::Object(fields)) = serde_json::from_slice(&line) {
        for (name, value) in &fields {
            let rank = FIELDS[0].1.iter().position(|known| known == name).unwrap_or(FIELDS[0].1.len());
            flatten(rank, name, value, &mut cells);
        }
    }
    cells
}

fn flatten(rank: usize, name: &str, value: &Value, cells: &mut BTreeMap<Column, String>) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| flatten(rank, &format!("{name}.{key}"), value, cells));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(i, item)| flatten(rank, &format!("{name}.{i}"), item, cells));
        }
        Value::Array(items) => {
            let list: Vec<String> = items.iter().map(text).collect();
            cells.insert((rank, name.to_owned()), list.join(";"));
        }
        value => drop(cells.insert((rank, name.to_owned()), text(value))),
    }
}
