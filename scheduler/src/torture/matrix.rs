//! The kill matrix: the scheduler is killed at every point, on every tool's call, to every cloud.
//!
//! For each seed a round without kills counts how often each cell is passed. Then each cell is played: killed at one
//! of its passes, drawn; in every second seed the next leader is killed too, while it takes over. Spot is taken back
//! in the third hour, and nothing else goes wrong: what is broken is broken by the kill.

use std::collections::BTreeMap;
use std::sync::Arc;

use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_sim::draws::{Draws, Purpose};

use super::alarms::Alarms;
use super::cell::Cell;
use super::death::{Aimed, Never};
use super::promise::{Promise, Tally};
use super::round::play;
use super::stage::Storm;
use crate::run::Script;

const AIM: Purpose = Purpose(203);
/// The second kill comes within so many places of the first.
const TAKING_OVER: f64 = 12.0;

/// What became of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Played {
    /// Rounds in which it was killed there.
    pub kills: u64,
    /// Of these, those in which the next leader was killed too.
    pub double: u64,
    /// Promises that were broken, with their seeds.
    pub broken: Vec<(u64, Promise, String)>,
}

/// What the matrix found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matrix {
    /// Every cell with a meaning on the clouds of the plan.
    pub cells: BTreeMap<Cell, Played>,
    /// Cells that a run is never at, and why.
    pub without_meaning: Vec<(Cell, &'static str)>,
    /// Looks at promises.
    pub tally: Tally,
}

impl Matrix {
    /// Of a plan, before anything was played.
    ///
    /// # Errors
    /// The plan does not hold together.
    pub fn new(plan: &Plan) -> Result<Self, tradewind_sim::plan::ModelError> {
        let script = Script::new("torture", plan.clone())?;
        let mut matrix = Self::default();
        for cell in Cell::all(script.clouds()) {
            match cell.without_meaning() {
                Some(why) => matrix.without_meaning.push((cell, why)),
                None => drop(matrix.cells.insert(cell, Played::default())),
            }
        }
        Ok(matrix)
    }

    /// Plays every cell under a seed.
    ///
    /// # Errors
    /// The plan does not hold together.
    pub async fn play(&mut self, plan: &Plan, seed: Seed) -> Result<(), tradewind_sim::plan::ModelError> {
        let script = Arc::new(Script::new("torture", plan.clone())?);
        let nobody = || Alarms::new(&script, Draws::new(seed, 1), false);
        let (calm, never) = play(&script, seed, Storm::interruptions(&script), nobody(), None, Never::default()).await;
        self.tally.add(&calm.tally);
        let draws = Draws::new(seed, 2);
        for (index, (cell, played)) in (0..).zip(&mut self.cells) {
            let Some(&passes) = never.passed.get(cell) else { continue };
            let [nth, again] = draws.pair(0, AIM, index);
            let nth = (nth * f64::from(passes)) as u32;
            let again = (seed.0 % 2 == 1).then_some((again * TAKING_OVER) as u32);
            let aimed = Aimed { cell: cell.clone(), nth, again, kills: 0 };
            let (verdict, aimed) = play(&script, seed, Storm::interruptions(&script), nobody(), None, aimed).await;
            played.kills += u64::from(aimed.kills >= 1);
            played.double += u64::from(aimed.kills >= 2);
            played.broken.extend(verdict.tally.broken.iter().map(|(p, what)| (seed.0, *p, what.clone())));
            self.tally.add(&verdict.tally);
        }
        Ok(())
    }

    /// Cells that were never reached.
    pub fn unreached(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|(_, played)| played.kills == 0).map(|(cell, _)| cell)
    }
}
