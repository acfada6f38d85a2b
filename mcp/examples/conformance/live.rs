//! Fixtures that talk with the client while they run: by the log, by progress, by requests to it (2025-11-25).
#![allow(deprecated)]

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ContentBlock, CreateMessageRequestParams,
    ElicitRequestParams, LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Value, json};

/// Time between two notices.
const BREATH: Duration = Duration::from_millis(50);

/// A text.
pub fn said(text: &str) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

/// Calls one of them; `form` is what it asks for.
///
/// # Errors
/// The client cannot do what the fixture needs.
pub async fn call(
    request: &CallToolRequestParams,
    form: Option<&Value>,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let argument =
        |name: &str| request.arguments.as_ref().and_then(|a| a.get(name)).and_then(Value::as_str).unwrap_or("?");
    match (request.name.as_ref(), form) {
        ("greet", _) => Ok(said(&format!("Hello, {}!", argument("name")))),
        ("test_tool_with_logging", _) => log(context).await,
        ("test_tool_with_progress", _) => progress(context).await,
        ("test_sampling", _) => sample(argument("prompt"), context).await,
        ("test_missing_capability", _) => {
            Err(ErrorData::missing_required_client_capability(ClientCapabilities::builder().enable_sampling().build()))
        }
        ("test_elicitation", Some(form)) => ask(argument("message"), form, "User response:", context).await,
        (_, Some(form)) => ask("Please choose", form, "Elicitation completed:", context).await,
        (name, None) => Err(ErrorData::invalid_params(format!("no fixture {name:?}"), None)),
    }
}

fn failed(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

async fn log(context: &RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
    for text in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        let notice = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(text));
        context.peer.notify_logging_message(notice).await.map_err(failed)?;
        tokio::time::sleep(BREATH).await;
    }
    Ok(said("logged"))
}

async fn progress(context: &RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let notice = ProgressNotificationParam::new(token, done).with_total(100.0);
            context.peer.notify_progress(notice).await.map_err(failed)?;
        }
        tokio::time::sleep(BREATH).await;
    }
    Ok(said("done"))
}

async fn sample(prompt: &str, context: &RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
    let message = json!({"role": "user", "content": {"type": "text", "text": prompt}});
    let wanted: CreateMessageRequestParams =
        serde_json::from_value(json!({"messages": [message], "maxTokens": 100})).map_err(failed)?;
    let answer = context.peer.create_message(wanted).await.map_err(failed)?;
    let answer = serde_json::to_value(&answer).map_err(failed)?;
    Ok(said(&format!("LLM response: {}", answer["content"]["text"].as_str().unwrap_or_default())))
}

async fn ask(
    message: &str,
    form: &Value,
    words: &str,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let wanted = json!({"mode": "form", "message": message, "requestedSchema": form});
    let wanted: ElicitRequestParams = serde_json::from_value(wanted).map_err(failed)?;
    let answer = context.peer.create_elicitation(wanted).await.map_err(failed)?;
    let answer = serde_json::to_value(&answer).map_err(failed)?;
    Ok(said(&format!(
        "{words} action={}, content={}",
        answer["action"].as_str().unwrap_or_default(),
        answer["content"]
    )))
}
