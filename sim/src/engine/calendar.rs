//! A queue for a model that knows how far ahead it looks: a calendar of cells, as many as it has events or so.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::event::{Event, Key, LATEST};
use super::queue::EventQueue;

/// No entry, no cell.
const NONE: u32 = u32::MAX;
const NEVER: u64 = u64::MAX;
/// Cells of a calendar: few enough to be looked through, and so many that one has few events.
const CELLS: [u64; 2] = [64, 1 << 16];
/// So many keys are sorted by putting each in its place.
const FEW: usize = 24;

/// Pending events by (time, order of pushing), as [`EventQueue`] has them, and monotone like it.
///
/// What comes within a span from now lies in the cells of a ring, without order; a cell is sorted when its time has
/// come. With about as many cells as events neither pushing nor popping looks at more than a few others. What comes
/// later than that waits in an [`EventQueue`].
///
/// ```
/// use tradewind_sim::engine::{Calendar, Event};
/// let mut queue = Calendar::default();
/// queue.begin(1000, 10);
/// queue.push(20, 1);
/// queue.push(10, 2);
/// assert_eq!(queue.pop_before(10), None);
/// assert_eq!(queue.pop_before(11), Some(Event { time: 10, payload: 2 }));
/// queue.push(15, 3);
/// assert_eq!(queue.pop_before(u64::MAX).map(|e| e.payload), Some(3));
/// ```
#[derive(Debug, Clone)]
pub struct Calendar {
    /// A cell has 2^bits ticks.
    bits: u32,
    /// The last entry of each cell of the ring.
    cells: Vec<u32>,
    /// A bit for each cell of the ring that has entries.
    filled: Vec<u64>,
    /// The arena of entries: each with the one before it in its cell, or in the list of the free ones.
    keys: Vec<Key>,
    before: Vec<u32>,
    free: u32,
    /// The cell that is open, counted from time 0. The ring has those after it.
    open: u64,
    /// No cell of the ring before this one has entries.
    next: u64,
    /// Of the open cell, the next at the end.
    sorted: Vec<Key>,
    /// What was pushed into the open cell since.
    inbox: BinaryHeap<Reverse<Key>>,
    /// What comes after the ring.
    later: EventQueue,
    /// The first cell that has some of it; [`NEVER`] is none.
    later_from: u64,
    now: u64,
    pushed: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            bits: 0,
            cells: Vec::new(),
            filled: Vec::new(),
            keys: Vec::new(),
            before: Vec::new(),
            free: NONE,
            open: 0,
            next: NEVER,
            sorted: Vec::new(),
            inbox: BinaryHeap::new(),
            later: EventQueue::new(),
            later_from: NEVER,
            now: 0,
            pushed: 0,
        }
    }
}

impl Calendar {
    /// As new, with the memory kept, for about so many events over a span of ticks. Both are of weight for speed alone.
    pub fn begin(&mut self, span: u64, events: u64) {
        let cells = events.clamp(CELLS[0], CELLS[1]).next_power_of_two();
        self.bits = (span.min(LATEST) / cells).checked_ilog2().map_or(0, |bits| bits + 1);
        self.cells.clear();
        self.cells.resize(cells as usize, NONE);
        self.filled.clear();
        self.filled.resize(cells as usize / 64, 0);
        self.keys.clear();
        self.before.clear();
        self.sorted.clear();
        self.inbox.clear();
        self.later.clear();
        (self.free, self.open, self.next, self.later_from, self.now, self.pushed) = (NONE, 0, NEVER, NEVER, 0, 0);
    }

    /// Lets `payload` happen at `time`, which is not before the event popped last and at most [`LATEST`].
    pub fn push(&mut self, time: u64, payload: u32) {
        debug_assert!(time >= self.now, "an event at {time}, before now: {}", self.now);
        assert!(time <= LATEST, "an event at {time}, after the latest time there is: {LATEST}");
        let key = Key::new(Event { time, payload }, self.pushed);
        self.pushed += 1;
        let cell = time >> self.bits;
        if cell <= self.open {
            self.inbox.push(Reverse(key));
        } else if cell - self.open < self.cells.len() as u64 {
            self.put(key, cell);
        } else {
            self.later_from = self.later_from.min(cell);
            self.later.put(key);
        }
    }

    /// Takes the next event, if it comes before an instant.
    #[inline]
    pub fn pop_before(&mut self, end: u64) -> Option<Event> {
        while self.sorted.is_empty() && self.inbox.is_empty() {
            let cell = self.next.min(self.later_from);
            if cell == NEVER || cell << self.bits >= end {
                return None;
            }
            self.open(cell);
        }
        let event = if self.inbox.is_empty() {
            let event = self.sorted.last()?.event();
            if event.time >= end {
                return None;
            }
            self.sorted.pop();
            event
        } else {
            self.pop_either(end)?
        };
        self.now = event.time;
        Some(event)
    }

    /// What the event after the one popped last is about, most likely: who looks it up now has it at hand by then.
    pub fn likely_next(&self) -> Option<u32> {
        self.sorted.last().map(|key| key.event().payload)
    }

    /// The next one of what was sorted and of what came since.
    #[cold]
    fn pop_either(&mut self, end: u64) -> Option<Event> {
        let &Reverse(new) = self.inbox.peek()?;
        let is_new = self.sorted.last().is_none_or(|&old| new < old);
        let next = if is_new { new } else { *self.sorted.last()? };
        if next.time() >= end {
            return None;
        }
        if is_new {
            self.inbox.pop();
        } else {
            self.sorted.pop();
        }
        Some(next.event())
    }

    /// Into a cell of the ring.
    fn put(&mut self, key: Key, cell: u64) {
        let place = cell as usize & (self.cells.len() - 1);
        let entry = if self.free == NONE {
            self.keys.push(key);
            self.before.push(self.cells[place]);
            self.keys.len() as u32 - 1
        } else {
            let entry = self.free;
            self.free = std::mem::replace(&mut self.before[entry as usize], self.cells[place]);
            self.keys[entry as usize] = key;
            entry
        };
        self.cells[place] = entry;
        self.filled[place / 64] |= 1 << (place % 64);
        self.next = self.next.min(cell);
    }

    /// Sorts the events of a cell that none comes before.
    #[inline(never)]
    fn open(&mut self, cell: u64) {
        self.open = cell;
        let place = cell as usize & (self.cells.len() - 1);
        let mut entry = if cell == self.next { std::mem::replace(&mut self.cells[place], NONE) } else { NONE };
        while entry != NONE {
            self.sorted.push(self.keys[entry as usize]);
            let before = std::mem::replace(&mut self.before[entry as usize], self.free);
            (self.free, entry) = (entry, before);
        }
        if cell == self.next {
            self.filled[place / 64] &= !(1 << (place % 64));
            self.next = self.filled_after(cell);
        }
        if cell == self.later_from {
            self.take_later(cell);
        }
        sort(&mut self.sorted);
    }

    /// The first cell of the ring after one that is empty now; [`NEVER`] is none.
    fn filled_after(&self, cell: u64) -> u64 {
        let (mask, words) = (self.cells.len() - 1, self.filled.len());
        let first = (cell as usize + 1) & mask;
        // The first word counts twice: from the bit on, and at the end up to it.
        let above = u64::MAX << (first % 64);
        let mut word = first / 64;
        let mut bits = self.filled[word] & above;
        for _ in 0..words {
            if bits != 0 {
                break;
            }
            word = (word + 1) % words;
            bits = self.filled[word];
        }
        if bits == 0 {
            return NEVER;
        }
        let place = word * 64 + bits.trailing_zeros() as usize;
        cell + 1 + (place.wrapping_sub(first) & mask) as u64
    }

    /// Adds those that waited after the ring to the cell that is open.
    #[cold]
    fn take_later(&mut self, cell: u64) {
        let mut next = self.later.next_time();
        while next.is_some_and(|time| time >> self.bits == cell) {
            self.sorted.extend(self.later.take());
            next = self.later.next_time();
        }
        self.later_from = next.map_or(NEVER, |time| time >> self.bits);
    }
}

/// The next at the end.
fn sort(keys: &mut [Key]) {
    if keys.len() > FEW {
        return keys.sort_unstable_by(|a, b| b.cmp(a));
    }
    for i in 1..keys.len() {
        let (key, mut place) = (keys[i], i);
        while place > 0 && keys[place - 1] < key {
            keys[place] = keys[place - 1];
            place -= 1;
        }
        keys[place] = key;
    }
}

#[cfg(test)]
mod tests;
