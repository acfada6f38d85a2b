//! One event, and the 16 bytes it is kept in.

/// The latest time there is: 2^48 - 1, some 8,900 years of milliseconds.
pub const LATEST: u64 = (1 << TIME_BITS) - 1;

/// Bits of a time.
pub(super) const TIME_BITS: u32 = 48;
/// Bits of a sequence number: at 20 million events a second, five months of events.
const SEQUENCE_BITS: u32 = 48;
/// Bits of a payload.
const PAYLOAD_BITS: u32 = 32;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When, in milliseconds (or the model's own tick); at most [`LATEST`].
    pub time: u64,
    /// What, in the model's own terms: an index into its arenas, or a kind and an index.
    pub payload: u32,
}

/// (time, sequence, payload), most significant first, so that one comparison orders events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    /// Stands where no event is kept.
    pub(super) const FILLER: Self = Self(0);

    /// Of an event that was pushed as number `sequence`.
    pub(super) fn new(event: Event, sequence: u64) -> Self {
        debug_assert!(sequence < 1 << SEQUENCE_BITS, "more events than a queue can number");
        let time = u128::from(event.time) << (SEQUENCE_BITS + PAYLOAD_BITS);
        Self(time | u128::from(sequence) << PAYLOAD_BITS | u128::from(event.payload))
    }

    /// When it happens.
    pub(super) fn time(self) -> u64 {
        (self.0 >> (SEQUENCE_BITS + PAYLOAD_BITS)) as u64
    }

    /// The event without its number.
    pub(super) fn event(self) -> Event {
        Event { time: self.time(), payload: self.0 as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_16_bytes_and_keeps_its_parts() {
        assert_eq!(size_of::<Key>(), 16);
        let event = Event { time: LATEST, payload: u32::MAX };
        assert_eq!(Key::new(event, 0).event(), event);
        assert_eq!(Key::new(event, (1 << SEQUENCE_BITS) - 1).event(), event);
        let at = |time, sequence, payload| Key::new(Event { time, payload }, sequence);
        assert!(at(1, 9, 9) < at(2, 0, 0) && at(2, 0, 9) < at(2, 1, 0));
    }
}
