//! Fixtures whose work goes on after the answer: tasks of the suite's own, by rmcp's store of them. Those of our tools
//! are the server's.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CreateTaskResult, InputRequest,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};
use serde_json::{Value, json};

use crate::live::said;

/// How long the jobs that fail take.
const WORK: Duration = Duration::from_secs(1);

/// Whether a fixture is one of these.
pub fn has(name: &str) -> bool {
    ["slow_compute", "failing_job", "protocol_error_job", "confirm_delete", "multi_input"].contains(&name)
}

/// Starts one as a task where the client knows tasks, else does it at once.
///
/// # Errors
/// It can be done as a task only, and the client knows none.
pub async fn call(
    request: &CallToolRequestParams,
    tasks: &TaskManager,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let seconds = request.arguments.as_ref().and_then(|a| a.get("seconds")).and_then(Value::as_u64).unwrap_or(0);
    if context.client_capabilities().is_some_and(|c| c.supports_tasks()) {
        return Ok(started(request.name.to_string(), Duration::from_secs(seconds), tasks).into());
    }
    if request.name == "slow_compute" {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        return Ok(said("computed").into());
    }
    let needed = rmcp::model::ClientCapabilities::builder().enable_tasks().build();
    Err(ErrorData::missing_required_client_capability(needed))
}

/// A task that greets: what follows a question in the fixture that asks first.
pub fn greeting(text: String, tasks: &TaskManager) -> CreateTaskResult {
    CreateTaskResult::new(tasks.spawn(TaskOptions::new(), |_| Box::pin(async move { Ok(said(&text)) })))
}

fn started(name: String, time: Duration, tasks: &TaskManager) -> CreateTaskResult {
    CreateTaskResult::new(tasks.spawn(TaskOptions::new(), |task| Box::pin(work(name, time, task))))
}

async fn work(name: String, time: Duration, task: TaskContext) -> Result<CallToolResult, TaskExit> {
    match name.as_str() {
        "slow_compute" => tokio::select! {
            () = tokio::time::sleep(time) => Ok(said("computed")),
            () = task.cancelled() => Err(TaskExit::Cancelled),
        },
        "failing_job" => {
            tokio::time::sleep(WORK).await;
            Ok(CallToolResult::error(vec![ContentBlock::text("the job failed")]))
        }
        "protocol_error_job" => {
            tokio::time::sleep(WORK).await;
            Err(TaskExit::Error(ErrorData::internal_error("the job broke", None)))
        }
        "confirm_delete" => {
            let answer = task.request_input("confirm", form("Delete it?", "confirm", "boolean")?).await?;
            Ok(said(&format!("answered: {answer}")))
        }
        _ => {
            let first = task.request_input("first", form("The first?", "text", "string")?);
            let second = task.request_input("second", form("The second?", "text", "string")?);
            let (first, second) = tokio::try_join!(first, second)?;
            Ok(said(&format!("answered: {first}, {second}")))
        }
    }
}

/// A question with one field.
fn form(message: &str, field: &str, kind: &str) -> Result<InputRequest, TaskExit> {
    let schema = json!({"type": "object", "properties": {field: {"type": kind}}, "required": [field]});
    let asked = json!({"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}});
    serde_json::from_value(asked).map_err(|e| TaskExit::Error(ErrorData::internal_error(e.to_string(), None)))
}
