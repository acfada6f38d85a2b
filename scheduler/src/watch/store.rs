//! What was acknowledged, in one SQLite file: a submission, its answer and how far its file was taken are one
//! transaction, synced before the answer is said.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};
use tradewind_core::time::Time;

use super::inbox::Mark;
use super::outbox::Message;
use crate::database;

/// Steps from an empty file to the present format; `user_version` says how many were taken.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE jobs (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, job TEXT NOT NULL,
        at INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, lines INTEGER NOT NULL, tail TEXT NOT NULL) STRICT;
    CREATE TABLE waves (number INTEGER PRIMARY KEY, run TEXT NOT NULL, at INTEGER NOT NULL,
        is_over INTEGER NOT NULL DEFAULT 0, cost INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE paid (project TEXT PRIMARY KEY, nanos INTEGER NOT NULL) STRICT;
    CREATE TABLE outlets (file TEXT PRIMARY KEY, length INTEGER NOT NULL) STRICT;
    CREATE TABLE outbox (seq INTEGER PRIMARY KEY, file TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), now INTEGER NOT NULL) STRICT;"];

/// A store that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process watches with it.
    #[error("another process watches with this state")]
    Held,
    /// It failed.
    #[error("{0}")]
    Failed(String),
    /// A later version wrote it.
    #[error("it has format {0}, this version reads up to {1}")]
    Newer(i64, i64),
}

/// A job as it was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: String,
    /// Hash of its meaning: the same job in another spelling is the same.
    pub hash: String,
    /// The job, as JSON.
    pub job: String,
    /// When it counts as submitted.
    pub at: Time,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is ours now.
    Accepted,
    /// It was ours already: nothing changes.
    Known,
    /// Another job has its id.
    Clash,
}

/// An acknowledged job that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The job, as JSON.
    pub job: String,
    /// When it counts as submitted.
    pub at: Time,
    /// Tasks that are done, in waves that are over.
    pub done: u32,
    /// Tasks that failed, in waves that are over.
    pub failed: u32,
}

/// A run of some of the jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// Which.
    pub number: u32,
    /// The name of its run.
    pub run: String,
    /// When it was planned.
    pub at: Time,
}

/// The store, held by one process at a time.
pub struct Store(Connection);

impl Store {
    /// Opens the file, or makes it, and holds it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(database::open(path, &MIGRATIONS, StoreError::Newer)?))
    }

    /// Begins a change: all of it is on disk when it is committed, or none.
    ///
    /// # Errors
    /// The store failed.
    pub fn change(&mut self) -> Result<Change<'_>, StoreError> {
        Ok(Change(self.0.transaction()?))
    }

    /// How far a file was taken.
    ///
    /// # Errors
    /// The store failed.
    pub fn mark(&self, file: &str) -> Result<Mark, StoreError> {
        let mut find = self.0.prepare_cached("SELECT bytes, lines, tail FROM files WHERE name = ?1")?;
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Mark { bytes: row.get::<_, i64>(0)? as u64, lines: row.get::<_, i64>(1)? as u64, tail: row.get(2)? })
        };
        Ok(find.query_row([file], row).optional()?.unwrap_or_default())
    }

    /// Jobs behind a number, in order of submission, each with its number.
    ///
    /// # Errors
    /// The store failed.
    pub fn jobs_after(&self, seq: i64) -> Result<Vec<(i64, Kept)>, StoreError> {
        let mut all =
            self.0.prepare_cached("SELECT seq, job, at, done, failed FROM jobs WHERE seq > ?1 ORDER BY seq")?;
        let rows = all.query_map([seq], |row| {
            let at = Time::from_ms(row.get(2)?);
            Ok((row.get(0)?, Kept { job: row.get(1)?, at, done: row.get(3)?, failed: row.get(4)? }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Waves so far, and those that are not over.
    ///
    /// # Errors
    /// The store failed.
    pub fn waves(&self) -> Result<(u32, Vec<Wave>), StoreError> {
        let count = self.0.query_row("SELECT count(*) FROM waves", [], |row| row.get(0))?;
        let mut open = self.0.prepare("SELECT number, run, at FROM waves WHERE is_over = 0 ORDER BY number")?;
        let wave = |row: &rusqlite::Row<'_>| {
            Ok(Wave { number: row.get(0)?, run: row.get(1)?, at: Time::from_ms(row.get(2)?) })
        };
        let open = open.query_map([], wave)?.collect::<Result<_, _>>()?;
        Ok((count, open))
    }

    /// What the waves that are over cost, in nano-dollars.
    ///
    /// # Errors
    /// The store failed.
    pub fn cost(&self) -> Result<i64, StoreError> {
        Ok(self.0.query_row("SELECT coalesce(sum(cost), 0) FROM waves", [], |row| row.get(0))?)
    }

    /// What was planned to be spent for each project in waves that are over, in nano-dollars.
    ///
    /// # Errors
    /// The store failed.
    pub fn paid(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let mut all = self.0.prepare("SELECT project, nanos FROM paid")?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The latest time that was noted.
    ///
    /// # Errors
    /// The store failed.
    pub fn now(&self) -> Result<Option<Time>, StoreError> {
        Ok(self.0.query_row("SELECT now FROM clock", [], |row| row.get(0)).optional()?.map(Time::from_ms))
    }

    /// Messages that may not have been said.
    ///
    /// # Errors
    /// The store failed.
    pub fn unsaid(&self) -> Result<Vec<Message>, StoreError> {
        let mut all = self.0.prepare_cached("SELECT seq, file, at, text FROM outbox ORDER BY seq")?;
        let rows = all.query_map([], |row| {
            Ok(Message { seq: row.get(0)?, file: row.get(1)?, at: row.get::<_, i64>(2)? as u64, text: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages up to a number were said.
    ///
    /// # Errors
    /// The store failed: they are said again.
    pub fn said(&mut self, until: i64) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM outbox WHERE seq <= ?1", [until])?;
        Ok(())
    }
}

/// A change under way.
pub struct Change<'s>(Transaction<'s>);

impl Change<'_> {
    /// Takes a job, once.
    ///
    /// # Errors
    /// The store failed.
    pub fn take(&self, job: &Submission) -> Result<Taken, StoreError> {
        let mut add = self
            .0
            .prepare_cached("INSERT INTO jobs (id, hash, job, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?;
        if add.execute(params![job.id, job.hash, job.job, job.at.ms()])? == 1 {
            return Ok(Taken::Accepted);
        }
        let mut find = self.0.prepare_cached("SELECT hash FROM jobs WHERE id = ?1")?;
        let hash: String = find.query_row([&job.id], |row| row.get(0))?;
        Ok(if hash == job.hash { Taken::Known } else { Taken::Clash })
    }

    /// Notes how far a file was taken.
    ///
    /// # Errors
    /// The store failed.
    pub fn mark(&self, file: &str, mark: &Mark) -> Result<(), StoreError> {
        let mut put = self.0.prepare_cached("INSERT OR REPLACE INTO files VALUES (?1, ?2, ?3, ?4)")?;
        put.execute(params![file, mark.bytes as i64, mark.lines as i64, mark.tail])?;
        Ok(())
    }

    /// Says something at the end of a file, once this is committed.
    ///
    /// # Errors
    /// The store failed.
    pub fn say(&self, file: &str, text: &str) -> Result<(), StoreError> {
        if text.is_empty() {
            return Ok(());
        }
        let mut find = self.0.prepare_cached("SELECT length FROM outlets WHERE file = ?1")?;
        let at: i64 = find.query_row([file], |row| row.get(0)).optional()?.unwrap_or(0);
        let mut add = self.0.prepare_cached("INSERT INTO outbox (file, at, text) VALUES (?1, ?2, ?3)")?;
        add.execute(params![file, at, text])?;
        let mut put = self.0.prepare_cached("INSERT OR REPLACE INTO outlets VALUES (?1, ?2)")?;
        put.execute(params![file, at + text.len() as i64])?;
        Ok(())
    }

    /// A wave begins.
    ///
    /// # Errors
    /// The store failed.
    pub fn begin(&self, wave: &Wave) -> Result<(), StoreError> {
        let add = "INSERT INTO waves (number, run, at) VALUES (?1, ?2, ?3)";
        self.0.execute(add, params![wave.number, wave.run, wave.at.ms()])?;
        Ok(())
    }

    /// A wave is over, with what it cost in nano-dollars.
    ///
    /// # Errors
    /// The store failed.
    pub fn end(&self, number: u32, cost: i64) -> Result<(), StoreError> {
        self.0.execute("UPDATE waves SET is_over = 1, cost = ?2 WHERE number = ?1", [i64::from(number), cost])?;
        Ok(())
    }

    /// Tasks of a job are over.
    ///
    /// # Errors
    /// The store failed.
    pub fn count(&self, job: &str, done: u32, failed: u32) -> Result<(), StoreError> {
        let mut add = self.0.prepare_cached("UPDATE jobs SET done = done + ?2, failed = failed + ?3 WHERE id = ?1")?;
        add.execute(params![job, done, failed])?;
        Ok(())
    }

    /// A project has paid.
    ///
    /// # Errors
    /// The store failed.
    pub fn pay(&self, project: &str, nanos: i64) -> Result<(), StoreError> {
        let add = "INSERT INTO paid VALUES (?1, ?2) ON CONFLICT DO UPDATE SET nanos = nanos + ?2";
        self.0.execute(add, params![project, nanos])?;
        Ok(())
    }

    /// Time has come so far.
    ///
    /// # Errors
    /// The store failed.
    pub fn note_time(&self, now: Time) -> Result<(), StoreError> {
        self.0.execute("INSERT OR REPLACE INTO clock VALUES (1, ?1)", [now.ms()])?;
        Ok(())
    }

    /// Puts all of it on disk.
    ///
    /// # Errors
    /// The store failed: nothing of it happened.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit()?)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Held,
            _ => Self::Failed(error.to_string()),
        }
    }
}
