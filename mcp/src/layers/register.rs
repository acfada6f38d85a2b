//! What the layers must not forget: the highest epoch of each owner, the calls that were made, the money that is
//! set aside. One SQLite file; what is written is on disk before a call goes on.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use tradewind_core::money::Usd;
use tradewind_core::time::{Millis, Time};

use crate::refusal::{Class, Refusal};

/// A key is kept for so long after its call: longer than any run (7 days, the longest time to live, and one).
const KEPT: Millis = Millis::from_hours(8 * 24);

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the register cannot be used: {0}")]
pub struct RegisterError(#[from] rusqlite::Error);

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        let help = "free the disk or the lock; the same call again finds out whether it was done";
        Self::new("TW5016", Class::Unavailable, error.to_string(), help).retryable()
    }
}

/// A call as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// Hash of its arguments.
    pub arguments: String,
    /// Its answer as JSON; none while it is open.
    pub answer: Option<String>,
}

/// The register.
pub struct Register(Mutex<Connection>);

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS epochs (owner TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS calls (
        owner TEXT NOT NULL, tool TEXT NOT NULL, key TEXT NOT NULL,
        arguments TEXT NOT NULL, answer TEXT, at_ms INTEGER NOT NULL,
        PRIMARY KEY (owner, tool, key)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS calls_by_age ON calls (at_ms);
    CREATE TABLE IF NOT EXISTS redeemed (once TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS escrow (
        resource TEXT PRIMARY KEY, reserved INTEGER NOT NULL, spent INTEGER) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS held (
        resource TEXT PRIMARY KEY, reserved INTEGER NOT NULL, from_ms INTEGER NOT NULL, ttl_ms INTEGER NOT NULL) WITHOUT ROWID;
";

impl Register {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// It cannot be read or written, or another server holds it.
    pub fn open(path: &Path) -> Result<Self, RegisterError> {
        // Nothing is answered that a power cut would take back.
        Self::open_with(path, "FULL")
    }

    /// The same beside a cloud that a power cut takes back: what is written outlives the process, and no more.
    ///
    /// # Errors
    /// As [`Register::open`].
    pub fn open_unsynced(path: &Path) -> Result<Self, RegisterError> {
        Self::open_with(path, "OFF")
    }

    fn open_with(path: &Path, synchronous: &str) -> Result<Self, RegisterError> {
        let connection = Connection::open(path)?;
        // One writer.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        Self::with(connection)
    }

    /// One that ends with its server.
    ///
    /// # Errors
    /// There is no memory.
    pub fn in_memory() -> Result<Self, RegisterError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> Result<Self, RegisterError> {
        connection.execute_batch(TABLES)?;
        Ok(Self(Mutex::new(connection)))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Raises the epoch of an owner, never lowers it; the highest that was seen.
    pub(super) fn raise_epoch(&self, owner: &str, epoch: u64) -> Result<u64, RegisterError> {
        let connection = self.lock();
        let mut seen = connection.prepare_cached("SELECT epoch FROM epochs WHERE owner = ?1")?;
        let seen: Option<i64> = seen.query_row([owner], |row| row.get(0)).optional()?;
        let (seen, epoch) = (seen.map(i64::cast_unsigned), epoch);
        if let Some(seen) = seen.filter(|seen| *seen >= epoch) {
            return Ok(seen);
        }
        let mut raise = connection.prepare_cached(
            "INSERT INTO epochs VALUES (?1, ?2) ON CONFLICT (owner) DO UPDATE SET epoch = excluded.epoch",
        )?;
        raise.execute(params![owner, epoch.cast_signed()])?;
        Ok(epoch)
    }

    /// The call under a key of an owner's, and the same key noted as open if there is none.
    pub(super) fn begin(&self, call: [&str; 3], arguments: &str, at: Time) -> Result<Option<Kept>, RegisterError> {
        let connection = self.lock();
        let [owner, tool, key] = call;
        let mut find = connection
            .prepare_cached("SELECT arguments, answer FROM calls WHERE owner = ?1 AND tool = ?2 AND key = ?3")?;
        let kept = find.query_row([owner, tool, key], |row| Ok(Kept { arguments: row.get(0)?, answer: row.get(1)? }));
        if let Some(kept) = kept.optional()? {
            return Ok(Some(kept));
        }
        let mut note = connection.prepare_cached("INSERT INTO calls VALUES (?1, ?2, ?3, ?4, NULL, ?5)")?;
        note.execute(params![owner, tool, key, arguments, at.ms()])?;
        Ok(None)
    }

    /// Keeps the answer of an open call, and forgets calls that are too old to come again.
    pub(super) fn finish(&self, call: [&str; 3], answer: &str, at: Time) -> Result<(), RegisterError> {
        let connection = self.lock();
        let [owner, tool, key] = call;
        let mut keep = connection
            .prepare_cached("UPDATE calls SET answer = ?4, at_ms = ?5 WHERE owner = ?1 AND tool = ?2 AND key = ?3")?;
        keep.execute(params![owner, tool, key, answer, at.ms()])?;
        let mut forget = connection.prepare_cached("DELETE FROM calls WHERE at_ms < ?1 AND answer IS NOT NULL")?;
        forget.execute([(at - KEPT).ms()])?;
        Ok(())
    }

    /// Forgets an open call that was refused: nothing was done under its key.
    pub(super) fn abandon(&self, call: [&str; 3]) -> Result<(), RegisterError> {
        let connection = self.lock();
        let mut forget = connection
            .prepare_cached("DELETE FROM calls WHERE owner = ?1 AND tool = ?2 AND key = ?3 AND answer IS NULL")?;
        forget.execute(call)?;
        Ok(())
    }

    /// Uses up an approval; whether it was unused. Those that ended long ago are forgotten: their seal no longer opens.
    pub(super) fn redeem(&self, once: &str, at: Time) -> Result<bool, RegisterError> {
        let connection = self.lock();
        let mut forget = connection.prepare_cached("DELETE FROM redeemed WHERE at_ms < ?1")?;
        forget.execute([(at - KEPT).ms()])?;
        let mut redeem = connection.prepare_cached("INSERT OR IGNORE INTO redeemed VALUES (?1, ?2)")?;
        Ok(redeem.execute(params![once, at.ms()])? == 1)
    }

    /// Takes back that an approval was used.
    pub(super) fn unredeem(&self, once: &str) -> Result<(), RegisterError> {
        let connection = self.lock();
        connection.prepare_cached("DELETE FROM redeemed WHERE once = ?1")?.execute([once])?;
        Ok(())
    }

    /// Money set aside and money spent, of all resources.
    pub(super) fn money(&self) -> Result<(Usd, Usd), RegisterError> {
        let connection = self.lock();
        let mut sum = connection.prepare_cached(
            "SELECT coalesce(sum(CASE WHEN spent IS NULL THEN reserved ELSE 0 END), 0)
                    + (SELECT coalesce(sum(reserved), 0) FROM held), coalesce(sum(spent), 0) FROM escrow",
        )?;
        Ok(sum.query_row([], |row| Ok((Usd::from_nanos(row.get(0)?), Usd::from_nanos(row.get(1)?))))?)
    }

    /// Money that is set aside for a resource.
    pub(super) fn reserved_for(&self, resource: &str) -> Result<Usd, RegisterError> {
        let connection = self.lock();
        let mut sum = connection
            .prepare_cached("SELECT coalesce(sum(reserved), 0) FROM escrow WHERE resource = ?1 AND spent IS NULL")?;
        Ok(Usd::from_nanos(sum.query_row([resource], |row| row.get(0))?))
    }

    /// Sets money aside for a resource, unless it was.
    pub(super) fn reserve(&self, resource: &str, worst: Usd) -> Result<(), RegisterError> {
        let connection = self.lock();
        let mut reserve = connection.prepare_cached("INSERT OR IGNORE INTO escrow VALUES (?1, ?2, NULL)")?;
        reserve.execute(params![resource, worst.nanos()])?;
        Ok(())
    }

    /// Sets money aside for something that has a name and a time to live, and no bill before its end; the larger where
    /// it had some.
    pub(super) fn hold(&self, resource: &str, worst: Usd, from: Time, ttl: Millis) -> Result<(), RegisterError> {
        let connection = self.lock();
        let mut hold = connection.prepare_cached(
            "INSERT INTO held VALUES (?1, ?2, ?3, ?4) ON CONFLICT (resource) DO UPDATE
             SET reserved = max(reserved, excluded.reserved), ttl_ms = excluded.from_ms + excluded.ttl_ms - from_ms",
        )?;
        hold.execute(params![resource, worst.nanos(), from.ms(), ttl.get()])?;
        Ok(())
    }

    /// Replaces what was held by its bill; where it has none, by the worst case of the time that it was there.
    pub(super) fn end(&self, resource: &str, bill: Option<Usd>, at: Time) -> Result<(), RegisterError> {
        let connection = self.lock();
        let mut find = connection.prepare_cached("SELECT reserved, from_ms, ttl_ms FROM held WHERE resource = ?1")?;
        let held = find.query_row([resource], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((reserved, from, ttl)): Option<(i64, i64, i64)> = held else { return Ok(()) };
        let elapsed = (at.ms() - from).clamp(0, ttl);
        let share = (i128::from(reserved) * i128::from(elapsed) + i128::from(ttl) - 1) / i128::from(ttl.max(1));
        let spent = bill.map_or(share as i64, Usd::nanos);
        connection.prepare_cached("DELETE FROM held WHERE resource = ?1")?.execute([resource])?;
        // Its name may be used again: the bill is known by when it began, too.
        let mut note = connection.prepare_cached("INSERT OR IGNORE INTO escrow VALUES (?1 || '@' || ?2, ?3, ?3)")?;
        note.execute(params![resource, from, spent])?;
        Ok(())
    }

    /// Replaces what was set aside by what was spent.
    pub(super) fn settle(&self, resource: &str, spent: Usd) -> Result<(), RegisterError> {
        let connection = self.lock();
        let mut settle =
            connection.prepare_cached("UPDATE escrow SET spent = ?2 WHERE resource = ?1 AND spent IS NULL")?;
        settle.execute(params![resource, spent.nanos()])?;
        Ok(())
    }
}
