//! The door to time. Everything that needs "now" takes a [`Clock`]; only the binary owns a real one.

use crate::time::Time;

/// Tells the time.
pub trait Clock {
    /// The present instant, UTC.
    fn now(&self) -> Time;
}

/// A clock that stands still: tests, and runs whose `as_of` is given.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Time);

impl Clock for FixedClock {
    fn now(&self) -> Time {
        self.0
    }
}
