//! A job on its way to a missed deadline, as something that climbs.

use super::levels::Level;
use crate::draws::Draws;
use crate::plan::model::Model;
use crate::plan::run::{Fate, Run};
use crate::stats::Climber;

/// The two ways to a miss, which exclude each other: their probabilities add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The cloud takes nothing back before the job ends: boots and running times do it.
    Undisturbed,
    /// It takes some node back.
    Disturbed,
}

/// What is worth a height above any time there is: 2^45 ms are a thousand years.
const FAR: i64 = 1 << 45;
/// The height from which a deadline is missed.
pub(super) const MISSED: i64 = 1;

impl Way {
    /// How near a replication came to a miss on this way, ms: above 0 it missed. While no node is lost the other way
    /// has no height but by how little longer a node need not have lived.
    pub fn height(self, fate: Fate) -> i64 {
        match (self, fate.losses > 0) {
            (Self::Undisturbed, false) => fate.late,
            (Self::Undisturbed, true) => i64::MIN,
            (Self::Disturbed, false) => -FAR - fate.spared.clamp(0, FAR),
            (Self::Disturbed, true) => fate.late.max(-FAR + 1),
        }
    }
}

/// Moves of a trial before it is looked at: with one the trials stay too much alike.
const MOVES: u64 = 2;

/// Where a trial stands: all its chance, and how high that leads.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    draws: Draws,
    height: i64,
}

/// A job climbing along one way.
pub(super) struct Climb<'m> {
    pub model: &'m Model,
    pub job: u32,
    pub way: Way,
    /// To pass, ascending; the last is [`MISSED`].
    pub levels: Vec<Level>,
    /// Source of chance of all trials.
    pub draws: Draws,
    pub run: Run,
    /// Events so far.
    pub events: u64,
}

impl Climb<'_> {
    /// Where draws lead.
    fn stand(&mut self, draws: Draws) -> Standing {
        let fate = self.run.fate(self.model, &draws, self.job);
        self.events += fate.events;
        Standing { height: self.way.height(fate), draws }
    }

    /// A trial from the ground.
    pub fn begin(&mut self, trial: u64) -> Standing {
        self.stand(self.draws.other(trial).movable())
    }

    /// A step that does not fall below a floor: the law of all chance above that floor is left as it is (Metropolis).
    /// Whether it was made.
    pub fn wander(&mut self, from: &mut Standing, floor: i64, angle: f64, name: u64) -> bool {
        let next = self.stand(from.draws.nudged(&self.draws.other(name), angle));
        let is_made = next.height >= floor;
        if is_made {
            *from = next;
        }
        is_made
    }
}

impl Standing {
    /// How high.
    pub fn height(&self) -> i64 {
        self.height
    }
}

impl Climber for Climb<'_> {
    /// None on the ground.
    type State = Option<Standing>;

    fn start(&self) -> Self::State {
        None
    }

    fn climb(&mut self, state: &mut Self::State, level: u32, trial: u64) -> bool {
        let level = level as usize - 1;
        let standing = match state.take() {
            None => self.begin(trial),
            Some(mut standing) => {
                let Level { height, angle } = self.levels[level - 1];
                for step in 1..=MOVES {
                    self.wander(&mut standing, height, angle, step << 56 | trial);
                }
                standing
            }
        };
        let is_there = standing.height >= self.levels[level].height;
        *state = Some(standing);
        is_there
    }
}
