//! Greedy within equal slices of the time, each with its share of the work.

use crate::policy::spot::{DONE, Kind};

use super::net::{Target, net};
use super::{Moment, Rule, Setting};

/// The time-sliced rule of "Can't Be Late", with its number of slices.
#[derive(Debug, Clone, Copy)]
pub struct Sliced(pub u32);

impl Sliced {
    /// The target at the end of the slice that a tick lies in.
    fn target(self, setting: &Setting, tick: usize) -> Target {
        let count = f64::from(self.0);
        let length = setting.deadline / count;
        let slice = (tick as f64 * setting.tick / length).floor().min(count - 1.0) + 1.0;
        Target { work: setting.work * slice / count, deadline: length * slice }
    }
}

impl Rule for Sliced {
    fn choose(&mut self, setting: &Setting, now: &Moment) -> Option<Kind> {
        let target = self.target(setting, now.tick);
        let mut choice = now.spot_if_available();
        if now.done < target.work - DONE {
            choice = net(setting, now, target, choice, true);
        }
        net(setting, now, Target::of(setting), choice, true)
    }
}
