//! Money as integers: nano-dollars (1e-9 USD), printed as decimal strings.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::size::Bytes;
use crate::time::Millis;

/// Nano-dollars in a dollar.
pub const NANOS_PER_USD: i64 = 1_000_000_000;

/// Why a decimal amount could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not of the form `-?digits[.digits]`.
    #[error("{0:?} is not a decimal amount such as \"12.50\"")]
    Syntax(String),
    /// More than nine decimals: it would not be kept exactly.
    #[error("{0:?} has more than nine decimals")]
    TooFine(String),
    /// Outside about +-9.2 billion dollars.
    #[error("{0:?} is outside +-9.2 billion")]
    Range(String),
}

/// Divides rounding half to even, the one rounding of Tradewind's closed forms.
///
/// # Panics
/// If `den` is not positive.
pub fn div_half_even(num: i128, den: i128) -> i128 {
    assert!(den > 0, "the denominator is positive");
    let (q, r) = (num.div_euclid(den), num.rem_euclid(den));
    match (2 * r).cmp(&den) {
        std::cmp::Ordering::Less => q,
        std::cmp::Ordering::Greater => q + 1,
        std::cmp::Ordering::Equal => q + (q & 1),
    }
}

/// The same of 64 bits by the milliseconds of an hour: what a simulator does most, without a wide division.
fn hours_half_even(num: i64) -> i64 {
    const HOUR: i64 = MS_PER_HOUR as i64;
    let (q, r) = (num.div_euclid(HOUR), num.rem_euclid(HOUR));
    q + i64::from(2 * r > HOUR || (2 * r == HOUR && q & 1 == 1))
}

fn parse_nanos(text: &str) -> Result<i64, MoneyError> {
    let syntax = || MoneyError::Syntax(text.to_owned());
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || body.ends_with('.') {
        return Err(syntax());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 9 {
        return Err(MoneyError::TooFine(text.to_owned()));
    }
    let range = || MoneyError::Range(text.to_owned());
    let whole: i64 = whole.parse().map_err(|_| range())?;
    let fraction: i64 = format!("{fraction:0<9}").parse().map_err(|_| syntax())?;
    let nanos = whole.checked_mul(NANOS_PER_USD).and_then(|n| n.checked_add(fraction)).ok_or_else(range)?;
    Ok(if negative { -nanos } else { nanos })
}

fn write_nanos(nanos: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let magnitude = nanos.unsigned_abs();
    let (whole, fraction) = (magnitude / NANOS_PER_USD as u64, magnitude % NANOS_PER_USD as u64);
    let sign = if nanos < 0 { "-" } else { "" };
    if let Some(decimals) = f.precision() {
        let decimals = decimals.min(9);
        let unit = 10_i128.pow(9 - decimals as u32);
        let rounded = div_half_even(i128::from(nanos), unit);
        let scale = 10_i128.pow(decimals as u32);
        let sign = if rounded < 0 { "-" } else { "" };
        let magnitude = rounded.abs();
        let text = if decimals == 0 {
            format!("{sign}{magnitude}")
        } else {
            format!("{sign}{}.{:0decimals$}", magnitude / scale, magnitude % scale)
        };
        return f.pad_integral(true, "", &text);
    }
    let fraction = format!("{fraction:09}");
    let kept = fraction.trim_end_matches('0');
    write!(f, "{sign}{whole}.{kept:0<2}")
}

macro_rules! money {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// From nano-dollars.
            pub const fn from_nanos(nanos: i64) -> Self {
                Self(nanos)
            }

            /// In nano-dollars.
            pub const fn nanos(self) -> i64 {
                self.0
            }

            /// Dollars as a float, for statistics and the LP only.
            pub fn as_f64(self) -> f64 {
                self.0 as f64 / NANOS_PER_USD as f64
            }
        }

        impl FromStr for $name {
            type Err = MoneyError;
            fn from_str(text: &str) -> Result<Self, MoneyError> {
                parse_nanos(text).map(Self)
            }
        }

        /// Exact decimal with at least two decimals; a precision rounds half to even.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_nanos(self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

money!(
    /// An amount of money. Range about +-9.2 billion dollars, resolution one nano-dollar.
    ///
    /// ```
    /// use tradewind_core::money::Usd;
    /// let a: Usd = "20.5".parse().unwrap();
    /// assert_eq!(a.to_string(), "20.50");
    /// assert_eq!(format!("{:.1}", a), "20.5");
    /// ```
    Usd
);
money!(
    /// A price in dollars per hour.
    ///
    /// ```
    /// use tradewind_core::{money::UsdPerHour, time::Millis};
    /// let price: UsdPerHour = "0.096".parse().unwrap();
    /// assert_eq!(price.times(Millis::from_hours(2)).to_string(), "0.192");
    /// ```
    UsdPerHour
);
money!(
    /// A transfer price in dollars per GB (1 GB = 1e9 bytes).
    UsdPerGb
);
money!(
    /// A storage price in dollars per GB (1e9 bytes) and month of 730 hours.
    UsdPerGbMonth
);

/// Sums saturate: a file may hold any number, and a sum that large is refused by every check anyway.
impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl Neg for Usd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}
impl SubAssign for Usd {
    fn sub_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_sub(other.0);
    }
}
impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// Milliseconds in an hour.
pub(crate) const MS_PER_HOUR: i128 = 3_600_000;
/// Hours in a month, the convention of the clouds' price lists.
pub(crate) const HOURS_PER_MONTH: i128 = 730;
const BYTES_PER_GB: i128 = 1_000_000_000;

fn clamp(nanos: i128) -> Usd {
    Usd(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX }))
}

impl UsdPerHour {
    /// The bill for `time` at this price, rounded half to even.
    pub fn times(self, time: Millis) -> Usd {
        match self.0.checked_mul(time.get()) {
            Some(product) => Usd(hours_half_even(product)),
            None => clamp(div_half_even(i128::from(self.0) * i128::from(time.get()), MS_PER_HOUR)),
        }
    }

    /// The sum of two prices.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl UsdPerGb {
    /// The price of moving `bytes`, rounded half to even.
    pub fn times(self, bytes: Bytes) -> Usd {
        clamp(div_half_even(i128::from(self.0) * i128::from(bytes.get()), BYTES_PER_GB))
    }
}

impl UsdPerGbMonth {
    /// The price of keeping `bytes` for `time`, rounded half to even.
    pub fn times(self, bytes: Bytes, time: Millis) -> Usd {
        let num = i128::from(self.0) * i128::from(bytes.get()) * i128::from(time.get());
        clamp(div_half_even(num, BYTES_PER_GB * HOURS_PER_MONTH * MS_PER_HOUR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_even_at_ties() {
        let halves: Vec<i128> = (-5..=5).map(|n| div_half_even(n, 2)).collect();
        assert_eq!(halves, [-2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2]);
    }

    #[test]
    fn bills_of_64_bits_round_as_those_of_128() {
        let prices = [i64::MIN, -7, -1, 0, 1, 3, 42_600_001, 1 << 40, i64::MAX];
        let times = [-1_800_000, 0, 1, 900_000, 1_800_000, 5_400_000, 3_600_001, 86_399_999, 1 << 50, i64::MAX];
        for (price, time) in prices.into_iter().flat_map(|p| times.map(|t| (p, t))) {
            let exact = div_half_even(i128::from(price) * i128::from(time), MS_PER_HOUR);
            let bill = UsdPerHour::from_nanos(price).times(Millis::new(time)).nanos();
            assert_eq!(i128::from(bill), exact.clamp(i64::MIN.into(), i64::MAX.into()), "{price} for {time} ms");
        }
    }

    #[test]
    fn amounts_round_trip() {
        for text in ["0.00", "20.50", "-0.000000001", "9223372036.854775807", "0.0426"] {
            let amount: Usd = text.parse().unwrap();
            assert_eq!(amount.to_string(), text);
        }
        for text in ["", "-", ".5", "1.", "1e3", "1,5", "NaN", "0.0000000001", "9223372037"] {
            assert!(text.parse::<Usd>().is_err(), "{text:?} must be refused");
        }
        assert_eq!(format!("{:.2}", "-1.005".parse::<Usd>().unwrap()), "-1.00");
        assert_eq!(format!("{:>8.2}", "3.999".parse::<Usd>().unwrap()), "    4.00");
    }

    #[test]
    fn a_month_of_storage_is_the_monthly_price() {
        let rate: UsdPerGbMonth = "0.023".parse().unwrap();
        let cost = rate.times(Bytes::from_gb(10), Millis::from_hours(730));
        assert_eq!(cost.to_string(), "0.23");
    }
}
