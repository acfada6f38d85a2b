//! A SQLite file that one process holds at a time: write-ahead log, `synchronous = FULL`, brought to the present format
//! step by step.

use std::path::Path;

use rusqlite::Connection;

/// Opens the file, or makes it, and holds it; takes those of the `steps` that were not taken yet, all or none.
/// `user_version` says how many were; `newer` makes an error of more than there are, and of how many there are.
///
/// # Errors
/// Another process holds it, it cannot be used, or a later version wrote it.
pub(crate) fn open<E: From<rusqlite::Error>>(
    path: &Path,
    steps: &[&str],
    newer: impl FnOnce(i64, i64) -> E,
) -> Result<Connection, E> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let taken: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let all = steps.len() as i64;
    if taken > all {
        return Err(newer(taken, all));
    }
    for step in &steps[taken as usize..] {
        connection.execute_batch(step)?;
    }
    connection.pragma_update(None, "user_version", all)?;
    connection.execute_batch("COMMIT")?;
    Ok(connection)
}
