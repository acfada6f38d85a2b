//! A backend that does not answer is left alone for a while.

use std::sync::{Arc, Mutex, PoisonError};

use tradewind_core::time::{Millis, Time};

use super::timer::Timer;
use crate::provider::{Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// Failures in a row that open the circuit.
const FAILURES: u32 = 5;
/// How long it stays open before one call may try.
const OPEN: Millis = Millis::from_secs(30);

/// Breaks the circuit to a backend.
pub struct Breaker<P> {
    inner: P,
    timer: Arc<dyn Timer>,
    circuit: Mutex<Circuit>,
}

/// The circuit: closed unless it failed often.
#[derive(Debug, Clone, Copy, Default)]
struct Circuit {
    failures: u32,
    /// Open until then.
    open_until: Option<Time>,
    /// Whether a call is trying.
    trying: bool,
}

impl<P> Breaker<P> {
    /// Around a provider.
    pub fn new(inner: P, timer: Arc<dyn Timer>) -> Self {
        Self { inner, timer, circuit: Mutex::new(Circuit::default()) }
    }

    fn enter(&self, now: Time) -> Result<(), Refusal> {
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = circuit.open_until else { return Ok(()) };
        if now < until || circuit.trying {
            let wait = (until - now).max(Millis::from_secs(1));
            let message = format!("{} failures in a row: not called before {until}", circuit.failures);
            let refusal = Refusal::new("TW5017", Class::Unavailable, message, "wait; reads elsewhere still work");
            return Err(refusal.retryable_after(wait.get().unsigned_abs()));
        }
        circuit.trying = true;
        Ok(())
    }

    fn leave(&self, now: Time, outcome: &Outcome) {
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        circuit.trying = false;
        // A refusal is an answer: only silence is a failure.
        if !matches!(outcome, Err(refusal) if refusal.class == Class::Unavailable) {
            *circuit = Circuit::default();
            return;
        }
        circuit.failures += 1;
        if circuit.failures >= FAILURES {
            circuit.open_until = Some(now + OPEN);
        }
    }

    /// The time of a call, where it drives time.
    fn time(&self, call: &Call) -> Time {
        call.now.unwrap_or_else(|| self.timer.now()).max(self.timer.now())
    }
}

impl<P: Provider> Provider for Breaker<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            let now = self.time(call);
            self.enter(now)?;
            let outcome = self.inner.call(call).await;
            self.leave(self.time(call), &outcome);
            outcome
        })
    }
}
