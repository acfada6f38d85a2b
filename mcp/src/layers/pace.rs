//! Lets the time of a simulated cloud run by itself: with the clock on the wall, or many times as fast. For show and
//! for people, not for proofs: what comes of a call then depends on when it is made.

use std::sync::Arc;

use tradewind_core::clock::Clock;
use tradewind_core::time::{Millis, Time};

use crate::provider::{Call, Pending, Provider};

/// Says what time it is in the world, whatever callers say.
pub struct Pace<P> {
    inner: P,
    clock: Arc<dyn Clock + Send + Sync>,
    /// When it began, on the wall and in the world.
    began: (Time, Time),
    scale: u32,
}

impl<P> Pace<P> {
    /// Around a cloud whose world is at `world` now; `scale` is how many times as fast as the wall's its time runs.
    pub fn new(inner: P, clock: Arc<dyn Clock + Send + Sync>, world: Time, scale: u32) -> Self {
        let began = (clock.now(), world);
        Self { inner, clock, began, scale }
    }

    fn now(&self) -> Time {
        let (wall, world) = self.began;
        let elapsed = (self.clock.now() - wall).get().max(0);
        world + Millis::new(elapsed.saturating_mul(i64::from(self.scale)))
    }
}

impl<P: Provider> Provider for Pace<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move { self.inner.call(&Call { now: Some(self.now()), ..call.clone() }).await })
    }
}
