//! A journal in memory that tells what was synced from what was not: for tests that cut the power.

use super::{Entry, Journal, JournalError};

/// Entries in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    entries: Vec<Entry>,
    synced: usize,
}

impl Memory {
    /// The power is cut: what was not synced is gone, but for so many entries that reached the disk by chance.
    pub fn cut_power(&mut self, kept: usize) {
        self.entries.truncate(self.synced + kept);
        self.synced = self.entries.len();
    }

    /// Entries that are not synced.
    pub fn unsynced(&self) -> usize {
        self.entries.len() - self.synced
    }
}

impl Journal for Memory {
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.entries.push(entry.clone());
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        self.synced = self.entries.len();
        Ok(())
    }

    fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        Ok(self.entries.clone())
    }
}
