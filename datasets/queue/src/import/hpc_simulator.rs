//! The job table of the AWS HPC cost simulator: cores and memory of the whole job, and when it ran.

use std::io::BufRead;

use tradewind_core::time::Time;

use super::columns::{Columns, Row};
use super::draft::Draft;
use super::zone;
use crate::intake::Intake;
use crate::node::Node;
use crate::table;

/// Columns that every row needs.
const REQUIRED: &[&str] =
    &["job_id", "num_cores", "max_mem_gb", "num_hosts", "submit_time", "start_time", "finish_time"];
/// Columns that are read.
pub(crate) const FIELDS: &[&str] = &[
    "job_id",
    "num_cores",
    "max_mem_gb",
    "num_hosts",
    "submit_time",
    "start_time",
    "finish_time",
    "eligible_time",
    "project",
    "queue",
];

/// Reads every row.
pub(crate) fn read(input: impl BufRead, intake: &mut Intake<'_>) {
    let header = |record: &_, line, intake: &mut Intake<'_>| Columns::of(record, line, REQUIRED, FIELDS, intake);
    table::read(input, table::CSV, intake, header, |columns, record, line, intake| {
        match draft(&columns.row(record, line), intake) {
            Some(draft) => intake.draft(draft),
            None => true,
        }
    });
}

/// The job of a row; `None` where it took no time.
fn draft<'a>(row: &Row<'_>, intake: &mut Intake<'a>) -> Option<Draft<'a>> {
    let mut draft = row.draft(intake.file);
    let offset = intake.options.offset.clone();
    for (column, field) in [("job_id", "id"), ("project", "project"), ("queue", "labels.queue")] {
        if let Some(cell) = row.get(column) {
            draft.set(field, cell, &row.place(column));
        }
    }
    for (column, field) in [("submit_time", "submit"), ("eligible_time", "earliest_start")] {
        if let Some(cell) = row.get(column) {
            draft.set(field, zone::instant(cell, offset.as_ref()), &row.place(column));
        }
    }
    let took = |column| instant(row.get(column)?, offset.as_ref());
    match (took("start_time"), took("finish_time")) {
        (Some(start), Some(finish)) if finish > start => {
            draft.set("runtime", (finish - start).to_string(), &row.place("finish_time"));
        }
        (Some(start), Some(finish)) if finish == start => {
            intake.notes.remark("jobs that took no time are dropped");
            return None;
        }
        _ => {
            let got = format!("{} to {}", row.get("start_time").unwrap_or("-"), row.get("finish_time").unwrap_or("-"));
            draft.refuse("runtime", &row.place("finish_time"), "not a time span", &got, "YYYY-MM-DDThh:mm:ss, later");
        }
    }
    shape(row, &mut draft);
    Some(draft)
}

/// An instant. Only differences are taken of it, so without an offset any will do.
fn instant(cell: &str, offset: Option<&zone::Offset>) -> Option<Time> {
    let Node::Text(text) = zone::instant(cell, offset) else { return None };
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

fn shape(row: &Row<'_>, draft: &mut Draft<'_>) {
    let hosts = row.count("num_hosts", "nodes", draft).unwrap_or(1).max(1);
    if hosts > 1 {
        draft.set("nodes", hosts, &row.place("num_hosts"));
    }
    if let Some(cores) = row.count("num_cores", "vcpus", draft) {
        draft.set("vcpus", cores.div_ceil(hosts), &row.place("num_cores"));
    }
    let Some(cell) = row.get("max_mem_gb") else { return };
    match cell.parse::<f64>() {
        // The simulator's GB is 2^30 bytes. Zero is "not known".
        Ok(gb) if gb > 0.0 && gb < 1e9 => {
            let bytes = (gb * 1_073_741_824.0 / hosts as f64).ceil() as u64;
            draft.set("memory", super::quantity::size(bytes), &row.place("max_mem_gb"));
        }
        Ok(0.0) => {}
        _ => draft.refuse("memory", &row.place("max_mem_gb"), "not a number of GB", cell, "a number"),
    }
}
