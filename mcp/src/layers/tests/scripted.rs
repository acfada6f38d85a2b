//! A provider that answers from a script, and what the tests call it with.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tradewind_core::time::Time;

use crate::control::{Control, State};
use crate::provider::{Answer, Call, Caller, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};
use crate::tools::{Reply, Request, rotate_secret};

/// Answers what it was told to, and then that it is done.
#[derive(Default)]
pub struct Scripted {
    outcomes: Mutex<VecDeque<Outcome>>,
    calls: AtomicUsize,
}

impl Scripted {
    /// Answers these first.
    pub fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        Self { outcomes: Mutex::new(outcomes.into_iter().collect()), calls: AtomicUsize::new(0) }
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Provider for Scripted {
    fn call<'a>(&'a self, _: &'a Call) -> Pending<'a> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let outcome = self.outcomes.lock().expect("one test").pop_front();
        Box::pin(ready(outcome.unwrap_or_else(done)))
    }
}

/// A call of a role under a key.
pub fn call(key: &str) -> Call {
    let control = Control {
        state: State::Present,
        idempotency_key: key.to_owned(),
        owner: "me".to_owned(),
        ttl_s: 3600,
        epoch: 1,
        decision: "a/0/0/rotate".parse().expect("a decision"),
    };
    Call {
        request: Request::RotateSecret(rotate_secret::Request { secret: "db".to_owned(), version: None }),
        control: Some(control),
        caller: Caller { name: "test".to_owned(), role: "operator".to_owned(), drives_time: false },
        now: None,
        trace: None,
        approval: Default::default(),
    }
}

/// That it is done.
pub fn done() -> Outcome {
    let reply = Reply::RotateSecret(rotate_secret::Reply { secret: "db".to_owned(), versions: vec![] });
    Ok(Answer { reply, at: now(), replayed: false, approved_by: None })
}

/// That it is not.
pub fn refusal(class: Class) -> Refusal {
    let refusal = Refusal::new("TW5013", class, "scripted", "none");
    if matches!(class, Class::Unavailable | Class::Throttled) { refusal.retryable() } else { refusal }
}

/// The time of the tests.
pub fn now() -> Time {
    Time::from_ms(1_795_305_600_000)
}

/// Runs a call to its end.
pub fn run(provider: &impl Provider, call: &Call) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(provider.call(call))
}
