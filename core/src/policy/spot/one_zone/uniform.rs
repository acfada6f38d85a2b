//! Uniform Progress: never behind the straight line from nothing done to all done at the deadline.

use crate::policy::spot::Kind;

use super::net::{Target, net};
use super::{Moment, Rule, Setting};

/// Uniform Progress of "Can't Be Late".
#[derive(Debug, Clone, Copy)]
pub struct Uniform {
    /// Stay on on-demand until two restarts ahead of the line, not to switch to and fro.
    pub hysteresis: bool,
}

impl Rule for Uniform {
    fn choose(&mut self, setting: &Setting, now: &Moment) -> Option<Kind> {
        let elapsed = now.tick as f64 * setting.tick;
        let line = |at: f64| at * setting.work / setting.deadline;
        let mut choice = now.spot_if_available();
        if choice.is_none() && now.done - line(elapsed) < 0.0 {
            choice = Some(Kind::OnDemand);
        }
        let stays = !now.available || line(elapsed + 2.0 * setting.restart) - now.done >= 0.0;
        if self.hysteresis && now.current == Some(Kind::OnDemand) && stays {
            choice = Some(Kind::OnDemand);
        }
        net(setting, now, Target::of(setting), choice, true)
    }
}
