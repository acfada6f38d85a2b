//! Reading CSV with the line and column of everything that is wrong, within stated bounds.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::{DataError, Place};

/// No file may be larger, unpacked.
const MAX_BYTES: u64 = 1 << 30;
/// A gzip file may not unpack to more than so many times its size (once above a megabyte).
const MAX_RATIO: u64 = 100;
/// No table may have more rows.
pub(crate) const MAX_ROWS: u64 = 2_000_000;

/// The table of that name in a folder, plain or gzip.
pub(crate) fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    [format!("{name}.csv"), format!("{name}.csv.gz")].iter().map(|f| folder.join(f)).find(|p| p.is_file())
}

/// The bytes of a file, unpacked if its name ends in `.gz`.
pub(crate) fn read_bounded(path: &Path) -> Result<Vec<u8>, DataError> {
    let unreadable = |e: &std::io::Error| DataError::unreadable(path, e);
    let place = || Place::file(path.display().to_string());
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    let size = file.metadata().map_err(|e| unreadable(&e))?.len();
    let packed = path.extension().is_some_and(|e| e == "gz");
    let limit = if packed { MAX_BYTES.min((1 << 20).max(size.saturating_mul(MAX_RATIO))) } else { MAX_BYTES };
    let mut bytes = Vec::new();
    let read = if packed {
        MultiGzDecoder::new(file).take(limit + 1).read_to_end(&mut bytes)
    } else {
        file.take(limit + 1).read_to_end(&mut bytes)
    };
    read.map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > limit {
        let accepted = format!("at most {MAX_BYTES} bytes, and at most {MAX_RATIO} times the packed size");
        return Err(DataError::too_large(place(), format!("more than {limit} bytes"), accepted));
    }
    Ok(bytes)
}

/// The header of a table.
#[derive(Debug)]
pub(crate) struct Header {
    file: String,
    columns: Vec<String>,
    at: HashMap<String, usize>,
}

impl Header {
    /// Columns that none of `known` names.
    pub(crate) fn unknown(&self, known: &[&str]) -> Vec<&str> {
        self.columns.iter().map(String::as_str).filter(|c| !known.contains(c)).collect()
    }

    fn require(&self, names: &[&str]) -> Result<(), DataError> {
        let Some(missing) = names.iter().find(|n| !self.at.contains_key(**n)) else { return Ok(()) };
        let near = closest(missing, self.columns.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("rename {near:?} to {missing:?}"),
            None => format!("add the column {missing:?}"),
        };
        let place = Place::cell(&*self.file, 1, *missing);
        let got = format!("no column {missing:?} in the header ({})", self.columns.join(","));
        Err(DataError::malformed(place, got, format!("columns {}", names.join(",")), help))
    }
}

/// Calls `each` for every row of a CSV table; its header must hold the `required` columns.
pub(crate) fn for_each_row(
    file: &str,
    bytes: &[u8],
    required: &[&str],
    mut each: impl FnMut(&Row<'_>) -> Result<(), DataError>,
) -> Result<Header, DataError> {
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let header = reader.headers().map_err(|e| csv_error(file, &e))?;
    let columns: Vec<String> = header.iter().map(|c| c.trim().to_owned()).collect();
    let at: HashMap<String, usize> = columns.iter().enumerate().map(|(i, c)| (c.clone(), i)).collect();
    if at.len() < columns.len() {
        let place = Place::line(file, 1);
        return Err(DataError::malformed(place, "a column name occurs twice".to_owned(), "one of each", "remove one"));
    }
    let header = Header { file: file.to_owned(), columns, at };
    header.require(required)?;
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).map_err(|e| csv_error(file, &e))? {
        rows += 1;
        if rows > MAX_ROWS {
            let accepted = format!("at most {MAX_ROWS} rows");
            return Err(DataError::too_large(Place::file(file), format!("more than {MAX_ROWS} rows"), accepted));
        }
        let line = record.position().map_or(0, csv::Position::line);
        each(&Row { header: &header, record: &record, line })?;
    }
    Ok(header)
}

fn csv_error(file: &str, error: &csv::Error) -> DataError {
    let line = error.position().map(csv::Position::line);
    let place = Place { file: file.to_owned(), line, column: None };
    let (got, help) = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            (format!("{len} cells in a table of {expected_len} columns"), "check for a missing or an unquoted comma")
        }
        csv::ErrorKind::Utf8 { err, .. } => (format!("not UTF-8: {err}"), "save the file as UTF-8"),
        _ => (error.to_string(), "check the file"),
    };
    DataError::malformed(place, got, "UTF-8 CSV, comma, one header row", help)
}

/// A row being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    header: &'a Header,
    record: &'a csv::StringRecord,
    /// Counted from 1 with the header.
    pub(crate) line: u64,
}

impl<'a> Row<'a> {
    /// A cell, trimmed; empty if there is no such column.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        self.header.at.get(column).and_then(|&i| self.record.get(i)).unwrap_or("").trim()
    }

    /// A cell that must not be empty.
    pub(crate) fn required(&self, column: &str) -> Result<&'a str, DataError> {
        match self.text(column) {
            "" => Err(self.malformed(column, "a value", "every row needs one")),
            text => Ok(text),
        }
    }

    /// A number within `min..=max`; empty is nothing.
    pub(crate) fn number(&self, column: &str, min: f64, max: f64) -> Result<Option<f64>, DataError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(Some(n)),
            _ => Err(self.malformed(
                column,
                &format!("a number from {min} to {max}"),
                "write digits and a decimal point",
            )),
        }
    }

    /// One of a few words; empty is nothing.
    pub(crate) fn word<T: Copy>(&self, column: &str, words: &[(&str, T)]) -> Result<Option<T>, DataError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match words.iter().find(|(w, _)| w.eq_ignore_ascii_case(text)) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let accepted: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
                let help = match closest(text, accepted.iter().copied()) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => "use one of the accepted words".to_owned(),
                };
                Err(self.malformed(column, &accepted.join(", "), &help))
            }
        }
    }

    /// Where a cell is.
    pub(crate) fn place(&self, column: &str) -> Place {
        Place::cell(&*self.header.file, self.line, column)
    }

    /// An error about a cell.
    pub(crate) fn malformed(&self, column: &str, accepted: &str, help: &str) -> DataError {
        DataError::malformed(self.place(column), format!("{:?}", self.text(column)), accepted, help)
    }
}

/// The nearest of `known`, if it is near: at most a third of the letters differ.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (best, near) = known.into_iter().map(|k| (edits(word, k), k)).min()?;
    (best * 3 <= word.chars().count().max(3)).then_some(near)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested() {
        assert_eq!(closest("regoin", ["region", "cloud"]), Some("region"));
        assert_eq!(closest("xyz", ["region", "cloud"]), None);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
