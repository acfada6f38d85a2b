//! The binary table container of the embedded snapshots (`.twd`).
//!
//! A header, then tables, then columns. Integers are zigzag varints, as values or as differences,
//! whichever is shorter; texts are a dictionary and codes. `datasets/SCHEMA.md` has the layout.

use tradewind_core::hash;

use crate::error::{DataError, Place};

/// First bytes of every file. The line end shows a transfer in text mode.
const MAGIC: &[u8; 8] = b"TWDATA\r\n";
/// Version of the layout.
const VERSION: u16 = 1;
const HEADER: usize = 8 + 2 + 64;
/// No table may claim more rows.
const MAX_ROWS: u64 = 4_000_000;

const KIND_TEXT: u8 = 0;
const KIND_PLAIN: u8 = 1;
const KIND_DELTA: u8 = 2;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// Texts as codes into a dictionary.
    Text {
        /// Distinct texts in order of first use.
        dictionary: Vec<String>,
        /// One code a row.
        codes: Vec<u32>,
    },
    /// Integers, or nothing.
    Int(Vec<Option<i64>>),
}

impl Column {
    /// From texts.
    pub fn text<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut seen = std::collections::HashMap::new();
        let mut dictionary: Vec<String> = Vec::new();
        let codes = values
            .into_iter()
            .map(|v| {
                *seen.entry(v).or_insert_with(|| {
                    dictionary.push(v.to_owned());
                    dictionary.len() as u32 - 1
                })
            })
            .collect();
        Self::Text { dictionary, codes }
    }

    /// From integers.
    pub fn int(values: impl IntoIterator<Item = i64>) -> Self {
        Self::Int(values.into_iter().map(Some).collect())
    }

    fn len(&self) -> usize {
        match self {
            Self::Text { codes, .. } => codes.len(),
            Self::Int(values) => values.len(),
        }
    }
}

/// A named table of named columns of equal length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name, unique in a file.
    pub name: String,
    /// Columns by name.
    pub columns: Vec<(String, Column)>,
}

impl Table {
    /// From columns.
    ///
    /// # Panics
    /// If the columns differ in length.
    pub fn new(name: &str, columns: Vec<(&str, Column)>) -> Self {
        let rows = columns.first().map_or(0, |(_, c)| c.len());
        assert!(columns.iter().all(|(_, c)| c.len() == rows), "columns of {name} differ in length");
        Self { name: name.to_owned(), columns: columns.into_iter().map(|(n, c)| (n.to_owned(), c)).collect() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, c)| c.len())
    }
}

/// The tables of a file, with its name for error messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    file: String,
    tables: Vec<Table>,
}

impl TableFile {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`DataError::Damaged`] if magic, version, hash or any length does not hold.
    pub fn decode(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let damaged = |got: &str, accepted: &str| DataError::damaged(Place::file(file), got.to_owned(), accepted);
        if bytes.len() < HEADER || &bytes[..8] != MAGIC {
            return Err(damaged("no table header", "a file that begins with TWDATA"));
        }
        let version = u16::from_le_bytes([bytes[8], bytes[9]]);
        if version != VERSION {
            return Err(damaged(&format!("layout version {version}"), &format!("version {VERSION}")));
        }
        let (stated, body) = (&bytes[10..HEADER], &bytes[HEADER..]);
        let found = hash::of_bytes(body);
        if stated != found.as_bytes() {
            let stated = String::from_utf8_lossy(stated).into_owned();
            return Err(damaged(&format!("content hash {found}"), &format!("content hash {stated}")));
        }
        let tables =
            Reader { body, at: 0 }.tables().ok_or_else(|| damaged("a length that does not fit", "whole tables"))?;
        Ok(Self { file: file.to_owned(), tables })
    }

    /// The content hash that a file's header states; [`TableFile::decode`] proves it.
    pub(crate) fn stated_hash(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes.get(10..HEADER).unwrap_or_default()).into_owned()
    }

    /// A table by name.
    ///
    /// # Errors
    /// [`DataError::Damaged`] if the file has no such table.
    pub fn table(&self, name: &str) -> Result<View<'_>, DataError> {
        match self.tables.iter().find(|t| t.name == name) {
            Some(table) => Ok(View { file: &self.file, table }),
            None => {
                Err(DataError::damaged(Place::file(&*self.file), format!("no table {name}"), format!("table {name}")))
            }
        }
    }
}

/// A table being read.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    file: &'a str,
    table: &'a Table,
}

impl<'a> View<'a> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.table.rows()
    }

    /// A column of texts: dictionary and codes.
    ///
    /// # Errors
    /// [`DataError::Damaged`] if there is no such column.
    pub fn text(&self, name: &str) -> Result<(&'a [String], &'a [u32]), DataError> {
        match self.column(name)? {
            Column::Text { dictionary, codes } => Ok((dictionary, codes)),
            Column::Int(_) => Err(self.wrong(name, "texts")),
        }
    }

    /// A column of integers.
    ///
    /// # Errors
    /// [`DataError::Damaged`] if there is no such column.
    pub fn int(&self, name: &str) -> Result<&'a [Option<i64>], DataError> {
        match self.column(name)? {
            Column::Int(values) => Ok(values),
            Column::Text { .. } => Err(self.wrong(name, "integers")),
        }
    }

    fn column(&self, name: &str) -> Result<&'a Column, DataError> {
        self.table.columns.iter().find(|(n, _)| n == name).map(|(_, c)| c).ok_or_else(|| self.wrong(name, "a column"))
    }

    fn wrong(&self, name: &str, accepted: &str) -> DataError {
        let place =
            Place { file: self.file.to_owned(), line: None, column: Some(format!("{}.{name}", self.table.name)) };
        DataError::damaged(place, "missing or of another kind".to_owned(), accepted)
    }
}

/// Writes tables as a file.
pub fn encode(tables: &[Table]) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, tables.len() as u64);
    for table in tables {
        put_text(&mut body, &table.name);
        put(&mut body, table.rows() as u64);
        put(&mut body, table.columns.len() as u64);
        for (name, column) in &table.columns {
            put_text(&mut body, name);
            put_column(&mut body, column);
        }
    }
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    out.extend(hash::of_bytes(&body).as_bytes());
    out.extend(body);
    out
}

fn put_column(out: &mut Vec<u8>, column: &Column) {
    match column {
        Column::Text { dictionary, codes } => {
            out.push(KIND_TEXT);
            put(out, dictionary.len() as u64);
            dictionary.iter().for_each(|t| put_text(out, t));
            codes.iter().for_each(|&c| put(out, u64::from(c)));
        }
        Column::Int(values) => {
            let (plain, delta) = (ints(values, false), ints(values, true));
            let (kind, bytes) = if delta.len() < plain.len() { (KIND_DELTA, delta) } else { (KIND_PLAIN, plain) };
            out.push(kind);
            out.extend(bytes);
        }
    }
}

/// 0 is nothing; else one more than the zigzag of the value or of its difference to the last one.
fn ints(values: &[Option<i64>], delta: bool) -> Vec<u8> {
    let (mut out, mut last) = (Vec::new(), 0_i64);
    for value in values {
        match value {
            None => put(&mut out, 0),
            Some(v) => {
                let d = if delta { v.wrapping_sub(last) } else { *v };
                put(&mut out, (((d << 1) ^ (d >> 63)) as u64).wrapping_add(1));
                last = *v;
            }
        }
    }
    out
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend(text.as_bytes());
}

struct Reader<'a> {
    body: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn tables(mut self) -> Option<Vec<Table>> {
        let tables: Vec<Table> = (0..self.count()?).map(|_| self.table()).collect::<Option<_>>()?;
        (self.at == self.body.len()).then_some(tables)
    }

    fn table(&mut self) -> Option<Table> {
        let (name, rows, columns) = (self.text()?, self.count()?, self.count()?);
        let columns = (0..columns).map(|_| Some((self.text()?, self.column(rows)?))).collect::<Option<_>>()?;
        Some(Table { name, columns })
    }

    fn column(&mut self, rows: usize) -> Option<Column> {
        let kind = *self.body.get(self.at)?;
        self.at += 1;
        match kind {
            KIND_TEXT => {
                let dictionary: Vec<String> = (0..self.count()?).map(|_| self.text()).collect::<Option<_>>()?;
                let code = |c: u64| (c < dictionary.len() as u64).then_some(c as u32);
                let codes = (0..rows).map(|_| self.varint().and_then(code)).collect::<Option<_>>()?;
                Some(Column::Text { dictionary, codes })
            }
            KIND_PLAIN | KIND_DELTA => {
                let mut last = 0_i64;
                let mut values = Vec::with_capacity(rows);
                for _ in 0..rows {
                    values.push(self.varint()?.checked_sub(1).map(|z| {
                        let d = (z >> 1) as i64 ^ -((z & 1) as i64);
                        last = if kind == KIND_DELTA { last.wrapping_add(d) } else { d };
                        last
                    }));
                }
                Some(Column::Int(values))
            }
            _ => None,
        }
    }

    /// A length: never more than the limit or the bytes that are left.
    fn count(&mut self) -> Option<usize> {
        let n = self.varint()?;
        (n <= MAX_ROWS && n <= (self.body.len() - self.at) as u64).then_some(n as usize)
    }

    fn text(&mut self) -> Option<String> {
        let n = self.count()?;
        let bytes = self.body.get(self.at..self.at + n)?;
        self.at += n;
        String::from_utf8(bytes.to_vec()).ok()
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.body.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<Table> {
        vec![
            Table::new(
                "t",
                vec![
                    ("name", Column::text(["a", "b", "a", ""])),
                    ("price", Column::Int(vec![Some(0), None, Some(-7), Some(i64::MAX / 2)])),
                    ("key", Column::int([1_000_000, 1_000_001, 1_000_002, 1_000_003])),
                ],
            ),
            Table::new("empty", vec![("x", Column::int([]))]),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = encode(&sample());
        assert_eq!(TableFile::decode("t.twd", &bytes).unwrap().tables, sample());
    }

    #[test]
    fn any_damage_is_noticed() {
        let bytes = encode(&sample());
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            assert_eq!(TableFile::decode("t.twd", &broken).unwrap_err().code(), "TW2012", "byte {at}");
            assert!(TableFile::decode("t.twd", &bytes[..at]).is_err(), "cut at {at}");
        }
    }
}
