//! The one place that reads the wall clock.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tradewind_core::clock::Clock;
use tradewind_core::time::Time;
use tradewind_mcp::telemetry::Stopwatch;

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    // The one place that is allowed to: see clippy.toml.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// When the process first asked.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Stopwatch for SystemClock {
    fn ticks(&self) -> Duration {
        BEGAN.elapsed()
    }
}
