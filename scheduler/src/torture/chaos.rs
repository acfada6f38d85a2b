//! What goes wrong on the way to the clouds, drawn by seed: calls that do not arrive, answers that do not, calls that
//! arrive twice. Planted bugs sit here too, between a sound run and sound clouds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tradewind_core::time::Time;
use tradewind_mcp::control::{Control, State};
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::node::{Launch, Launched};
use tradewind_mcp::tools::{Reply, Request};
use tradewind_sim::draws::{Draws, Purpose};

use super::bug::Bug;
use crate::drive::{Direct, Hands, Told};

const WAY: Purpose = Purpose(200);

/// A fault, for the count of what was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Fault {
    /// The scheduler was killed before an event was written down.
    KillBeforeNote,
    /// It was killed after, before the entry was synced.
    KillNoted,
    /// It was killed before a call was sent.
    KillBeforeCall,
    /// It was killed after a call was done, before its answer.
    KillCalled,
    /// It was killed with the answer in its hands.
    KillReceived,
    /// It was killed between two events.
    KillSettled,
    /// A call did not arrive.
    RequestLost,
    /// A call was done, its answer did not arrive.
    ReplyLost,
    /// A call arrived twice.
    Twice,
    /// The clouds' limit on calls.
    Throttled,
    /// No machine was left.
    NoCapacity,
    /// A node was taken back.
    Interrupted,
}

impl Fault {
    /// All of them: a test that never reaches one says nothing of it.
    pub const ALL: [Self; 12] = [
        Self::KillBeforeNote,
        Self::KillNoted,
        Self::KillBeforeCall,
        Self::KillCalled,
        Self::KillReceived,
        Self::KillSettled,
        Self::RequestLost,
        Self::ReplyLost,
        Self::Twice,
        Self::Throttled,
        Self::NoCapacity,
        Self::Interrupted,
    ];
}

/// What is shared by all that a round tortures: chance, and counts.
pub(super) struct Shared {
    pub draws: Draws,
    /// Faults end here.
    pub until: Time,
    pub bug: Option<Bug>,
    counts: Mutex<(u32, BTreeMap<Fault, u64>)>,
}

impl Shared {
    pub fn new(draws: Draws, until: Time, bug: Option<Bug>) -> Self {
        Self { draws, until, bug, counts: Mutex::new((0, BTreeMap::new())) }
    }

    /// The next number in [0, 1).
    pub fn draw(&self) -> f64 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.0 += 1;
        self.draws.uniform(0, WAY, counts.0)
    }

    pub fn reach(&self, fault: Fault) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).1.entry(fault).or_insert(0) += 1;
    }

    pub fn reached(&self) -> BTreeMap<Fault, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}

/// Hands that fumble.
pub(super) struct Chaos {
    pub hands: Arc<Direct>,
    pub shared: Arc<Shared>,
}

impl Hands for Chaos {
    fn call<'a>(&'a self, cloud: &'a str, now: Time, request: Request, control: Option<Control>) -> Told<'a> {
        Box::pin(async move {
            let (request, control) = self.mistaken(request, control);
            if let Some(lie) = self.lie(&request, control.as_ref(), now) {
                return Ok(lie);
            }
            let fumble = if control.is_some() && now < self.shared.until { self.shared.draw() } else { 1.0 };
            if fumble < 0.04 {
                self.shared.reach(Fault::RequestLost);
                return Err(silence());
            }
            let outcome = self.hands.call(cloud, now, request.clone(), control.clone()).await;
            if fumble < 0.08 {
                self.shared.reach(Fault::ReplyLost);
                return Err(silence());
            }
            if fumble < 0.12 {
                self.shared.reach(Fault::Twice);
                let again = self.hands.call(cloud, now, request, control).await;
                return self.seen(again);
            }
            self.seen(outcome)
        })
    }
}

fn silence() -> Refusal {
    Refusal::new("TW5013", Class::Unavailable, "no answer", "the same call again finds out").retryable()
}

impl Chaos {
    /// What comes back, counted and with planted mistakes.
    fn seen(&self, outcome: Result<Reply, Refusal>) -> Result<Reply, Refusal> {
        match outcome {
            Err(refusal) => {
                match refusal.class {
                    Class::Capacity => self.shared.reach(Fault::NoCapacity),
                    Class::Throttled => self.shared.reach(Fault::Throttled),
                    _ => {}
                }
                Err(refusal)
            }
            Ok(mut reply) => {
                if let Reply::GetHealth(health) = &mut reply {
                    if self.shared.bug == Some(Bug::EventsLost) {
                        health.events.retain(|e| e.what != "succeeded");
                    }
                }
                if let (Some(Bug::BillsForgotten), Some(launched)) = (self.shared.bug, launched(&mut reply)) {
                    launched.nodes.iter_mut().for_each(|n| n.billed_usd = None);
                }
                Ok(reply)
            }
        }
    }

    /// A call with a planted mistake.
    fn mistaken(&self, mut request: Request, control: Option<Control>) -> (Request, Option<Control>) {
        let Some(mut control) = control else { return (request, None) };
        match (self.shared.bug, launch(&mut request)) {
            (Some(Bug::KeyOfTheTerm), _) => {
                let key = format!("{}-{}", control.epoch, control.idempotency_key);
                control.idempotency_key = key.chars().take(64).collect();
            }
            (Some(Bug::KeyWithoutAttempt), Some(_)) => {
                let d = &control.decision;
                control.idempotency_key = format!("{}-{}-{}", d.allocation, d.node, d.purpose);
            }
            (Some(Bug::OneTooMany), Some(launch)) if !control.wants_absent() => launch.count += 1,
            _ => {}
        }
        (request, Some(control))
    }

    /// The answer to a call that a planted mistake never sends.
    fn lie(&self, request: &Request, control: Option<&Control>, now: Time) -> Option<Reply> {
        control.filter(|c| c.state == State::Absent)?;
        match (self.shared.bug?, request) {
            (Bug::EndDropped, Request::ProvisionCompute(launch)) => Some(Reply::ProvisionCompute(ended(launch, now))),
            (Bug::EndDropped, Request::LaunchSpot(q)) => Some(Reply::LaunchSpot(ended(&q.launch, now))),
            _ => None,
        }
    }
}

fn launch(request: &mut Request) -> Option<&mut Launch> {
    match request {
        Request::ProvisionCompute(launch) => Some(launch),
        Request::LaunchSpot(q) => Some(&mut q.launch),
        _ => None,
    }
}

fn launched(reply: &mut Reply) -> Option<&mut Launched> {
    match reply {
        Reply::ProvisionCompute(launched) | Reply::LaunchSpot(launched) => Some(launched),
        _ => None,
    }
}

/// Nodes that are said to have ended.
fn ended(launch: &Launch, now: Time) -> Launched {
    use tradewind_mcp::tools::node::{Node, NodeState};
    let node = |id: &String| Node {
        node_id: id.clone(),
        state: NodeState::Terminated,
        zone: String::new(),
        launched_at: now,
        ready_at: None,
        ended_at: Some(now),
        billed_usd: Some(tradewind_core::money::Usd::ZERO),
    };
    let nodes = launch.node_ids.iter().map(node).collect();
    Launched { nodes, missing: 0, usd_per_hour: Default::default(), token: String::new() }
}
