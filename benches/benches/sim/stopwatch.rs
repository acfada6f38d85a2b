//! Time of this thread on a processor: what other programs take of the machine is left out, as SimPy's clock leaves it out.

use std::time::Instant;

/// Begun at an instant.
pub struct Stopwatch {
    begun: Instant,
    on_processor: Option<f64>,
}

impl Stopwatch {
    /// Begins.
    pub fn begin() -> Self {
        Self { begun: Instant::now(), on_processor: on_processor() }
    }

    /// Seconds on a processor; by the clock on the wall where the system does not tell.
    pub fn seconds(&self) -> f64 {
        match (self.on_processor, on_processor()) {
            (Some(from), Some(until)) => until - from,
            _ => self.begun.elapsed().as_secs_f64(),
        }
    }
}

/// Seconds that this thread ran (Linux, Documentation/scheduler/sched-stats.rst: the first field, nanoseconds).
fn on_processor() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(stat.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}
