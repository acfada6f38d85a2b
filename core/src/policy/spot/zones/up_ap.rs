//! Uniform Progress over zones by success for the price: UP(AP).

use crate::policy::spot::Kind;

use super::ask::Ask;
use super::{Instance, Policy, Tick};

/// Seconds between heartbeats, and between probes, of a zone.
const INTERVAL: f64 = 3600.0;

/// A running machine is kept down to this share of the best score.
const KEEP: f64 = 0.9;

/// What is known of a zone.
#[derive(Debug, Clone, Copy, Default)]
struct Record {
    trials: u32,
    successes: u32,
    /// Tick of the next heartbeat or probe.
    next: usize,
}

impl Record {
    fn add(&mut self, outcome: bool) {
        self.trials += 1;
        self.successes += u32::from(outcome);
    }

    /// Share of successes; a half where nothing is known.
    fn share(&self) -> f64 {
        if self.trials == 0 { 0.5 } else { f64::from(self.successes) / f64::from(self.trials) }
    }
}

/// UP(AP) of the SkyNomad paper.
#[derive(Debug, Clone, Default)]
pub struct UpAp {
    ask: Ask,
    records: Vec<Record>,
    /// Zone of the spot machine whose life is recorded.
    tracked: Option<usize>,
}

impl Policy for UpAp {
    fn step(&mut self, tick: &mut dyn Tick) {
        self.records.resize(tick.zones(), Record::default());
        let interval = ((INTERVAL / tick.job().tick).round_ties_even() as usize).max(1);
        self.follow(tick, interval);
        match self.ask.ask(tick, tick.kind(), true) {
            Some(Kind::Spot) => {
                self.run_spot(tick, interval);
                self.probe(tick, interval);
            }
            Some(Kind::OnDemand) => {
                let zone = tick.instance().map_or(0, |i| i.zone);
                tick.launch(zone, Kind::OnDemand);
            }
            None => tick.terminate(),
        }
    }
}

impl UpAp {
    /// Records how the tracked machine fares.
    fn follow(&mut self, tick: &dyn Tick, interval: usize) {
        let Some(zone) = self.tracked else { return };
        if tick.instance() != Some(Instance { zone, kind: Kind::Spot }) {
            self.records[zone].add(false);
            self.tracked = None;
        } else if tick.number() >= self.records[zone].next {
            self.records[zone].add(true);
            self.records[zone].next = tick.number() + interval;
        }
    }

    /// Keeps or finds spot, else asks for on-demand.
    fn run_spot(&mut self, tick: &mut dyn Tick, interval: usize) {
        let scores: Vec<f64> = (0..tick.zones()).map(|zone| self.records[zone].share() / tick.seen(zone)).collect();
        let mut ranking: Vec<usize> = (0..scores.len()).collect();
        ranking.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        if let Some(Instance { zone, kind: Kind::Spot }) = tick.instance()
            && scores[zone] >= KEEP * scores[ranking[0]]
        {
            self.ask.leaving = false;
            return;
        }
        tick.terminate();
        for zone in ranking {
            let launched = tick.launch(zone, Kind::Spot);
            self.records[zone].add(launched);
            if launched {
                self.tracked = Some(zone);
                self.records[zone].next = tick.number() + interval;
                return;
            }
        }
        if self.ask.ask(tick, None, false) == Some(Kind::OnDemand) {
            tick.launch(0, Kind::OnDemand);
        }
    }

    /// Probes every zone that is due and does not run.
    fn probe(&mut self, tick: &mut dyn Tick, interval: usize) {
        let running = tick.instance().filter(|i| i.kind == Kind::Spot).map(|i| i.zone);
        for zone in 0..tick.zones() {
            let due = tick.number() >= self.records[zone].next;
            if due && Some(zone) != self.tracked && Some(zone) != running {
                let up = tick.probe(zone);
                self.records[zone].add(up);
                self.records[zone].next = tick.number() + interval;
            }
        }
    }
}
