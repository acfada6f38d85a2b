//! Queues as Parquet: the columns of the CSV table, typed by what stands in them.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;
use serde_json::Value;
use tradewind_core::job::Job;
use tradewind_queue::{self as queue, Format, Options, Problems, Queue};

use crate::{offers_parquet, parquet_table};

/// The jobs as a Parquet table, which is read back and compared: whole numbers, fractions, booleans and
/// texts as such, lists as texts separated by `;`.
///
/// # Errors
/// `TW1031` with the first job that a table cannot say; JSON Lines can say all of them.
pub fn write_parquet(jobs: &[Job]) -> Result<Vec<u8>, Problems> {
    // Memory takes everything; a table that is cut short would not read back.
    let write = |jobs: &[Job]| table(jobs).unwrap_or_default();
    let bytes = write(jobs);
    queue::expect_sayable(jobs, &bytes, write, again)?;
    Ok(bytes)
}

fn again(table: &[u8]) -> Option<Queue> {
    let frame = offers_parquet::plain_frame(table.to_vec()).ok()?;
    let csv = offers_parquet::to_csv(&frame).ok()?;
    queue::read("", csv.as_slice(), Format::Csv, &Options::default()).ok()
}

fn table(jobs: &[Job]) -> PolarsResult<Vec<u8>> {
    let mut columns: BTreeMap<queue::Column, Vec<Option<Value>>> = BTreeMap::new();
    for (row, job) in jobs.iter().enumerate() {
        for (column, cell) in queue::cells(job) {
            let cells = columns.entry(column).or_default();
            cells.resize(row, None);
            cells.push(Some(cell));
        }
    }
    let columns = columns.into_iter().map(|(column, mut cells)| {
        cells.resize(jobs.len(), None);
        (column.name.to_string(), cells)
    });
    parquet_table::write(columns.collect())
}
