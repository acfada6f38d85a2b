//! `offers.parquet`: the columns of `offers.csv`, read through polars and then by the same reader.

use std::io::Cursor;
use std::sync::Arc;

use polars::prelude::{Column, DataFrame, DataType, PolarsError, PolarsResult, StringChunked};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::csv_table::MAX_ROWS;
use crate::error::{DataError, Place};
use crate::offers::Offers;
use crate::offers_csv::{self, KNOWN};

/// Reads a table; also the names of columns we do not know.
///
/// Line numbers in messages count rows from 2, as if the table were written as CSV.
pub(crate) fn read(file: &str, bytes: Vec<u8>) -> Result<(Offers, Vec<String>), DataError> {
    let frame = read_frame(file, bytes)?;
    if frame.height() as u64 > MAX_ROWS {
        let got = format!("{} rows", frame.height());
        return Err(DataError::too_large(Place::file(file), got, format!("at most {MAX_ROWS} rows")));
    }
    let text = to_csv(&frame).map_err(|e| bad(file, &e))?;
    offers_csv::read(file, &text)
}

/// A frame as CSV text.
pub(crate) fn to_csv(frame: &DataFrame) -> PolarsResult<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let io = |e: csv::Error| PolarsError::ComputeError(e.to_string().into());
    let columns: Vec<Column> = frame.columns().iter().map(as_text).collect::<PolarsResult<_>>()?;
    csv.write_record(columns.iter().map(|c| c.name().as_str())).map_err(io)?;
    let texts: Vec<&StringChunked> = columns.iter().filter_map(|c| c.str().ok()).collect();
    for row in 0..frame.height() {
        csv.write_record(texts.iter().map(|t| t.get(row).unwrap_or(""))).map_err(io)?;
    }
    csv.into_inner().map_err(|e| PolarsError::ComputeError(e.to_string().into()))
}

/// Reads the columns of a Parquet file into a frame.
pub(crate) fn read_frame(file: &str, bytes: Vec<u8>) -> Result<DataFrame, DataError> {
    plain_frame(bytes).map_err(|e| bad(file, &e))
}

/// How many rows a Parquet file says it has.
pub(crate) fn rows(bytes: &[u8]) -> PolarsResult<usize> {
    Ok(ParquetReader::new(Cursor::new(bytes)).get_metadata()?.num_rows)
}

/// The columns of a Parquet file.
pub(crate) fn plain_frame(bytes: Vec<u8>) -> PolarsResult<DataFrame> {
    // Without the writer's Arrow schema, dictionary columns are read as the plain texts they hold.
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let mut metadata = (**reader.get_metadata()?).clone();
    metadata.key_value_metadata = None;
    reader.set_metadata(Arc::new(metadata));
    reader.finish()
}

fn as_text(column: &Column) -> PolarsResult<Column> {
    column.cast(&DataType::String)
}

fn bad(file: &str, error: &PolarsError) -> DataError {
    let accepted = format!("Parquet with the columns {}", KNOWN.join(","));
    DataError::malformed(Place::file(file), error.to_string(), accepted, "write the file again")
}
