//! Planted mistakes in calls and answers: they sit between a sound run and sound clouds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use tradewind_core::money::Usd;
use tradewind_core::time::Time;
use tradewind_mcp::control::{Control, State};
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::node::{Launch, Launched, Node, NodeState};
use tradewind_mcp::tools::submit_ml_job::JobState;
use tradewind_mcp::tools::{Reply, Request, get_health};

use super::bug::Bug;

/// At most one mistake, and what it needs to remember.
#[derive(Default)]
pub(super) struct Mistakes {
    bug: Option<Bug>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    sent: u64,
    nodes: BTreeMap<String, BTreeSet<String>>,
    looks: BTreeMap<String, get_health::Reply>,
}

impl Mistakes {
    pub fn new(bug: Option<Bug>) -> Self {
        Self { bug, memory: Mutex::default() }
    }

    fn memory<T>(&self, what: impl FnOnce(&mut Memory) -> T) -> T {
        what(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A call as it is sent.
    pub fn asked(&self, mut request: Request, control: Option<Control>) -> (Request, Option<Control>) {
        let Some(mut control) = control else { return (request, None) };
        match self.bug {
            Some(Bug::OldTerm) => control.epoch = 1,
            Some(Bug::ShortLife) if !control.wants_absent() => control.ttl_s = 600,
            Some(bug) => self.mistake_key(bug, &request, &mut control),
            None => {}
        }
        match (self.bug, &mut request) {
            (Some(Bug::SavedWorkForgotten), Request::SubmitMlJob(job)) => job.resume_from_ms = 0,
            (Some(Bug::OneTooMany), request) if !control.wants_absent() => {
                launch(request).into_iter().for_each(|l| l.count += 1);
            }
            _ => {}
        }
        (request, Some(control))
    }

    fn mistake_key(&self, bug: Bug, request: &Request, control: &mut Control) {
        let decision = &control.decision;
        let unnumbered = format!("{}-{}-{}", decision.allocation, decision.node, decision.purpose);
        let is_job = matches!(request, Request::SubmitMlJob(_));
        let key = match bug {
            Bug::KeyOfTheTerm => format!("{}-{}", control.epoch, control.idempotency_key),
            Bug::KeyOfEachSend => {
                let sent = self.memory(|m| {
                    m.sent += 1;
                    m.sent
                });
                format!("{sent}-{}", control.idempotency_key)
            }
            Bug::KeyWithoutAttempt if !is_job => unnumbered,
            Bug::KeyWithoutStint if is_job => unnumbered,
            _ => return,
        };
        control.idempotency_key = key.chars().take(64).collect();
    }

    /// The answer to a call that is never sent.
    pub fn lie(&self, request: &Request, control: Option<&Control>, now: Time) -> Option<Reply> {
        control.filter(|c| c.state == State::Absent)?;
        match (self.bug?, request) {
            (Bug::EndDropped, Request::ProvisionCompute(launch)) => Some(Reply::ProvisionCompute(ended(launch, now))),
            (Bug::EndDropped, Request::LaunchSpot(q)) => Some(Reply::LaunchSpot(ended(&q.launch, now))),
            _ => None,
        }
    }

    /// An answer as it is told.
    pub fn told(&self, cloud: &str, outcome: Result<Reply, Refusal>) -> Result<Reply, Refusal> {
        let Some(bug) = self.bug else { return outcome };
        match outcome {
            Err(refusal) => self.refused(bug, cloud, refusal),
            Ok(Reply::GetHealth(health)) => Ok(Reply::GetHealth(self.looked(bug, cloud, health))),
            Ok(mut reply) => {
                mistake_reply(bug, &mut reply);
                if let Some(launched) = launched(&mut reply) {
                    let ids = launched.nodes.iter().filter(|n| n.ended_at.is_none()).map(|n| n.node_id.clone());
                    self.memory(|m| m.nodes.entry(cloud.to_owned()).or_default().extend(ids));
                }
                Ok(reply)
            }
        }
    }

    fn refused(&self, bug: Bug, cloud: &str, mut refusal: Refusal) -> Result<Reply, Refusal> {
        if refusal.class == Class::Unavailable && bug == Bug::SilenceIsRefusal {
            refusal.class = Class::Capacity;
        }
        if refusal.class == Class::Unavailable && bug == Bug::SilenceIsDeath {
            let ids = self.memory(|m| m.nodes.remove(cloud)).unwrap_or_default();
            if !ids.is_empty() {
                return Ok(Reply::GetHealth(deaths(ids)));
            }
        }
        Err(refusal)
    }

    fn looked(&self, bug: Bug, cloud: &str, mut health: get_health::Reply) -> get_health::Reply {
        let is_lost = |what: &str| match bug {
            Bug::EndsLost => what == "succeeded",
            Bug::InterruptionsLost => what == "interrupted",
            _ => false,
        };
        health.events.retain(|e| !is_lost(&e.what));
        match bug {
            Bug::FirstEventLost if !health.events.is_empty() => drop(health.events.remove(0)),
            Bug::StaleRead => {
                let now = health.clone();
                return self.memory(|m| m.looks.insert(cloud.to_owned(), now)).unwrap_or(health);
            }
            _ => {}
        }
        health
    }
}

/// An answer to a call that changes something, with a mistake.
fn mistake_reply(bug: Bug, reply: &mut Reply) {
    if let Reply::SubmitMlJob(job) = reply {
        match (bug, job.state) {
            (Bug::DoneTooSoon, JobState::Running) => job.state = JobState::Succeeded,
            (Bug::SavedWorkUnread, JobState::Interrupted | JobState::Cancelled) => job.saved_ms = 0,
            _ => {}
        }
    }
    let Some(launched) = launched(reply) else { return };
    match bug {
        Bug::BillsForgotten => launched.nodes.iter_mut().for_each(|n| n.billed_usd = None),
        Bug::BillsTwice => launched.nodes.iter_mut().for_each(|n| n.billed_usd = n.billed_usd.map(|b| b + b)),
        Bug::NodeForgotten if launched.nodes.iter().all(|n| n.ended_at.is_none()) => drop(launched.nodes.pop()),
        _ => {}
    }
}

/// A look that tells of the deaths of nodes that nobody saw die.
fn deaths(ids: BTreeSet<String>) -> get_health::Reply {
    let event = |(cursor, id)| get_health::Event {
        cursor,
        at: Time::default(),
        id,
        what: "interrupted".to_owned(),
        detail: String::new(),
    };
    let events = (0..).zip(ids).map(event).collect();
    let (resources, troubles, next_event_at) = (vec![], vec![], Some(Time::default()));
    get_health::Reply { resources, events, next_cursor: 0, troubles, next_event_at }
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
    let node = |id: &String| Node {
        node_id: id.clone(),
        state: NodeState::Terminated,
        zone: String::new(),
        launched_at: now,
        ready_at: None,
        ended_at: Some(now),
        billed_usd: Some(Usd::ZERO),
    };
    let nodes = launch.node_ids.iter().map(node).collect();
    Launched { nodes, missing: 0, usd_per_hour: Default::default(), token: String::new() }
}
