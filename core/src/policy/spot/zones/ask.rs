//! The rule that the Uniform Progress family shares: spot, on-demand or nothing.

use crate::policy::spot::{DONE, Kind};

use super::{Job, Tick};

/// How far a job is.
pub struct Standing<'a> {
    /// The job.
    pub job: &'a Job,
    /// Ticks since the start.
    pub tick: usize,
    /// Work done, seconds.
    pub done: f64,
    /// Restart loss still to pay, seconds.
    pub restart_left: f64,
}

impl<'a> Standing<'a> {
    /// At a tick.
    pub fn of(tick: &'a dyn Tick) -> Self {
        Self { job: tick.job(), tick: tick.number(), done: tick.done(), restart_left: tick.restart_left() }
    }

    /// Work counted as the published code does: the whole less what is left.
    fn counted(&self) -> f64 {
        self.job.work - (self.job.work - self.done)
    }

    fn line(&self, at: f64) -> f64 {
        at * self.job.work / self.job.deadline
    }

    /// Behind the straight line from nothing done to all done at the deadline.
    pub fn is_behind(&self) -> bool {
        self.counted() - self.line(self.tick as f64 * self.job.tick) < 0.0
    }

    /// Seconds of work that lack to a lead of two restarts over the line.
    pub fn lead_short(&self) -> f64 {
        self.line(self.tick as f64 * self.job.tick + 2.0 * self.job.restart) - self.counted()
    }

    /// The work left with `count` restarts, in whole ticks (seconds).
    pub fn needed(&self, count: f64) -> f64 {
        self.job.needed(self.job.work - self.done, count)
    }

    /// Whole ticks to the deadline (seconds).
    pub fn time(&self) -> f64 {
        self.job.time_left(self.tick)
    }
}

/// The rule with its one memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask {
    /// The last answer gave on-demand up because the job is far enough ahead.
    pub leaving: bool,
}

impl Ask {
    /// What to run, where `current` runs and spot is `available`.
    pub fn ask(&mut self, tick: &dyn Tick, current: Option<Kind>, available: bool) -> Option<Kind> {
        self.leaving = false;
        let standing = Standing::of(tick);
        let on_demand = current == Some(Kind::OnDemand);
        let short = standing.lead_short();
        let mut want = available.then_some(Kind::Spot);
        if want.is_none() && standing.is_behind() {
            want = Some(Kind::OnDemand);
        }
        if on_demand && (!available || short >= 0.0) {
            want = Some(Kind::OnDemand);
        }
        if standing.needed(2.0) > standing.time() && current != Some(Kind::Spot) {
            want = Some(Kind::OnDemand);
        }
        if standing.needed(1.0) >= standing.time() {
            let warm = current == Some(Kind::Spot) && standing.restart_left < DONE;
            want = Some(if warm { Kind::Spot } else { Kind::OnDemand });
        }
        if on_demand && available && want == Some(Kind::OnDemand) && short < 0.0 {
            want = Some(Kind::Spot);
            self.leaving = true;
        }
        want
    }
}
