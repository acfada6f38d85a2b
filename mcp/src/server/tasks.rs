//! The Tasks extension (SEP-2663) of revision 2026-07-28: a job that goes on after its answer is a task for clients that
//! say that they know tasks. `tasks/get` tells what became of it, `tasks/cancel` cancels it.
//!
//! A task is a view of the cloud, no thread of ours: each look is a call by the same caller through all layers, in the
//! world's time. Kept here is only what was asked; after a restart the same call (same key) makes the same task again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rmcp::ErrorData;
use rmcp::model::{
    CallToolResult, DetailedTask, ErrorCode, JsonObject, ProtocolVersion, Task, TaskPayload, TaskStatus,
};
use rmcp::service::{RequestContext, RoleServer};
use tradewind_core::hash;
use tradewind_core::time::Time;

use super::reply;
use crate::approval::Approval;
use crate::control::State;
use crate::provider::{Answer, Call, Caller, Outcome, Provider};
use crate::refusal::Refusal;
use crate::tools::submit_ml_job::JobState;
use crate::tools::{Reply, Request, get_health};

/// How often a client should look, milliseconds of its own time.
const POLL_MS: u64 = 1_000;
/// Tasks that are remembered; the oldest is forgotten first, and its call makes it again.
const MOST: usize = 10_000;

/// What was asked, by the id of its task.
#[derive(Debug, Default)]
pub(super) struct Tasks(Mutex<BTreeMap<String, Followed>>);

/// A call whose work goes on.
#[derive(Debug, Clone)]
struct Followed {
    call: Call,
    job: String,
    since: Time,
}

/// Who asks for which task.
pub(super) struct Asked<'a> {
    /// The task.
    pub(super) id: &'a str,
    /// Who.
    pub(super) caller: Caller,
    /// The caller's time, where it drives the world's.
    pub(super) now: Option<Time>,
}

/// Whether the caller can follow work to its end: it knows tasks, on the revision that has them, and drives the world's
/// time. Who polls a world whose time stands still would poll for ever.
pub(super) fn can_follow(call: &Call, context: &RequestContext<RoleServer>) -> bool {
    let has_tasks = context.protocol_version().is_some_and(|v| v.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
    let knows_tasks = context.client_capabilities().is_some_and(|c| c.supports_tasks());
    has_tasks && knows_tasks && call.now.is_some()
}

impl Tasks {
    /// The task of a call whose work goes on after its answer; none where it is over.
    pub(super) fn begun(&self, call: &Call, answer: &Answer) -> Option<Task> {
        let Reply::SubmitMlJob(job) = &answer.reply else { return None };
        let control = call.control.as_ref().filter(|c| c.state == State::Present)?;
        if !is_open(job.state) {
            return None;
        }
        let id = hash::of(&(&call.caller.name, &call.caller.role, &control.owner, &control.idempotency_key));
        let followed = Followed { call: call.clone(), job: job.job_id.clone(), since: answer.at };
        let task = followed.task(&id, answer.at, "submitted");
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.len() >= MOST {
            let oldest = tasks.iter().min_by_key(|(_, t)| t.since).map(|(id, _)| id.clone());
            oldest.and_then(|id| tasks.remove(&id));
        }
        tasks.insert(id, followed);
        Some(task)
    }

    /// What became of a task.
    ///
    /// # Errors
    /// `-32602` for a task that the caller does not have, the refusal where the cloud does not say.
    pub(super) async fn look(&self, asks: &Asked<'_>, provider: &dyn Provider) -> Result<DetailedTask, ErrorData> {
        let (id, followed) = (asks.id, self.followed(asks)?);
        let (state, at) = followed.state(provider).await.map_err(|e| refused(&e))?;
        let task = followed.task(id, at, word(state));
        let payload = match state {
            JobState::Waiting | JobState::Running => TaskPayload::Working,
            JobState::Cancelled => TaskPayload::Cancelled,
            JobState::Succeeded | JobState::Interrupted => {
                // What is over is told in full by a call that would end it.
                let result = reply::result(followed.end(id, provider).await, None);
                TaskPayload::Completed { result: object(&result) }
            }
        };
        Ok(DetailedTask::new(task, payload))
    }

    /// Cancels the work of a task; what is over stays as it is.
    ///
    /// # Errors
    /// Those of [`Tasks::look`].
    pub(super) async fn cancel(&self, asks: &Asked<'_>, provider: &dyn Provider) -> Result<(), ErrorData> {
        let followed = self.followed(asks)?;
        followed.end(asks.id, provider).await.map(|_| ()).map_err(|e| refused(&e))
    }

    /// Of another caller nobody learns that there is such a task.
    fn followed(&self, asks: &Asked<'_>) -> Result<Followed, ErrorData> {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = tasks.get(asks.id).filter(|f| f.call.caller == asks.caller).cloned().ok_or_else(|| {
            let message = format!("no task {:?}; send its call again: the same key is the same work", asks.id);
            ErrorData::new(ErrorCode::INVALID_PARAMS, message, None)
        })?;
        let call = Call { now: asks.now, approval: Approval::None, ..followed.call };
        Ok(Followed { call, ..followed })
    }
}

impl Followed {
    fn task(&self, id: &str, at: Time, message: &str) -> Task {
        let ttl = self.call.control.as_ref().map_or(0, |c| c.ttl().get().unsigned_abs());
        Task::new(id, TaskStatus::Working, self.since.to_string(), at.to_string())
            .with_status_message(message)
            .with_ttl_ms(ttl)
            .with_poll_interval_ms(POLL_MS)
    }

    /// The state of the job, and when it was looked at.
    async fn state(&self, provider: &dyn Provider) -> Result<(JobState, Time), Refusal> {
        let control = self.call.control.as_ref();
        let asked = get_health::Request {
            owner: control.map(|c| c.owner.clone()),
            allocation: control.map(|c| c.decision.allocation.clone()),
            limit: 1000,
            ..get_health::Request::default()
        };
        let look = Call { request: Request::GetHealth(asked), control: None, ..self.call.clone() };
        let answer = provider.call(&look).await?;
        let Reply::GetHealth(health) = answer.reply else { unreachable!("health is answered by health") };
        let job = health.resources.iter().find(|r| r.kind == "job" && r.id == self.job);
        // The cloud may show it late.
        let state = job.and_then(|job| serde_json::from_value(job.state.clone().into()).ok());
        Ok((state.unwrap_or(JobState::Waiting), answer.at))
    }

    /// Wants it gone: ends what is open, and tells in full of what is over.
    async fn end(&self, id: &str, provider: &dyn Provider) -> Outcome {
        let mut call = self.call.clone();
        if let Some(control) = &mut call.control {
            control.state = State::Absent;
            control.idempotency_key = format!("end-{}", &id[..40]);
        }
        provider.call(&call).await
    }
}

fn is_open(state: JobState) -> bool {
    matches!(state, JobState::Waiting | JobState::Running)
}

fn word(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "waits for its nodes",
        JobState::Running => "runs",
        JobState::Succeeded => "succeeded",
        JobState::Interrupted => "its node was lost",
        JobState::Cancelled => "cancelled",
    }
}

fn object(result: &CallToolResult) -> JsonObject {
    match serde_json::to_value(result) {
        Ok(serde_json::Value::Object(object)) => object,
        _ => JsonObject::default(),
    }
}

fn refused(refusal: &Refusal) -> ErrorData {
    let data = serde_json::to_value(refusal).ok();
    ErrorData::new(ErrorCode::INTERNAL_ERROR, refusal.to_string(), data)
}
