//! How an arm differs from the base, replication by replication.

use serde::Serialize;
use tradewind_core::money::{Usd, div_half_even};

use super::CONFIDENCE;
use crate::plan::{Outcome, Simulated};
use crate::stats::{Moments, Paired};

/// How much more an arm costs than the base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The mean.
    pub usd: Usd,
    /// Its 95 % interval; none of a single replication.
    pub interval_usd: Option<[Usd; 2]>,
    /// The mean as a share of the base's mean cost; none where the base costs nothing.
    pub share: Option<f64>,
    /// How many times as many replications the interval would take with draws of their own for base and arm; none
    /// where the difference never varies.
    pub variance_reduction: Option<f64>,
}

impl Difference {
    /// Of as many replications of both, at least one.
    pub fn of(base: &Simulated, arm: &Simulated) -> Self {
        let mut paired = Paired::default();
        let pairs = base.outcomes.iter().zip(&arm.outcomes);
        pairs.clone().for_each(|(b, a)| paired.add(b.cost as f64, a.cost as f64));
        let sum: i128 = pairs.map(|(b, a)| i128::from(a.cost) - i128::from(b.cost)).sum();
        let usd = Usd::from_nanos(div_half_even(sum, base.outcomes.len().max(1) as i128) as i64);
        let cost: i128 = base.outcomes.iter().map(|o| i128::from(o.cost)).sum();
        let nanos = |value: f64| Usd::from_nanos(libm::rint(value) as i64);
        Self {
            usd,
            interval_usd: paired.estimate(CONFIDENCE).interval.map(|i| [nanos(i.low), nanos(i.high)]),
            share: (cost > 0).then(|| sum as f64 / cost as f64),
            variance_reduction: paired.variance_reduction(),
        }
    }

    /// Whether the interval leaves no doubt about the sign.
    pub fn is_certain(&self) -> bool {
        self.interval_usd.is_some_and(|[low, high]| low > Usd::ZERO || high < Usd::ZERO)
    }
}

/// Half of the 95 % interval of the base's mean cost, or of how much more an arm costs, as a share of that mean;
/// infinite where it is not known.
pub fn half_width(base: &[Outcome], arm: Option<&[Outcome]>) -> f64 {
    let cost: Moments = base.iter().map(|o| o.cost as f64).collect();
    let asked = match arm {
        None => cost,
        Some(arm) => base.iter().zip(arm).map(|(b, a)| a.cost as f64 - b.cost as f64).collect(),
    };
    let interval = asked.estimate(CONFIDENCE).interval.filter(|_| cost.mean() > 0.0);
    interval.map_or(f64::INFINITY, |i| i.half_width() / cost.mean())
}

/// How much more often something happens in an arm than in the base, as a share of the replications.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shift {
    /// The change, -1 to 1.
    pub value: f64,
    /// Its 95 % interval; none of a single replication.
    pub interval: Option<[f64; 2]>,
}

impl Shift {
    /// Of whether any deadline is missed.
    pub fn of_misses(base: &Simulated, arm: &Simulated) -> Self {
        let missed = |o: &Outcome| f64::from(u8::from(!o.missed.is_empty()));
        let mut paired = Paired::default();
        base.outcomes.iter().zip(&arm.outcomes).for_each(|(b, a)| paired.add(missed(b), missed(a)));
        let estimate = paired.estimate(CONFIDENCE);
        Self { value: estimate.value, interval: estimate.interval.map(|i| [i.low, i.high]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Shares;
    use tradewind_core::seed::Seed;

    fn simulated(costs: &[i64]) -> Simulated {
        let outcome = |&cost: &i64| Outcome { cost, ..Outcome::default() };
        Simulated { seed: Seed(0), outcomes: costs.iter().map(outcome).collect(), shares: Shares::default() }
    }

    /// Costs of mean 250 and variance 50,000/3, four of them: 3.182 standard errors of 64.55 to either side. A change
    /// that never varies is known at once.
    #[test]
    fn half_widths_are_shares_of_the_base() {
        let [base, arm] = [simulated(&[100, 200, 300, 400]), simulated(&[110, 210, 310, 410])];
        let of = |arm| half_width(&base.outcomes, arm);
        assert!((of(None) - 3.182 * 64.55 / 250.0).abs() < 1e-3, "{}", of(None));
        assert_eq!(of(Some(&arm.outcomes)), 0.0);
        assert_eq!(half_width(&base.outcomes[..1], None), f64::INFINITY);
        assert_eq!(half_width(&simulated(&[0, 0]).outcomes, None), f64::INFINITY);
    }

    #[test]
    fn what_is_common_cancels() {
        let base = simulated(&[100, 200, 300, 400]);
        let constant = Difference::of(&base, &simulated(&[110, 210, 310, 410]));
        let ten = Usd::from_nanos(10);
        assert_eq!((constant.usd, constant.interval_usd, constant.variance_reduction), (ten, Some([ten, ten]), None));
        assert_eq!(constant.share, Some(0.04));
        // Variances 50,000/3 each and 8/3 of the difference (12, 8, 12, 8): (16,667 + 16,750) / 5.3.
        let noisy = Difference::of(&base, &simulated(&[112, 208, 312, 408]));
        let factor = noisy.variance_reduction.expect("it varies");
        assert!(noisy.usd == ten && noisy.is_certain() && (6000.0..6500.0).contains(&factor), "{noisy:?}");
        assert!(!Difference::of(&base, &base).is_certain());
        assert_eq!(Difference::of(&simulated(&[7]), &simulated(&[9])).interval_usd, None);
    }
}
