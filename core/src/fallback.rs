//! Spot, then on-demand: a task stays on spot as long as on-demand could still meet its deadline.
//!
//! The contract is `docs/decisions/0011-spot-then-on-demand.md`. With k segments done, on-demand needs
//! `D(k)`: a late boot, a restore, and the rest of the work. The slack is the time to the deadline less
//! `D(k)`: a segment that succeeds costs it the save, an interruption the elapsed time and the restart.
//! A segment is begun on spot only while its s hours fit in the slack, a restart only while it and a
//! segment do; so at any moment of it on-demand still fits, and a task is late only beyond its quantiles.
//!
//! The programme runs over (segments done, slack lost) from the start on. The slack lost lies on a grid,
//! losses rounded up: switching is never more probable than computed. As in `risk::losses` a loss on the
//! grid is geometric, so a state costs a few multiplications.

use crate::time::Millis;
use crate::work::TaskLaw;

mod behind;

pub use behind::{Behind, offer_behind};

/// The share of the allowed probability of a miss that is given to a late boot of on-demand.
const BOOT_SHARE: f64 = 0.1;
/// No programme has more states.
const MOST_STATES: usize = 32_768;
/// Points of the grid where segments are few.
const MOST_POINTS: usize = 1_024;
/// A grid with fewer points tells nothing; tasks of so many segments are not planned this way.
const FEWEST_POINTS: usize = 16;
/// Two times closer than this are the same, in hours.
const SAME_HOURS: f64 = 1e-9;

/// The law of a task that starts on spot and may be moved to on-demand capacity of the same region and
/// speed. Make it with [`FallbackLaw::new`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FallbackLaw {
    /// Mean time on spot, checkpoints, rework and restarts included: what is billed there.
    pub spot: Millis,
    /// Mean useful time of it: what is saved there.
    pub useful: Millis,
    /// Mean time on on-demand, boot and restore included, 0 where it does not come to it: what is billed there.
    pub on_demand: Millis,
    /// Probability of ever moving to on-demand; rounded up.
    pub switch_probability: f64,
    /// Bound on the probability of a miss: what the spread of runtime and on-demand's boot leaves.
    pub miss_probability: f64,
    /// Time after the start at which a task that has saved nothing is moved at the latest; each segment
    /// saved moves it later by the segment's useful work.
    pub switch_at: Millis,
    /// Time after the start before which no task is moved: on-demand is reserved from here to the deadline.
    pub on_demand_from: Millis,
    /// Time after the start by which spot is given up or done: spot is reserved until here.
    pub spot_until: Millis,
    /// Least time from start to deadline: all the work on on-demand.
    pub required: Millis,
}

impl FallbackLaw {
    /// The law of a task that is `spot` on spot capacity, with `left` from its start to its deadline;
    /// `None` where even on-demand would not do, or there are more segments than the programme takes.
    pub fn new(spot: &TaskLaw, left: Millis) -> Option<Self> {
        let race = Race::new(spot, left);
        if race.slack + SAME_HOURS < 0.0 {
            return None;
        }
        let Outcome { spot: on_spot, useful, on_demand, switched } = race.run()?;
        let started = |hours_left: f64| Millis::from_hours_f64(left.hours() - hours_left).max(Millis::ZERO);
        Some(Self {
            spot: Millis::from_hours_f64(on_spot),
            useful: Millis::from_hours_f64(useful),
            on_demand: Millis::from_hours_f64(on_demand),
            switch_probability: switched,
            miss_probability: race.miss,
            switch_at: started(race.full),
            on_demand_from: started(race.full + race.segment + race.restart),
            spot_until: started(race.full - race.work_reserved),
            required: Millis::from_hours_f64_up(race.full),
        })
    }
}

/// What the programme needs to know, in hours.
#[derive(Debug, Clone, Copy)]
struct Race {
    /// Segments of the expected work.
    segments: usize,
    /// Useful work of a segment.
    interval: f64,
    /// Useful work and save of a segment.
    segment: f64,
    /// Save of a segment.
    save: f64,
    /// Boot and restore after an interruption.
    restart: f64,
    /// Interruptions per hour.
    hazard: f64,
    /// Late boot, restore and all the work on on-demand: `D(0)`.
    full: f64,
    /// The work in `full`.
    work_reserved: f64,
    /// Time to the deadline over `full`.
    slack: f64,
    /// Mean boot of on-demand.
    boot: f64,
    /// Restore of a checkpoint on on-demand.
    restore: f64,
    /// Probability that the boot or the work takes longer than `full` has room for.
    miss: f64,
}

/// Means over all runs, in hours, and the probability of moving.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Outcome {
    spot: f64,
    useful: f64,
    on_demand: f64,
    switched: f64,
}

impl Race {
    fn new(law: &TaskLaw, left: Millis) -> Self {
        let s = law.segments;
        let boot_tail = if law.boot.sigma > 0.0 { BOOT_SHARE * law.max_miss } else { 0.0 };
        let work_tail = if law.runtime.sigma > 0.0 { law.max_miss - boot_tail } else { 0.0 };
        let boot = law.boot.mean();
        let late_boot = law.boot.upper_quantile(boot_tail).max(boot);
        let work = law.runtime.mean();
        let interval = s.interval.min(work);
        let restore = (s.restore - boot).max(0.0);
        let work_reserved = law.runtime.upper_quantile(work_tail).max(work);
        let full = late_boot + restore + work_reserved;
        Self {
            segments: libm::ceil(work / interval - SAME_HOURS) as usize,
            interval,
            segment: interval + s.save,
            save: s.save,
            restart: s.restore,
            hazard: law.hazard,
            full,
            work_reserved,
            slack: left.hours() - full,
            boot,
            restore,
            // The two are what is allowed; their sum may be so by one rounding more.
            miss: (boot_tail + work_tail).min(law.max_miss),
        }
    }

    /// Mean hours on on-demand of a task moved with `done` segments saved.
    fn moved(&self, done: usize) -> f64 {
        let restore = if done > 0 { self.restore } else { 0.0 };
        self.boot + restore + (self.segments - done) as f64 * self.interval
    }

    /// Follows the probability of each (segments done, slack lost) to the end; `None` for too many states.
    fn run(&self) -> Option<Outcome> {
        let points = (MOST_STATES / self.segments.max(1)).min(MOST_POINTS);
        if points < FEWEST_POINTS {
            return None;
        }
        let grid = Grid::new(self, points);
        let mut arrive = vec![0.0; points + 1];
        arrive[0] = 1.0;
        let mut run = Outcome { spot: 0.0, useful: 0.0, on_demand: 0.0, switched: 0.0 };
        let failing = -libm::expm1(-self.hazard * self.segment);
        let tried = if failing > 0.0 { failing / self.hazard } else { self.segment };
        let mut staying = 1.0;
        for done in 0..self.segments {
            let room = self.slack - self.save * done as f64 - self.segment;
            let begun = grid.visits(&mut arrive, room);
            let saved: f64 = arrive.iter().sum();
            run.useful += self.interval * saved;
            run.spot += tried * begun.tries + self.restart * (begun.tries - begun.first);
            run.on_demand += (staying - saved).max(0.0) * self.moved(done);
            staying = saved;
        }
        run.switched = (1.0 - staying).clamp(0.0, 1.0);
        Some(run)
    }
}

/// How often a segment is begun: at all, and for the first time.
struct Begun {
    tries: f64,
    first: f64,
}

/// The loss of an interruption on the grid of slack lost.
struct Grid {
    /// Hours between two points.
    step: f64,
    /// Probability that a segment succeeds.
    succeeds: f64,
    /// Points of the smallest loss, probability of it per try.
    first: usize,
    first_mass: f64,
    /// Of the next, which fall off by `ratio`, `count` in all.
    second_mass: f64,
    ratio: f64,
    count: usize,
}

impl Grid {
    fn new(race: &Race, points: usize) -> Self {
        // A loss ends on a point, and all the slack lies on the grid.
        let loss = race.segment + race.restart;
        let cells = libm::floor(points as f64 * loss / race.slack.max(loss)).max(1.0) as usize;
        let step = loss / cells as f64;
        let first = (libm::floor(race.restart / step + SAME_HOURS) as usize + 1).min(cells);
        let into_first = (first as f64 * step - race.restart).clamp(0.0, race.segment);
        Self {
            step,
            succeeds: libm::exp(-race.hazard * race.segment),
            first,
            first_mass: -libm::expm1(-race.hazard * into_first),
            second_mass: libm::exp(-race.hazard * into_first) * -libm::expm1(-race.hazard * step),
            ratio: libm::exp(-race.hazard * step),
            count: cells - first,
        }
    }

    /// Turns the probabilities of arriving at a segment with so much slack lost into those of leaving it
    /// done, where it is begun only while no more than `room` is lost.
    fn visits(&self, arrive: &mut [f64], room: f64) -> Begun {
        let open = if room < -SAME_HOURS { 0 } else { libm::floor(room / self.step + SAME_HOURS) as usize + 1 };
        let open = open.min(arrive.len());
        let first = arrive[..open].iter().sum();
        let cut = libm::pow(self.ratio, self.count as f64);
        let mut later = 0.0;
        for i in 0..open {
            let back = |k: usize| if k <= i { arrive[i - k] } else { 0.0 };
            if self.count > 0 {
                later = self.ratio * later + back(self.first + 1) - cut * back(self.first + self.count + 1);
            }
            // What is to the left holds visits already.
            arrive[i] += self.first_mass * back(self.first) + self.second_mass * later.max(0.0);
        }
        let tries = arrive[..open].iter().sum();
        arrive[..open].iter_mut().for_each(|v| *v *= self.succeeds);
        arrive[open..].fill(0.0);
        Begun { tries, first }
    }
}

#[cfg(test)]
mod tests;
