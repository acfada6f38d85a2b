//! Replications as rows of a table, and back.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tradewind_core::plan::Plan;
use tradewind_datasets::figures::{FigureTable, Figures};
use tradewind_sim::plan::Outcome;

use crate::render::grid::{Grid, Side};

/// Columns of whole numbers and the fields of [`Outcome`] that they hold.
const COLUMNS: [(&str, &str); 18] = [
    ("cost_nano_usd", "cost"),
    ("compute_nano_usd", "compute"),
    ("rework_nano_usd", "rework"),
    ("boot_nano_usd", "boot"),
    ("idle_nano_usd", "idle"),
    ("rules_nano_usd", "rules"),
    ("minimum_nano_usd", "minimum"),
    ("address_nano_usd", "address"),
    ("kept_nano_usd", "kept"),
    ("fallback_nano_usd", "fallback"),
    ("interruptions", "interruptions"),
    ("refusals", "refusals"),
    ("failures", "failures"),
    ("unfinished", "unfinished"),
    ("moved", "moved"),
    ("rework_ms", "rework_ms"),
    ("end_ms", "end"),
    ("events", "events"),
];
/// The number of the replication, how many tasks missed their deadline, and how many of which job, as JSON.
const REPLICATION: &str = "replication";
const MISSED_TASKS: &str = "missed_tasks";
const MISSED: &str = "missed_by_job";

/// The replications of a plan as a table.
pub fn table(plan: &Plan, outcomes: &[Outcome]) -> FigureTable {
    let jobs = plan.workload.jobs();
    let mut columns: Vec<Vec<i64>> = vec![Vec::with_capacity(outcomes.len()); COLUMNS.len()];
    let (mut counts, mut missed) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        let fields = serde_json::to_value(outcome).unwrap_or_default();
        for (column, (_, field)) in columns.iter_mut().zip(COLUMNS) {
            column.push(fields[field].as_i64().unwrap_or_default());
        }
        let by_job: BTreeMap<&str, u32> =
            outcome.missed.iter().map(|&(j, n)| (jobs[j as usize].id.as_str(), n)).collect();
        counts.push(by_job.values().map(|&n| i64::from(n)).sum());
        missed.push(serde_json::to_string(&by_job).unwrap_or_default());
    }
    let numbers = (0..outcomes.len() as i64).collect();
    let mut all = vec![(REPLICATION.to_owned(), Figures::Int(numbers))];
    all.extend(COLUMNS.iter().zip(columns).map(|((name, _), values)| ((*name).to_owned(), Figures::Int(values))));
    all.push((MISSED_TASKS.to_owned(), Figures::Int(counts)));
    all.push((MISSED.to_owned(), Figures::Text(missed)));
    FigureTable { note: String::new(), columns: all }
}

/// The rows as JSON objects.
pub fn objects(table: &FigureTable) -> Vec<Map<String, Value>> {
    let rows = table.ints(REPLICATION).map_or(0, <[i64]>::len);
    let cell = |figures: &Figures, row: usize| match figures {
        Figures::Int(values) => Value::from(values[row]),
        Figures::Text(values) => Value::from(values[row].as_str()),
    };
    let object = |row| table.columns.iter().map(|(name, figures)| (name.clone(), cell(figures, row))).collect();
    (0..rows).map(object).collect()
}

/// The rows for a spreadsheet.
pub fn csv(table: &FigureTable) -> String {
    let mut grid = Grid::new(
        [(REPLICATION, Side::Right)]
            .into_iter()
            .chain(COLUMNS.map(|(n, _)| (n, Side::Right)))
            .chain([(MISSED_TASKS, Side::Right), (MISSED, Side::Left)]),
    );
    let text = |figures: &Figures, row: usize| match figures {
        Figures::Int(values) => values[row].to_string(),
        Figures::Text(values) => values[row].clone(),
    };
    for row in 0..table.ints(REPLICATION).map_or(0, <[i64]>::len) {
        grid.row(table.columns.iter().map(|(_, figures)| text(figures, row)));
    }
    grid.to_csv()
}

/// The replications of rows in order; none where one does not fit the plan or is out of order.
pub fn outcomes(plan: &Plan, rows: &[Map<String, Value>]) -> Option<Vec<Outcome>> {
    let outcome = |(number, row): (usize, &Map<String, Value>)| {
        if row.get(REPLICATION)?.as_u64()? != number as u64 {
            return None;
        }
        let mut fields = Map::new();
        for (column, field) in COLUMNS {
            fields.insert(field.to_owned(), row.get(column)?.clone());
        }
        let by_job: BTreeMap<String, u32> = serde_json::from_str(row.get(MISSED)?.as_str()?).ok()?;
        let missed: Option<Vec<(u32, u32)>> =
            by_job.iter().map(|(id, n)| Some((plan.workload.index_of(id)? as u32, *n))).collect();
        fields.insert("missed".to_owned(), serde_json::to_value(missed?).ok()?);
        serde_json::from_value(Value::Object(fields)).ok()
    };
    rows.iter().enumerate().map(outcome).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn columns_have_every_field_of_an_outcome() {
        let outcome = serde_json::to_value(Outcome::default()).unwrap();
        let fields: BTreeSet<&str> = outcome.as_object().unwrap().keys().map(String::as_str).collect();
        let columns: BTreeSet<&str> = COLUMNS.iter().map(|(_, field)| *field).chain(["missed"]).collect();
        assert_eq!(columns, fields);
    }
}
