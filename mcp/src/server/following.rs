//! Work that its caller waits for: nodes that boot, a model that comes into service. Where time runs by itself, a call
//! that asks for progress is answered when what it began is there; progress is told on the way. A caller that gives it
//! up gets it undone.
//!
//! Like a task, it is a view of the cloud: each look is a call of the same caller through all layers.

use rmcp::model::{ProgressNotificationParam, ProgressToken, ProtocolVersion};
use rmcp::service::{RequestContext, RoleServer};
use tradewind_core::hash;
use tradewind_core::time::{Millis, Time};

use crate::approval::Approval;
use crate::control::State;
use crate::layers::Timer;
use crate::provider::{Answer, Call, Outcome, Provider};
use crate::refusal::{Class, Refusal};
use crate::tools::node::{Launched, NodeState};
use crate::tools::{Reply, Request, deploy_model, get_health};

/// Longest that an answer is held back. Clients give up after 60 s where they are told nothing else (the TypeScript SDK
/// 1.32.1), and what they give up is undone.
const LONGEST: Millis = Millis::from_secs(45);
/// From when on a node that the cloud does not list is gone: the latest shows a new one after 10 s (mcp/data/clouds.toml).
const LISTED_AFTER: Millis = Millis::from_secs(60);
/// Between two looks.
const PAUSE: Millis = Millis::new(500);

/// Follows a call that was answered until what it began is there; the answer as it is then.
///
/// # Errors
/// `TW5035` where the caller gave up: what was begun is undone, or it is said that it goes on.
pub(super) async fn to_its_end(
    answer: Answer,
    call: &Call,
    provider: &dyn Provider,
    timer: Option<&dyn Timer>,
    context: &RequestContext<RoleServer>,
) -> Outcome {
    if call.control.as_ref().is_none_or(|c| c.state == State::Absent) {
        return Ok(answer);
    }
    let Some(mut done) = Done::of(call, &answer.reply) else { return Ok(answer) };
    if is_given_up(context) {
        return Err(undone(call, &answer, provider).await);
    }
    let (Some(timer), Some(token)) = (timer, context.meta.get_progress_token()) else { return Ok(answer) };
    let (mut known, until) = (answer, timer.now() + LONGEST);
    tell(&token, done, context).await;
    while done.there < done.all && timer.now() < until {
        tokio::select! {
            () = context.ct.cancelled() => {
                return if is_given_up(context) { Err(undone(call, &known, provider).await) } else { Ok(known) };
            }
            () = timer.wait(PAUSE) => {}
        }
        known = looked_at(known, call, provider).await;
        let before = done.there;
        done = Done::of(call, &known.reply).unwrap_or(done);
        if done.there > before {
            tell(&token, done, context).await;
        }
    }
    Ok(known)
}

/// How much is done of what a call began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Done {
    there: usize,
    all: usize,
    word: &'static str,
}

impl Done {
    /// Of a reply; none where nothing goes on after the answer.
    fn of(call: &Call, reply: &Reply) -> Option<Self> {
        match (reply, &call.request) {
            (Reply::ProvisionCompute(launched) | Reply::LaunchSpot(launched), _) => {
                let booted = launched.nodes.iter().filter(|n| n.state != NodeState::Pending).count();
                Some(Self { there: booted, all: launched.nodes.len(), word: "nodes are up" })
            }
            (Reply::DeployModel(endpoint), Request::DeployModel(asked)) => {
                let variant = endpoint.variants.iter().find(|v| v.model == asked.model)?;
                Some(Self { there: usize::from(variant.in_service), all: 1, word: "models are in service" })
            }
            _ => None,
        }
    }
}

async fn tell(token: &ProgressToken, done: Done, context: &RequestContext<RoleServer>) {
    let message = format!("{} of {} {}", done.there, done.all, done.word);
    let notice = ProgressNotificationParam::new(token.clone(), done.there as f64).with_total(done.all as f64);
    // Who does not hear it still gets the answer.
    let _ = context.peer.notify_progress(notice.with_message(message)).await;
}

/// Whether the caller said that it no longer wants the answer: by the notice of it, and on HTTP of 2026-07-28 by closing
/// the stream. A client that merely went away may come back under the same key.
fn is_given_up(context: &RequestContext<RoleServer>) -> bool {
    let is_modern = context.protocol_version().is_some_and(|v| v.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
    let by_closing = is_modern && context.extensions.get::<axum::http::request::Parts>().is_some();
    context.ct.is_cancelled() && (by_closing || !context.peer.is_transport_closed())
}

/// The answer as it is now; as it was where the cloud does not say.
async fn looked_at(known: Answer, call: &Call, provider: &dyn Provider) -> Answer {
    let control = call.control.as_ref();
    let asked = get_health::Request {
        owner: control.map(|c| c.owner.clone()),
        allocation: control.map(|c| c.decision.allocation.clone()),
        limit: 1000,
        ..get_health::Request::default()
    };
    let look =
        Call { request: Request::GetHealth(asked), control: None, now: None, approval: Approval::None, ..call.clone() };
    match provider.call(&look).await {
        Ok(Answer { reply: Reply::GetHealth(health), at, .. }) => {
            Answer { reply: with_states(known.reply, call, &health.resources, at), at, ..known }
        }
        _ => known,
    }
}

/// A reply with the states of what is there.
fn with_states(mut reply: Reply, call: &Call, resources: &[get_health::Resource], at: Time) -> Reply {
    let state = |kind: &str, id: &str| resources.iter().find(|r| r.kind == kind && r.id == id).map(|r| &r.state);
    match (&mut reply, &call.request) {
        (Reply::ProvisionCompute(Launched { nodes, .. }) | Reply::LaunchSpot(Launched { nodes, .. }), _) => {
            for node in nodes {
                let gone = (at > node.launched_at + LISTED_AFTER).then_some(NodeState::Terminated);
                let listed = state("node", &node.node_id);
                let listed = listed.and_then(|s| serde_json::from_value(s.clone().into()).ok());
                node.state = listed.or(gone).unwrap_or(node.state);
            }
        }
        (Reply::DeployModel(endpoint), Request::DeployModel(asked)) => {
            let in_service = state("endpoint", &endpoint.endpoint).is_some_and(|s| s == "in_service");
            for variant in endpoint.variants.iter_mut().filter(|v| v.model == asked.model) {
                variant.in_service |= in_service;
            }
        }
        _ => {}
    }
    reply
}

/// Undoes what a call began, and says what came of that.
async fn undone(call: &Call, answer: &Answer, provider: &dyn Provider) -> Refusal {
    let begun = begun(&answer.reply);
    let outcome = match undo(call, &answer.reply) {
        Some(undo) => provider.call(&undo).await.map(|_| ()),
        None => Ok(()),
    };
    match outcome {
        Ok(()) => {
            let help = "a new key begins it again; the same key tells what became of it";
            Refusal::new("TW5035", Class::Conflict, format!("cancelled by the caller: {begun} undone"), help)
        }
        Err(why) => {
            let message = format!("cancelled by the caller, but {begun} could not be undone: {why}");
            Refusal::new("TW5035", Class::Conflict, message, "it goes on: end it by state absent, or its TTL will")
        }
    }
}

/// The call that ends what a call began, and nothing else; none where nothing of it is open.
fn undo(call: &Call, reply: &Reply) -> Option<Call> {
    let mut undo = Call { now: None, approval: Approval::None, ..call.clone() };
    let control = undo.control.as_mut()?;
    let key = hash::of(&(&call.caller.name, &control.owner, &control.idempotency_key, call.request.tool()));
    (control.state, control.idempotency_key) = (State::Absent, format!("undo-{}", &key[..40]));
    match (&mut undo.request, reply) {
        (Request::ProvisionCompute(launch), Reply::ProvisionCompute(launched)) => launch.node_ids = ids(launched)?,
        (Request::LaunchSpot(request), Reply::LaunchSpot(launched)) => request.launch.node_ids = ids(launched)?,
        // A model that was in service before keeps what it has: only its share changed.
        (Request::DeployModel(asked), Reply::DeployModel(endpoint)) => is_coming(asked, endpoint).then_some(())?,
        _ => return None,
    }
    Some(undo)
}

fn is_coming(asked: &deploy_model::Request, endpoint: &deploy_model::Reply) -> bool {
    endpoint.variants.iter().any(|v| v.model == asked.model && !v.in_service)
}

fn ids(launched: &Launched) -> Option<Vec<String>> {
    let ids: Vec<String> = launched.nodes.iter().map(|n| n.node_id.clone()).collect();
    (!ids.is_empty()).then_some(ids)
}

/// What a reply says that was begun, in words.
fn begun(reply: &Reply) -> String {
    match reply {
        Reply::ProvisionCompute(launched) | Reply::LaunchSpot(launched) => {
            format!("{} nodes of {}", launched.nodes.len(), launched.token)
        }
        Reply::DeployModel(endpoint) => format!("the model behind {}", endpoint.endpoint),
        _ => "it".to_owned(),
    }
}

#[cfg(test)]
mod tests;
