//! One leader at a time: a call of an older term than one seen before is refused, whatever it asks.

use std::sync::Arc;

use super::register::Register;
use crate::provider::{Call, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// Fences calls by the epoch of their owner.
pub struct Fence<P> {
    inner: P,
    register: Arc<Register>,
}

impl<P> Fence<P> {
    /// Around a provider; the epochs are in the register.
    pub fn new(inner: P, register: Arc<Register>) -> Self {
        Self { inner, register }
    }

    fn check(&self, call: &Call) -> Result<(), Refusal> {
        let Some(control) = &call.control else { return Ok(()) };
        let highest = self.register.raise_epoch(&control.owner, control.epoch)?;
        if highest > control.epoch {
            let message = format!("epoch {} is over: {} has {highest}", control.epoch, control.owner);
            let help = "another leader took over: stop, and read the state anew";
            return Err(Refusal::new("TW5005", Class::Fenced, message, help));
        }
        Ok(())
    }
}

impl<P: Provider> Provider for Fence<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(async move {
            self.check(call)?;
            self.inner.call(call).await
        })
    }
}
