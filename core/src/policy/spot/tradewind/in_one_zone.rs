//! Our policy in the one-zone benchmark.

use crate::policy::spot::one_zone::{Moment, Rule, Setting, last_call};
use crate::policy::spot::{HOUR, Kind};

use super::aging::Clock;
use super::one_zone_outlook::{OneZoneOutlook, OneZoneTerms};

/// The programme is solved anew after so many ticks.
const HOLD: usize = 6;

/// Our policy where one zone tells each tick whether spot can be had.
#[derive(Debug, Clone, Default)]
pub struct InOneZone {
    clock: Clock,
    outlook: Option<(usize, OneZoneOutlook)>,
}

impl InOneZone {
    fn terms(&self, setting: &Setting) -> OneZoneTerms {
        let hours = setting.tick / HOUR;
        OneZoneTerms {
            spot: setting.spot * hours,
            on_demand: setting.on_demand * hours,
            restart: setting.restart / setting.tick,
            loss: self.clock.lives.chances(hours),
            back: self.clock.outages.chances(hours),
        }
    }
}

impl Rule for InOneZone {
    fn choose(&mut self, setting: &Setting, now: &Moment) -> Option<Kind> {
        let hours = setting.tick / HOUR;
        self.clock.see(now.available, hours);
        if let Some(kind) = last_call(setting, now) {
            return Some(kind);
        }
        let owed = if now.current.is_some() { now.restart_left } else { 0.0 };
        let left = (setting.work - now.done + owed) / setting.tick;
        let ticks = (setting.deadline / setting.tick + 1e-9) as usize - now.tick;
        let terms = self.terms(setting);
        let stale = self.outlook.as_ref().is_none_or(|(solved, _)| now.tick >= solved + HOLD);
        if stale {
            self.outlook = Some((now.tick, OneZoneOutlook::solve(terms, left, ticks, HOLD)));
        }
        let (_, outlook) = self.outlook.as_ref()?;
        outlook.best(left, ticks, now.current, now.available, self.clock.phase(hours))
    }
}
