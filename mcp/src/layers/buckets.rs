//! The cloud's limits on calls, kept on our side of it: a call that the cloud would throttle waits its turn here, or is
//! told how long it would wait. A cloud that refuses counts the refused call too, or lengthens the wait; ours does not.
//!
//! The figures are those of the simulated clouds. Whoever else calls under the same account is not seen from here, so
//! the cloud's own throttle is still understood behind it.

use std::sync::{Arc, Mutex, PoisonError};

use tradewind_core::time::{Millis, Time};

use super::timer::Timer;
use crate::limits::{Limit, Throttle, counted};
use crate::provider::{Call, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// Longest that a call waits here; who would wait longer is told so. As long as the longest pause between two tries.
const LONGEST: Millis = Millis::from_secs(5);

/// Keeps calls within the limits of a cloud.
pub struct Buckets<P> {
    inner: P,
    limits: &'static [Limit],
    timer: Arc<dyn Timer>,
    throttle: Mutex<Throttle>,
}

impl<P> Buckets<P> {
    /// Around a backend; `limits` are those of its cloud ([`crate::simulated::Traits`]).
    pub fn new(inner: P, limits: &'static [Limit], timer: Arc<dyn Timer>) -> Self {
        Self { inner, limits, timer, throttle: Mutex::default() }
    }

    /// Takes what a call counts, or says how long until there is room.
    fn take(&self, call: &Call) -> Result<(), Millis> {
        if self.limits.is_empty() {
            return Ok(());
        }
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.take(self.limits, &counted(call), self.time(call))
    }

    /// Waits until there is room.
    async fn enter(&self, call: &Call) -> Result<(), Refusal> {
        let mut waited = Millis::ZERO;
        while let Err(wait) = self.take(call) {
            if waited + wait > LONGEST {
                let message = format!("as many calls as the cloud takes are made: there is room again in {wait}");
                let refusal = Refusal::new("TW5010", Class::Throttled, message, "wait; launch many nodes in one call");
                return Err(refusal.retryable_after(wait.get().unsigned_abs()));
            }
            self.timer.wait(wait).await;
            waited = waited + wait;
        }
        Ok(())
    }

    /// The time of a call, where it drives time.
    fn time(&self, call: &Call) -> Time {
        call.now.unwrap_or_else(|| self.timer.now()).max(self.timer.now())
    }
}

impl<P: Provider> Provider for Buckets<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            self.enter(call).await?;
            self.inner.call(call).await
        })
    }
}
