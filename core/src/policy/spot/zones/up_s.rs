//! Uniform Progress over zones by price, away from the region just left: UP(S).

use crate::policy::spot::Kind;

use super::ask::Ask;
use super::{Instance, Policy, Tick};

/// UP(S) of the SkyNomad paper.
#[derive(Debug, Clone, Default)]
pub struct UpS {
    ask: Ask,
    /// Zone of the last machine seen at the start of a step.
    previous: Option<usize>,
}

impl UpS {
    /// Zones by price, those of the region just left behind the others.
    fn order(&self, tick: &mut dyn Tick) -> Vec<usize> {
        let prices: Vec<f64> = (0..tick.zones()).map(|zone| tick.look(zone)).collect();
        let mut zones: Vec<usize> = (0..prices.len()).collect();
        zones.sort_by(|&a, &b| prices[a].total_cmp(&prices[b]));
        if let Some(previous) = self.previous {
            zones.sort_by_key(|&zone| tick.same_region(zone, previous));
        }
        zones
    }
}

impl Policy for UpS {
    fn step(&mut self, tick: &mut dyn Tick) {
        let running = tick.instance();
        if let Some(Instance { zone, .. }) = running {
            self.previous = Some(zone);
        }
        let want = self.ask.ask(tick, tick.kind(), true);
        if running.is_some() {
            if want == tick.kind() {
                return;
            }
            tick.terminate();
        }
        let fallback = running.map(|i| i.zone).or(tick.home()).unwrap_or(0);
        let on_demand = match want {
            None => false,
            Some(Kind::OnDemand) => true,
            Some(Kind::Spot) => {
                let launched = self.order(tick).into_iter().any(|zone| tick.launch(zone, Kind::Spot));
                !launched && !self.ask.leaving && self.ask.ask(tick, None, false) == Some(Kind::OnDemand)
            }
        };
        if on_demand {
            tick.launch(fallback, Kind::OnDemand);
        }
    }
}
