//! A pool of machines that had no room: it is left alone for a while, then probed, then open again.
//!
//! A pool is what a cloud sells one way in one region: where one launch found no room, the next would not either. Most
//! pools are open, and are not kept.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_sim::plan::Retry;

/// Pauses are drawn up to so much longer, as a share: pools that died together are not probed together.
const JITTER: f64 = 0.25;

/// What is known of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Whoever wants a node asks.
    Open,
    /// Nobody asks.
    Paused,
    /// One launch asks for all that wait.
    Probed,
}

impl Phase {
    /// The transitions that there are; any other is a defect.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Open => next == Self::Paused,
            Self::Paused => matches!(next, Self::Probed | Self::Open),
            Self::Probed => matches!(next, Self::Paused | Self::Open),
        }
    }
}

/// A pool that had no room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// What is known of it.
    pub phase: Phase,
    /// Until when nobody asks.
    pub until: Time,
    /// Launches refused in a row.
    pub refusals: u32,
    /// Nodes that wait for room.
    pub waiting: BTreeSet<u32>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { phase: Phase::Open, until: Time::from_ms(0), refusals: 0, waiting: BTreeSet::new() }
    }
}

impl Pool {
    /// Enters a phase.
    pub fn become_(&mut self, next: Phase) {
        debug_assert!(self.phase.may_become(next), "{:?} does not become {next:?}", self.phase);
        self.phase = next;
    }

    /// A launch found no room: the simulator's pauses, or what the cloud says, and a little more.
    pub fn pause(&mut self, name: &str, seed: Seed, now: Time, told: Option<u64>) {
        let pause = Retry::default().pause(self.refusals).max(told.unwrap_or(0) as i64);
        let jitter = JITTER * seed.uniform(name, u64::from(self.refusals));
        self.until = now + Millis::new(pause) + Millis::new(libm::floor(pause as f64 * jitter) as i64);
        self.refusals += 1;
        self.become_(Phase::Paused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_transitions() {
        let all = [Phase::Open, Phase::Paused, Phase::Probed];
        let row = |from: Phase| all.map(|to| if from.may_become(to) { 'x' } else { '.' }).iter().collect::<String>();
        // To:                        open, paused, probed.
        assert_eq!(all.map(row), [".x.", "x.x", "xx."]);
    }

    #[test]
    fn pauses_grow_to_a_cap_with_a_jitter_that_is_drawn_by_name() {
        let now = Time::from_ms(0);
        let pauses = |name: &str| {
            let mut pool = Pool::default();
            let pause = |_| {
                pool.pause(name, Seed(1), now, None);
                pool.become_(Phase::Probed);
                (pool.until - now).get() / 1000
            };
            (0..7).map(pause).collect::<Vec<_>>()
        };
        let longest = [60, 120, 240, 480, 900, 900, 900];
        for (pause, base) in pauses("a").into_iter().zip(longest) {
            assert!((base..=base + base / 4).contains(&pause), "{pause} s where {base} s is due");
        }
        assert_ne!(pauses("a"), pauses("b"));
        let mut told = Pool::default();
        told.pause("a", Seed(1), now, Some(600_000));
        assert!((600..=750).contains(&((told.until - now).get() / 1000)), "never before the cloud says");
    }
}
