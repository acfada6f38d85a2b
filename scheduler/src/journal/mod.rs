//! The journal of a run: every event it was told, with the calls and choices that followed, in a chain of hashes.
//!
//! Each entry is a CloudEvent (CNCF, 1.0.2). An entry is on disk before a call of it is sent; the answer is the next
//! event. So a run is its journal: told again, it gives the same state, and what was open is asked again.

mod entry;
mod memory;
mod sqlite;

pub use entry::{Chain, Data, Entry, GENESIS};
pub use memory::Memory;
pub use sqlite::Sqlite;

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

    /// All entries, in order.
    ///
    /// # Errors
    /// The store failed, or holds what is no entry.
    fn entries(&self) -> Result<Vec<Entry>, JournalError>;
}

#[cfg(test)]
mod tests;
