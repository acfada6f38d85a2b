//! What is to happen, in order of time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

/// Something that becomes due. What it is about may be gone by then: whoever is told looks first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// A fault begins.
    Fault(usize),
    /// A node is usable.
    Ready(String),
    /// The cloud recommends to leave a node.
    Rebalance(String),
    /// The cloud announces an interruption.
    Notice(String),
    /// The cloud takes a node back.
    Lost(String),
    /// A job has run its time.
    Done(String),
    /// The time to live of a resource ends: its kind and id.
    Expired(Kind, String),
}

/// Kinds of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A machine.
    Node,
    /// A number of machines.
    Pool,
    /// A disk.
    Volume,
    /// Object storage.
    Bucket,
    /// A job of the managed service or on nodes.
    Job,
    /// A model server.
    Endpoint,
    /// A secret.
    Secret,
    /// A name with weights.
    Route,
}

impl Kind {
    /// As in `get_health`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Pool => "pool",
            Self::Volume => "volume",
            Self::Bucket => "bucket",
            Self::Job => "job",
            Self::Endpoint => "endpoint",
            Self::Secret => "secret",
            Self::Route => "route",
        }
    }
}

/// Everything due, by time and then by order of noting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Agenda {
    noted: u64,
    entries: BTreeSet<(Time, u64, Due)>,
}

impl Agenda {
    /// Notes what becomes due.
    pub fn note(&mut self, at: Time, due: Due) {
        self.noted += 1;
        self.entries.insert((at, self.noted, due));
    }

    /// Takes the next that is due until `to`, that instant included.
    pub fn take(&mut self, to: Time) -> Option<(Time, Due)> {
        if self.next()? > to {
            return None;
        }
        self.entries.pop_first().map(|(at, _, due)| (at, due))
    }

    /// When something is due next.
    pub fn next(&self) -> Option<Time> {
        self.entries.first().map(|(at, _, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_of_time_then_of_noting() {
        let mut agenda = Agenda::default();
        let at = Time::from_ms;
        agenda.note(at(20), Due::Ready("b".to_owned()));
        agenda.note(at(10), Due::Ready("z".to_owned()));
        agenda.note(at(10), Due::Ready("a".to_owned()));
        let copy: Agenda = serde_json::from_str(&serde_json::to_string(&agenda).unwrap()).unwrap();
        assert_eq!(copy, agenda);
        let taken: Vec<_> = std::iter::from_fn(|| agenda.take(at(15))).collect();
        assert_eq!(taken, [(at(10), Due::Ready("z".to_owned())), (at(10), Due::Ready("a".to_owned()))]);
        assert_eq!(agenda.next(), Some(at(20)));
    }
}
