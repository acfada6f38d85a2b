//! Trying again: only what may succeed, with growing pauses, and never more than a share of the calls.

use std::sync::{Arc, Mutex, PoisonError};

use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;

use super::timer::Timer;
use crate::provider::{Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// First pause; each next one is twice as long.
const FIRST: Millis = Millis::new(100);
/// Longest pause; who is told to wait longer is told so.
const LONGEST: Millis = Millis::from_secs(5);
/// Tries of one call, the first included.
const TRIES: u32 = 4;
/// Retries that may be saved up; a call earns a tenth of one, so that retries stay a tenth of the calls
/// (the token bucket of the vendors' own clients).
const SAVED_UP: u32 = 100;
/// Thousandths of a retry that a call earns.
const EARNED: u32 = 100;

/// Tries calls again.
pub struct Retry<P> {
    inner: P,
    timer: Arc<dyn Timer>,
    seed: Seed,
    /// Thousandths of retries left.
    budget: Mutex<u32>,
}

impl<P> Retry<P> {
    /// Around a provider; the pauses are drawn by seed and key.
    pub fn new(inner: P, timer: Arc<dyn Timer>, seed: Seed) -> Self {
        Self { inner, timer, seed, budget: Mutex::new(SAVED_UP * 1000) }
    }

    fn earn(&self) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        *budget = (*budget + EARNED).min(SAVED_UP * 1000);
    }

    fn spend(&self) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let left = budget.checked_sub(1000);
        *budget = left.unwrap_or(*budget);
        left.is_some()
    }

    /// How long to wait before the next try; none if there is to be none.
    fn pause(&self, call: &Call, refusal: &Refusal, tries: u32) -> Option<Millis> {
        let may = refusal.retryable && matches!(refusal.class, Class::Unavailable | Class::Throttled);
        if !may || tries >= TRIES {
            return None;
        }
        let told = Millis::new(i64::try_from(refusal.retry_after_ms.unwrap_or(0)).unwrap_or(i64::MAX));
        if told > LONGEST || !self.spend() {
            return None;
        }
        // Full jitter: who was refused together does not come back together.
        let most = Millis::new(FIRST.get() << (tries - 1)).min(LONGEST);
        let key = call.control.as_ref().map_or("", |c| c.idempotency_key.as_str());
        let drawn = (self.seed.uniform(key, u64::from(tries)) * most.get() as f64) as i64;
        Some(told.max(Millis::ZERO) + Millis::new(drawn))
    }
}

impl<P: Provider> Retry<P> {
    async fn tried(&self, call: &Call) -> Outcome {
        self.earn();
        let mut tries = 1;
        loop {
            let outcome = self.inner.call(call).await;
            let Err(refusal) = &outcome else { return outcome };
            let Some(pause) = self.pause(call, refusal, tries) else { return outcome };
            self.timer.wait(pause).await;
            tries += 1;
        }
    }
}

impl<P: Provider> Provider for Retry<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(self.tried(call))
    }
}
