//! An entry of a journal, and the chain that they make.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::hash;
use tradewind_core::time::Time;

use super::JournalError;
use crate::run::{Call, Decision, Event, Step, Told};

/// What stands before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What happened, and what the run did about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// What the run was told.
    #[schemars(with = "serde_json::Value")]
    pub event: Event,
    /// The calls that it opened: sent only after this entry is on disk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<serde_json::Value>")]
    pub calls: Vec<Call>,
    /// The choices that it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
}

/// An entry: a CloudEvent with two attributes more, `previous` and `hash`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `1.0`.
    pub specversion: String,
    /// Number of the entry, from 1.
    pub id: String,
    /// `tradewind/run/` and the name of the run.
    pub source: String,
    /// `dev.tradewind.run.` and the kind of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, in the time of the run.
    #[schemars(with = "String")]
    pub time: Time,
    /// What happened.
    pub data: Data,
    /// Hash of the entry before.
    pub previous: String,
    /// SHA-256 of all of the above, as compact JSON.
    pub hash: String,
}

impl Entry {
    /// Its number.
    pub fn seq(&self) -> u64 {
        self.id.parse().unwrap_or_default()
    }

    /// What the run was told.
    pub fn told(&self) -> Told {
        Told { at: self.time, event: self.data.event.clone() }
    }

    /// The hash that it must have: of itself without one.
    fn computed_hash(&self) -> String {
        let Self { specversion, id, source, kind, time, data, previous, hash: _ } = self;
        hash::of(&Unsealed { specversion, id, source, kind, time: *time, data, previous, hash: "" })
    }
}

/// An entry before it has its hash; the same fields in the same order.
#[derive(Serialize)]
struct Unsealed<'e> {
    specversion: &'e str,
    id: &'e str,
    source: &'e str,
    #[serde(rename = "type")]
    kind: &'e str,
    time: Time,
    data: &'e Data,
    previous: &'e str,
    hash: &'static str,
}

/// The end of a chain: makes the next entry, or holds one against what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    source: String,
    seq: u64,
    head: String,
}

impl Chain {
    /// Of a run, before its first entry.
    pub fn new(run: &str) -> Self {
        Self { source: format!("tradewind/run/{run}"), seq: 0, head: GENESIS.to_owned() }
    }

    /// Of a run, behind an entry with its number and hash.
    pub fn behind(run: &str, seq: u64, head: &str) -> Self {
        Self { seq, head: head.to_owned(), ..Self::new(run) }
    }

    /// Entries so far.
    pub fn len(&self) -> u64 {
        self.seq
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seq == 0
    }

    /// Hash of the last entry.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The next entry.
    pub fn next(&mut self, told: &Told, step: &Step) -> Entry {
        self.seq += 1;
        let mut entry = Entry {
            specversion: "1.0".to_owned(),
            id: self.seq.to_string(),
            source: self.source.clone(),
            kind: format!("dev.tradewind.run.{}", word(&told.event)),
            time: told.at,
            data: Data { event: told.event.clone(), calls: step.calls.clone(), decisions: step.decisions.clone() },
            previous: self.head.clone(),
            hash: String::new(),
        };
        entry.hash = entry.computed_hash();
        self.head.clone_from(&entry.hash);
        entry
    }

    /// Follows an entry that was read.
    ///
    /// # Errors
    /// It is not the next one, or not what was written.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let broken = |what: &str| Err(JournalError::Broken(self.seq + 1, what.to_owned()));
        if entry.id != (self.seq + 1).to_string() || entry.source != self.source {
            return broken("it is not the next one");
        }
        if entry.previous != self.head {
            return broken("it does not follow the one before");
        }
        if entry.computed_hash() != entry.hash {
            return broken("it does not have its hash");
        }
        self.seq += 1;
        self.head.clone_from(&entry.hash);
        Ok(())
    }
}

/// The kind of an event, as in its type.
fn word(event: &Event) -> &'static str {
    match event {
        Event::Opened(_) => "opened",
        Event::Woke => "woke",
        Event::Answered(..) => "answered",
        Event::Refused(..) => "refused",
        Event::Happened(..) => "happened",
        Event::Cancelled => "cancelled",
        Event::Lost(_) => "lost",
        Event::Recalled => "recalled",
    }
}
