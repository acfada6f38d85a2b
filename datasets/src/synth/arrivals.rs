//! When classes arrive: the gaps of the source, fitted into the span.

use rayon::prelude::*;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::chance::Chance;
use super::request::SynthError;
use super::rules::Rules;
use super::source::Source;

/// Latest instant that is written with four digits of a year: 9999-12-31T00:00:00Z.
const LATEST: Time = Time::from_ms(253_402_214_400_000);

/// Class k arrives on slot k + floor((slots - classes) x gaps before k / all gaps): in the order and at
/// the distances of the source, and never two on one slot, so that no two classes are alike.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    start: Time,
    /// Distance of two slots.
    pub(crate) grid: Millis,
    /// Slots that are left free.
    free: u64,
    /// Seconds of the gaps before each class, and of all.
    before: Vec<u64>,
    /// Gaps that were cut.
    pub(crate) cut: u64,
}

impl Arrivals {
    /// Draws the gaps of so many classes. Memory: eight bytes a class.
    pub(crate) fn new(
        source: &Source,
        rules: &Rules,
        seed: Seed,
        classes: u64,
        (start, span): (Time, Millis),
    ) -> Result<Self, SynthError> {
        if start.ms() < 0 || start > LATEST || span > LATEST - start {
            return Err(SynthError::Instant);
        }
        let slots = |grid: Millis| (span.get().max(0) / grid.get().max(1)) as u64;
        let grid = rules.arrival_grid.iter().copied().find(|&grid| slots(grid) >= 2 * classes);
        let grid = grid.ok_or(SynthError::Span { classes, span })?;
        let most = (rules.gap_max.get() / 1000) as u64;
        let gaps: Vec<u64> = (0..classes).into_par_iter().map(|k| source.gap_s(Chance { seed, index: k })).collect();
        let cut = gaps.iter().filter(|&&gap| gap > most).count() as u64;
        let mut sum = 0;
        let mut before = vec![0];
        before.extend(gaps.iter().map(|&gap| {
            sum += gap.min(most);
            sum
        }));
        Ok(Self { start, grid, free: slots(grid) - classes, before, cut })
    }

    /// When a class arrives.
    pub(crate) fn of(&self, class: u64) -> Time {
        let all = self.before.last().copied().unwrap_or(0).max(1);
        let shifted = u128::from(self.free) * u128::from(self.before[class as usize]) / u128::from(all);
        self.start + Millis::new((class + shifted as u64) as i64 * self.grid.get())
    }
}
