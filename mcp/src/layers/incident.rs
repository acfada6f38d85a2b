//! Incident mode: one switch that stops every change at once, and leaves reading.

use crate::provider::{Call, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// Refuses changes while the switch says why.
pub struct Incident<P> {
    inner: P,
    switch: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

impl<P> Incident<P> {
    /// Around a provider; the switch is asked at every change.
    pub fn new(inner: P, switch: Box<dyn Fn() -> Option<String> + Send + Sync>) -> Self {
        Self { inner, switch }
    }
}

impl<P: Provider> Provider for Incident<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            if let Some(why) = call.control.as_ref().and_then(|_| (self.switch)()) {
                let message = format!("incident mode: {why}");
                return Err(Refusal::new("TW5018", Class::Denied, message, "reading works; who declared it ends it"));
            }
            self.inner.call(call).await
        })
    }
}
