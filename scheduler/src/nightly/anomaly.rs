//! What is unlike its own past: a price's change over a day, and what a night's plan costs.

use serde::{Deserialize, Serialize};
use tradewind_core::money::{Usd, UsdPerHour};

use super::robust::{LEAST, OUTLIER, modified_z};

/// Days of a price that are looked back on.
pub const DAYS: usize = 30;
/// A change of a price that is worth telling, whatever its past: 99 of 100 changes over a day of the embedded series'
/// source are smaller (2024-01-09 to 2024-03-31).
const TELLING: f64 = 0.055;
/// The median change of a price over a day in that source: no price counts as calmer.
const CALM: f64 = 0.005;
/// Spending that moves by less than this share is never unusual.
const STEADY: f64 = 0.02;

/// A price that moved as it never does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceJump {
    /// What is sold: `cloud/region/type/spot`.
    pub offer: String,
    /// On the last day that has a price.
    pub was: UsdPerHour,
    /// Tonight.
    pub is: UsdPerHour,
    /// Its modified z-score among the changes of the days before.
    pub score: f64,
    /// Changes it was held against.
    pub days: u64,
}

/// The jump of a price from its past, oldest first, if it is one; `Err` where the past is too short to judge.
///
/// # Errors
/// How many changes there are, where they are too few.
pub fn price_jump(offer: &str, is: UsdPerHour, past: &[UsdPerHour]) -> Result<Option<PriceJump>, usize> {
    let ratio = |a: UsdPerHour, b: UsdPerHour| libm::log(b.as_f64() / a.as_f64());
    let sound: Vec<UsdPerHour> = past.iter().copied().filter(|p| p.nanos() > 0).collect();
    let changes: Vec<f64> = sound.windows(2).map(|w| ratio(w[0], w[1])).collect();
    let Some(&was) = sound.last().filter(|_| is.nanos() > 0) else { return Err(0) };
    let change = ratio(was, is);
    let score = modified_z(change, &changes, CALM).ok_or(changes.len())?;
    let is_told = score.abs() > OUTLIER && change.abs() > TELLING;
    let days = changes.len() as u64;
    Ok(is_told.then(|| PriceJump { offer: offer.to_owned(), was, is, score, days }))
}

/// Tonight's spending against the nights before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", deny_unknown_fields)]
pub enum Spending {
    /// Too few nights to judge by.
    TooFewNights {
        /// How many there are.
        nights: u64,
        /// How many it takes.
        needed: u64,
    },
    /// As usual.
    Usual {
        /// Its modified z-score.
        score: f64,
        /// Nights it was held against.
        nights: u64,
    },
    /// Not as usual.
    Unusual {
        /// Its modified z-score; negative is less than usual.
        score: f64,
        /// Nights it was held against.
        nights: u64,
    },
}

/// Judges what tonight's plan costs by what those of the nights before did.
pub fn spending(tonight: Usd, before: &[Usd]) -> Spending {
    let past: Vec<f64> = before.iter().map(|u| u.as_f64()).collect();
    let nights = past.len() as u64;
    let steady = (tonight.as_f64().abs() * STEADY).max(f64::MIN_POSITIVE);
    match modified_z(tonight.as_f64(), &past, steady) {
        None => Spending::TooFewNights { nights, needed: LEAST as u64 },
        Some(score) if score.abs() > OUTLIER => Spending::Unusual { score, nights },
        Some(score) => Spending::Usual { score, nights },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(nanos: &[i64]) -> Vec<UsdPerHour> {
        nanos.iter().map(|n| UsdPerHour::from_nanos(*n)).collect()
    }

    #[test]
    fn a_jump_is_told_and_drift_is_not() {
        let calm: Vec<i64> = (0..20).map(|d| 1_000_000 + [0, 4_000, -3_000, 2_000][d % 4]).collect();
        let past = prices(&calm);
        let at = |nanos: i64| price_jump("o", UsdPerHour::from_nanos(nanos), &past).expect("a long past");
        assert_eq!(at(1_030_000), None, "three percent");
        let jump = at(1_200_000).expect("a fifth");
        assert!(jump.score > OUTLIER && jump.days == 19 && jump.was == past[19]);
        assert!(at(700_000).expect("down").score < -OUTLIER);
        assert_eq!(price_jump("o", past[0], &past[..5]), Err(4));
        assert_eq!(price_jump("o", past[0], &[]), Err(0));
    }

    #[test]
    fn a_price_that_always_leaps_does_not_jump() {
        let wild: Vec<i64> = (0..21).map(|d| 1_000_000 + [0, 300_000, 120_000, 400_000, -50_000][d % 5]).collect();
        let found = price_jump("o", UsdPerHour::from_nanos(1_300_000), &prices(&wild));
        assert_eq!(found, Ok(None));
    }

    #[test]
    fn spending_needs_a_past() {
        let night = |cents: i64| Usd::from_nanos(cents * 10_000_000);
        let past: Vec<Usd> = (0..9).map(|n| night(10_000 + 50 * (n % 3))).collect();
        assert_eq!(spending(night(1), &past[..3]), Spending::TooFewNights { nights: 3, needed: 7 });
        assert!(matches!(spending(night(10_040), &past), Spending::Usual { nights: 9, .. }));
        assert!(matches!(spending(night(20_000), &past), Spending::Unusual { score, .. } if score > 0.0));
        assert!(matches!(spending(night(100), &past), Spending::Unusual { score, .. } if score < 0.0));
    }
}
