//! Planted bugs: mistakes that schedulers are known to make. Torture that does not find them is no torture.

use serde::Serialize;

/// A mistake between a run and its clouds or its journal. Only a round that asks for one has it: the scheduler itself
/// holds no code for any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Bug {
    /// A new leader makes new keys for what the old one began.
    KeyOfTheTerm,
    /// A launch has the key of the launch before.
    KeyWithoutAttempt,
    /// Nodes are said to have ended, and were not.
    EndDropped,
    /// A launch asks for a node more.
    OneTooMany,
    /// Bills are forgotten.
    BillsForgotten,
    /// Events are lost.
    EventsLost,
    /// An entry is not written.
    EntryDropped,
    /// An entry is not written as it was.
    EntryChanged,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::KeyOfTheTerm,
        Self::KeyWithoutAttempt,
        Self::EndDropped,
        Self::OneTooMany,
        Self::BillsForgotten,
        Self::EventsLost,
        Self::EntryDropped,
        Self::EntryChanged,
    ];
}
