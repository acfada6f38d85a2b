//! What people who run a server see of it: a line a call, counts and times, and spans, all by the names of
//! OpenTelemetry's conventions for the Model Context Protocol.
//!
//! Nothing of a call's arguments, of a reply or of a header stands in any of them: so no secret does.

mod log;
mod metrics;
mod spans;

pub use log::Log;
pub use metrics::Metrics;
pub use spans::{Spans, TraceParent};

use std::sync::Arc;
use std::time::Duration;

use tradewind_core::clock::Clock;
use tradewind_core::time::Time;

use crate::provider::{Call, Outcome};

/// A clock that also measures short times: a millisecond is long for a call.
pub trait Stopwatch: Clock + Send + Sync {
    /// Time since any instant of its own; it never goes back.
    fn ticks(&self) -> Duration;
}

/// A call that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed<'a> {
    /// The call.
    pub call: &'a Call,
    /// When it began, by the wall clock.
    pub began: Time,
    /// How long it took.
    pub took: Duration,
    /// `done`, `replayed`, or the code of the refusal.
    pub outcome: &'a str,
    /// Class of the refusal.
    pub class: Option<String>,
    /// Its span.
    pub span: TraceParent,
}

/// Where what is observed goes.
#[derive(Clone, Default)]
pub struct Telemetry {
    /// Counts and times.
    pub metrics: Arc<Metrics>,
    /// A line a call.
    pub log: Option<Arc<Log>>,
    /// Spans.
    pub spans: Option<Arc<Spans>>,
}

impl Telemetry {
    /// Tells of a call.
    pub(crate) fn tell(&self, observed: &Observed<'_>, parent: Option<TraceParent>) {
        self.metrics.count(observed);
        if let Some(log) = &self.log {
            log.write(observed);
        }
        if let Some(spans) = &self.spans {
            spans.write(observed, parent);
        }
    }
}

/// The word of an outcome, and the class of a refusal.
pub(crate) fn outcome_of(outcome: &Outcome) -> (&str, Option<String>) {
    match outcome {
        Ok(answer) if answer.replayed => ("replayed", None),
        Ok(_) => ("done", None),
        Err(refusal) => {
            let class = serde_json::to_value(refusal.class).ok().and_then(|v| v.as_str().map(str::to_owned));
            (refusal.code.as_ref(), class)
        }
    }
}

#[cfg(test)]
mod tests;
