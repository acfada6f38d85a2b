//! What goes wrong on the way to the clouds, drawn by seed: calls and answers that are lost, that come twice, or late.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tradewind_core::time::{Millis, Time};
use tradewind_mcp::control::Control;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::{Reply, Request};

use super::fault::Fault;
use super::mistakes::Mistakes;
use super::shared::Shared;
use crate::drive::{Direct, Hands, Told};

/// So far the clock is set back at the most.
const BACK: Millis = Millis::from_secs(600);
/// Events that were not told are asked for again after this.
const SOON: Millis = Millis::from_secs(1);

/// Hands that fumble. A new leader gets the same ones: what is late survives the one who sent it.
#[derive(Clone)]
pub(super) struct Chaos {
    pub hands: Arc<Direct>,
    pub shared: Arc<Shared>,
    pub mistakes: Arc<Mistakes>,
    late: Arc<Mutex<Late>>,
}

/// Calls on their way, and the newest term of a leader that called each cloud.
#[derive(Default)]
struct Late {
    calls: VecDeque<Sent>,
    terms: BTreeMap<String, u64>,
}

/// A call that changes something, as its leader sent it.
#[derive(Clone)]
struct Sent {
    cloud: String,
    request: Request,
    control: Control,
    /// The term of its leader, whatever the call says.
    term: u64,
}

impl Hands for Chaos {
    fn clouds(&self) -> Vec<String> {
        self.hands.clouds()
    }

    fn call<'a>(&'a self, cloud: &'a str, now: Time, request: Request, control: Option<Control>) -> Told<'a> {
        Box::pin(async move {
            let term = control.as_ref().map_or(0, |c| c.epoch);
            let (request, control) = self.mistakes.asked(request, control);
            if let Some(lie) = self.mistakes.lie(&request, control.as_ref(), now) {
                return Ok(lie);
            }
            let outcome = match control {
                Some(control) => self.change(now, Sent { cloud: cloud.to_owned(), request, control, term }).await,
                None => self.read(cloud, now, request).await,
            };
            self.mistakes.told(cloud, outcome)
        })
    }
}

impl Chaos {
    pub fn new(hands: Arc<Direct>, shared: Arc<Shared>, mistakes: Mistakes) -> Self {
        Self { hands, shared, mistakes: Arc::new(mistakes), late: Arc::default() }
    }

    /// A call that changes something.
    async fn change(&self, now: Time, sent: Sent) -> Result<Reply, Refusal> {
        let is_calm = now >= self.shared.until;
        let fumble = if is_calm { 1.0 } else { self.shared.draw() };
        if fumble < 0.06 {
            if sent.control.wants_absent() {
                self.shared.reach(Fault::UndoLost);
            }
            if fumble < 0.04 {
                self.shared.reach(Fault::RequestLost);
            } else {
                self.shared.reach(Fault::Late);
                self.late(|late| late.calls.push_back(sent));
            }
            return Err(silence());
        }
        let now = self.clock(now, is_calm);
        self.late(|late| {
            let term = late.terms.entry(sent.cloud.clone()).or_insert(0);
            *term = sent.term.max(*term);
        });
        let outcome = self.send(now, sent.clone()).await;
        if fumble < 0.10 {
            self.shared.reach(Fault::ReplyLost);
            return Err(silence());
        }
        if fumble < 0.14 {
            self.shared.reach(Fault::Twice);
            return self.counted(self.send(now, sent).await);
        }
        if fumble < 0.20 {
            self.deliver(now).await;
        }
        self.counted(outcome)
    }

    async fn send(&self, now: Time, sent: Sent) -> Result<Reply, Refusal> {
        self.hands.call(&sent.cloud, now, sent.request, Some(sent.control)).await
    }

    /// A look: it may be lost, or tell less than there is.
    async fn read(&self, cloud: &str, now: Time, request: Request) -> Result<Reply, Refusal> {
        let fumble = if now >= self.shared.until { 1.0 } else { self.shared.draw() };
        if fumble < 0.02 {
            self.shared.reach(Fault::ReadLost);
            return Err(silence());
        }
        let mut outcome = self.hands.call(cloud, now, request, None).await;
        if let (true, Ok(Reply::GetHealth(health))) = (fumble < 0.04, &mut outcome)
            && !health.events.is_empty()
        {
            self.shared.reach(Fault::EventsLate);
            health.events.clear();
            health.next_event_at = Some(health.next_event_at.map_or(now + SOON, |at| at.min(now + SOON)));
        }
        self.counted(outcome)
    }

    /// A call that was late arrives; nobody waits for its answer any more.
    async fn deliver(&self, now: Time) {
        let Some(sent) = self.late(|late| late.calls.pop_front()) else { return };
        let is_old = self.late(|late| late.terms.get(&sent.cloud).is_some_and(|&term| sent.term < term));
        let outcome = self.send(now, sent).await;
        if is_old {
            self.shared.reach(Fault::OldLeader);
            if outcome.is_ok() {
                self.shared.let_through();
            }
        }
    }

    /// What the caller's clock says.
    fn clock(&self, now: Time, is_calm: bool) -> Time {
        if is_calm || self.shared.draw() >= 0.03 {
            return now;
        }
        self.shared.reach(Fault::ClockBack);
        now - Millis::new((self.shared.draw() * BACK.get() as f64) as i64)
    }

    fn counted(&self, outcome: Result<Reply, Refusal>) -> Result<Reply, Refusal> {
        match outcome.as_ref().err().map(|refusal| refusal.class) {
            Some(Class::Capacity) => self.shared.reach(Fault::NoCapacity),
            Some(Class::Throttled) => self.shared.reach(Fault::Throttled),
            Some(Class::Unavailable) => self.shared.reach(Fault::Outage),
            _ => {}
        }
        outcome
    }

    fn late<T>(&self, what: impl FnOnce(&mut Late) -> T) -> T {
        what(&mut self.late.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn silence() -> Refusal {
    Refusal::new("TW5013", Class::Unavailable, "no answer", "the same call again finds out").retryable()
}
