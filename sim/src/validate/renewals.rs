//! Zones that have capacity and lose it again, over and over.

use super::law::Law;
use crate::draws::{Draws, Purpose};
use crate::engine::EventQueue;

const UP: Purpose = Purpose(1);
const DOWN: Purpose = Purpose(2);

/// Zones that turn over independently; a node runs in each while it is up. Times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Zones {
    /// How many.
    pub zones: u32,
    /// How long capacity is there.
    pub up: Law,
    /// How long it is not.
    pub down: Law,
    /// Turns of each zone.
    pub turns: u32,
    /// A node interrupted before this is not billed.
    pub free: u64,
}

/// What was seen over whole turns, summed over zones, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Turned {
    /// Time in all.
    span: u64,
    /// Time with capacity.
    up: u64,
    /// Billed time.
    billed: u64,
}

impl Turned {
    /// The share of time with capacity.
    pub(super) fn availability(&self) -> f64 {
        self.up as f64 / self.span as f64
    }

    /// Billed time of an hour, used or not.
    pub(super) fn billed_share(&self) -> f64 {
        self.billed as f64 / self.span as f64
    }
}

impl Zones {
    /// Alternating renewals: mean time up over the mean turn.
    pub(super) fn expected_availability(&self) -> f64 {
        self.up.mean() / (self.up.mean() + self.down.mean())
    }

    /// Renewal reward: the mean bill of a turn over its mean length, for memoryless phases of a mean m each, of which
    /// (free + m) e^(-free/m) is billed. `None` for other laws.
    pub(super) fn expected_billed_share(&self) -> Option<f64> {
        let free = self.free as f64;
        let billed = |m: f64| (free + m) * libm::exp(-free / m);
        let bill = match self.up {
            Law::Exponential { mean } => billed(mean),
            Law::Hyperexponential { means: [a, b], first } => first * billed(a) + (1.0 - first) * billed(b),
            Law::Lognormal { .. } => return None,
        };
        Some(bill / (self.up.mean() + self.down.mean()))
    }

    /// Runs every zone over its turns.
    pub(super) fn run(&self, draws: &Draws) -> Turned {
        let mut queue = EventQueue::new();
        let mut seen = Turned::default();
        let mut turns = vec![0_u32; self.zones as usize];
        let mut since = vec![0_u64; self.zones as usize];
        let name = |zone: u32, turn: u32| u64::from(zone) << 32 | u64::from(turn);
        for zone in 0..self.zones {
            queue.push(self.up.draw(draws, name(zone, 0), UP), zone << 1);
        }
        while let Some(event) = queue.pop() {
            let (zone, is_back) = (event.payload >> 1, event.payload & 1 == 1);
            let (turn, since) = (&mut turns[zone as usize], &mut since[zone as usize]);
            let passed = event.time - std::mem::replace(since, event.time);
            seen.span += passed;
            if is_back {
                *turn += 1;
                if *turn < self.turns {
                    queue.push(event.time + self.up.draw(draws, name(zone, *turn), UP), zone << 1);
                }
            } else {
                seen.up += passed;
                seen.billed += if passed < self.free { 0 } else { passed };
                queue.push(event.time + self.down.draw(draws, name(zone, *turn), DOWN), zone << 1 | 1);
            }
        }
        seen
    }
}
