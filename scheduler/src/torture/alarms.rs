//! What a watcher tells a run whose places go out: launches that nobody answers are given up, and what has not begun is
//! sometimes taken back. Right or wrong, no promise may hang on it.

use tradewind_sim::draws::{Draws, Purpose};

use super::fault::Fault;
use super::shared::Shared;
use crate::drive::{DriveError, Driver, Hands};
use crate::journal::Journal;
use crate::run::Script;

const ALARM: Purpose = Purpose(204);
/// Share of the rounds in which somebody looks.
const WATCHED: f64 = 0.5;
/// Probability that a place is called out where launches have no answer, at each step of time.
const CALLED_OUT: f64 = 0.3;
/// Of these, that what has not begun is taken back.
const TAKEN_BACK: f64 = 0.2;

/// Whether the run of a round is told.
pub(super) fn is_watched(draws: &Draws) -> bool {
    draws.uniform(0, ALARM, 0) < WATCHED
}

/// Calls places out, drawn step by step; it outlives the leaders.
pub(super) struct Alarms {
    /// Clouds and regions of the plan; none in a round that nobody watches.
    places: Vec<String>,
    draws: Draws,
    drawn: u32,
}

impl Alarms {
    /// Of a plan.
    pub fn new(script: &Script, draws: Draws, is_watched: bool) -> Self {
        let mut places = Vec::new();
        if is_watched {
            places.extend(script.clouds().iter().cloned());
            places.extend(script.plan.allocations.iter().map(|a| a.region.to_string()));
            places.sort();
            places.dedup();
        }
        Self { places, draws, drawn: 0 }
    }

    /// Perhaps calls out a place in which launches are sent in vain.
    pub async fn ring<H: Hands, J: Journal>(
        &mut self,
        driver: &mut Driver<'_, H, J>,
        shared: &Shared,
    ) -> Result<(), DriveError> {
        let stuck: Vec<&String> = self.places.iter().filter(|place| driver.run().is_stuck_in(place)).collect();
        if stuck.is_empty() {
            return Ok(());
        }
        self.drawn += 1;
        let [is_called, which] = self.draws.pair(1, ALARM, self.drawn);
        if is_called >= CALLED_OUT {
            return Ok(());
        }
        // All that is to be done now is done before: so does the watcher.
        driver.catch_up().await?;
        let place = stuck[(which * stuck.len() as f64) as usize];
        if driver.lose(place)? {
            shared.reach(if place.contains('/') { Fault::RegionOut } else { Fault::CloudOut });
        }
        if self.draws.uniform(2, ALARM, self.drawn) < TAKEN_BACK {
            driver.recall()?;
            shared.reach(Fault::TakenBack);
        }
        Ok(())
    }
}
