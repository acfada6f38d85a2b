//! Cost by cause, and the way from one arm's cost to another's.

use serde::Serialize;
use tradewind_core::money::{Usd, div_half_even};
use tradewind_core::plan::Plan;

use crate::plan::{Outcome, Simulated};

/// Of how a sum over replications is called, and what it adds.
type Part = (&'static str, fn(&Outcome) -> i64);

/// What replications pay for. Together with what the plan fixes they sum to the cost.
const DRAWN: [Part; 8] = [
    ("compute", |o| o.compute - o.rework),
    ("rework", |o| o.rework),
    ("boot", |o| o.boot),
    ("idle", |o| o.idle),
    ("billing rules", |o| o.rules),
    ("address", |o| o.address),
    ("disk and checkpoints", |o| o.kept),
    ("fallback", |o| o.fallback),
];

/// A cause of cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What is paid for.
    pub cause: &'static str,
    /// The mean over the replications.
    pub mean_usd: Usd,
}

/// A step from the base's mean cost to the arm's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is paid for.
    pub cause: &'static str,
    /// How much more the arm pays for it, in the mean.
    pub usd: Usd,
}

/// The mean cost of an arm by cause: exactly the sum of all rounds to the mean cost.
pub fn causes(plan: &Plan, simulated: &Simulated) -> Vec<Cause> {
    let n = simulated.outcomes.len().max(1) as i128;
    let totals = totals(plan, simulated).into_iter().map(|(cause, sum)| (cause, sum, n));
    rounded(totals).map(|(cause, mean_usd)| Cause { cause, mean_usd }).collect()
}

/// From the base to an arm, cause by cause: the steps sum to the difference of the means to the nano-dollar.
pub fn steps(base: (&Plan, &Simulated), arm: (&Plan, &Simulated)) -> Vec<Step> {
    let n = base.1.outcomes.len().max(1) as i128;
    let pairs = totals(base.0, base.1).into_iter().zip(totals(arm.0, arm.1));
    let changes = pairs.map(|((cause, before), (_, after))| (cause, after - before, n));
    rounded(changes).map(|(cause, usd)| Step { cause, usd }).collect()
}

/// Sums over all replications.
fn totals(plan: &Plan, simulated: &Simulated) -> Vec<(&'static str, i128)> {
    let all = &simulated.outcomes;
    let staged: Usd = plan.stagings.iter().map(|s| s.storage_usd).sum();
    let fixed = [("egress", plan.cost.egress_usd), ("staged copies", staged), ("commitment", plan.cost.commitment_usd)];
    let drawn = DRAWN.into_iter().map(|(cause, of)| (cause, all.iter().map(|o| i128::from(of(o))).sum()));
    drawn.chain(fixed.map(|(cause, usd)| (cause, i128::from(usd.nanos()) * all.len() as i128))).collect()
}

/// Means of sums over n, rounded so that the means of the first k sum to the rounded mean of their sum.
fn rounded(sums: impl Iterator<Item = (&'static str, i128, i128)>) -> impl Iterator<Item = (&'static str, Usd)> {
    sums.scan((0_i128, 0_i128), |(sum, told), (cause, part, n)| {
        *sum += part;
        let mean = div_half_even(*sum, n) - *told;
        *told += mean;
        Some((cause, Usd::from_nanos(mean as i64)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_parts_sum_to_the_rounded_whole() {
        for n in 1..50_i128 {
            let parts = [1_i128, 2, 2, -7, 100, 1, 1, 1].map(|p| ("", p, n));
            let sum: Usd = rounded(parts.into_iter()).map(|(_, usd)| usd).sum();
            assert_eq!(i128::from(sum.nanos()), div_half_even(101, n));
        }
    }
}
