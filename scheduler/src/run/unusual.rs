//! Nodes that cost far more than was planned, held against the other nodes of the run: told while it runs.

use tradewind_core::money::Usd;

use super::node::Phase;
use super::script::Home;
use super::turn::Turn;
use crate::nightly::robust::{OUTLIER, modified_z};

/// Nodes before it that a node is held against, at the most.
const PAST: usize = 100;
/// Below this many times the plan's cost nothing is told, however calm the others were: running times spread.
const TELLING: f64 = 1.5;
/// The least spread of the logarithm of cost over plan: a twentieth more than planned is no news.
const CALM: f64 = 0.05;

impl Turn<'_> {
    /// A bill of a node came. If that was its last, it is held against what was planned for it and against the nodes
    /// before it; of each allocation one is told.
    pub fn look_at_cost(&mut self, node: u32, bill: Usd) {
        let n = &mut self.state.nodes[node as usize];
        n.billed += bill;
        let (billed, is_over) = (n.billed, n.phase == Phase::Released);
        let Home::Planned(a, _) = n.home else { return };
        let allocation = &self.script.plan.allocations[a as usize];
        let planned = Usd::from_nanos(allocation.expected_cost_usd.nanos() / i64::from(allocation.count.max(1)));
        if !is_over || planned <= Usd::ZERO || billed <= Usd::ZERO {
            return;
        }
        let ledger = &mut self.state.ledger;
        let past: Vec<f64> = ledger.over_plan.iter().map(|&ppm| libm::log(ppm as f64)).collect();
        let ppm = (i128::from(billed.nanos()) * 1_000_000 / i128::from(planned.nanos())).max(1) as i64;
        let score = modified_z(libm::log(ppm as f64), &past, CALM);
        if ledger.over_plan.len() == PAST {
            ledger.over_plan.pop_front();
        }
        ledger.over_plan.push_back(ppm);
        let times = ppm as f64 / 1e6;
        let is_unusual = score.is_some_and(|score| score > OUTLIER) && times > TELLING;
        if is_unusual && self.state.ledger.unusual.insert(a) {
            let about = self.name_of(node);
            let others = past.len();
            let because = format!(
                "TW4063: it cost USD {billed:.2} where {planned:.2} was planned, {times:.1} times, unlike {others} nodes before"
            );
            self.decide(about, "say so", &["say nothing"], because);
        }
    }
}
