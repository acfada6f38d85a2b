//! What happens next: events in order of time, then of making.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A node is launched.
    Launch { node: u32 },
    /// A node's boot ends.
    Ready { node: u32, attempt: u32 },
    /// The cloud takes a node back.
    Lost { node: u32, attempt: u32 },
    /// A task may start by the plan.
    Due { task: u32 },
    /// A run of a task ends, if it was not interrupted.
    Done { task: u32, run: u32 },
    /// A task leaves spot, if it still runs there.
    Leave { task: u32, run: u32 },
    /// All that runs in a region is lost.
    Outage { region: u16 },
}

/// Events to come.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(i64, u64, Event)>>,
    made: u64,
}

impl Queue {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.made = 0;
    }

    /// Something happens at an instant.
    pub fn at(&mut self, time: i64, event: Event) {
        self.heap.push(Reverse((time, self.made, event)));
        self.made += 1;
    }

    /// What happens next, and when.
    pub fn next(&mut self) -> Option<(i64, Event)> {
        self.heap.pop().map(|Reverse((time, _, event))| (time, event))
    }

    /// How many events were made.
    pub fn made(&self) -> u64 {
        self.made
    }
}
