//! The same key is the same call: done once, answered as often as it comes.
//!
//! The intent is on disk before the backend is called and the answer after it. A call whose answer was lost stays
//! open: the same key goes to the backend again, whose own token finds what was done.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tradewind_core::hash;
use tradewind_core::time::Time;

use super::register::{Kept, Register};
use super::timer::Timer;
use crate::control::Control;
use crate::provider::{Answer, Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};
use crate::tools::Reply;

/// How soon a caller may ask again for a call that is under way.
const IN_FLIGHT_MS: u64 = 1_000;

/// Makes calls idempotent.
pub struct Idempotency<P> {
    inner: P,
    register: Arc<Register>,
    timer: Arc<dyn Timer>,
    under_way: Mutex<BTreeSet<String>>,
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Stored {
    reply: Reply,
    at: Time,
}

impl<P> Idempotency<P> {
    /// Around a provider; the calls are in the register.
    pub fn new(inner: P, register: Arc<Register>, timer: Arc<dyn Timer>) -> Self {
        Self { inner, register, timer, under_way: Mutex::new(BTreeSet::new()) }
    }
}

impl<P: Provider> Idempotency<P> {
    async fn once(&self, call: &Call, control: &Control) -> Outcome {
        let names = [control.owner.as_str(), call.request.tool(), control.idempotency_key.as_str()];
        let _mark = self.mark(names)?;
        let arguments = arguments(call, control);
        if let Some(kept) = self.register.begin(names, &arguments, self.timer.now())?
            && let Some(answer) = replay(&kept, &arguments, control)?
        {
            return Ok(answer);
        }
        let outcome = self.inner.call(call).await;
        match &outcome {
            Ok(answer) => {
                let stored = Stored { reply: answer.reply.clone(), at: answer.at };
                let text = serde_json::to_string(&stored).expect("replies can be written as JSON");
                self.register.finish(names, &text, answer.at)?;
            }
            // Whether it was done is unknown: the key stays open.
            Err(refusal) if refusal.class == Class::Unavailable => {}
            Err(_) => self.register.abandon(names)?,
        }
        outcome
    }

    /// Marks a call as under way until the mark is dropped.
    fn mark(&self, names: [&str; 3]) -> Result<Mark<'_>, Refusal> {
        let name = names.join("\n");
        if !self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone()) {
            let message = format!("the call under {:?} is under way", names[2]);
            let refusal = Refusal::new("TW5003", Class::Conflict, message, "wait and send the same call again");
            return Err(refusal.retryable_after(IN_FLIGHT_MS));
        }
        Ok(Mark { under_way: &self.under_way, name })
    }
}

/// A call that is under way.
struct Mark<'a> {
    under_way: &'a Mutex<BTreeSet<String>>,
    name: String,
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// The hash of what a call asks for. Without epoch, time to live and `_meta`: a new leader finishes what an old one
/// began.
fn arguments(call: &Call, control: &Control) -> String {
    hash::of(&json!({"request": call.request, "state": control.state, "decision": control.decision}))
}

/// The answer that was given; none if the call is open and may go on.
fn replay(kept: &Kept, arguments: &str, control: &Control) -> Result<Option<Answer>, Refusal> {
    if kept.arguments != arguments {
        let message = format!(
            "{:?} was used for other arguments (hash {}, now {})",
            control.idempotency_key,
            &kept.arguments[..12],
            &arguments[..12]
        );
        return Err(Refusal::new("TW5002", Class::Conflict, message, "another call needs another key"));
    }
    let Some(answer) = &kept.answer else { return Ok(None) };
    let broken = |e| Refusal::new("TW5016", Class::Unavailable, format!("a kept answer: {e}"), "restore the register");
    let stored: Stored = serde_json::from_str(answer).map_err(broken)?;
    Ok(Some(Answer { reply: stored.reply, at: stored.at, replayed: true, approved_by: None }))
}

impl<P: Provider> Provider for Idempotency<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        match &call.control {
            Some(control) => Box::pin(self.once(call, control)),
            None => self.inner.call(call),
        }
    }
}
