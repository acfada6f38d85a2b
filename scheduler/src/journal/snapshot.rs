//! A snapshot: all that a run knew behind an entry of its journal, so that a leader who takes over need not be told it
//! again from the beginning.
//!
//! It is a shortcut and nothing else. One that is damaged, of another version, of another plan, or behind an entry that
//! is not in the journal is as good as none: the journal is told from its start.

use std::sync::Arc;

use tradewind_core::hash;

use super::Chain;
use crate::run::{Run, Script, State};

/// How states are written, and the rules that led to them: a state of other rules is not gone on with. Raised when
/// either changes between two releases.
const FORMAT: &str = concat!(env!("CARGO_PKG_VERSION"), "/1");

/// What a run knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Version and format of whoever wrote it.
    pub format: String,
    /// Content hash of the run's plan.
    pub plan: String,
    /// Number of the entry that it stands behind.
    pub seq: u64,
    /// Hash of that entry.
    pub head: String,
    /// The state, as compact JSON.
    pub state: String,
    /// SHA-256 of all of the above.
    pub hash: String,
}

impl Snapshot {
    /// Of a run behind the end of a chain.
    pub fn of(run: &Run, chain: &Chain) -> Self {
        let snapshot = Self {
            format: FORMAT.to_owned(),
            plan: run.script().plan.content_hash.clone(),
            seq: chain.len(),
            head: chain.head().to_owned(),
            state: serde_json::to_string(run.state()).unwrap_or_default(),
            hash: String::new(),
        };
        Self { hash: snapshot.computed_hash(), ..snapshot }
    }

    /// The run and the end of its chain as they were; nothing where this is none of this version, this run and this plan,
    /// or not what was written.
    pub fn resume(&self, script: Arc<Script>) -> Option<(Run, Chain)> {
        if self.format != FORMAT || self.plan != script.plan.content_hash || self.hash != self.computed_hash() {
            return None;
        }
        let state: State = serde_json::from_str(&self.state).ok()?;
        let chain = Chain::behind(&script.owner, self.seq, &self.head);
        Some((Run::resume(script, state)?, chain))
    }

    fn computed_hash(&self) -> String {
        let head = format!("{}\n{}\n{}\n{}\n", self.format, self.plan, self.seq, self.head);
        hash::of_parts(&[head.as_bytes(), self.state.as_bytes()])
    }
}
