//! Memory in MiB and data in bytes. 1 GB = 1e9 bytes, 1 GiB = 2^30 bytes; the suffix is always written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a size could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// A number alone: the unit would be a guess.
    #[error("{0:?} has no unit; write MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)")]
    NoUnit(String),
    /// An ambiguous or unknown unit such as `G`.
    #[error("{0:?}: accepted units are KiB, MiB, GiB, TiB, KB, MB, GB, TB and B")]
    Unit(String),
    /// Not a non-negative decimal number.
    #[error("{0:?} is not a size such as \"32GiB\"")]
    Number(String),
    /// Over 2^60 bytes.
    #[error("{0:?} is larger than 1 EiB")]
    Range(String),
}

/// An amount of data in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(u64);

impl Bytes {
    /// No data.
    pub const ZERO: Self = Self(0);

    /// From bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }
    /// From GB of 1e9 bytes.
    pub const fn from_gb(gb: u64) -> Self {
        Self(gb * 1_000_000_000)
    }
    /// In bytes.
    pub const fn get(self) -> u64 {
        self.0
    }
    /// In MiB, rounded up: what a memory request needs.
    pub const fn mib_up(self) -> u64 {
        self.0.div_ceil(1 << 20)
    }
}

impl FromStr for Bytes {
    type Err = SizeError;

    /// ```
    /// use tradewind_core::size::Bytes;
    /// assert_eq!("1.5GiB".parse::<Bytes>().unwrap().get(), 1_610_612_736);
    /// assert!("16".parse::<Bytes>().is_err());
    /// assert!("16G".parse::<Bytes>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, SizeError> {
        let trimmed = text.trim();
        let split = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
        let (number, unit) = (&trimmed[..split], trimmed[split..].trim_start());
        let value: f64 = number.parse().map_err(|_| SizeError::Number(text.to_owned()))?;
        let scale = match unit {
            "" => return Err(SizeError::NoUnit(text.to_owned())),
            "B" => 1.0,
            "KiB" => 1024.0,
            "MiB" => 1_048_576.0,
            "GiB" => 1_073_741_824.0,
            "TiB" => 1_099_511_627_776.0,
            "KB" | "kB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            _ => return Err(SizeError::Unit(text.to_owned())),
        };
        let bytes = value * scale;
        if bytes > (1_u64 << 60) as f64 {
            return Err(SizeError::Range(text.to_owned()));
        }
        Ok(Self(libm::ceil(bytes) as u64))
    }
}

/// The largest binary unit that shows it exactly, else GB with three decimals.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20)] {
            if self.0 >= 1 << shift && self.0.is_multiple_of(1 << shift) {
                return f.pad(&format!("{}{unit}", self.0 >> shift));
            }
        }
        match self.0 {
            n if n >= 1_000_000_000 && n.is_multiple_of(1_000_000_000) => f.pad(&format!("{}GB", n / 1_000_000_000)),
            n if n >= 100_000_000 => f.pad(&format!("{:.3}GB", n as f64 / 1e9)),
            n => f.pad(&format!("{n}B")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_kept_apart() {
        assert_eq!("16GB".parse::<Bytes>().unwrap().get(), 16_000_000_000);
        assert_eq!("16GiB".parse::<Bytes>().unwrap().to_string(), "16GiB");
        assert_eq!("32GiB".parse::<Bytes>().unwrap().mib_up(), 32 * 1024);
        for text in ["", "GiB", "-1GiB", "NaN", "1e400GiB", "16Gi", "9999999TiB", "1.2.3GB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text:?} must be refused");
        }
    }
}
