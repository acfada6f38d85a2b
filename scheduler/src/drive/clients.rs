//! MCP clients of servers, one a cloud: the calls of a run go over the wire that agents use.

use std::collections::BTreeMap;

use rmcp::model::{
    CallToolRequestParams, CallToolResult, JsonObject, MetaObject, RequestMetaObject, RequestParamsMeta,
};
use rmcp::service::{RoleClient, RunningService};
use rmcp::{ServiceExt, serve_client};
use serde_json::{Value, json};
use tradewind_core::time::Time;
use tradewind_mcp::control::Control;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::server::{NOW, Server};
use tradewind_mcp::tools::{Reply, Request};

use super::hands::{Hands, Told, unknown_cloud};

/// Bytes under way on a wire within this process.
const WIRE: usize = 1 << 20;

/// A server that cannot be spoken to.
#[derive(Debug, thiserror::Error)]
#[error("the server of {cloud} cannot be spoken to: {what}")]
pub struct ClientError {
    /// The cloud.
    pub cloud: String,
    /// What is wrong.
    pub what: String,
}

/// Clients, by cloud.
#[derive(Default)]
pub struct Clients(BTreeMap<String, RunningService<RoleClient, ()>>);

impl Clients {
    /// Connects to a server in this process.
    ///
    /// # Errors
    /// They do not understand each other.
    pub async fn connect(&mut self, cloud: &str, server: Server) -> Result<(), ClientError> {
        let (ours, theirs) = tokio::io::duplex(WIRE);
        tokio::spawn(async move {
            // A server whose client is gone ends; whoever still calls is told so by the client.
            if let Ok(running) = server.serve(theirs).await {
                let _ = running.waiting().await;
            }
        });
        let client = serve_client((), ours).await;
        let client = client.map_err(|e| ClientError { cloud: cloud.to_owned(), what: e.to_string() })?;
        self.0.insert(cloud.to_owned(), client);
        Ok(())
    }
}

impl Hands for Clients {
    fn clouds(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn call<'a>(&'a self, cloud: &'a str, now: Time, request: Request, control: Option<Control>) -> Told<'a> {
        Box::pin(async move {
            let client = self.0.get(cloud).ok_or_else(|| unknown_cloud(cloud))?;
            let tool = request.tool();
            let mut params = CallToolRequestParams::new(tool).with_arguments(arguments(&request, control.as_ref())?);
            let meta = MetaObject(JsonObject::from_iter([(NOW.to_owned(), Value::String(now.to_string()))]));
            params.set_meta(RequestMetaObject(meta));
            let result = client.call_tool(params).await.map_err(|e| unreadable(tool, e.to_string()))?;
            reply(tool, result)
        })
    }
}

/// The arguments of a tool, with the control among them.
fn arguments(request: &Request, control: Option<&Control>) -> Result<JsonObject, Refusal> {
    let object = |value: Result<Value, serde_json::Error>| match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(unreadable(request.tool(), "arguments are objects".to_owned())),
        Err(e) => Err(unreadable(request.tool(), e.to_string())),
    };
    let named = object(serde_json::to_value(request))?;
    let mut all = object(Ok(named.into_values().next().unwrap_or_default()))?;
    if let Some(control) = control {
        all.extend(object(serde_json::to_value(control))?);
    }
    Ok(all)
}

/// The reply in a result, or the refusal.
fn reply(tool: &str, result: CallToolResult) -> Result<Reply, Refusal> {
    let content = result.structured_content.unwrap_or_default();
    if result.is_error == Some(true) {
        let refusal = content.get("error").cloned().unwrap_or_default();
        return Err(serde_json::from_value(refusal).unwrap_or_else(|e| unreadable(tool, e.to_string())));
    }
    serde_json::from_value(json!({ tool: content })).map_err(|e| unreadable(tool, e.to_string()))
}

/// Whether the call was done is not known.
fn unreadable(tool: &str, what: String) -> Refusal {
    let help = "the same call again finds out whether it was done";
    Refusal::new("TW5013", Class::Unavailable, format!("{tool}: {what}"), help).retryable()
}
