//! The queue of events to come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::buckets::Buckets;
use super::event::{Event, Key, LATEST};

/// Up to so many pending events a binary heap alone has them. Measured by the hold model on 2026-11-23: at 4,000 heap
/// and buckets are as fast, at 10,000 the buckets 1.1 to 1.2 times as fast, at 1,000,000 six times.
const SMALL: usize = 4096;
/// So many events are brought near at once: their heap stays in the processor's first cache. 128 to 1024 measure alike.
const NEAR: usize = 512;

/// Pending events by (time, order of pushing). Monotone: nothing may be pushed before the event popped last.
///
/// A binary heap while few events are pending. When they become many the heap keeps the near future, and the rest
/// waits in radix buckets, where an event costs the same however many there are. After the first growth nothing is
/// allocated any more.
///
/// ```
/// use tradewind_sim::engine::{Event, EventQueue};
/// let mut queue = EventQueue::new();
/// queue.push(20, 1);
/// queue.push(10, 2);
/// queue.push(10, 3);
/// assert_eq!(queue.pop(), Some(Event { time: 10, payload: 2 }));
/// queue.push(queue.now() + 5, 4);
/// let rest: Vec<u32> = std::iter::from_fn(|| queue.pop()).map(|e| e.payload).collect();
/// assert_eq!((rest, queue.now()), (vec![3, 4, 1], 20));
/// ```
#[derive(Debug, Clone)]
pub struct EventQueue {
    /// Events before `horizon`, the next at the top.
    near: BinaryHeap<Reverse<Key>>,
    /// Whether the top of `near` was popped already: the next push takes its place, which saves half the work.
    is_top_popped: bool,
    /// The first time that is not near; later than [`LATEST`] while the heap has all.
    horizon: u64,
    /// Events from `horizon` on.
    far: Buckets,
    now: u64,
    pushed: u64,
}

/// The horizon of a heap that has all events.
const EVERYTHING: u64 = LATEST + 1;

impl Default for EventQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl EventQueue {
    /// No events, at time 0.
    pub fn new() -> Self {
        Self {
            near: BinaryHeap::new(),
            is_top_popped: false,
            horizon: EVERYTHING,
            far: Buckets::new(),
            now: 0,
            pushed: 0,
        }
    }

    /// The time of the event popped last.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// How many events are pending.
    pub fn len(&self) -> usize {
        self.near.len() - usize::from(self.is_top_popped) + self.far.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lets `payload` happen at `time`, which is not before [`Self::now`] and at most [`LATEST`].
    pub fn push(&mut self, time: u64, payload: u32) {
        debug_assert!(time >= self.now, "an event at {time}, before now: {}", self.now);
        assert!(time <= LATEST, "an event at {time}, after the latest time there is: {LATEST}");
        let key = Key::new(Event { time, payload }, self.pushed);
        self.pushed += 1;
        self.put(key);
    }

    /// Takes the next event and goes on to its time.
    pub fn pop(&mut self) -> Option<Event> {
        self.take().map(Key::event)
    }

    /// The time of the next event; now stays as it is.
    pub fn next_time(&mut self) -> Option<u64> {
        self.next_key().map(Key::time)
    }

    /// Adds an event that has a number.
    pub(super) fn put(&mut self, key: Key) {
        if key.time() < self.horizon { self.push_near(key) } else { self.far.push(key) }
    }

    /// Takes the next event with its number.
    pub(super) fn take(&mut self) -> Option<Key> {
        let key = self.next_key()?;
        self.is_top_popped = true;
        self.now = key.time();
        Some(key)
    }

    /// The top of the heap, which is the next event.
    fn next_key(&mut self) -> Option<Key> {
        if std::mem::take(&mut self.is_top_popped) {
            self.near.pop();
        }
        if self.near.is_empty() {
            self.bring_near();
        }
        self.near.peek().map(|&Reverse(key)| key)
    }

    /// As new, with the memory kept: for the next replication.
    pub fn clear(&mut self) {
        self.near.clear();
        self.is_top_popped = false;
        while let Some(mut cell) = self.far.nearest(usize::MAX) {
            while self.far.take(&mut cell).is_some() {}
        }
        self.horizon = EVERYTHING;
        (self.now, self.pushed) = (0, 0);
    }

    /// Memory held for events, in bytes.
    pub fn bytes(&self) -> usize {
        self.near.capacity() * size_of::<Key>() + self.far.bytes()
    }

    fn push_near(&mut self, key: Key) {
        if !self.is_top_popped {
            self.near.push(Reverse(key));
        } else if let Some(mut top) = self.near.peek_mut() {
            *top = Reverse(key);
            self.is_top_popped = false;
        }
        // Who looked ahead may have brought a cell near that begins later than now: until then all stay near.
        let is_in_cell = self.far.len() == 0 || self.now >= self.far.begin();
        if self.near.len() > SMALL && self.horizon > self.now + 1 && is_in_cell {
            self.send_far();
        }
    }

    /// The heap has become large: all but the events of this instant go to the buckets.
    #[cold]
    fn send_far(&mut self) {
        self.horizon = self.now + 1;
        self.far.move_to(self.now);
        let mut keys = std::mem::take(&mut self.near).into_vec();
        keys.retain(|Reverse(key)| {
            let is_near = key.time() < self.horizon;
            if !is_near {
                self.far.push(*key);
            }
            is_near
        });
        self.near = keys.into();
    }

    /// The heap is empty: it gets the nearest events of the buckets, or all where they have become few.
    #[cold]
    fn bring_near(&mut self) {
        let is_small = self.far.len() <= NEAR;
        while let Some(mut cell) = self.far.nearest(NEAR) {
            self.horizon = cell.end;
            while let Some(key) = self.far.take(&mut cell) {
                self.near.push(Reverse(key));
            }
            if !is_small {
                return;
            }
        }
        self.horizon = EVERYTHING;
    }
}

#[cfg(test)]
mod tests;
