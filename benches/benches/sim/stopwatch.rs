//! Time on a processor: what other programs take of the machine is left out, as SimPy's clock leaves it out.

use std::time::Instant;

/// Whose time.
type Of = fn() -> Option<f64>;

/// Begun at an instant.
pub struct Stopwatch {
    begun: Instant,
    of: Of,
    on_processor: Option<f64>,
}

impl Stopwatch {
    /// Begins, for this thread.
    pub fn begin() -> Self {
        Self::with(of_thread)
    }

    /// Begins, for all threads of this process together.
    pub fn begin_all() -> Self {
        Self::with(of_process)
    }

    fn with(of: Of) -> Self {
        Self { begun: Instant::now(), of, on_processor: of() }
    }

    /// Seconds on a processor; by the clock on the wall where the system does not tell.
    pub fn seconds(&self) -> f64 {
        match (self.on_processor, (self.of)()) {
            (Some(from), Some(until)) => until - from,
            _ => self.begun.elapsed().as_secs_f64(),
        }
    }
}

/// Seconds that this thread ran (Linux, Documentation/scheduler/sched-stats.rst: the first field, nanoseconds).
fn of_thread() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(stat.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

/// Seconds that this process ran, in user mode and in the kernel (Linux, proc(5): fields 14 and 15 of stat, in
/// hundredths of a second on every machine that this runs on).
fn of_process() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name in brackets, which may have spaces.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().ok());
    Some(ticks.sum::<Option<f64>>()? / 100.0)
}
