//! A share of a whole, the whole itself included, exact to a thousandth of a percent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::percent::{WHOLE, thousandths, written};

/// More than nothing and at most the whole, written `40%`.
///
/// ```
/// use tradewind_core::share::Share;
/// let share: Share = "40%".parse().unwrap();
/// assert_eq!(share.of(9), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

/// The text is not such a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a share such as \"40%\", above 0% and at most 100%, with at most three decimals")]
pub struct ShareError(String);

impl Share {
    /// So many whole percent, for constants.
    ///
    /// # Panics
    /// At none, or more than a hundred.
    pub const fn whole_percent(percent: u8) -> Self {
        assert!(percent >= 1 && percent <= 100, "1 to 100 percent");
        Self(percent as u32 * (WHOLE / 100))
    }

    /// This share of an amount that is not negative, rounded down.
    pub fn of(self, amount: i128) -> i128 {
        let (whole, part) = (i128::from(WHOLE), i128::from(self.0));
        // Divided first, so that no amount overflows.
        amount / whole * part + amount % whole * part / whole
    }

    /// The least share of `whole` that holds `part`; `None` where the whole does not, or nothing is asked.
    pub fn holding(part: i128, whole: i128) -> Option<Self> {
        let asked = part.checked_mul(i128::from(WHOLE)).filter(|_| whole > 0)?;
        let milli = u32::try_from(asked.div_euclid(whole) + i128::from(asked % whole != 0)).ok()?;
        (1..=WHOLE).contains(&milli).then_some(Self(milli))
    }

    /// Thousandths of a percentage point in it.
    pub fn thousandths(self) -> u32 {
        self.0
    }

    /// As a fraction of 1.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }
}

impl FromStr for Share {
    type Err = ShareError;
    fn from_str(text: &str) -> Result<Self, ShareError> {
        let within = |milli: &u32| (1..=WHOLE).contains(milli);
        thousandths(text).filter(within).map(Self).ok_or_else(|| ShareError(text.to_owned()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written(self.0, f)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_trip_and_others_are_refused() {
        for text in ["0.001%", "12.5%", "99.999%", "100%"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
        for text in ["", "%", "0%", "100.001%", "250%", "40", "-1%", "1e1%", "1.2345%", ".5%", "+3%", "1000%"] {
            assert!(text.parse::<Share>().is_err(), "{text:?} must be refused");
        }
    }

    #[test]
    fn a_share_is_rounded_down_and_never_overflows() {
        let of = |share: &str, amount: i128| share.parse::<Share>().unwrap().of(amount);
        assert_eq!([of("50%", 1), of("50%", 7), of("33.333%", 300_000), of("100%", 7)], [0, 3, 99_999, 7]);
        assert_eq!(of("100%", i128::MAX), i128::MAX);
    }

    #[test]
    fn the_least_share_that_holds_a_part() {
        for (part, whole) in [(1, 3), (2, 3), (1, 100_000), (1, 7_000_001), (41, 41)] {
            let share = Share::holding(part, whole).unwrap();
            assert!(share.of(whole) >= part && Share(share.0 - 1).of(whole) < part, "{part} of {whole}: {share}");
        }
        assert_eq!([Share::holding(5, 4), Share::holding(0, 4), Share::holding(1, 0)], [None, None, None]);
    }
}
