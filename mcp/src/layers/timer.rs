//! The time of the layers: real, or that of a world that only its driver moves.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tradewind_core::clock::Clock;
use tradewind_core::time::{Millis, Time};

/// A time to come.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time, and waits.
pub trait Timer: Send + Sync {
    /// The present instant.
    fn now(&self) -> Time;

    /// Waits, where time passes by itself.
    fn wait(&self, time: Millis) -> Wait<'_>;
}

/// The machine's time.
pub struct RealTimer(pub Arc<dyn Clock + Send + Sync>);

impl Timer for RealTimer {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn wait(&self, time: Millis) -> Wait<'_> {
        let time = Duration::from_millis(time.get().unsigned_abs());
        Box::pin(tokio::time::sleep(time))
    }
}

/// The time of a world. Calls take none, so waiting takes none: time moves between calls.
pub struct VirtualTimer<F>(pub F);

impl<F: Fn() -> Time + Send + Sync> Timer for VirtualTimer<F> {
    fn now(&self) -> Time {
        (self.0)()
    }

    fn wait(&self, _: Millis) -> Wait<'_> {
        Box::pin(ready(()))
    }
}
