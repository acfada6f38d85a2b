//! A journal in memory that tells what was synced from what was not: for tests that cut the power.

use std::ops::ControlFlow;

use super::{Entry, Journal, JournalError, Snapshot};

/// Entries in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    entries: Vec<Entry>,
    synced: usize,
    snapshot: Option<Snapshot>,
}

impl Memory {
    /// The power is cut: what was not synced is gone, but for so many entries that reached the disk by chance.
    pub fn cut_power(&mut self, kept: usize) {
        self.entries.truncate(self.synced + kept);
        self.synced = self.entries.len();
        self.snapshot = self.snapshot.take().filter(|s| s.seq <= self.synced as u64);
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

    fn read(&self, from: u64, each: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<(), JournalError> {
        let behind = self.entries.iter().skip(from.saturating_sub(1) as usize);
        let _ = behind.cloned().try_for_each(each);
        Ok(())
    }

    fn keep(&mut self, snapshot: &Snapshot) -> Result<(), JournalError> {
        self.snapshot = Some(snapshot.clone());
        Ok(())
    }

    fn snapshot(&self) -> Option<Snapshot> {
        self.snapshot.clone()
    }
}
