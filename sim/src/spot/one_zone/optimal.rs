//! The least cost of a window for one who knows it all: an exact backward dynamic programme.
//!
//! Time runs in ticks, work and restart in the greatest unit that divides both tick and restart (120 s in the
//! published setting). Only work that can still be finished and can have been reached is visited, so one table is
//! enough: a tick overwrites the next one from little work to much.

use tradewind_core::policy::spot::Kind;
use tradewind_core::policy::spot::one_zone::Setting;

use super::Outcome;

/// The least cost over a window; beyond its end there is no spot. Infinite where the deadline cannot be met.
pub fn optimal(setting: &Setting, available: &[bool]) -> Outcome {
    let units = Units::of(setting);
    let ticks = (setting.deadline / setting.tick + 1e-9).floor() as usize;
    let mut table = Table::new(&units);
    let prices = Prices { spot: setting.tick_price(Kind::Spot), on_demand: setting.tick_price(Kind::OnDemand) };
    for tick in (0..ticks).rev() {
        let spot = available.get(tick).copied().unwrap_or(false);
        let least = units.work.saturating_sub(units.tick * (ticks - tick));
        let most = (units.tick * tick).min(units.work - 1);
        for done in least..=most {
            table.relax(&units, &prices, done, spot);
        }
    }
    let cost = table.idle[0];
    Outcome { cost, met_deadline: cost.is_finite() }
}

/// The setting in whole units.
struct Units {
    work: usize,
    tick: usize,
    /// Restart left after the launching tick, after the next, ... down to 0.
    restarts: Vec<usize>,
    /// Progress of the launching tick.
    launch_progress: usize,
}

impl Units {
    fn of(setting: &Setting) -> Self {
        let (tick, restart) = (setting.tick.round() as usize, setting.restart.round() as usize);
        let unit = gcd(tick, restart).max(1);
        let (tick, restart) = (tick / unit, restart / unit);
        let mut restarts = vec![restart.saturating_sub(tick)];
        while restarts[restarts.len() - 1] > 0 {
            restarts.push(restarts[restarts.len() - 1].saturating_sub(tick));
        }
        let work = (setting.work / unit as f64 - 1e-9).ceil() as usize;
        Self { work, tick, restarts, launch_progress: tick.saturating_sub(restart) }
    }
}

/// A tick of each kind, in dollars.
struct Prices {
    spot: f64,
    on_demand: f64,
}

/// Least cost to the end, by work done, of each state at the start of a tick.
struct Table {
    idle: Vec<f64>,
    spot: Vec<Vec<f64>>,
    on_demand: Vec<Vec<f64>>,
}

impl Table {
    /// After the last tick: nothing more to pay if all is done, else no way.
    fn new(units: &Units) -> Self {
        let mut end = vec![f64::INFINITY; units.work + 1];
        end[units.work] = 0.0;
        let phases = vec![end.clone(); units.restarts.len()];
        Self { idle: end, spot: phases.clone(), on_demand: phases }
    }

    /// The states with `done` units, one tick earlier.
    fn relax(&mut self, units: &Units, prices: &Prices, done: usize, spot: bool) {
        let after = |progress: usize| (done + progress).min(units.work);
        let launched = after(units.launch_progress);
        let mut fresh = self.idle[done].min(prices.on_demand + self.on_demand[0][launched]);
        if spot {
            fresh = fresh.min(prices.spot + self.spot[0][launched]);
        }
        self.idle[done] = fresh;
        let last = units.restarts.len() - 1;
        for (phase, &restart) in units.restarts.iter().enumerate() {
            let (next, then) = ((phase + 1).min(last), after(units.tick.saturating_sub(restart)));
            self.on_demand[phase][done] = fresh.min(prices.on_demand + self.on_demand[next][then]);
            self.spot[phase][done] = if spot { fresh.min(prices.spot + self.spot[next][then]) } else { fresh };
        }
    }
}

/// The greatest common divisor.
fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
