//! What happens next: what is planned, and what follows from it, in order of time.

use super::model::Model;
use crate::engine::{self, Calendar, LATEST};

/// What happens, and to whom. Nodes and tasks know when: an event whose time is not theirs any more is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A node is launched.
    Launch { node: u32 },
    /// A node's boot ends, and somebody waits for it.
    Ready { node: u32 },
    /// The cloud takes a node back.
    Lost { node: u32 },
    /// A task may start by the plan.
    Due { task: u32 },
    /// A run of a task ends, if it was not interrupted.
    Done { task: u32 },
    /// A task leaves spot, if it still runs there.
    Leave { task: u32 },
    /// All that runs in a region is lost.
    Outage { region: u32 },
    /// A tight spell of a shortage begins.
    Tight { spells: u32 },
    /// A quota is cut.
    Cut { quota: u32 },
    /// Until when a node lives is looked at further ahead.
    Look { node: u32 },
}

/// Something planned: ms from the horizon's start.
pub(super) type Planned = (i64, Event);

/// Bits of the index in an event's payload; the kind is above.
const INDEX_BITS: u32 = 28;

impl Event {
    /// As the payload of an event of the engine.
    fn packed(self) -> u32 {
        let (kind, index) = match self {
            Self::Launch { node } => (0, node),
            Self::Ready { node } => (1, node),
            Self::Lost { node } => (2, node),
            Self::Due { task } => (3, task),
            Self::Done { task } => (4, task),
            Self::Leave { task } => (5, task),
            Self::Outage { region } => (6, region),
            Self::Tight { spells } => (7, spells),
            Self::Cut { quota } => (8, quota),
            Self::Look { node } => (9, node),
        };
        debug_assert!(index < 1 << INDEX_BITS, "no plan has so many nodes or tasks");
        kind << INDEX_BITS | index
    }

    fn unpacked(payload: u32) -> Self {
        let index = payload & ((1 << INDEX_BITS) - 1);
        match payload >> INDEX_BITS {
            0 => Self::Launch { node: index },
            1 => Self::Ready { node: index },
            2 => Self::Lost { node: index },
            3 => Self::Due { task: index },
            4 => Self::Done { task: index },
            5 => Self::Leave { task: index },
            6 => Self::Outage { region: index },
            7 => Self::Tight { spells: index },
            8 => Self::Cut { quota: index },
            _ => Self::Look { node: index },
        }
    }
}

/// Things planned to a cell of the calendar of what follows from them.
const PER_CELL: u64 = 4;

/// Events to come. What is planned lies in order from the start; only what follows from it is queued, so that few
/// events are pending at a time.
#[derive(Debug, Default)]
pub(super) struct Queue {
    queued: Calendar,
    /// How much of what is planned has happened.
    planned: usize,
    origin: i64,
    happened: u64,
}

impl Queue {
    /// At the start of a replication, with the memory kept.
    pub fn begin(&mut self, model: &Model) {
        self.queued
            .begin((model.ends - model.origin) as u64, (model.planned_nodes() + model.tasks()) as u64 / PER_CELL);
        (self.planned, self.origin, self.happened) = (0, model.origin, 0);
    }

    /// Something happens at an instant; nothing happens after the end of time.
    pub fn at(&mut self, time: i64, event: Event) {
        let time = time.saturating_sub(self.origin) as u64;
        if time <= LATEST {
            self.queued.push(time, event.packed());
        }
    }

    /// What happens next, and when; what is planned comes first at its instant. And what is likely to happen after that,
    /// of what is planned or of what follows from it, as the event is.
    #[inline]
    pub fn next(&mut self, model: &Model) -> Option<(Planned, Option<Event>)> {
        let planned = model.planned.get(self.planned);
        let until = planned.map_or(u64::MAX, |p| (p.0 - self.origin) as u64);
        if let Some(engine::Event { time, payload }) = self.queued.pop_before(until) {
            self.happened += 1;
            let after = self.queued.likely_next().map(Event::unpacked);
            return Some(((time as i64 + self.origin, Event::unpacked(payload)), after));
        }
        let next = *planned?;
        self.planned += 1;
        self.happened += 1;
        Some((next, model.planned.get(self.planned + 1).map(|p| p.1)))
    }

    /// How many events happened.
    pub fn happened(&self) -> u64 {
        self.happened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_packing() {
        let last = (1 << INDEX_BITS) - 1;
        let all = [
            Event::Launch { node: 0 },
            Event::Ready { node: 1 },
            Event::Lost { node: last },
            Event::Due { task: 3 },
            Event::Done { task: last },
            Event::Leave { task: 5 },
            Event::Outage { region: 6 },
            Event::Tight { spells: 7 },
            Event::Cut { quota: 8 },
            Event::Look { node: 9 },
        ];
        all.into_iter().for_each(|event| assert_eq!(Event::unpacked(event.packed()), event));
    }
}
