//! The probability of missing a deadline, by the compound distribution (`docs/decisions/0010-deadline-risk.md`).
//!
//! A task ends within its time if the node's lateness, the work with its checkpoints and what
//! interruptions lose fit in. The three are put together by conditioning: lateness and work in cells,
//! the losses by their [distribution](losses) for the work of each cell. Whatever falls between two
//! points is rounded to the longer time, so the probability is bounded from above, never by the normal
//! approximation; rounded to the shorter time it is bounded from below, and the two tell the error.
//! Interruptions while a task restores are not counted twice: a restore is lost time of fixed length.

mod bracket;
mod cells;
mod losses;
mod normal;

pub use normal::{normal_upper_quantile, normal_upper_tail};

pub(crate) use losses::Rounding;

use bracket::{Bracket, Point};
use cells::{Cell, cells};
use losses::{Exposure, Grid, Losses};

use crate::time::Millis;
use crate::work::{LONGEST, TaskLaw};

/// What is less probable than this share of the allowed probability is taken as a miss.
const NEGLIGIBLE_SHARE: f64 = 1e-4;
/// Sums of probabilities are not known better than this.
const LEAST_NEGLIGIBLE: f64 = 1e-12;
/// Times are sought that meet a probability with so much to spare: sums of cells round.
const MARGIN: f64 = 1e-9;
/// Two times closer than this are the same, in hours: 4 microseconds.
const SAME_HOURS: f64 = 1e-9;

/// The risk of one task on one kind of node. Make it with [`DeadlineRisk::new`].
#[derive(Debug, Clone)]
pub(crate) struct DeadlineRisk<'l> {
    law: &'l TaskLaw,
    /// Lateness of the boot over its mean; early is not counted.
    late: Vec<Cell>,
    /// Useful work.
    work: Vec<Cell>,
    /// What interruptions lose with the work of each cell; empty where there are none.
    losses: Vec<Losses>,
}

impl<'l> DeadlineRisk<'l> {
    /// The risk under `law`, with probabilities from above or from below.
    pub(crate) fn new(law: &'l TaskLaw, rounding: Rounding) -> Self {
        let negligible = (NEGLIGIBLE_SHARE * law.max_miss).max(LEAST_NEGLIGIBLE);
        let late = cells(law.boot, law.boot.mean(), boot_stride(law), negligible, rounding);
        let exposed = law.hazard > 0.0;
        let work = if exposed { cells(law.runtime, 0.0, work_stride(law), negligible, rounding) } else { Vec::new() };
        // Where work is spread its cells round too, and the losses need not be finer.
        let fineness = if law.runtime.sigma == 0.0 { 1.0 } else { 0.4 };
        let grid = Grid { rounding, fineness, negligible };
        let losses = work.iter().map(|c| Losses::new(exposure(law, c.at, rounding), grid)).collect();
        Self { law, late, work, losses }
    }

    /// The probability that a task started with `left` before its deadline misses it.
    pub(crate) fn miss(&self, left: Millis) -> f64 {
        let left = left.hours() + SAME_HOURS;
        let fixed = self.law.runtime.sigma == 0.0;
        let miss = if fixed { self.miss_of_fixed_work(left) } else { self.miss_of_spread_work(left) };
        miss.clamp(0.0, 1.0)
    }

    /// Work is known: lateness either takes all the spare time, or leaves the rest to interruptions.
    fn miss_of_fixed_work(&self, left: f64) -> f64 {
        let spare = left - self.law.segments.failure_free(self.law.runtime.median);
        if spare < 0.0 {
            return 1.0;
        }
        let too_late = self.law.boot.exceeds(self.law.boot.mean() + spare);
        let Some(losses) = self.losses.first() else { return too_late };
        let rest = |c: &Cell| c.within(spare, too_late) * losses.exceeds((spare - c.at).max(0.0));
        too_late + self.late.iter().map(rest).sum::<f64>()
    }

    /// For each lateness, work either takes all the time, or leaves the rest to interruptions.
    fn miss_of_spread_work(&self, left: f64) -> f64 {
        let after = |late: &Cell| {
            let (segments, room) = (self.law.segments, left - late.at);
            let most = segments.most_work(room);
            let too_long = self.law.runtime.exceeds(most);
            let rest = |(c, losses): (&Cell, &Losses)| {
                let within = c.within(most, too_long);
                if within > 0.0 { within * losses.exceeds((room - segments.failure_free(c.at)).max(0.0)) } else { 0.0 }
            };
            let lost: f64 = self.work.iter().zip(&self.losses).map(rest).sum();
            (late.above_from - late.above_to) * (too_long + lost)
        };
        self.late.iter().map(after).sum()
    }

    /// The least time from start to deadline, to the second, from which on [`Self::miss`] is within
    /// `allowed`, but at least `least`; `None` if it is longer than 60 days.
    pub(crate) fn required(&self, allowed: f64, least: Millis) -> Option<Millis> {
        let first = (least, self.miss(least));
        if first.1 <= allowed {
            return Some(least);
        }
        let mut bracket = self.bracket(first, allowed * (1.0 - MARGIN))?;
        while !bracket.is_narrow() {
            let at = bracket.next();
            bracket.narrow(at, self.miss(at));
        }
        (bracket.high.0 <= LONGEST).then_some(bracket.high.0)
    }

    /// Two times around the one sought, the first like `low` with a probability above `allowed`.
    fn bracket(&self, mut low: Point, allowed: f64) -> Option<Bracket> {
        let mut stride = Millis::new(low.0.get() / 8 + 60_000);
        while low.0 <= LONGEST {
            let at = low.0 + stride;
            let high = (at, self.miss(at));
            if high.1 <= allowed {
                return Some(Bracket::new(low, high, allowed));
            }
            low = high;
            stride = stride + stride;
        }
        None
    }
}

/// The failure-free law of `work` useful hours as interruptions see it. From below a last, shorter
/// segment is left out, unless it is the only one.
fn exposure(law: &TaskLaw, work: f64, rounding: Rounding) -> Exposure {
    let s = law.segments;
    let segment = s.interval.min(work) + s.save;
    let exact = s.failure_free(work) / segment;
    let segments = if rounding == Rounding::Up { exact } else { libm::floor(exact + SAME_HOURS).max(1.0) };
    Exposure { segments, segment, restore: s.restore, hazard: law.hazard }
}

/// Cells of work may be wide where interruptions are rare: they matter only for those.
fn work_stride(law: &TaskLaw) -> usize {
    match law.hazard * law.runtime.median {
        rare if rare < 0.003 => 4,
        few if few < 0.03 => 2,
        _ => 1,
    }
}

/// Cells of lateness may be wide where its spread is small against that of the work, and where work is
/// fixed and they matter only for interruptions.
fn boot_stride(law: &TaskLaw) -> usize {
    let share = law.boot.median * law.boot.sigma / (law.runtime.median * law.runtime.sigma);
    match share {
        small if small < 0.03 => 6,
        some if some < 0.1 => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
