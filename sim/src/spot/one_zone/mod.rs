//! One zone: a window of spot that is up or down, and a rule that is asked in each tick.

mod optimal;

pub use optimal::optimal;

use tradewind_core::policy::spot::one_zone::{Moment, Rule, Setting};
use tradewind_core::policy::spot::{DONE, Kind};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Dollars.
    pub cost: f64,
    /// Whether the work was done by the deadline.
    pub met_deadline: bool,
}

/// Runs a rule over one window; beyond its end there is no spot.
pub fn run(setting: &Setting, available: &[bool], rule: &mut dyn Rule) -> Outcome {
    let mut now = Moment { tick: 0, done: 0.0, current: None, restart_left: 0.0, available: false };
    let mut cost = 0.0;
    while setting.work - now.done > DONE {
        now.available = available.get(now.tick).copied().unwrap_or(false);
        if now.current == Some(Kind::Spot) && !now.available {
            now.current = None;
        }
        let chosen = rule.choose(setting, &now).filter(|&kind| kind == Kind::OnDemand || now.available);
        if chosen.is_some() && chosen != now.current {
            now.restart_left = setting.restart;
        }
        now.current = chosen;
        if let Some(kind) = chosen {
            cost += setting.tick_price(kind);
            advance(setting, &mut now);
        }
        now.tick += 1;
    }
    Outcome { cost, met_deadline: now.tick as f64 * setting.tick <= setting.deadline + 1e-6 }
}

/// A tick of a running machine: first the restart, then work.
fn advance(setting: &Setting, now: &mut Moment) {
    let progress = (setting.tick - now.restart_left).max(0.0);
    now.restart_left -= setting.tick - progress;
    if now.restart_left < DONE {
        now.restart_left = 0.0;
    }
    now.done += progress.min(setting.work - now.done);
}
