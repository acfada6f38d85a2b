//! Why a plan is as it is: the choice, the runner-up, what stood in the way of everything that looks
//! cheaper, what would let the rest run, and what each rule costs.
//!
//! Nothing is quoted from a dual or from what the search happened to try. A plan is laid out again as
//! the schedule it came from; a road not taken is taken, with everything else held where it is, and
//! the two accounts are compared to the nano-dollar ([`Forced`]). Prices of rules come from solving
//! the relaxation again without them ([`rule_prices`]).

mod cap;
mod case;
mod change;
mod desk;
mod force;
mod job;
mod layout;
mod obstacle;
mod prices;
mod relief;
mod rule;
mod survey;
mod why_not;

pub use change::Change;
pub use force::Forced;
pub use job::{JobReport, Loser, Losers, Share, explain_job};
pub use obstacle::Obstacle;
pub use prices::{RulePrice, RulePrices, rule_prices};
pub use relief::{Relief, explain_unplaced};
pub use rule::PricedRule;
pub use why_not::{WhyNot, why_not};

use tradewind_core::money::Usd;

/// Dollars of the search as money, rounded once.
fn dollars(usd: f64) -> Usd {
    Usd::from_nanos((usd * 1e9).round() as i64)
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The job is not in the plan's queue.
    #[error("the plan's queue has no job {0:?}")]
    UnknownJob(String),
    /// The market does not sell the offer.
    #[error("the market does not sell {0}")]
    UnknownOffer(String),
    /// The plan buys what the market does not sell, or its tasks may not run where it puts them.
    #[error("the plan and the market do not belong together")]
    Mismatch,
}
