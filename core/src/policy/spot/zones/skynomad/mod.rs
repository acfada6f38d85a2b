//! SkyNomad (NSDI '27): a zone is worth what its expected life produces less what it costs; move for a margin.
//!
//! Written from the published rules to the last quirk, because its published figures depend on them.

mod burst;
mod curve;
mod flags;
mod life;
mod options;
mod record;
mod reference;

use std::sync::Arc;

use crate::policy::spot::{HOUR, Kind};

use super::{Instance, Policy, Tick};
use flags::Flags;
use life::Life;
use options::{Choice, Offer};
use record::{End, Record, Run};

/// Ticks between probes of a zone.
const PROBE_INTERVAL: usize = 6;

/// The published policy, as it estimates lives or as it is told them.
#[derive(Debug, Clone)]
pub struct SkyNomad {
    life: Life,
    records: Vec<Record>,
    flags: Option<Flags>,
    /// Work of each tick so far, seconds; the first entry is 0.
    progress: Vec<f64>,
    done: f64,
    /// Zone of the spot machine it launched last and has not seen lost.
    mine: Option<usize>,
    /// It gave that machine up itself.
    replaced: bool,
    /// Zone of its last action.
    last: Option<usize>,
    /// Zones that failed in this step.
    failed: Vec<bool>,
    /// Zones whose last probe found spot.
    probed: Vec<bool>,
    next_probe: Vec<usize>,
}

impl SkyNomad {
    /// The online policy. In a market of moving prices it keeps a flag of each zone and pays by the rate of
    /// progress it needs; in one of constant prices it reckons the cost of the rest (the two published set-ups).
    pub fn online(zones: usize, prices_move: bool) -> Self {
        let cap_hours = if prices_move { None } else { Some(life::CAP_HOURS) };
        Self::with(zones, Life::Estimated { cap_hours }, prices_move.then(|| Flags::new(zones)))
    }

    /// SkyNomad(o): told how long each zone lasts from now on, by its availability at each tick of the trace.
    pub fn told(available: Vec<Arc<[bool]>>) -> Self {
        Self::with(available.len(), Life::Told { available }, None)
    }

    fn with(zones: usize, life: Life, flags: Option<Flags>) -> Self {
        Self {
            life,
            records: vec![Record::default(); zones],
            flags,
            progress: vec![0.0],
            done: 0.0,
            mine: None,
            replaced: false,
            last: None,
            failed: vec![false; zones],
            probed: vec![false; zones],
            next_probe: vec![0; zones],
        }
    }

    /// Brings the books up to this tick.
    fn observe(&mut self, tick: &dyn Tick, now: f64) {
        if tick.number() > 0 {
            self.progress.push(tick.done() - self.done);
            self.done = tick.done();
        }
        if let Some(zone) = self.mine
            && tick.instance() != Some(Instance { zone, kind: Kind::Spot })
        {
            self.records[zone].end(now, if self.replaced { End::Cut } else { End::Failure });
            self.mine = None;
        }
        self.replaced = false;
        if let Some(flags) = &mut self.flags {
            for zone in 0..self.records.len() {
                flags.count_probe(zone, tick.probe_bill(zone) / tick.seen(zone));
            }
        }
        let samples_open = self.flags.is_some();
        for record in &mut self.records {
            record.update_burst(now, tick.job().tick, samples_open);
        }
    }

    /// Hours each zone is expected to last from now on.
    fn lives(&self, tick: &dyn Tick, now: f64) -> Vec<f64> {
        let probed = |zone: usize| self.flags.as_ref().map_or(0.0, |flags| flags.probed_hours(zone));
        (0..self.records.len())
            .map(|zone| self.life.hours(tick, now, zone, &self.records[zone], probed(zone)))
            .collect()
    }

    /// Dollars an hour of progress is worth.
    fn value(&self, tick: &dyn Tick, now: f64, lives: &[f64], moves: bool) -> f64 {
        if moves {
            let seen = (0..tick.zones()).map(|zone| tick.seen(zone)).fold(f64::INFINITY, f64::min);
            return reference::rate_ratio(tick, now).max(seen);
        }
        let time = (tick.job().deadline - now) / HOUR;
        let lives: Vec<f64> = lives.iter().map(|life| life.min(time)).collect();
        reference::reference_value(tick, now, &self.records, &lives, &self.progress)
    }

    /// Goes down the options. The zone that probes leave out.
    fn act(&mut self, tick: &mut dyn Tick, now: f64, offers: &[Offer], current: f64) -> Option<usize> {
        let running = tick.instance();
        for offer in offers.iter().take_while(|offer| offer.value > current) {
            match offer.choice {
                Choice::Idle => {
                    self.last = None;
                    return None;
                }
                Choice::OnDemand(zone) => {
                    tick.launch(zone, Kind::OnDemand);
                    self.replaced = running.is_some();
                    self.last = Some(zone);
                    return Some(zone);
                }
                Choice::Spot(zone) => {
                    if self.try_spot(tick, now, zone, running) {
                        return Some(zone);
                    }
                }
            }
        }
        running.map(|i| i.zone)
    }

    fn try_spot(&mut self, tick: &mut dyn Tick, now: f64, zone: usize, running: Option<Instance>) -> bool {
        if std::mem::take(&mut self.probed[zone]) {
            self.records[zone].end_virtual(now);
        }
        if !tick.launch(zone, Kind::Spot) {
            self.failed[zone] = true;
            self.records[zone].failures += 1;
            self.flag(now, zone, false);
            return false;
        }
        let left = self.mine.filter(|_| running.is_some_and(|i| i.kind == Kind::Spot));
        self.mine = Some(zone);
        self.last = Some(zone);
        self.records[zone].start(now, Run::Real);
        if let Some(left) = left.filter(|&left| left != zone) {
            self.flag(now, left, false);
        }
        true
    }

    /// Probes what is due.
    fn probe(&mut self, tick: &mut dyn Tick, now: f64, primary: Option<usize>) {
        for zone in 0..self.records.len() {
            let due = tick.number() >= self.next_probe[zone];
            if Some(zone) == primary || self.probed[zone] || self.failed[zone] || !due {
                continue;
            }
            self.next_probe[zone] = tick.number() + PROBE_INTERVAL;
            let up = tick.probe(zone);
            if up {
                self.records[zone].start(now, Run::Virtual);
                self.probed[zone] = true;
            } else {
                self.records[zone].fail_probe();
            }
            self.flag(now, zone, up);
        }
        self.failed.fill(false);
    }

    /// Notes that a zone was found up or down, unless it is that of the machine it runs.
    fn flag(&mut self, now: f64, zone: usize, up: bool) {
        if let Some(flags) = &mut self.flags
            && self.mine != Some(zone)
        {
            flags.set(zone, up, &mut self.records[zone], now);
        }
    }
}

impl Policy for SkyNomad {
    fn step(&mut self, tick: &mut dyn Tick) {
        let now = tick.elapsed();
        self.observe(tick, now);
        let lives = self.lives(tick, now);
        let value = self.value(tick, now, &lives, tick.prices_move());
        let told = matches!(self.life, Life::Told { .. });
        if told {
            (0..tick.zones()).for_each(|zone| {
                tick.look(zone);
            });
        }
        let (offers, current) = options::rank(tick, value, &lives, self.last);
        let primary = self.act(tick, now, &offers, current);
        if told {
            self.failed.fill(false);
        } else {
            self.probe(tick, now, primary);
        }
    }
}
