//! Time as integers: milliseconds, UTC.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a time or a duration could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// No `Z` or numeric offset: the instant would be a guess.
    #[error("{0:?} has no offset; write e.g. \"2026-11-22T18:00:00Z\" or \"...+01:00\"")]
    NoOffset(String),
    /// Not an ISO 8601 instant, or a date that does not exist.
    #[error("{0:?} is not an existing instant: {1}")]
    Instant(String, String),
    /// Not a duration with units.
    #[error("{0:?} is not a duration with units such as \"90s\", \"1h30m\" or \"2d\"")]
    Duration(String),
    /// Longer than a hundred years.
    #[error("{0:?} is longer than a hundred years")]
    Range(String),
}

/// A duration in milliseconds; may be negative as a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(i64);

impl Millis {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000);

    /// From milliseconds.
    pub const fn new(ms: i64) -> Self {
        Self(ms)
    }
    /// From seconds.
    pub const fn from_secs(s: i64) -> Self {
        Self(s * 1_000)
    }
    /// From hours.
    pub const fn from_hours(h: i64) -> Self {
        Self(h * 3_600_000)
    }
    /// In milliseconds.
    pub const fn get(self) -> i64 {
        self.0
    }
    /// In hours, for the closed forms and the LP.
    pub fn hours(self) -> f64 {
        self.0 as f64 / 3_600_000.0
    }
    /// The same to whole seconds from a minute on, rounded up so that a needed time stays needed: for
    /// sentences and tables, never for files.
    pub const fn readable(self) -> Self {
        if self.0.unsigned_abs() < 60_000 { self } else { Self(self.0 + (1_000 - self.0.rem_euclid(1_000)) % 1_000) }
    }
    /// From hours, rounded half to even: the exit of every closed form that gives a time.
    pub fn from_hours_f64(hours: f64) -> Self {
        Self(libm::rint(hours * 3_600_000.0) as i64)
    }
    /// From hours, rounded up: where a bound must hold.
    pub fn from_hours_f64_up(hours: f64) -> Self {
        Self(libm::ceil(hours * 3_600_000.0) as i64)
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Millis {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// `1h30m`, `90s`, `2d`; the two largest units that are not zero, exact otherwise.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, mut rest) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        if rest == 0 {
            return f.pad("0s");
        }
        let mut text = sign.to_owned();
        for (unit, ms) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            if rest >= ms {
                text.push_str(&format!("{}{unit}", rest / ms));
                rest %= ms;
            }
        }
        f.pad(&text)
    }
}

impl FromStr for Millis {
    type Err = TimeError;

    /// Reads `1d12h`, `90s`, `1.5h`, `250ms`; a number without a unit is refused.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let bad = || TimeError::Duration(text.to_owned());
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(bad());
        }
        let mut total = 0.0_f64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
            let number: f64 = rest[..digits].parse().map_err(|_| bad())?;
            rest = &rest[digits..];
            let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
            let ms = match &rest[..unit] {
                "ms" => 1.0,
                "s" => 1e3,
                "m" | "min" => 6e4,
                "h" => 3.6e6,
                "d" => 8.64e7,
                "w" => 6.048e8,
                _ => return Err(bad()),
            };
            total += number * ms;
            rest = &rest[unit..];
        }
        if total > 3.2e12 {
            return Err(TimeError::Range(text.to_owned()));
        }
        Ok(Self(libm::rint(total) as i64))
    }
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// From milliseconds since the epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }
    /// Milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }
}

impl Add<Millis> for Time {
    type Output = Self;
    fn add(self, d: Millis) -> Self {
        Self(self.0.saturating_add(d.0))
    }
}
impl Sub<Millis> for Time {
    type Output = Self;
    fn sub(self, d: Millis) -> Self {
        Self(self.0.saturating_sub(d.0))
    }
}
impl Sub for Time {
    type Output = Millis;
    fn sub(self, other: Self) -> Millis {
        Millis(self.0.saturating_sub(other.0))
    }
}

impl FromStr for Time {
    type Err = TimeError;

    /// Reads an ISO 8601 instant with `Z` or an offset; sub-millisecond digits are refused.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        match text.parse::<Timestamp>() {
            Ok(stamp) if stamp.as_nanosecond() % 1_000_000 == 0 => Ok(Self(stamp.as_millisecond())),
            Ok(_) => Err(TimeError::Instant(text.to_owned(), "finer than a millisecond".to_owned())),
            Err(_) if text.parse::<jiff::civil::DateTime>().is_ok() => Err(TimeError::NoOffset(text.to_owned())),
            Err(e) => Err(TimeError::Instant(text.to_owned(), e.to_string())),
        }
    }
}

/// ISO 8601 with `Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => f.pad(&stamp.to_string()),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_units() {
        assert_eq!("1h30m".parse::<Millis>().unwrap(), Millis::from_secs(5400));
        assert_eq!("1.5h".parse::<Millis>().unwrap(), Millis::from_secs(5400));
        assert_eq!("2d".parse::<Millis>().unwrap().to_string(), "2d");
        let readable = |text: &str| text.parse::<Millis>().unwrap().readable().to_string();
        assert_eq!(["59s999ms", "1m1ms", "5h37m40s95ms", "2h"].map(readable), ["59s999ms", "1m1s", "5h37m41s", "2h"]);
        for text in ["", "3", "h", "3 h", "-1h", "3x", "1h30", "6000w"] {
            assert!(text.parse::<Millis>().is_err(), "{text:?} must be refused");
        }
    }

    #[test]
    fn instants_need_an_offset() {
        let t: Time = "2026-11-22T18:00:00+01:00".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-22T17:00:00Z");
        assert!(matches!("2026-11-02 06:00".parse::<Time>(), Err(TimeError::NoOffset(_))));
        assert!(matches!("2026-02-30T00:00:00Z".parse::<Time>(), Err(TimeError::Instant(..))));
    }
}
