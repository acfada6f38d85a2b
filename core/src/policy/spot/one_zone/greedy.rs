//! Spot while it can be had, else wait; on-demand at the last moment.

use crate::policy::spot::Kind;

use super::net::{Target, net};
use super::{Moment, Rule, Setting};

/// The greedy rule of "Can't Be Late".
#[derive(Debug, Clone, Copy)]
pub struct Greedy;

impl Rule for Greedy {
    fn choose(&mut self, setting: &Setting, now: &Moment) -> Option<Kind> {
        net(setting, now, Target::of(setting), now.spot_if_available(), false)
    }
}
