//! The price of change: a move has to save more than the disturbance it makes.
//!
//! Prices move a little every night. Of 867,000 day-to-day changes of AWS spot prices in the embedded series' source
//! (2024-01-09 to 2024-03-31) half are below 0.5 % and 95 of 100 below 2.4 %: a plan that followed each of them would
//! be another plan every night, for savings that are gone the next.

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::share::Share;

/// What a move is charged. It is made where it saves more than both together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// For each task that leaves its place or its start: a launch that may fail, a person who looks.
    pub per_task: Usd,
    /// This share of what the work costs where it is; none is nothing.
    pub margin: Option<Share>,
    /// Nothing moves, whatever it saves.
    pub hold: bool,
}

impl Rule {
    /// What moving `tasks` tasks is charged that cost `held` where they are.
    pub fn charge(&self, tasks: u64, held: Usd) -> Usd {
        if self.hold {
            return Usd::from_nanos(i64::MAX);
        }
        let share = self.margin.map_or(0, |m| m.of(i128::from(held.nanos().max(0))));
        let all = i128::from(self.per_task.nanos()) * i128::from(tasks) + share;
        Usd::from_nanos(i64::try_from(all).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().expect("an amount")
    }

    #[test]
    fn a_move_pays_for_its_tasks_and_a_share_of_what_it_leaves() {
        let rule = Rule { per_task: usd("0.01"), margin: "2.5%".parse().ok(), hold: false };
        assert_eq!(rule.charge(3, usd("10.00")), usd("0.28"));
        assert_eq!(rule.charge(0, Usd::ZERO), Usd::ZERO);
        let free = Rule { per_task: Usd::ZERO, margin: None, hold: false };
        assert_eq!(free.charge(1_000_000, usd("5000")), Usd::ZERO);
        assert_eq!(Rule { hold: true, ..free }.charge(0, Usd::ZERO), Usd::from_nanos(i64::MAX));
        let most = Rule { per_task: Usd::from_nanos(i64::MAX), ..rule };
        assert_eq!(most.charge(u64::MAX, usd("1.00")), Usd::from_nanos(i64::MAX), "never wraps");
    }
}
