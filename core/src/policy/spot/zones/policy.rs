//! What decides in each tick.

use super::Tick;

/// A policy over several zones. It sees what [`Tick`] lets it see, and nothing of the ticks to come.
pub trait Policy {
    /// Acts in one tick.
    fn step(&mut self, tick: &mut dyn Tick);

    /// Whether the benchmark's safety net may take over; only one who knows the future does without.
    fn needs_net(&self) -> bool {
        true
    }
}
