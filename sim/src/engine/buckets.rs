//! The far future: a radix heap's buckets, without order inside.
//!
//! Times are read as digits of [`DIGIT_BITS`] bits. A key waits in the bucket of the highest digit in which it
//! differs from the cursor, and of that digit's value. When all nearer buckets are empty the nearest one is spread
//! over the next lower digit, so a key moves once a digit at most, whatever the number of keys (Ahuja, Mehlhorn,
//! Orlin, Tarjan 1990). That needs a queue that is never pushed into the past: a simulator's is not.

use super::chunks::{Chunks, List};
use super::event::{Key, TIME_BITS};

/// Bits of a digit. Of a million pending events 8.7, 13.3 and 15.4 million a second turn over with 1, 2 and 3 bits
/// (2026-11-23); 3 is the most for which a word of 128 bits tells which buckets are filled.
const DIGIT_BITS: u32 = 3;
/// Values of a digit.
const VALUES: u32 = 1 << DIGIT_BITS;
/// Digits of a time.
const DIGITS: u32 = TIME_BITS / DIGIT_BITS;
/// Buckets: one for each value of each digit.
const BUCKETS: usize = (DIGITS * VALUES) as usize;

/// Keys at or after the end of the near future.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    lists: [List; BUCKETS],
    /// A bit for each bucket that has keys; lower bits are nearer.
    filled: u128,
    /// The beginning of the cell that was taken last: every digit of later keys is counted from here.
    cursor: u64,
    len: usize,
    chunks: Chunks,
}

/// A bucket's keys left for the caller, and when the next bucket's may begin.
pub(super) struct Cell {
    keys: List,
    /// The first time that does not belong to the cell.
    pub(super) end: u64,
}

impl Buckets {
    /// Without keys.
    pub(super) fn new() -> Self {
        Self { lists: [List::EMPTY; BUCKETS], filled: 0, cursor: 0, len: 0, chunks: Chunks::default() }
    }

    /// How many keys wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The beginning of the cell taken last, or the time moved to since.
    pub(super) fn begin(&self) -> u64 {
        self.cursor
    }

    /// Counts digits from `time` on, which lies in the cell taken last: keys of other cells differ from both in the
    /// same digit.
    pub(super) fn move_to(&mut self, time: u64) {
        self.cursor = time;
    }

    /// Adds a key later than the cursor.
    pub(super) fn push(&mut self, key: Key) {
        let differing = key.time() ^ self.cursor;
        debug_assert!(key.time() > self.cursor, "a key of the near future among those of the far");
        let digit = differing.ilog2() / DIGIT_BITS;
        self.put(key, digit);
        self.len += 1;
    }

    /// Takes the nearest cell with at most `most` keys; with more only where all are of one instant.
    pub(super) fn nearest(&mut self, most: usize) -> Option<Cell> {
        loop {
            if self.filled == 0 {
                return None;
            }
            let bucket = self.filled.trailing_zeros();
            let (digit, value) = (bucket / VALUES, u64::from(bucket % VALUES));
            let shift = digit * DIGIT_BITS;
            self.filled &= !(1 << bucket);
            let mut keys = std::mem::replace(&mut self.lists[bucket as usize], List::EMPTY);
            self.cursor = (self.cursor >> (shift + DIGIT_BITS) << (shift + DIGIT_BITS)) | value << shift;
            if keys.len() <= most || digit == 0 {
                return Some(Cell { keys, end: self.cursor + (1 << shift) });
            }
            while let Some(key) = self.chunks.pop(&mut keys) {
                self.put(key, digit - 1);
            }
        }
    }

    /// The next key of a cell, in no order.
    pub(super) fn take(&mut self, cell: &mut Cell) -> Option<Key> {
        let key = self.chunks.pop(&mut cell.keys)?;
        self.len -= 1;
        Some(key)
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.bytes() + size_of_val(&self.lists)
    }

    /// Into the bucket of the value of this digit.
    fn put(&mut self, key: Key, digit: u32) {
        let value = (key.time() >> (digit * DIGIT_BITS)) as u32 % VALUES;
        let bucket = digit * VALUES + value;
        self.filled |= 1 << bucket;
        self.chunks.push(&mut self.lists[bucket as usize], key);
    }
}
