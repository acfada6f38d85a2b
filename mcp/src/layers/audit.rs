//! Everything that was asked and what came of it, in a chain: each entry holds the hash of the one before.
//!
//! An edit, a removal, a new or a swapped line breaks the chain. The end can be cut off unseen; who keeps a
//! [`Head`] elsewhere sees that too. Arguments and replies stand there as hashes: no secret enters the log.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tradewind_core::hash;
use tradewind_core::time::Time;

use super::timer::Timer;
use crate::provider::{Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// What stands before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    seq: u64,
    time: Time,
    actor: String,
    role: String,
    epoch: Option<u64>,
    tool: String,
    args_hash: String,
    decision: Option<String>,
    /// `done`, `replayed`, or the code of the refusal.
    outcome: String,
    /// Who approved it, where somebody had to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved_by: Option<String>,
    result_hash: String,
    prev: String,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Entries.
    pub entries: u64,
    /// Hash of the last one.
    pub hash: String,
}

/// A log that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its end.
    pub head: Head,
    /// Whether it holds the anchor that was given, if one was.
    pub has_anchor: bool,
}

/// A log that does not.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A line that is not what was written.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Follows the chain from the first line; `anchor` is the hash of an entry known from elsewhere.
///
/// # Errors
/// The first line that breaks it.
pub fn verify(log: impl Read, anchor: Option<&str>) -> Result<Verified, Broken> {
    let mut head = Head { entries: 0, hash: GENESIS.to_owned() };
    let mut has_anchor = anchor.is_none();
    for (line, text) in (1..).zip(BufReader::new(log).split(b'\n')) {
        let text = text?;
        let broken = |what: String| Broken::Line { line, what };
        let entry: Entry = serde_json::from_slice(&text).map_err(|e| broken(format!("not an entry: {e}")))?;
        if serde_json::to_vec(&entry).ok().as_deref() != Some(&text) {
            return Err(broken("not as it was written".to_owned()));
        }
        if entry.prev != head.hash || entry.seq != head.entries {
            return Err(broken(format!("entry {} does not follow the one before", entry.seq)));
        }
        head = Head { entries: entry.seq + 1, hash: hash::of_bytes(&text) };
        has_anchor |= anchor == Some(head.hash.as_str());
    }
    Ok(Verified { head, has_anchor })
}

/// Writes the log.
pub struct Audit<P> {
    inner: P,
    timer: Arc<dyn Timer>,
    file: File,
    log: Mutex<Log>,
}

/// How far the open log goes.
struct Log {
    head: Head,
    /// Bytes of its whole lines.
    length: u64,
    /// Whether half a line is at its end that could not be taken off: nothing can follow it.
    is_torn: bool,
}

/// What a log is written on.
trait Paper: Write {
    /// Takes off what stands beyond a length; what is written next follows it.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Paper for &File {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length)).map(|_| ())
    }
}

impl Log {
    /// Adds an entry: whole, or not at all.
    fn add(&mut self, mut paper: impl Paper, mut line: Vec<u8>) -> io::Result<()> {
        if self.is_torn {
            return Err(io::Error::other("half an entry is at its end: start the server again"));
        }
        let hash = hash::of_bytes(&line);
        line.push(b'\n');
        if let Err(error) = paper.write_all(&line) {
            self.is_torn = paper.cut(self.length).is_err();
            return Err(error);
        }
        self.length += line.len() as u64;
        self.head = Head { entries: self.head.entries + 1, hash };
        Ok(())
    }
}

impl<P> Audit<P> {
    /// Around a provider. A log that is there is gone on with; a last line that was cut off by a crash is taken off.
    ///
    /// # Errors
    /// The file cannot be read or written, or its chain is broken.
    pub fn new(inner: P, path: &Path, timer: Arc<dyn Timer>) -> Result<Self, Broken> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let head = verify(&text[..whole], None)?.head;
        Ok(Self { inner, timer, file, log: Mutex::new(Log { head, length: whole as u64, is_torn: false }) })
    }

    /// The end of the chain: keep it elsewhere.
    pub fn head(&self) -> Head {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).head.clone()
    }

    fn write(&self, call: &Call, outcome: &Outcome) -> io::Result<()> {
        let (word, result_hash) = match outcome {
            Ok(answer) => (if answer.replayed { "replayed" } else { "done" }.to_owned(), hash_of(&answer.reply)?),
            Err(refusal) => (refusal.code.clone().into_owned(), hash_of(refusal)?),
        };
        let args_hash = hash_of(&(&call.request, &call.control))?;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = Entry {
            seq: log.head.entries,
            time: self.timer.now(),
            actor: call.caller.name.clone(),
            role: call.caller.role.clone(),
            epoch: call.control.as_ref().map(|c| c.epoch),
            tool: call.request.tool().to_owned(),
            args_hash,
            decision: call.control.as_ref().map(|c| c.decision.to_string()),
            outcome: word,
            approved_by: outcome.as_ref().ok().and_then(|a| a.approved_by.clone()),
            result_hash,
            prev: log.head.hash.clone(),
        };
        log.add(&self.file, serde_json::to_vec(&entry)?)?;
        drop(log);
        // What changed something is on disk before it is answered, with all that was written before it. Others write on.
        if call.control.is_some() { self.file.sync_data() } else { Ok(()) }
    }
}

/// [`hash::of`] a small value: without the large buffer for large ones.
fn hash_of<T: Serialize>(value: &T) -> serde_json::Result<String> {
    Ok(hash::of_bytes(&serde_json::to_vec(value)?))
}

impl<P: Provider> Provider for Audit<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            let outcome = self.inner.call(call).await;
            match self.write(call, &outcome) {
                Ok(()) => outcome,
                Err(error) => {
                    let help = "free the disk; the same call again finds out whether it was done";
                    let message = format!("the audit log cannot be written: {error}");
                    Err(Refusal::new("TW5016", Class::Unavailable, message, help).retryable())
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper with room for so many bytes; what was too much can be taken off, or not.
    struct Sheet {
        text: Vec<u8>,
        room: usize,
        is_cut: bool,
    }

    impl Write for &mut Sheet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let fits = bytes.len().min(self.room - self.text.len());
            self.text.extend(&bytes[..fits]);
            if fits == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Paper for &mut Sheet {
        fn cut(&mut self, length: u64) -> io::Result<()> {
            if !self.is_cut {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            self.text.truncate(length as usize);
            Ok(())
        }
    }

    fn log() -> Log {
        Log { head: Head { entries: 0, hash: GENESIS.to_owned() }, length: 0, is_torn: false }
    }

    fn lines(sheet: &Sheet) -> &str {
        std::str::from_utf8(&sheet.text).expect("text")
    }

    #[test]
    fn an_entry_for_which_there_is_no_room_leaves_nothing_behind() {
        let (mut log, mut sheet) = (log(), Sheet { text: vec![], room: 8, is_cut: true });
        log.add(&mut sheet, b"one".to_vec()).expect("room");
        let head = log.head.clone();
        log.add(&mut sheet, b"too long".to_vec()).expect_err("no room");
        assert_eq!((lines(&sheet), &log.head), ("one\n", &head), "the chain goes on where it was");
        log.add(&mut sheet, b"two".to_vec()).expect("room again");
        assert_eq!((lines(&sheet), log.head.entries), ("one\ntwo\n", 2));
    }

    #[test]
    fn nothing_follows_half_an_entry() {
        let (mut log, mut sheet) = (log(), Sheet { text: vec![], room: 8, is_cut: false });
        log.add(&mut sheet, b"too long".to_vec()).expect_err("no room");
        sheet.room = 100;
        log.add(&mut sheet, b"two".to_vec()).expect_err("refused until the server starts again");
        assert_eq!((lines(&sheet), log.head.entries), ("too long", 0));
    }
}
