//! A cloud's limits on calls: one table (`mcp/data/clouds.toml`) for the simulated cloud, which refuses beyond them, and for
//! the layer in front of a live one, which keeps within them.

mod counted;
mod throttle;

pub use counted::{Counted, counted};
pub use throttle::Throttle;

use serde::Deserialize;

/// A limit on calls: a bucket that refills by the second, or a window of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What it counts.
    pub of: Counted,
    /// Most at once, or in a window.
    pub capacity: u64,
    /// Refill of a bucket.
    #[serde(default)]
    pub refill_per_s: u64,
    /// Length of a window, aligned to the clock; 0 for a bucket.
    #[serde(default)]
    pub every_s: u64,
}
