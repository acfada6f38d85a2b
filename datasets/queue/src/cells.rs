//! A job as the cells of a table: one a dotted column (`runtime.p50`, `inputs.0.size`, `labels.team`).

use std::collections::BTreeMap;

use serde_json::Value;
use tradewind_core::job::Job;

use crate::job::FIELDS;
use crate::problem::{Problem, Problems};
use crate::{Queue, write_json_line};

/// A column of a table of jobs; columns stand in the order of the schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// Where its field stands in the schema.
    rank: usize,
    /// Its dotted name.
    pub name: String,
}

/// A job's cells: numbers, booleans and texts; lists are texts separated by `;`. A field that is left out
/// has no cell.
pub fn cells(job: &Job) -> BTreeMap<Column, Value> {
    let mut line = Vec::new();
    write_json_line(job, &mut line);
    let mut cells = BTreeMap::new();
    if let Ok(Value::Object(fields)) = serde_json::from_slice(&line) {
        for (name, value) in fields {
            let rank = FIELDS[0].1.iter().position(|known| *known == name).unwrap_or(FIELDS[0].1.len());
            flatten(rank, name, value, &mut cells);
        }
    }
    cells
}

fn flatten(rank: usize, name: String, value: Value, cells: &mut BTreeMap<Column, Value>) {
    match value {
        // A table has one column or several for a field: a fixed runtime is one whose quantiles are equal.
        Value::String(fixed) if name == "runtime" => {
            for quantile in ["runtime.p50", "runtime.p95"] {
                cells.insert(Column { rank, name: quantile.to_owned() }, Value::String(fixed.clone()));
            }
        }
        Value::Object(fields) => {
            fields.into_iter().for_each(|(key, value)| flatten(rank, format!("{name}.{key}"), value, cells));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let items = items.into_iter().enumerate();
            items.for_each(|(i, item)| flatten(rank, format!("{name}.{i}"), item, cells));
        }
        Value::Array(items) => {
            let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            let list: Vec<String> = items.iter().map(text).collect();
            cells.insert(Column { rank, name }, Value::String(list.join(";")));
        }
        value => drop(cells.insert(Column { rank, name }, value)),
    }
}

/// Whether `table`, which `write` made of the jobs, says them: `again` reads it back. A table trims its
/// texts and separates lists by `;`, so there are texts that it cannot say.
///
/// # Errors
/// `TW1031` with the first job that a table cannot say.
pub fn expect_sayable(
    jobs: &[Job],
    table: &[u8],
    write: impl Fn(&[Job]) -> Vec<u8>,
    again: impl Fn(&[u8]) -> Option<Queue>,
) -> Result<(), Problems> {
    let says = |jobs: &[Job], table: &[u8]| {
        let Some(queue) = again(table) else { return false };
        let same = |job: &Job| queue.workload.index_of(&job.id).is_some_and(|i| queue.workload.jobs()[i] == *job);
        queue.workload.jobs().len() == jobs.len() && jobs.iter().all(same)
    };
    if says(jobs, table) {
        return Ok(());
    }
    let mut left: Vec<Job> = jobs.iter().map(|job| Job { depends_on: Vec::new(), ..job.clone() }).collect();
    while left.len() > 1 {
        let right = left.split_off(left.len() / 2);
        if says(&left, &write(&left)) {
            left = right;
        }
    }
    let got = left.first().map_or_else(String::new, |job| format!("{:?}", job.id));
    let problem = Problem::of_file("TW1031", "a job that a table cannot say", "").got(got);
    let accepted = "texts without \";\" and outer spaces, label names without dots";
    Err(Problems::one(problem.accepted(accepted).help("write JSON Lines: --to jsonl")))
}
