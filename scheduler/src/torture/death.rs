//! When the scheduler of a round dies: by chance, or at one place that is aimed at.

use super::cell::{Cell, Kill};
use super::fault::Fault;
use super::shared::Shared;
use crate::drive::{Place, Point};
use crate::run::Run;

/// Kills of a round at the most: after them it must end.
const MOST_KILLS: u32 = 12;
/// Probability of a kill at each place between two effects.
const KILL: f64 = 0.02;

/// Decides when the scheduler dies.
pub(super) trait Death {
    /// Whether it dies here.
    fn strikes(&mut self, place: Place<'_>, run: &Run, shared: &Shared) -> bool;
}

/// Anywhere, by chance.
#[derive(Default)]
pub(super) struct ByChance {
    kills: u32,
}

impl Death for ByChance {
    fn strikes(&mut self, place: Place<'_>, _: &Run, shared: &Shared) -> bool {
        let dies = self.kills < MOST_KILLS && shared.draw() < KILL;
        if dies {
            self.kills += 1;
            shared.reach(match place.point {
                Point::BeforeNote => Fault::KillBeforeNote,
                Point::Recorded => Fault::KillRecorded,
                Point::Noted => Fault::KillNoted,
                Point::BeforeSync => Fault::KillBeforeSync,
                Point::BeforeCall => Fault::KillBeforeCall,
                Point::Called => Fault::KillCalled,
                Point::Received => Fault::KillReceived,
                Point::Settled => Fault::KillSettled,
            });
        }
        dies
    }
}

/// Never; it counts how often each cell is passed.
#[derive(Default)]
pub(super) struct Never {
    pub passed: std::collections::BTreeMap<Cell, u32>,
}

impl Death for Never {
    fn strikes(&mut self, place: Place<'_>, run: &Run, _: &Shared) -> bool {
        for call in place.calls {
            let (tool, undoes) = run.asks(call);
            for kill in Kill::ALL.into_iter().filter(|k| k.is_at(place.point, undoes)) {
                let cell = Cell { kill, tool, cloud: call.cloud.clone() };
                *self.passed.entry(cell).or_insert(0) += 1;
            }
        }
        false
    }
}

/// At the nth pass of a cell, and perhaps once more so many places later, while the next leader takes over.
pub(super) struct Aimed {
    pub cell: Cell,
    pub nth: u32,
    pub again: Option<u32>,
    pub kills: u32,
}

impl Aimed {
    fn passes(&self, place: Place<'_>, run: &Run) -> bool {
        place.calls.iter().filter(|call| call.cloud == self.cell.cloud).any(|call| {
            let (tool, undoes) = run.asks(call);
            tool == self.cell.tool && self.cell.kill.is_at(place.point, undoes)
        })
    }
}

impl Death for Aimed {
    fn strikes(&mut self, place: Place<'_>, run: &Run, _: &Shared) -> bool {
        let counter = match self.kills {
            0 if self.passes(place, run) => &mut self.nth,
            1 => match &mut self.again {
                Some(again) => again,
                None => return false,
            },
            _ => return false,
        };
        let dies = *counter == 0;
        *counter = counter.saturating_sub(1);
        self.kills += u32::from(dies);
        dies
    }
}
