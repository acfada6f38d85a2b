//! An instant of a scenario: of the calendar, or so long after the plan's horizon begins.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tradewind_core::time::{Millis, Time, TimeError};

/// Written `2026-11-22T18:00:00Z`, or `+90m` after the horizon's start so that it means something for any plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Of the calendar.
    At(Time),
    /// After the start of the plan's horizon.
    After(Millis),
}

impl Moment {
    /// Milliseconds from the start of a horizon.
    pub fn since(self, start: Time) -> i64 {
        match self {
            Self::At(time) => (time - start).get(),
            Self::After(delay) => delay.get(),
        }
    }

    /// Whether it is surely not after the other one: two kinds cannot be compared without a plan.
    pub(super) fn is_surely_not_after(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a <= b,
            (Self::After(a), Self::After(b)) => a <= b,
            _ => false,
        }
    }
}

impl From<Time> for Moment {
    fn from(time: Time) -> Self {
        Self::At(time)
    }
}

impl FromStr for Moment {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        match text.strip_prefix('+') {
            Some(delay) => Ok(Self::After(delay.parse()?)),
            None => Ok(Self::At(text.parse()?)),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => time.fmt(f),
            Self::After(delay) => f.pad(&format!("+{delay}")),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written() {
        for text in ["+2h", "+1h30m", "2026-11-22T18:00:00Z", "+0s"] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        }
        assert!("2h".parse::<Moment>().is_err() && "+2".parse::<Moment>().is_err());
        let start: Time = "2026-11-22T18:00:00Z".parse().unwrap();
        assert_eq!("+2h".parse::<Moment>().unwrap().since(start), 7_200_000);
        assert_eq!("2026-11-22T19:00:00Z".parse::<Moment>().unwrap().since(start), 3_600_000);
    }
}
