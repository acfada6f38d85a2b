//! Uniform Progress over zones by recent success: UP(A).

use std::collections::VecDeque;

use crate::policy::spot::Kind;

use super::ask::Ask;
use super::{Instance, Policy, Tick};

/// Outcomes kept of each zone.
const WINDOW: usize = 5;

/// Seconds between heartbeats, and between probes, of a zone.
const INTERVAL: f64 = 7200.0;

/// What is known of a zone.
#[derive(Debug, Clone, Default)]
struct Record {
    outcomes: VecDeque<bool>,
    next_beat: usize,
    next_probe: usize,
}

impl Record {
    fn add(&mut self, outcome: bool) {
        if self.outcomes.len() == WINDOW {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back(outcome);
    }

    /// Share of successes; a half where nothing is known.
    fn share(&self) -> f64 {
        if self.outcomes.is_empty() {
            return 0.5;
        }
        self.outcomes.iter().filter(|&&o| o).count() as f64 / self.outcomes.len() as f64
    }
}

/// UP(A) of the SkyNomad paper.
#[derive(Debug, Clone, Default)]
pub struct UpA {
    ask: Ask,
    records: Vec<Record>,
    /// Zone of the spot machine whose life is recorded.
    tracked: Option<usize>,
}

impl Policy for UpA {
    fn step(&mut self, tick: &mut dyn Tick) {
        self.records.resize(tick.zones(), Record::default());
        let interval = ((INTERVAL / tick.job().tick).round_ties_even() as usize).max(1);
        self.follow(tick, interval);
        let goes_on = match self.ask.ask(tick, tick.kind(), true) {
            Some(Kind::Spot) => self.run_spot(tick, interval),
            Some(Kind::OnDemand) => {
                let zone = tick.instance().map(|i| i.zone).or(tick.home()).unwrap_or(0);
                tick.launch(zone, Kind::OnDemand);
                false
            }
            None => {
                tick.terminate();
                false
            }
        };
        if goes_on {
            self.probe(tick, interval);
        }
    }
}

impl UpA {
    /// Records how the tracked machine fares.
    fn follow(&mut self, tick: &dyn Tick, interval: usize) {
        let spot = tick.instance().filter(|i| i.kind == Kind::Spot).map(|i| i.zone);
        if let Some(zone) = self.tracked.filter(|&zone| spot != Some(zone)) {
            self.records[zone].add(false);
            self.tracked = None;
        }
        self.tracked = self.tracked.or(spot);
        if let Some(record) = self.tracked.map(|zone| &mut self.records[zone])
            && tick.number() >= record.next_beat
        {
            record.add(true);
            record.next_beat = tick.number() + interval;
        }
    }

    /// Keeps or finds spot. False if the step ends here.
    fn run_spot(&mut self, tick: &mut dyn Tick, interval: usize) -> bool {
        let mut ranking: Vec<usize> = (0..tick.zones()).collect();
        ranking.sort_by(|&a, &b| self.records[b].share().total_cmp(&self.records[a].share()));
        if let Some(Instance { zone, kind: Kind::Spot }) = tick.instance() {
            let best = self.records[ranking[0]].share();
            if zone == ranking[0] || self.records[zone].share() >= best - 1e-6 {
                self.ask.leaving = false;
                return true;
            }
        }
        tick.terminate();
        for zone in ranking {
            let launched = tick.launch(zone, Kind::Spot);
            self.records[zone].add(launched);
            if launched {
                self.tracked = Some(zone);
                self.records[zone].next_beat = tick.number() + interval;
                return true;
            }
        }
        if !self.ask.leaving && self.ask.ask(tick, None, false) == Some(Kind::OnDemand) {
            tick.launch(tick.home().unwrap_or(0), Kind::OnDemand);
        }
        false
    }

    /// Probes the zone of which least is known, of those due.
    fn probe(&mut self, tick: &mut dyn Tick, interval: usize) {
        let due = |zone: &usize| Some(*zone) != self.tracked && tick.number() >= self.records[*zone].next_probe;
        let Some(zone) = (0..tick.zones()).filter(due).min_by_key(|&zone| self.records[zone].outcomes.len()) else {
            return;
        };
        let up = tick.probe(zone);
        self.records[zone].add(up);
        self.records[zone].next_probe = tick.number() + interval;
    }
}
