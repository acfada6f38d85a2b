//! What last night's plan was worth: the same tasks, at the prices that then came, bought in other ways.

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;

/// The same tasks bought in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Tasks it places.
    pub placed: u64,
    /// What they cost.
    pub cost_usd: Usd,
}

/// Last night in every way. All are priced at the prices that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backtest {
    /// The plan as it stood.
    pub ran: Way,
    /// The best plan found by one who had known the prices, as many tasks placed.
    pub foresight: Way,
    /// No plan of those tasks costs less at these prices (proven).
    pub foresight_bound_usd: Usd,
    /// Each task on its cheapest offer, repaired where quota is used up.
    pub greedy: Way,
    /// Everything on demand, within the quotas.
    pub on_demand: Way,
    /// Everything on demand, if there were neither quotas nor budgets: what this work costs at list prices.
    pub on_demand_unlimited: Way,
    /// Tasks that could not have stayed where they were.
    pub lost: u64,
}

impl Backtest {
    /// What foresight would have saved: never negative, for the plan that ran is one of those it chooses from.
    pub fn regret_usd(&self) -> Usd {
        self.ran.cost_usd - self.foresight.cost_usd
    }

    /// The regret as a share of what ran; none where that cost nothing.
    pub fn regret_share(&self) -> Option<f64> {
        (self.ran.cost_usd > Usd::ZERO).then(|| self.regret_usd().as_f64() / self.ran.cost_usd.as_f64())
    }

    /// Of what foresight would have saved over list prices, the share that was saved. None where the ways place other
    /// tasks, or nothing could be saved.
    pub fn captured(&self) -> Option<f64> {
        let list = self.on_demand_unlimited;
        let possible = list.cost_usd - self.foresight.cost_usd;
        let same = list.placed == self.ran.placed && self.ran.placed == self.foresight.placed;
        (same && possible > Usd::ZERO).then(|| (list.cost_usd - self.ran.cost_usd).as_f64() / possible.as_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(placed: u64, cents: i64) -> Way {
        Way { placed, cost_usd: Usd::from_nanos(cents * 10_000_000) }
    }

    fn night(ran: Way, foresight: Way, list: Way) -> Backtest {
        let bound = foresight.cost_usd;
        Backtest {
            ran,
            foresight,
            foresight_bound_usd: bound,
            greedy: ran,
            on_demand: list,
            on_demand_unlimited: list,
            lost: 0,
        }
    }

    #[test]
    fn of_the_possible_saving_a_share_was_captured() {
        let b = night(way(10, 4_000), way(10, 3_500), way(10, 6_000));
        assert_eq!((b.regret_usd(), b.regret_share()), (way(0, 500).cost_usd, Some(0.125)));
        assert_eq!(b.captured(), Some(0.8));
    }

    #[test]
    fn no_share_of_other_work_or_of_nothing() {
        assert_eq!(night(way(10, 40), way(10, 35), way(9, 60)).captured(), None, "other tasks");
        assert_eq!(night(way(10, 40), way(10, 40), way(10, 40)).captured(), None, "nothing to save");
        assert_eq!(night(way(0, 0), way(0, 0), way(0, 0)).regret_share(), None);
    }
}
