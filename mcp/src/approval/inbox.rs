//! Where questions wait and grants are left: two folders beside the world, read and written without holding it, so
//! that a person can answer while the server runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tradewind_core::time::Time;

use super::Binding;

/// Questions that wait at the most: an agent cannot fill the disk with them.
const MOST_WAITING: usize = 1_000;
const ASKED: &str = "asked";
const GRANTED: &str = "granted";

/// An inbox that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}: {1}")]
pub struct InboxError(pub PathBuf, pub io::Error);

/// A question: what somebody wants to do, and why that needs a yes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What it is named by.
    pub ticket: String,
    /// Who calls.
    pub caller: String,
    /// The tool.
    pub tool: String,
    /// `present` or `absent`.
    pub state: String,
    /// The arguments.
    pub arguments: Value,
    /// Why it needs a yes, a line each.
    pub reasons: Vec<String>,
    /// Until when it can be given.
    pub until: Time,
    /// What a grant must hold for.
    pub binding: Binding,
}

/// The place; none keeps nothing.
#[derive(Debug, Clone, Default)]
pub struct Inbox(Option<PathBuf>);

impl Inbox {
    /// In a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self(Some(folder))
    }

    fn file(&self, kind: &str, ticket: &str) -> Option<PathBuf> {
        // A ticket comes from a command line: it names a file here and nowhere else.
        let is_ticket = !ticket.is_empty() && ticket.bytes().all(|b| b.is_ascii_hexdigit());
        self.0.as_ref().filter(|_| is_ticket).map(|folder| folder.join(kind).join(format!("{ticket}.json")))
    }

    /// Leaves a question, in place of the same one that was left before.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn ask(&self, asked: &Asked, now: Time) -> Result<(), InboxError> {
        let Some(file) = self.file(ASKED, &asked.ticket) else { return Ok(()) };
        if self.waiting(now)?.len() >= MOST_WAITING {
            let full = io::Error::other(format!("{MOST_WAITING} questions wait for an answer"));
            return Err(InboxError(file, full));
        }
        write(&file, &serde_json::to_vec_pretty(asked).map_err(|e| InboxError(file.clone(), e.into()))?)
    }

    /// The questions that can still be answered, by ticket; the others are taken away.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn waiting(&self, now: Time) -> Result<Vec<Asked>, InboxError> {
        let Some(folder) = self.0.as_ref().map(|f| f.join(ASKED)) else { return Ok(vec![]) };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(e) => return Err(InboxError(folder, e)),
        };
        let mut waiting = Vec::new();
        for path in entries.flatten().map(|e| e.path()) {
            let Some(asked) = fs::read(&path).ok().and_then(|t| serde_json::from_slice::<Asked>(&t).ok()) else {
                continue;
            };
            if asked.until > now {
                waiting.push(asked);
            } else {
                take_away(&path)?;
            }
        }
        waiting.sort_by(|a, b| a.ticket.cmp(&b.ticket));
        Ok(waiting)
    }

    /// Leaves a grant for the server to find, and takes the question away.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn grant(&self, ticket: &str, grant: &str) -> Result<(), InboxError> {
        if let Some(file) = self.file(GRANTED, ticket) {
            write(&file, grant.as_bytes())?;
        }
        self.file(ASKED, ticket).map_or(Ok(()), |file| take_away(&file))
    }

    /// Takes the grant of a ticket, if one was left.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn take_grant(&self, ticket: &str) -> Result<Option<String>, InboxError> {
        let Some(file) = self.file(GRANTED, ticket) else { return Ok(None) };
        match fs::read_to_string(&file) {
            Ok(grant) => take_away(&file).map(|()| Some(grant)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(InboxError(file, e)),
        }
    }
}

/// Written whole or not at all: beside it, then renamed.
fn write(file: &Path, text: &[u8]) -> Result<(), InboxError> {
    let folder = file.parent().unwrap_or(file);
    let beside = file.with_extension("new");
    let written =
        fs::create_dir_all(folder).and_then(|()| fs::write(&beside, text)).and_then(|()| fs::rename(&beside, file));
    written.map_err(|e| InboxError(file.to_owned(), e))
}

fn take_away(file: &Path) -> Result<(), InboxError> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(InboxError(file.to_owned(), e)),
        _ => Ok(()),
    }
}
