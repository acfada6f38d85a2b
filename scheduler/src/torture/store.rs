//! The journal of a round: in memory, cut at what was synced, and with the mistake that was planted in it.

use std::ops::ControlFlow;

use tradewind_core::time::Millis;

use super::bug::Bug;
use super::fault::Fault;
use super::shared::Shared;
use crate::journal::{Entry, Journal, JournalError, Memory, Snapshot};

/// The entry that mistakes strike.
const STRUCK: u64 = 20;

/// A journal that may have a planted mistake.
#[derive(Clone, Default)]
pub(super) struct Store {
    memory: Memory,
    /// Hashes of all that was ever handed over since the last power cut, after those that survived it.
    handed: Vec<String>,
    bug: Option<Bug>,
}

impl Store {
    pub fn new(bug: Option<Bug>) -> Self {
        Self { bug, ..Self::default() }
    }

    /// The power is cut: what was not synced is gone, but for some entries that reached the disk by chance.
    pub fn cut_power(&mut self, shared: &Shared) {
        let unsynced = self.memory.unsynced();
        let kept = (shared.draw() * (unsynced + 1) as f64) as usize;
        if kept < unsynced {
            shared.reach(Fault::PowerCut);
        }
        self.memory.cut_power(kept);
        if self.bug == Some(Bug::JournalLost) {
            self.memory = Memory::default();
        }
    }

    /// Whether what is there is the beginning of what was handed over, entry by entry: nothing half, nothing twice.
    pub fn is_whole(&mut self) -> bool {
        let there: Vec<String> = self.entries().unwrap_or_default().into_iter().map(|e| e.hash).collect();
        let is_whole = self.handed.starts_with(&there);
        self.handed.truncate(there.len());
        is_whole
    }
}

impl Journal for Store {
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.handed.push(entry.hash.clone());
        match self.bug.filter(|_| entry.seq() == STRUCK) {
            Some(Bug::EntryDropped) => return Ok(()),
            Some(Bug::EntryTwice) => self.memory.append(entry)?,
            Some(Bug::EntryChanged) => {
                let time = entry.time + Millis::new(1);
                return self.memory.append(&Entry { time, ..entry.clone() });
            }
            _ => {}
        }
        self.memory.append(entry)
    }

    fn sync(&mut self) -> Result<(), JournalError> {
        if self.bug == Some(Bug::SyncOmitted) { Ok(()) } else { self.memory.sync() }
    }

    fn read(&self, from: u64, each: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<(), JournalError> {
        let mut entries = self.memory.entries()?;
        match self.bug {
            Some(Bug::TornEntryRead) => entries.iter_mut().last().into_iter().for_each(|last| last.data.calls.clear()),
            Some(Bug::EntriesSwapped) if entries.len() > 1 => entries.swap(0, 1),
            _ => {}
        }
        let _ = entries.into_iter().skip(from.saturating_sub(1) as usize).try_for_each(each);
        Ok(())
    }

    fn keep(&mut self, snapshot: &Snapshot) -> Result<(), JournalError> {
        self.memory.keep(snapshot)
    }

    fn snapshot(&self) -> Option<Snapshot> {
        self.memory.snapshot()
    }
}
