//! A journal in one SQLite file: write-ahead log, `synchronous = FULL`; what is added together is synced together.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, params};

use super::{Entry, Journal, JournalError};
use crate::database;

/// Steps from an empty file to the present format; `user_version` says how many were taken.
const MIGRATIONS: [&str; 1] = ["CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;"];

/// A journal in a file, held by one process at a time.
pub struct Sqlite {
    connection: Connection,
    /// Whether something was added since the last sync.
    is_open: bool,
}

impl Sqlite {
    /// Opens the file, or makes it, and holds it.
    ///
    /// # Errors
    /// Another process holds it, it cannot be used, or a later version wrote it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = database::open(path, &MIGRATIONS, JournalError::Newer)?;
        Ok(Self { connection, is_open: false })
    }

    /// Opens a file to read it, while another process may lead.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let connection = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self { connection, is_open: false })
    }
}

impl Journal for Sqlite {
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let text = serde_json::to_string(entry).map_err(|e| JournalError::Store(e.to_string()))?;
        if !self.is_open {
            self.connection.execute_batch("BEGIN")?;
            self.is_open = true;
        }
        let mut add = self.connection.prepare_cached("INSERT INTO entries VALUES (?1, ?2)")?;
        add.execute(params![entry.seq() as i64, text])?;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        if std::mem::take(&mut self.is_open) {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        let mut all = self.connection.prepare("SELECT seq, entry FROM entries ORDER BY seq")?;
        let rows = all.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let read = |row: rusqlite::Result<(i64, String)>| {
            let (seq, text) = row?;
            serde_json::from_str(&text).map_err(|e| JournalError::Broken(seq as u64, e.to_string()))
        };
        rows.map(read).collect()
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Held,
            _ => Self::Store(error.to_string()),
        }
    }
}
