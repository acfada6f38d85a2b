//! Slurm's accounting: `sacct -P` or CSV, a job a row.
//!
//! What a job asked for is for all its nodes together; ours is of a node.

use std::io::BufRead;

use csv::StringRecord;

use super::columns::{Columns, Row};
use super::draft::Draft;
use super::slurm_units::{self, Limit};
use super::{FROM_LIMIT, gpu, quantity, zone};
use crate::intake::Intake;
use crate::table::{self, Dialect};

/// Columns that are read.
pub(crate) const FIELDS: &[&str] = &[
    "JobID",
    "JobIDRaw",
    "JobName",
    "Submit",
    "Eligible",
    "Elapsed",
    "Timelimit",
    "State",
    "ReqCPUS",
    "AllocCPUS",
    "NCPUS",
    "ReqNodes",
    "AllocNodes",
    "NNodes",
    "ReqMem",
    "ReqTRES",
    "AllocTRES",
    "Account",
    "Partition",
    "QOS",
    "User",
];

/// Reads every row; steps of a job are not jobs.
pub(crate) fn read(mut input: impl BufRead, intake: &mut Intake<'_>) {
    let is_piped = input.fill_buf().is_ok_and(|head| {
        let header = head.split(|b| *b == b'\n').next().unwrap_or_default();
        header.contains(&b'|')
    });
    let dialect = if is_piped { Dialect { delimiter: b'|', quoting: false } } else { table::CSV };
    table::read(input, dialect, intake, header, |columns, record, line, intake| {
        let row = columns.row(record, line);
        match draft(&row, intake) {
            Some(draft) => intake.draft(draft),
            None => true,
        }
    });
}

fn header(record: &StringRecord, line: u64, intake: &mut Intake<'_>) -> Option<Columns> {
    let id = if record.iter().any(|name| name.trim().eq_ignore_ascii_case("JobID")) { "JobID" } else { "JobIDRaw" };
    Columns::of(record, line, &[id], FIELDS, intake)
}

/// The job of a row; `None` where the row is a step or never ran, which is then noted.
fn draft<'a>(row: &Row<'_>, intake: &mut Intake<'a>) -> Option<Draft<'a>> {
    let (column, id) = ["JobID", "JobIDRaw"].iter().find_map(|name| Some((*name, row.get(name)?)))?;
    if id.contains('.') {
        intake.notes.remark("rows of steps are left out: their jobs have rows of their own");
        return None;
    }
    let mut draft = row.draft(intake.file);
    // A pending array stands in one row: 17_[0-99%10].
    match id.split_once("_[").and_then(|(id, rest)| Some((id, rest.strip_suffix(']')?))) {
        Some((id, indices)) => {
            draft.set("id", id, &row.place(column));
            match slurm_units::array(indices) {
                Some((tasks, _)) => draft.set("count", tasks, &row.place(column)),
                None => draft.refuse("count", &row.place(column), "not an array", indices, "e.g. 0-99%10"),
            }
        }
        None => draft.set("id", id, &row.place(column)),
    }
    if !runtime(row, &mut draft, intake) {
        return None;
    }
    shape(row, &mut draft);
    let texts = [
        ("Account", "project"),
        ("JobName", "labels.name"),
        ("Partition", "labels.partition"),
        ("QOS", "labels.qos"),
        ("User", "labels.user"),
    ];
    for (column, field) in texts {
        if let Some(cell) = row.get(column) {
            draft.set(field, cell, &row.place(column));
        }
    }
    for (column, field) in [("Submit", "submit"), ("Eligible", "earliest_start")] {
        if let Some(cell) = row.get(column).filter(|cell| !matches!(*cell, "Unknown" | "None" | "N/A")) {
            draft.set(field, zone::instant(cell, intake.options.offset.as_ref()), &row.place(column));
        }
    }
    Some(draft)
}

/// What a job took, or its limit if it has not ended. False where it ended without running.
fn runtime(row: &Row<'_>, draft: &mut Draft<'_>, intake: &mut Intake<'_>) -> bool {
    let state = row.get("State").unwrap_or_default();
    let to_come = ["PENDING", "RUNNING", "SUSPENDED", "REQUEUED", "CONFIGURING"].iter().any(|s| state.starts_with(s));
    if let Some(elapsed) = row.get("Elapsed").filter(|_| !to_come) {
        match slurm_units::limit(elapsed) {
            Some(Limit::At(elapsed)) => draft.set("runtime", elapsed.to_string(), &row.place("Elapsed")),
            Some(Limit::None) => {
                intake.notes.remark("jobs that ended without running are dropped");
                return false;
            }
            None => refuse_time(row, "Elapsed", elapsed, draft),
        }
    } else if let Some(limit) = row.get("Timelimit") {
        match slurm_units::limit(limit) {
            Some(Limit::At(limit)) => {
                draft.set("runtime", limit.to_string(), &row.place("Timelimit"));
                intake.notes.remark(FROM_LIMIT);
            }
            Some(Limit::None) => {}
            None => refuse_time(row, "Timelimit", limit, draft),
        }
    }
    true
}

fn refuse_time(row: &Row<'_>, column: &str, got: &str, draft: &mut Draft<'_>) {
    draft.refuse("runtime", &row.place(column), "not a length of time", got, "[days-]hours:minutes:seconds");
}

fn shape(row: &Row<'_>, draft: &mut Draft<'_>) {
    let tres = Tres::of(row);
    let first = |names: [&'static str; 3]| names.into_iter().find(|name| row.get(name).is_some());
    let nodes_column = first(["NNodes", "ReqNodes", "AllocNodes"]);
    let nodes = nodes_column.and_then(|name| row.count(name, "nodes", draft)).or_else(|| tres.number("node"));
    let nodes = nodes.unwrap_or(1).max(1);
    if nodes > 1 {
        draft.set("nodes", nodes, &row.place(nodes_column.unwrap_or(tres.column)));
    }
    let cpus_column = first(["ReqCPUS", "AllocCPUS", "NCPUS"]);
    match cpus_column.and_then(|name| row.count(name, "vcpus", draft)) {
        Some(cpus) => draft.set("vcpus", cpus.div_ceil(nodes), &row.place(cpus_column.unwrap_or_default())),
        None => {
            if let Some(cpus) = tres.number("cpu") {
                draft.set("vcpus", cpus.div_ceil(nodes), &row.place(tres.column));
            }
        }
    }
    let cpus = cpus_column.and_then(|name| row.get(name)?.parse().ok()).or_else(|| tres.number("cpu")).unwrap_or(1);
    memory(row, &tres, nodes, cpus, draft);
    if let Some((model, count)) = tres.gpus() {
        draft.set("gpu.count", count.div_ceil(nodes), &row.place(tres.column));
        if let Some(model) = model {
            draft.set("gpu.model", gpu::model(model), &row.place(tres.column));
        }
    }
}

/// `16G` is of the job; older Slurm writes `4Gn` of a node and `2Gc` of a CPU.
fn memory(row: &Row<'_>, tres: &Tres<'_>, nodes: u64, cpus: u64, draft: &mut Draft<'_>) {
    let (column, cell) = match (row.get("ReqMem"), tres.value("mem")) {
        (Some(cell), _) => ("ReqMem", cell),
        (None, Some(cell)) => (tres.column, cell),
        (None, None) => return,
    };
    let (size, times, parts) = match cell.strip_suffix('n').map(|size| (size, 1)) {
        Some((size, times)) => (size, times, 1),
        None => match cell.strip_suffix('c') {
            Some(size) => (size, cpus.div_ceil(nodes), 1),
            None => (cell, 1, nodes),
        },
    };
    match slurm_units::bytes(size) {
        Some(0) => {}
        Some(bytes) => {
            let of_a_node = bytes.saturating_mul(times).div_ceil(parts);
            draft.set("memory", quantity::size(of_a_node), &row.place(column));
        }
        None => draft.refuse("memory", &row.place(column), "not a size", cell, "a number with K, M, G or T"),
    }
}

/// Trackable resources: `cpu=4,mem=16G,node=1,gres/gpu:a100=2`.
struct Tres<'r> {
    column: &'static str,
    items: Vec<(&'r str, &'r str)>,
}

impl<'r> Tres<'r> {
    fn of(row: &Row<'r>) -> Self {
        let column = if row.get("ReqTRES").is_some() { "ReqTRES" } else { "AllocTRES" };
        let cell = row.get(column).unwrap_or_default();
        Self { column, items: cell.split(',').filter_map(|item| item.split_once('=')).collect() }
    }

    fn value(&self, name: &str) -> Option<&'r str> {
        self.items.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.parse().ok().filter(|n| (1..=u64::from(u32::MAX)).contains(n))
    }

    /// Of one type where it is stated.
    fn gpus(&self) -> Option<(Option<&'r str>, u64)> {
        let typed = self.items.iter().find_map(|(name, n)| Some((name.strip_prefix("gres/gpu:")?, n.parse().ok()?)));
        let typed = typed.map(|(model, n)| (Some(model), n));
        typed.or_else(|| Some((None, self.number("gres/gpu")?))).filter(|(_, n)| *n > 0)
    }
}
