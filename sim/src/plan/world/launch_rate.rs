//! How fast a cloud lets nodes be launched.

use serde::{Deserialize, Serialize};
use tradewind_core::select::Selector;

use super::{Each, Problem, in_range};

/// A bucket of launches: so many at once, then so many a minute. A launch beyond that waits for its turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchRate {
    /// Offers concerned; nothing said is all of them.
    #[serde(default)]
    pub offers: Selector,
    /// Who shares a bucket.
    #[serde(default)]
    pub each: Each,
    /// Launches a minute.
    pub per_minute: f64,
    /// Launches at once after a pause.
    #[serde(default = "one")]
    pub burst: u32,
}

fn one() -> u32 {
    1
}

/// No scenario has more.
const MOST: usize = 100;

/// What makes no sense in them.
pub(super) fn problem(rates: &[LaunchRate]) -> Option<Problem> {
    if rates.len() > MOST {
        return Some(Problem::new("launch_rates", format!("{} are more than {MOST}", rates.len())));
    }
    let of = |rate: &LaunchRate| {
        in_range("per_minute", rate.per_minute, 1e-3, 1e6)
            .or_else(|| in_range("burst", f64::from(rate.burst), 1.0, 1e6))
    };
    rates.iter().enumerate().find_map(|(i, rate)| of(rate).map(|p| p.inside(&format!("launch_rates/{i}"))))
}
