//! A share off a price, exact to a thousandth of a percent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::{UsdPerHour, div_half_even};

/// Thousandths of a percent in the whole.
pub(crate) const WHOLE: u32 = 100_000;

/// More than nothing and less than the whole, written `12.5%`.
///
/// ```
/// use tradewind_core::{money::UsdPerHour, percent::Percent};
/// let off: Percent = "12.5%".parse().unwrap();
/// let list: UsdPerHour = "0.384".parse().unwrap();
/// assert_eq!(off.off(list).to_string(), "0.336");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

/// The text is not such a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a share such as \"12.5%\", above 0% and below 100%, with at most three decimals")]
pub struct PercentError(String);

impl Percent {
    /// `list` less this share, rounded half to even once, and never below a nano-dollar.
    pub fn off(self, list: UsdPerHour) -> UsdPerHour {
        let left = i128::from(list.nanos()) * i128::from(WHOLE - self.0);
        // At most `list`, which fits.
        UsdPerHour::from_nanos(div_half_even(left, i128::from(WHOLE)).max(1) as i64)
    }
}

impl FromStr for Percent {
    type Err = PercentError;
    fn from_str(text: &str) -> Result<Self, PercentError> {
        let within = |milli: &u32| (1..WHOLE).contains(milli);
        thousandths(text).filter(within).map(Self).ok_or_else(|| PercentError(text.to_owned()))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written(self.0, f)
    }
}

/// Thousandths of a percent in a text such as `12.5%`: at most three digits and three decimals.
pub(crate) fn thousandths(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?.trim_end();
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |s: &str| (1..=3).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    Some(whole.parse::<u32>().ok()? * 1000 + format!("{decimals:0<3}").parse::<u32>().ok()?)
}

/// Writes thousandths of a percent as they are read.
pub(crate) fn written(milli: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let decimals = format!("{:03}", milli % 1000);
    match decimals.trim_end_matches('0') {
        "" => write!(f, "{}%", milli / 1000),
        kept => write!(f, "{}.{kept}%", milli / 1000),
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
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
        for text in ["12.5%", "0.001%", "99.999%", "46%", "7.05%"] {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), text);
        }
        for text in ["", "%", "0%", "100%", "12.5", "-1%", "1e1%", "1.2345%", ".5%", "5.%", "1,5%", "+3%"] {
            assert!(text.parse::<Percent>().is_err(), "{text:?} must be refused");
        }
    }

    #[test]
    fn rounding_is_half_to_even_and_once() {
        let half: Percent = "50%".parse().unwrap();
        let off = |nanos| half.off(UsdPerHour::from_nanos(nanos)).nanos();
        assert_eq!([1, 2, 3, 5, 7].map(off), [1, 1, 2, 2, 4]);
    }
}
