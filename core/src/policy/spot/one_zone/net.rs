//! The safety net of the published rules: on-demand while it can still save the deadline.

use crate::policy::spot::{DONE, Kind};

use super::{Moment, Setting};

/// A target to be met: work by a deadline, seconds.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Work.
    pub work: f64,
    /// Deadline.
    pub deadline: f64,
}

impl Target {
    /// The job's own.
    pub fn of(setting: &Setting) -> Self {
        Self { work: setting.work, deadline: setting.deadline }
    }
}

/// What the net makes of a choice. With `early`, it also leaves the waiting while two restarts still fit.
pub fn net(setting: &Setting, now: &Moment, target: Target, choice: Option<Kind>, early: bool) -> Option<Kind> {
    let left = target.work - now.done;
    let time = Setting { deadline: target.deadline, ..*setting }.time_left(now.tick);
    let needed = |restarts: f64| ((left + restarts * setting.restart) / setting.tick).ceil() * setting.tick;
    if needed(1.0) >= time {
        let warm = now.current == Some(Kind::Spot) && now.restart_left < DONE;
        return Some(if warm { Kind::Spot } else { Kind::OnDemand });
    }
    if early && needed(2.0) >= time && now.current != Some(Kind::Spot) { Some(Kind::OnDemand) } else { choice }
}

/// What must run if on-demand, started now, is only just in time; otherwise the choice is free.
pub fn last_call(setting: &Setting, now: &Moment) -> Option<Kind> {
    net(setting, now, Target::of(setting), None, false)
}
