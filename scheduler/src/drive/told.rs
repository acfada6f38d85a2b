//! A run from its journal: told again from the start, or from a snapshot on.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::driver::DriveError;
use crate::journal::{Chain, Entry, Journal, JournalError};
use crate::run::{Run, Script};

/// A run that is being told again, and the end of its chain.
struct Telling {
    run: Run,
    chain: Chain,
}

impl Telling {
    fn new(script: Arc<Script>) -> Self {
        Self { chain: Chain::new(&script.owner), run: Run::new(script) }
    }

    /// Tells the next entry; it must lead to what it says.
    fn tell(&mut self, entry: &Entry) -> Result<(), DriveError> {
        self.chain.follow(entry)?;
        let step = self.run.tell(&entry.told());
        if step.calls != entry.data.calls || step.decisions != entry.data.decisions {
            return Err(DriveError::Unlike(entry.seq()));
        }
        Ok(())
    }

    /// Tells what a journal holds from an entry on.
    fn tell_from(mut self, journal: &impl Journal, from: u64) -> Result<(Run, Chain), DriveError> {
        let mut told = Ok(());
        journal.read(from, &mut |entry| {
            told = self.tell(&entry);
            if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        told.map(|()| (self.run, self.chain))
    }
}

/// Tells a run again what a journal held; the run, and the end of the chain.
///
/// # Errors
/// A journal that is broken, or that another version wrote.
pub fn replay(script: Arc<Script>, entries: &[Entry]) -> Result<(Run, Chain), DriveError> {
    let mut telling = Telling::new(script);
    entries.iter().try_for_each(|entry| telling.tell(entry))?;
    Ok((telling.run, telling.chain))
}

/// Tells a run again what a journal holds, from its start.
///
/// # Errors
/// As [`replay`].
pub fn tell_again(script: Arc<Script>, journal: &impl Journal) -> Result<(Run, Chain), DriveError> {
    Telling::new(script).tell_from(journal, 1)
}

/// A run as its journal leaves it: from its snapshot on where that is sound, else from the start. Either way it is the
/// same run; what stands before the snapshot is not looked at.
///
/// # Errors
/// As [`replay`].
pub fn recover(script: Arc<Script>, journal: &impl Journal) -> Result<Recovered, DriveError> {
    if let Some((run, chain)) = journal.snapshot().and_then(|snapshot| snapshot.resume(script.clone())) {
        let kept = chain.len();
        let has_its_entry = is_there(journal, &chain)?;
        if let (true, Ok((run, chain))) = (has_its_entry, Telling { run, chain }.tell_from(journal, kept + 1)) {
            return Ok(Recovered { run, chain, kept });
        }
    }
    let (run, chain) = tell_again(script, journal)?;
    Ok(Recovered { run, chain, kept: 0 })
}

/// A run that goes on.
pub struct Recovered {
    /// The run.
    pub run: Run,
    /// The end of its chain.
    pub chain: Chain,
    /// Entries that stand before the snapshot; 0 where it was told from the start.
    pub kept: u64,
}

/// Whether a journal holds the last entry of a chain. One that is not readable is not there.
fn is_there(journal: &impl Journal, chain: &Chain) -> Result<bool, JournalError> {
    let mut is_there = false;
    let read = journal.read(chain.len(), &mut |entry| {
        is_there = entry.seq() == chain.len() && entry.hash == chain.head();
        ControlFlow::Break(())
    });
    match read {
        Err(JournalError::Broken(..)) => Ok(false),
        read => read.map(|()| is_there),
    }
}
