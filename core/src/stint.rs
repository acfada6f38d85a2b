//! A stint: one run of a task on its nodes, from its start to its end or its interruption.
//!
//! How long it takes, what it saves, and when it must leave spot. The simulator, the simulated clouds and the
//! scheduler all ask here, so that what is simulated is what is done. Pure arithmetic on whole milliseconds.

use serde::{Deserialize, Serialize};

use crate::time::{Millis, Time};

/// How a task works: it saves after each interval of work, and reads the last checkpoint back when it starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// Useful work between two checkpoints; [`Rhythm::NEVER`] where it saves none.
    pub interval: Millis,
    /// Writing a checkpoint.
    pub save: Millis,
    /// Reading one back.
    pub restore: Millis,
}

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// All of its work.
    pub work: Millis,
    /// Work that is saved: where the next stint goes on.
    pub saved: Millis,
}

impl Progress {
    /// Work that is not saved yet.
    pub fn left(self) -> Millis {
        self.work - self.saved
    }
}

impl Rhythm {
    /// The interval of a task that saves nothing.
    pub const NEVER: Millis = Millis::new(i64::MAX);

    /// Segments that some work takes, the last one short.
    pub fn segments(self, work: Millis) -> i64 {
        let (work, interval) = (work.get(), self.interval.get());
        if self.interval == Self::NEVER { i64::from(work > 0) } else { (work + interval - 1) / interval }
    }

    /// How long some work takes with its saves.
    pub fn takes(self, work: Millis) -> Millis {
        Millis::new(work.get() + self.segments(work).saturating_mul(self.save.get()))
    }

    /// What a stint begins with: a restore, where something is saved.
    pub fn restoring(self, saved: Millis) -> Millis {
        if saved > Millis::ZERO { self.restore } else { Millis::ZERO }
    }

    /// What a stint that is cut short after `ran` has newly saved: its whole segments after the restore it began with.
    pub fn newly_saved(self, ran: Millis, progress: Progress) -> Millis {
        let working = (ran - self.restoring(progress.saved)).max(Millis::ZERO).get();
        let segments = working / self.interval.get().saturating_add(self.save.get()).max(1);
        Millis::new(segments.saturating_mul(self.interval.get())).min(progress.left())
    }

    /// A segment of a task with so much work, its save included.
    fn segment(self, work: Millis) -> i64 {
        self.interval.min(work).get().saturating_add(self.save.get())
    }
}

/// What stands behind a task on spot, and by when it is needed: `docs/decisions/0011-spot-then-on-demand.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// When the task must be done.
    pub deadline: Time,
    /// Least time to the deadline with nothing saved.
    pub required: Millis,
    /// Mean boot of the machine behind.
    pub boot: Millis,
}

impl Behind {
    /// When a task that starts on spot at an instant, and is not interrupted, begins no further segment there, if it
    /// ever does not.
    pub fn leaves_at(&self, rhythm: Rhythm, progress: Progress, start: Time) -> Option<Time> {
        let (segment, save) = (rhythm.segment(progress.work), rhythm.save.get());
        let restoring = rhythm.restoring(progress.saved);
        let mut at = start + restoring;
        let mut slack = (self.deadline - at - (self.required - progress.saved)).get();
        let mut left = progress.left().get();
        while left > 0 {
            if slack < segment.min(left + save) {
                return Some(at);
            }
            slack -= save;
            at = at + Millis::new(segment);
            left -= rhythm.interval.get().min(left);
        }
        None
    }

    /// When a task that does not run must be off spot: no time is left to begin again there.
    pub fn leaves_by(&self, rhythm: Rhythm, progress: Progress) -> Time {
        let segment = Millis::new(rhythm.segment(progress.left()));
        let again = segment + self.boot + rhythm.restore;
        self.deadline - (self.required - progress.saved) - again + Millis::new(1)
    }
}

/// The allocation that nodes behind a task on spot belong to: the name under which their chance is drawn.
pub fn allocation_behind(job: &str, task: u32) -> String {
    format!("{job}/{task}/behind")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: i64) -> Millis {
        Millis::new(n)
    }

    const RHYTHM: Rhythm = Rhythm { interval: Millis::new(100), save: Millis::new(10), restore: Millis::new(5) };

    #[test]
    fn work_takes_its_saves_and_a_cut_stint_keeps_whole_segments() {
        assert_eq!((RHYTHM.takes(ms(250)), RHYTHM.segments(ms(250))), (ms(280), 3));
        assert_eq!((RHYTHM.takes(ms(0)), RHYTHM.restoring(ms(0)), RHYTHM.restoring(ms(1))), (ms(0), ms(0), ms(5)));
        let fresh = Progress { work: ms(250), saved: ms(0) };
        assert_eq!([109, 110, 219, 220].map(|ran| RHYTHM.newly_saved(ms(ran), fresh).get()), [0, 100, 100, 200]);
        let resumed = Progress { saved: ms(200), ..fresh };
        // A restore first, and never more than there is.
        assert_eq!([114, 115, 999].map(|ran| RHYTHM.newly_saved(ms(ran), resumed).get()), [0, 50, 50]);
        let never = Rhythm { interval: Rhythm::NEVER, save: ms(0), restore: ms(0) };
        assert_eq!((never.takes(ms(7)), never.newly_saved(ms(6), fresh)), (ms(7), ms(0)));
    }

    #[test]
    fn a_task_leaves_before_a_segment_that_on_demand_could_not_make_up_for() {
        let behind = Behind { deadline: Time::from_ms(500), required: ms(300), boot: ms(20) };
        let fresh = Progress { work: ms(250), saved: ms(0) };
        // Slack 200: the first segment leaves 190, then 180; the last needs 60.
        assert_eq!(behind.leaves_at(RHYTHM, fresh, Time::from_ms(0)), None);
        // Slack 115, 105: the second segment of 110 does not fit.
        assert_eq!(behind.leaves_at(RHYTHM, fresh, Time::from_ms(85)), Some(Time::from_ms(195)));
        assert_eq!(behind.leaves_at(RHYTHM, fresh, Time::from_ms(100)), Some(Time::from_ms(100)));
        // 500 - 300 - (110 + 20 + 5), and the instant after.
        assert_eq!(behind.leaves_by(RHYTHM, fresh), Time::from_ms(66));
    }
}
