//! Asks for the approval that the rules want, and lets a call through that has one.
//!
//! It stands around the rules: they say that a call needs a yes, and see whether there is one.

use std::sync::Arc;

use tradewind_core::time::Time;

use super::register::Register;
use crate::approval::{Approval as Has, Approvals, Asked, Binding, Claim, Given, InboxError, OPEN_FOR, Wanted, Way};
use crate::control::State;
use crate::provider::{Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};

/// Longest name of who approves.
const MOST_NAME: usize = 64;

/// Holds calls until somebody else says yes.
pub struct Approval<P> {
    inner: P,
    approvals: Approvals,
    register: Arc<Register>,
}

/// A claim that holds: what is used up by it, and what it gives.
struct Held {
    once: String,
    given: Given,
}

impl<P> Approval<P> {
    /// Around a provider; what was used is in the register.
    pub fn new(inner: P, approvals: Approvals, register: Arc<Register>) -> Self {
        Self { inner, approvals, register }
    }

    /// What a call has: what it claims, or what was left for it in the inbox.
    fn held(&self, call: &Call, binding: &Binding, now: Time) -> Result<Option<Held>, Refusal> {
        let left;
        let claim = match &call.approval {
            Has::Claimed(claim) => claim,
            // A call comes with a claim, never with an approval that this layer did not make.
            Has::None | Has::Given(_) => match self.approvals.inbox.take_grant(&binding.ticket())? {
                Some(grant) => {
                    left = Claim::Grant(grant);
                    &left
                }
                None => return Ok(None),
            },
        };
        let sealer = &self.approvals.sealer;
        let (opened, way) = match claim {
            Claim::Declined => return Err(refused("it was declined")),
            Claim::Answer { state, .. } => (sealer.open_state(state, binding, now), Way::Form),
            Claim::Grant(grant) => (sealer.open_grant(grant, binding, now), Way::Grant),
        };
        let opened = opened.map_err(|why| refused(&why.to_string()))?;
        let by = match claim {
            Claim::Answer { by, .. } => by.trim().to_owned(),
            _ => opened.by.unwrap_or_default(),
        };
        check_name(&by, &call.caller.name)?;
        Ok(Some(Held { once: opened.once, given: Given { by, way } }))
    }

    /// Leaves the question, and says how it can be answered.
    fn ask(&self, call: &Call, binding: &Binding, refusal: Refusal, now: Time) -> Result<Refusal, Refusal> {
        let Some(wanted) = refusal.approval else { return Ok(refusal) };
        // Whole seconds: people read it.
        let until = Time::from_ms((now + OPEN_FOR).ms() / 1000 * 1000);
        let arguments = serde_json::to_value(&call.request).unwrap_or_default();
        let asked = Asked {
            ticket: binding.ticket(),
            caller: call.caller.name.clone(),
            tool: call.request.tool().to_owned(),
            state: if call.control.as_ref().is_some_and(|c| c.state == State::Absent) { "absent" } else { "present" }
                .to_owned(),
            arguments: arguments.as_object().and_then(|o| o.values().next().cloned()).unwrap_or_default(),
            reasons: wanted.reasons.clone(),
            until,
            binding: binding.clone(),
        };
        self.approvals.inbox.ask(&asked, now)?;
        let state = self.approvals.sealer.ask(binding, until).map_err(|e| unusable(&e))?;
        let help =
            format!("somebody else runs `tradewind mcp approve {}`, then send the same call again", asked.ticket);
        let wanted = Wanted { ticket: asked.ticket, until: Some(until), state, ..*wanted };
        Ok(Refusal { approval: Some(Box::new(wanted)), help, ..refusal })
    }
}

impl<P: Provider> Approval<P> {
    async fn approved(&self, call: &Call) -> Outcome {
        let (binding, now) = (Binding::of(call), self.approvals.clock.now());
        let Some(held) = self.held(call, &binding, now)? else {
            let call = Call { approval: Has::None, ..call.clone() };
            return match self.inner.call(&call).await {
                Err(refusal) => Err(self.ask(&call, &binding, refusal, now)?),
                done => done,
            };
        };
        if !self.register.redeem(&held.once, now)? {
            return Err(refused("it was used"));
        }
        let by = held.given.by.clone();
        let outcome = self.inner.call(&Call { approval: Has::Given(held.given), ..call.clone() }).await;
        match outcome {
            Ok(answer) => Ok(crate::provider::Answer { approved_by: Some(by), ..answer }),
            Err(refusal) => {
                // Whether it was done is unknown: the same call may come back with the same yes.
                if refusal.class == Class::Unavailable {
                    self.register.unredeem(&held.once)?;
                }
                Err(refusal)
            }
        }
    }
}

/// A name that says somebody, and somebody else than who calls.
fn check_name(by: &str, caller: &str) -> Result<(), Refusal> {
    if by.is_empty() || by.chars().count() > MOST_NAME || by.chars().any(char::is_control) {
        return Err(refused(&format!("it says nobody's name in 1 to {MOST_NAME} characters")));
    }
    if by.eq_ignore_ascii_case(caller.trim()) {
        return Err(refused(&format!("{by:?} makes the call: somebody else has to approve it")));
    }
    Ok(())
}

fn refused(why: &str) -> Refusal {
    let help = "send the call without an approval to be asked again";
    Refusal::new("TW5020", Class::Denied, format!("the approval does not hold: {why}"), help)
}

fn unusable(error: &dyn std::fmt::Display) -> Refusal {
    let message = format!("approvals cannot be asked for: {error}");
    Refusal::new("TW5016", Class::Unavailable, message, "free the disk, and send the same call again").retryable()
}

impl From<InboxError> for Refusal {
    fn from(error: InboxError) -> Self {
        unusable(&error)
    }
}

impl<P: Provider> Provider for Approval<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        // What reads needs nobody's yes.
        if call.control.is_none() { self.inner.call(call) } else { Box::pin(self.approved(call)) }
    }
}
