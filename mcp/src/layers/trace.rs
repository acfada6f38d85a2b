//! Tells of every call that reaches it: around all other layers, so that the time it tells of is the caller's.

use std::sync::Arc;

use crate::provider::{Call, Outcome, Pending, Provider};
use crate::telemetry::{Observed, Stopwatch, Telemetry, TraceParent, outcome_of};

/// Observes calls.
pub struct Trace<P> {
    inner: P,
    telemetry: Telemetry,
    clock: Arc<dyn Stopwatch>,
}

impl<P> Trace<P> {
    /// Around a provider; `clock` is the machine's.
    pub fn new(inner: P, telemetry: Telemetry, clock: Arc<dyn Stopwatch>) -> Self {
        Self { inner, telemetry, clock }
    }
}

impl<P: Provider> Trace<P> {
    async fn traced(&self, call: &Call) -> Outcome {
        let parent: Option<TraceParent> = call.trace.as_ref().and_then(|t| t.parse().ok());
        let span = TraceParent::below(parent);
        let (began, start) = (self.clock.now(), self.clock.ticks());
        // What is called below belongs to this span.
        let outcome = self.inner.call(&Call { trace: Some(span.to_string()), ..call.clone() }).await;
        let (word, class) = outcome_of(&outcome);
        let took = self.clock.ticks().saturating_sub(start);
        self.telemetry.tell(&Observed { call, began, took, outcome: word, class, span }, parent);
        outcome
    }
}

impl<P: Provider> Provider for Trace<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(self.traced(call))
    }
}
