//! Says what was decided: each message has its place in a file, so that saying it again gives the same bytes.

use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use super::store::{Store, StoreError};

/// A message that may not have been said yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub seq: i64,
    /// The file that it goes into.
    pub file: String,
    /// Where in it, in bytes.
    pub at: u64,
    /// What is said.
    pub text: String,
}

/// Messages that could not be said.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be written.
    #[error("{0}: {1}")]
    Io(String, io::Error),
}

/// Says all that is to be said, and notes that it was.
///
/// # Errors
/// What was said is said again the next time.
pub fn deliver(store: &mut Store, folder: &Path) -> Result<(), SayError> {
    let messages = store.unsaid()?;
    for message in &messages {
        say(folder, message).map_err(|e| SayError::Io(message.file.clone(), e))?;
    }
    match messages.last() {
        Some(last) => Ok(store.said(last.seq)?),
        None => Ok(()),
    }
}

/// Writes a message at its place; in a file that its reader has shortened, at the end.
fn say(folder: &Path, message: &Message) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(&message.file))?;
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(message.at.min(end)))?;
    file.write_all(message.text.as_bytes())?;
    file.sync_data()
}
