//! The journal of a run: every event it was told, with the calls and choices that followed, in a chain of hashes.
//!
//! Each entry is a CloudEvent (CNCF, 1.0.2). An entry is on disk before a call of it is sent; the answer is the next
//! event. So a run is its journal: told again, it gives the same state, and what was open is asked again. A [`Snapshot`]
//! of that state spares a leader the entries before it; nothing else needs one.

mod entry;
mod memory;
mod snapshot;
mod sqlite;

pub use entry::{Chain, Data, Entry, GENESIS};
pub use memory::Memory;
pub use snapshot::Snapshot;
pub use sqlite::Sqlite;

use std::ops::ControlFlow;

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another leader holds it.
    #[error("another process leads this run")]
    Held,
    /// The store failed.
    #[error("the journal's store: {0}")]
    Store(String),
    /// An entry is not what was written.
    #[error("entry {0} of the journal is broken: {1}")]
    Broken(u64, String),
    /// It was written by a later version.
    #[error("the journal has format {0}, this version reads up to {1}")]
    Newer(i64, i64),
}

/// Keeps entries.
pub trait Journal {
    /// Adds an entry. It may be lost until the next [`Journal::sync`].
    ///
    /// # Errors
    /// The store failed; nothing was added.
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError>;

    /// Makes everything that was added outlive a power cut.
    ///
    /// # Errors
    /// The store failed; what was added since the last time may be lost.
    fn sync(&mut self) -> Result<(), JournalError>;

    /// Reads entries in order, from a number on (the first is 1), until one of them is enough.
    ///
    /// # Errors
    /// The store failed, or holds what is no entry.
    fn read(&self, from: u64, each: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<(), JournalError>;

    /// All entries, in order.
    ///
    /// # Errors
    /// As [`Journal::read`].
    fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        let mut all = Vec::new();
        self.read(1, &mut |entry| {
            all.push(entry);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    /// Whether there are no entries.
    ///
    /// # Errors
    /// As [`Journal::read`].
    fn is_empty(&self) -> Result<bool, JournalError> {
        let mut is_empty = true;
        self.read(1, &mut |_| {
            is_empty = false;
            ControlFlow::Break(())
        })?;
        Ok(is_empty)
    }

    /// Keeps a snapshot in the place of the last one. It is lost with the entries that it stands behind.
    ///
    /// # Errors
    /// The store failed.
    fn keep(&mut self, snapshot: &Snapshot) -> Result<(), JournalError>;

    /// The snapshot that was kept last, as it was read: [`Snapshot::resume`] tells whether it is any good. Nothing where
    /// it cannot be read, since nobody needs one.
    fn snapshot(&self) -> Option<Snapshot>;
}

#[cfg(test)]
mod tests;
