//! Rows that are drawn in proportion to their weights.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::chance::below;
use crate::csv_table::{self, Row};
use crate::error::{DataError, Place};

/// Largest weight of a row.
const MAX_WEIGHT: f64 = 1e6;

/// Rows with weights; never empty once read.
#[derive(Debug, Clone)]
pub(crate) struct Weighted<T> {
    rows: Vec<Weighed<T>>,
    total: u64,
}

/// A row, the sum of the weights up to it, and the line it stands on.
#[derive(Debug, Clone)]
struct Weighed<T> {
    until: u64,
    weight: u64,
    line: u64,
    value: T,
}

/// A row that was drawn.
#[derive(Debug)]
pub(crate) struct Picked<'t, T> {
    value: &'t T,
    /// Its line in its table, counted from 1 with the header.
    pub(crate) line: u64,
    /// Its share of the weights it was drawn among.
    pub(crate) share: f64,
}

impl<T> Deref for Picked<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> Default for Weighted<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), total: 0 }
    }
}

impl<T> Weighted<T> {
    /// Adds a row.
    pub(crate) fn push(&mut self, weight: u64, line: u64, value: T) {
        self.total += weight;
        self.rows.push(Weighed { until: self.total, weight, line, value });
    }

    /// The row that 64 uniform bits point at.
    pub(crate) fn pick(&self, bits: u64) -> Picked<'_, T> {
        let at = below(bits, self.total);
        let row = &self.rows[self.rows.partition_point(|r| r.until <= at)];
        Picked { value: &row.value, line: row.line, share: row.weight as f64 / self.total as f64 }
    }

    /// The rows in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|r| &r.value)
    }
}

/// Weighted rows by what they are for.
pub(crate) type Groups<K, T> = BTreeMap<K, Weighted<T>>;

/// Reads a table of weighted rows: `columns` and no others, a whole weight above zero and a reason in
/// every row. `each` says which groups a row belongs to.
pub(crate) fn read<K: Ord, T: Clone>(
    file: &str,
    bytes: &[u8],
    columns: &[&str],
    mut each: impl FnMut(&Row<'_>) -> Result<(Vec<K>, T), DataError>,
) -> Result<Groups<K, T>, DataError> {
    let columns = [columns, &["weight", "reason"]].concat();
    let mut groups: Groups<K, T> = Groups::new();
    let header = csv_table::for_each_row(file, bytes, &columns, |row| {
        row.required("reason")?;
        let weight = whole(row, "weight", 1.0, MAX_WEIGHT)?;
        let (keys, value) = each(row)?;
        for key in keys {
            groups.entry(key).or_default().push(weight, row.line, value.clone());
        }
        Ok(())
    })?;
    closed(file, &header, &columns)?;
    Ok(groups)
}

/// An error where the header has a column that is not known.
pub(crate) fn closed(file: &str, header: &csv_table::Header, columns: &[&str]) -> Result<(), DataError> {
    match header.unknown(columns).first() {
        None => Ok(()),
        Some(strange) => {
            let got = format!("a column {strange:?}");
            Err(DataError::malformed(Place::line(file, 1), got, columns.join(","), "remove or rename it"))
        }
    }
}

/// A whole number in a range; an empty cell is an error.
pub(crate) fn whole(row: &Row<'_>, column: &str, min: f64, max: f64) -> Result<u64, DataError> {
    row.required(column)?;
    match row.number(column, min, max)? {
        Some(n) if n.fract() == 0.0 => Ok(n as u64),
        _ => Err(row.malformed(column, &format!("a whole number from {min} to {max}"), "write digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_gets_its_share_of_the_bits() {
        let mut rows = Weighted::default();
        rows.push(1, 2, 'a');
        rows.push(3, 3, 'b');
        let picks = [0, u64::MAX / 4, u64::MAX / 4 + 2, u64::MAX].map(|bits| *rows.pick(bits));
        assert_eq!(picks, ['a', 'a', 'b', 'b']);
        assert_eq!(rows.pick(u64::MAX).share, 0.75);
    }

    #[test]
    fn tables_are_read_strictly() {
        let read = |text: &str| read("t.csv", text.as_bytes(), &["a"], |r| Ok((vec![()], r.text("a").to_owned())));
        assert_eq!(read("a,weight,reason\nx,2,why\n").unwrap()[&()].total, 2);
        for (text, place) in [
            ("a,weight,reason\nx,2,\n", "t.csv:2:reason"),
            ("a,weight,reason\nx,0,why\n", "t.csv:2:weight"),
            ("a,weight,reason\nx,1.5,why\n", "t.csv:2:weight"),
            ("a,weight,reason\nx,,why\n", "t.csv:2:weight"),
            ("a,weight,why\nx,1,why\n", "t.csv:1:reason"),
            ("a,weight,reason,b\nx,1,why,y\n", "t.csv:1"),
        ] {
            assert_eq!(read(text).unwrap_err().place().to_string(), place, "{text}");
        }
    }
}
