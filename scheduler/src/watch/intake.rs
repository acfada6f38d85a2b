//! Takes what is in the inbox: a batch of lines of a file, the answers to them and the file's mark in one transaction.

use std::io;
use std::path::Path;

use serde_json::{Value, json};
use tradewind_core::hash;
use tradewind_core::job::Job;
use tradewind_core::time::{Millis, Time};

use super::inbox::{self, Batch};
use super::outbox::{self, SayError};
use super::store::{Change, Store, StoreError, Submission, Taken};

/// Work is planned no sooner than this before it may start: later is known better.
const AHEAD: Millis = Millis::from_hours(24);

/// Reads a line of a file: the job, or what is wrong with it, as data.
pub type Reader<'r> = &'r dyn Fn(&str, u64, &str) -> Result<Job, Value>;

/// A submission that could not be taken: nothing of its batch was.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The folder cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was taken cannot be said; it is said the next time.
    #[error(transparent)]
    Say(#[from] SayError),
}

/// What became of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Jobs that are ours now.
    pub accepted: u64,
    /// Jobs that were ours already.
    pub known: u64,
    /// Lines that are none, or clash with a job that is ours.
    pub refused: u64,
}

/// Takes all whole lines that are there, and says so.
///
/// # Errors
/// See [`IntakeError`]; what was said stays taken.
pub fn take(store: &mut Store, folder: &Path, now: Time, reader: Reader<'_>) -> Result<Count, IntakeError> {
    let unreadable = |name: &str| {
        let name = folder.join(name).display().to_string();
        move |e| IntakeError::Unreadable(name, e)
    };
    let mut count = Count::default();
    for name in inbox::files(folder).map_err(unreadable(""))? {
        while let Some(batch) = inbox::lines(folder, &name, &store.mark(&name)?).map_err(unreadable(&name))? {
            let change = store.change()?;
            let mut answers = Answers { count, ..Answers::default() };
            answers.to(&batch, &change, now, reader)?;
            change.mark(&name, &batch.mark)?;
            change.say(&format!("{name}.ack"), &answers.acknowledged)?;
            change.say(&format!("{name}.bad"), &answers.refused)?;
            change.commit()?;
            count = answers.count;
            outbox::deliver(store, folder)?;
        }
    }
    Ok(count)
}

/// The answers to a batch.
#[derive(Default)]
struct Answers {
    acknowledged: String,
    refused: String,
    count: Count,
}

impl Answers {
    fn to(&mut self, batch: &Batch, change: &Change<'_>, now: Time, reader: Reader<'_>) -> Result<(), StoreError> {
        for (number, line) in (batch.first..).zip(batch.text.split_inclusive(|b| *b == b'\n')) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(line);
            match reader(&batch.file, number, &text) {
                Ok(job) => self.take(number, &job, change, now)?,
                Err(problems) => self.refuse(json!({ "line": number, "text": text.trim_end(), "problems": problems })),
            }
        }
        Ok(())
    }

    fn take(&mut self, number: u64, job: &Job, change: &Change<'_>, now: Time) -> Result<(), StoreError> {
        let text = serde_json::to_string(job).map_err(|e| StoreError::Failed(e.to_string()))?;
        let begins = job.earliest_start.map_or(now, |at| at - AHEAD);
        let at = now.max(begins).max(job.submit.unwrap_or(now));
        let submission = Submission { id: job.id.clone(), hash: hash::of_bytes(text.as_bytes()), job: text, at };
        let is = match change.take(&submission)? {
            Taken::Accepted => {
                self.count.accepted += 1;
                "accepted"
            }
            Taken::Known => {
                self.count.known += 1;
                "known"
            }
            Taken::Clash => {
                let problem = json!({
                    "code": "TW4031", "title": "another job has this id", "line": number, "got": submission.id,
                    "help": "a job that was acknowledged does not change: give the new one an id of its own",
                });
                self.refuse(json!({ "line": number, "job": submission.id, "problems": [problem] }));
                return Ok(());
            }
        };
        let line = json!({ "line": number, "job": submission.id, "is": is, "hash": submission.hash });
        self.acknowledged.push_str(&format!("{line}\n"));
        Ok(())
    }

    fn refuse(&mut self, line: Value) {
        self.count.refused += 1;
        self.refused.push_str(&format!("{line}\n"));
    }
}
