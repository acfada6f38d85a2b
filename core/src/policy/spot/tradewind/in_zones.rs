//! Our policy in the benchmark of several zones.

use crate::policy::spot::zones::{Instance, Policy, Tick};
use crate::policy::spot::{HOUR, Kind};

use super::belief::{Belief, PRIOR};
use super::outlook::{Outlook, Place, Terms};

/// Our policy over several zones. It never probes for money: a launch that fails is free and tells as much.
#[derive(Debug, Clone, Default)]
pub struct InZones {
    beliefs: Vec<Belief>,
    /// Zone of the spot machine it launched last.
    mine: Option<usize>,
}

impl InZones {
    fn observe(&mut self, tick: &dyn Tick, hours: f64) {
        self.beliefs.resize(tick.zones(), Belief::default());
        if let Some(zone) = self.mine {
            let alive = tick.instance() == Some(Instance { zone, kind: Kind::Spot });
            self.beliefs[zone].see(tick.number(), alive, hours);
            if !alive {
                self.mine = None;
            }
        }
    }

    fn terms(&self, tick: &mut dyn Tick, hours: f64) -> Terms {
        let zones = tick.zones();
        let place = |zone: usize, belief: &Belief, tick: &mut dyn Tick| Place {
            spot: tick.look(zone) * hours,
            on_demand: tick.on_demand(zone) * hours,
            loss: belief.loss(&PRIOR, hours),
            back: belief.back(&PRIOR, hours),
            share: belief.share(&PRIOR),
        };
        let places: Vec<Place> = self.beliefs.iter().enumerate().map(|(zone, b)| place(zone, b, tick)).collect();
        let moves: f64 = (0..zones).map(|a| (0..zones).map(|b| tick.egress(a, b)).sum::<f64>()).sum();
        let haven = (0..zones).min_by(|&a, &b| tick.on_demand(a).total_cmp(&tick.on_demand(b))).unwrap_or(0);
        Terms {
            places,
            restart: tick.job().restart / tick.job().tick,
            move_cost: moves / (zones * zones) as f64,
            haven,
        }
    }
}

impl Policy for InZones {
    fn step(&mut self, tick: &mut dyn Tick) {
        let job = *tick.job();
        let hours = job.tick / HOUR;
        self.observe(tick, hours);
        let terms = self.terms(tick, hours);
        let running = tick.instance();
        let fresh = tick.left() / job.tick;
        let left = fresh + tick.restart_left() / job.tick;
        let ticks = (job.time_left(tick.number()) / job.tick).round() as usize;
        let outlook = Outlook::solve(&terms, if running.is_some() { left } else { fresh }, ticks);
        let mut options: Vec<(f64, Option<Instance>)> = vec![(outlook.idle(fresh), None)];
        for zone in 0..tick.zones() {
            let spot = Instance { zone, kind: Kind::Spot };
            let moved = tick.home().map_or(0.0, |home| tick.egress(home, zone)) - terms.move_cost;
            let cost =
                if running == Some(spot) { outlook.stay(left, zone) } else { outlook.launch(fresh, zone) + moved };
            options.push((cost, Some(spot)));
            let bought = Instance { zone, kind: Kind::OnDemand };
            let dearer = (tick.on_demand(zone) - tick.on_demand(terms.haven)) * hours * fresh;
            let moved = tick.home().map_or(0.0, |home| tick.egress(home, zone));
            let cost = if running == Some(bought) { outlook.keep(left) } else { outlook.buy(fresh) + moved };
            options.push((cost + dearer, Some(bought)));
        }
        options.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, option) in options {
            let Some(Instance { zone, kind }) = option else {
                tick.terminate();
                self.mine = None;
                return;
            };
            let launched = tick.launch(zone, kind);
            if kind == Kind::Spot {
                self.beliefs[zone].see(tick.number(), launched, hours);
            }
            if launched {
                self.mine = (kind == Kind::Spot).then_some(zone);
                return;
            }
        }
    }
}
