//! Lists of keys in chunks of one arena: they grow and are emptied without allocating.

use super::event::Key;

/// Keys in a chunk: 1 KiB. Smaller ones cost links, larger ones room in half-empty lists.
const CHUNK: usize = 64;
/// No chunk.
const NONE: u32 = u32::MAX;

/// An unordered list of keys, kept in [`Chunks`].
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    /// The chunk that is being filled.
    head: u32,
    /// Keys in the list.
    len: u32,
}

impl List {
    /// No keys.
    pub(super) const EMPTY: Self = Self { head: NONE, len: 0 };

    /// How many keys it has.
    pub(super) fn len(self) -> usize {
        self.len as usize
    }
}

/// The arena of all lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunks {
    keys: Vec<Key>,
    /// For each chunk the one filled before it in its list, or the next free one.
    before: Vec<u32>,
    /// The first chunk that no list has.
    free: Option<u32>,
}

impl Chunks {
    /// Adds a key to a list.
    pub(super) fn push(&mut self, list: &mut List, key: Key) {
        let place = list.len() % CHUNK;
        if place == 0 {
            let chunk = self.take();
            self.before[chunk as usize] = list.head;
            list.head = chunk;
        }
        self.keys[list.head as usize * CHUNK + place] = key;
        list.len += 1;
    }

    /// Takes a key out of a list, the last first.
    pub(super) fn pop(&mut self, list: &mut List) -> Option<Key> {
        let last = list.len().checked_sub(1)?;
        let key = self.keys[list.head as usize * CHUNK + last % CHUNK];
        list.len -= 1;
        if last % CHUNK == 0 {
            let emptied = list.head;
            list.head = self.before[emptied as usize];
            self.before[emptied as usize] = self.free.unwrap_or(NONE);
            self.free = Some(emptied);
        }
        Some(key)
    }

    /// A chunk that no list has.
    fn take(&mut self) -> u32 {
        if let Some(chunk) = self.free {
            let next = self.before[chunk as usize];
            self.free = (next != NONE).then_some(next);
            return chunk;
        }
        let chunk = self.before.len() as u32;
        self.keys.resize(self.keys.len() + CHUNK, Key::FILLER);
        self.before.push(NONE);
        chunk
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<Key>() + self.before.capacity() * size_of::<u32>()
    }
}
