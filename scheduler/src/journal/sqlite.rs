//! A journal in one SQLite file: write-ahead log, `synchronous = FULL`; what is added together is synced together.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, Row, params};

use super::{Entry, Journal, JournalError, Snapshot};
use crate::database;

/// Steps from an empty file to the present format; `user_version` says how many were taken.
const MIGRATIONS: [&str; 2] = [
    "CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;",
    "CREATE TABLE snapshots (seq INTEGER PRIMARY KEY, format TEXT NOT NULL, plan TEXT NOT NULL, head TEXT NOT NULL,
        state TEXT NOT NULL, hash TEXT NOT NULL) STRICT;",
];

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

impl Sqlite {
    /// What is added next is synced together with what was added since the last sync.
    fn begin(&mut self) -> Result<(), JournalError> {
        if !self.is_open {
            self.connection.execute_batch("BEGIN")?;
            self.is_open = true;
        }
        Ok(())
    }
}

impl Journal for Sqlite {
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let text = serde_json::to_string(entry).map_err(|e| JournalError::Store(e.to_string()))?;
        self.begin()?;
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

    fn read(&self, from: u64, each: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<(), JournalError> {
        let mut behind = self.connection.prepare("SELECT seq, entry FROM entries WHERE seq >= ?1 ORDER BY seq")?;
        let mut rows = behind.query([i64::try_from(from).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let broken = |e: &dyn std::fmt::Display| {
                JournalError::Broken(row.get::<_, i64>(0).unwrap_or_default() as u64, e.to_string())
            };
            let text = row.get_ref(1)?.as_str().map_err(|e| broken(&e))?;
            let entry = serde_json::from_str(text).map_err(|e| broken(&e))?;
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn keep(&mut self, snapshot: &Snapshot) -> Result<(), JournalError> {
        let Snapshot { format, plan, seq, head, state, hash } = snapshot;
        self.begin()?;
        self.connection.execute("DELETE FROM snapshots", [])?;
        let mut add = self.connection.prepare_cached("INSERT INTO snapshots VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        add.execute(params![*seq as i64, format, plan, head, state, hash])?;
        Ok(())
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let last = "SELECT seq, format, plan, head, state, hash FROM snapshots ORDER BY seq DESC LIMIT 1";
        let read = |row: &Row<'_>| {
            let seq = row.get::<_, i64>(0)? as u64;
            let (format, plan, head) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(Snapshot { format, plan, seq, head, state: row.get(4)?, hash: row.get(5)? })
        };
        self.connection.query_row(last, [], read).ok()
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
