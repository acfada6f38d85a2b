//! Tables of whole numbers and texts as Parquet, with a note about the whole.

use std::io::Cursor;

use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, ParquetWriter, PolarsError, PolarsResult, Series};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::KeyValueMetadata;

use crate::error::{DataError, Place};
use crate::offers_parquet::plain_frame;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figures {
    /// Whole numbers.
    Int(Vec<i64>),
    /// Texts.
    Text(Vec<String>),
}

/// Columns of one length by name, and a note.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureTable {
    /// What is said of the whole table; it is kept in the file's metadata.
    pub note: String,
    /// The columns in order.
    pub columns: Vec<(String, Figures)>,
}

/// The key of the note in the file's metadata.
const NOTE: &str = "tradewind";

impl FigureTable {
    /// As Parquet; `None` where the columns differ in length.
    pub fn to_parquet(&self) -> Option<Vec<u8>> {
        self.written().ok()
    }

    fn written(&self) -> PolarsResult<Vec<u8>> {
        let column = |(name, figures): &(String, Figures)| match figures {
            Figures::Int(values) => Series::new(name.as_str().into(), values).into_column(),
            Figures::Text(values) => Series::new(name.as_str().into(), values).into_column(),
        };
        let columns: Vec<Column> = self.columns.iter().map(column).collect();
        let rows = columns.first().map_or(0, Column::len);
        let mut frame = DataFrame::new(rows, columns)?;
        let mut bytes = Vec::new();
        let note = KeyValueMetadata::from_static(vec![(NOTE.to_owned(), self.note.clone())]);
        ParquetWriter::new(&mut bytes).with_key_value_metadata(Some(note)).finish(&mut frame)?;
        Ok(bytes)
    }

    /// Reads a file that [`Self::to_parquet`] wrote.
    ///
    /// # Errors
    /// [`DataError`] where it is none.
    pub fn from_parquet(file: &str, bytes: Vec<u8>) -> Result<Self, DataError> {
        Self::read(bytes).map_err(|e| {
            let accepted = "a Parquet file of whole numbers and texts as Tradewind writes it";
            DataError::malformed(Place::file(file), e.to_string(), accepted, "write the file again")
        })
    }

    fn read(bytes: Vec<u8>) -> PolarsResult<Self> {
        let metadata = ParquetReader::new(Cursor::new(&bytes)).get_metadata()?.clone();
        let notes = metadata.key_value_metadata().iter().flatten();
        let note = notes.filter(|kv| kv.key == NOTE).find_map(|kv| kv.value.clone()).unwrap_or_default();
        let frame = plain_frame(bytes)?;
        let missing = |name: &str| PolarsError::ComputeError(format!("a value is missing in {name}").into());
        let mut columns = Vec::new();
        for column in frame.columns() {
            let name = column.name().as_str();
            let figures = if let Ok(ints) = column.i64() {
                let values: Option<Vec<i64>> = ints.iter().collect();
                Figures::Int(values.ok_or_else(|| missing(name))?)
            } else {
                let values: Option<Vec<String>> = column.str()?.iter().map(|t| t.map(str::to_owned)).collect();
                Figures::Text(values.ok_or_else(|| missing(name))?)
            };
            columns.push((name.to_owned(), figures));
        }
        Ok(Self { note, columns })
    }

    /// The whole numbers of a column.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.columns.iter().find(|(n, _)| n == name).and_then(|(_, f)| match f {
            Figures::Int(values) => Some(values.as_slice()),
            Figures::Text(_) => None,
        })
    }

    /// The texts of a column.
    pub fn texts(&self, name: &str) -> Option<&[String]> {
        self.columns.iter().find(|(n, _)| n == name).and_then(|(_, f)| match f {
            Figures::Text(values) => Some(values.as_slice()),
            Figures::Int(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> FigureTable {
        FigureTable {
            note: r#"{"seed":1}"#.to_owned(),
            columns: vec![
                ("cost".to_owned(), Figures::Int(vec![i64::MIN, 0, i64::MAX])),
                ("missed".to_owned(), Figures::Text(vec![String::new(), "{}".to_owned(), "µ".to_owned()])),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = table().to_parquet().expect("a file");
        assert_eq!(bytes, table().to_parquet().expect("a file"), "the same bytes each time");
        let read = FigureTable::from_parquet("t.parquet", bytes).expect("a table");
        assert_eq!(read, table());
        assert_eq!(
            (read.ints("cost").map(<[i64]>::len), read.ints("missed"), read.texts("cost")),
            (Some(3), None, None)
        );
    }

    #[test]
    fn what_is_no_table_is_told() {
        assert!(FigureTable::from_parquet("t.parquet", b"PAR1".to_vec()).is_err());
        let uneven = [("a", vec![1]), ("b", vec![1, 2])].map(|(n, v)| (n.to_owned(), Figures::Int(v)));
        assert_eq!(FigureTable { note: String::new(), columns: uneven.to_vec() }.to_parquet(), None);
    }
}
