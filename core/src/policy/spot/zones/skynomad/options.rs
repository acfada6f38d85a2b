//! SkyNomad's options in a tick, each with the dollars an hour it is worth.

use crate::policy::spot::zones::{Instance, Tick};
use crate::policy::spot::{HOUR, Kind};

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Nothing.
    Idle,
    /// Spot in a zone.
    Spot(usize),
    /// On-demand in a zone.
    OnDemand(usize),
}

/// A choice and its value, dollars an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// What.
    pub choice: Choice,
    /// Worth.
    pub value: f64,
}

/// The options worth a try, best first, and the value of what runs. `lives` in hours; `last` is the zone of the
/// last action.
pub fn rank(tick: &dyn Tick, value: f64, lives: &[f64], last: Option<usize>) -> (Vec<Offer>, f64) {
    let running = tick.instance();
    let current = running.map_or(0.0, |instance| worth_running(tick, value, lives, instance));
    let margin = 0.5 + 0.0002 * tick.job().checkpoint_gb + 0.05 * value;
    let from = running.map(|i| i.zone).or(last);
    let mut offers = vec![Offer { choice: Choice::Idle, value: 0.0 }];
    offers.extend((0..lives.len()).filter_map(|zone| spot(tick, value, lives, zone, from, current, margin)));
    for zone in 0..lives.len() {
        let worth = on_demand(tick, value, zone, from);
        let runs = running == Some(Instance { zone, kind: Kind::OnDemand });
        if worth >= 0.0 && !runs && (running.is_none() || worth > current + margin) {
            offers.push(Offer { choice: Choice::OnDemand(zone), value: worth });
        }
    }
    offers.sort_by(|a, b| b.value.total_cmp(&a.value));
    (offers, current)
}

/// What the running machine is worth.
fn worth_running(tick: &dyn Tick, value: f64, lives: &[f64], running: Instance) -> f64 {
    let Instance { zone, kind } = running;
    match kind {
        Kind::OnDemand => value - tick.on_demand(zone),
        Kind::Spot => (value * lives[zone] - tick.seen(zone) * lives[zone]) / lives[zone],
    }
}

/// Spot in a zone, if it is worth a try.
fn spot(
    tick: &dyn Tick,
    value: f64,
    lives: &[f64],
    zone: usize,
    from: Option<usize>,
    current: f64,
    margin: f64,
) -> Option<Offer> {
    let running = tick.instance();
    let life = lives[zone];
    let lost = if running == Some(Instance { zone, kind: Kind::Spot }) { 0.0 } else { tick.job().restart / HOUR };
    let useful = (life - lost).max(0.0);
    if useful == 0.0 {
        return None;
    }
    let mut worth = (value * useful - tick.seen(zone) * life) / life;
    if let Some(from) = from.filter(|&from| from != zone) {
        worth -= tick.egress(from, zone) / life.max(1e-6);
    }
    let moves = running.is_some_and(|i| i.zone != zone);
    (worth >= 0.0 && (!moves || worth > current + margin)).then_some(Offer { choice: Choice::Spot(zone), value: worth })
}

/// On-demand in a zone. The published rule takes dollars from dollars an hour.
fn on_demand(tick: &dyn Tick, value: f64, zone: usize, from: Option<usize>) -> f64 {
    let worth = value - tick.on_demand(zone);
    match from.filter(|&from| from != zone) {
        Some(from) => worth - (tick.job().restart / HOUR * value + tick.egress(from, zone)),
        None => worth,
    }
}
