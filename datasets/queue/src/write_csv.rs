//! Jobs as CSV: the dotted columns that any of them has, a job a row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tradewind_core::job::Job;

use crate::cells::{Column, cells, expect_sayable};
use crate::problem::Problems;
use crate::{Format, Options, read};

/// The jobs as a table, which is read back and compared: CSV trims cells and separates lists by `;`,
/// so some texts cannot be said in it.
///
/// # Errors
/// `TW1031` with the first job that CSV cannot say; JSON Lines can say all of them.
pub fn write_csv(jobs: &[Job]) -> Result<Vec<u8>, Problems> {
    let bytes = table(jobs);
    let again = |table: &[u8]| read("", table, Format::Csv, &Options::default()).ok();
    expect_sayable(jobs, &bytes, table, again)?;
    Ok(bytes)
}

fn table(jobs: &[Job]) -> Vec<u8> {
    let rows: Vec<BTreeMap<Column, Value>> = jobs.iter().map(cells).collect();
    let columns: BTreeSet<&Column> = rows.iter().flat_map(BTreeMap::keys).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut write = || -> csv::Result<()> {
        csv.write_record(columns.iter().map(|column| &column.name))?;
        rows.iter().try_for_each(|row| csv.write_record(columns.iter().map(|column| text(row.get(*column)))))
    };
    // Memory takes everything; a table that is cut short would not read back.
    let written = write();
    csv.into_inner().ok().filter(|_| written.is_ok()).unwrap_or_default()
}

/// A cell as CSV says it.
fn text(cell: Option<&Value>) -> String {
    cell.map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
