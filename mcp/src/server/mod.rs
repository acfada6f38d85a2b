//! The wire: a provider as an MCP server, by `rmcp`: the stateless revision 2026-07-28, and those before it.
//!
//! No state lives in sessions: everything is in the provider, so a client may open a connection for each call.
//! A failed tool is a successful reply with `isError`; protocol errors are for requests that reach no tool.

mod arguments;
mod asking;
mod bearer;
mod endpoint;
#[cfg(debug_assertions)]
mod fixtures;
mod following;
mod http;
mod listing;
mod reply;
mod stdio;
mod tasks;
mod tls;

pub use arguments::{APPROVAL, NOW};
pub use bearer::{Bearer, Keys, KeysError};
#[cfg(debug_assertions)]
pub use fixtures::{Fixtures, Mounted};
pub use http::{Http, serve_http};
pub use listing::{Listing, listing};
pub use rmcp::ServerHandler;
pub use stdio::serve_stdio;
pub use tls::{
    Callers, CallersError, LOOK_EVERY, Pem, PemFiles, Renewal, RenewalError, SpiffeId, SpiffeIdError, Svid, SvidError,
    Tls, TlsError,
};

use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CreateTaskResult, ErrorCode, GetTaskParams,
    GetTaskResult, Implementation, JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
    ServerConfig, Tool, UpdateTaskParams,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use crate::approval::Approval;
use crate::layers::Timer;
use crate::provider::{Call, Caller, Outcome, Provider};
use crate::refusal::{Fault, Refusal};
use arguments::Reader;
use asking::Asks;
use tasks::Tasks;

/// What a client reads first.
const INSTRUCTIONS: &str = "Tools of one cloud. A tool that changes something needs idempotency_key (the same key is \
    the same call), owner, ttl_s, epoch and decision; state absent undoes it. Regions, zones and instance types have the cloud's own names; any zone \
    where left out. Errors carry class, retryable and help: \
    capacity, quota and throttled are three things. Amounts are USD as strings, times UTC. A launch or deployment that asks \
    for progress may be answered up to 45 s later, when its machines are up; cancelled, it is undone.";

/// A provider on the wire.
#[derive(Clone)]
pub struct Server {
    provider: Arc<dyn Provider>,
    reader: Arc<Reader>,
    listing: Arc<Listing>,
    tasks: Arc<Tasks>,
    timer: Option<Arc<dyn Timer>>,
    name: String,
}

impl Server {
    /// A server of a cloud, for callers known as `caller`.
    pub fn new(cloud: &str, provider: Arc<dyn Provider>, caller: Caller) -> Self {
        Self {
            provider,
            reader: Arc::new(Reader::new(caller)),
            listing: Arc::new(listing()),
            tasks: Arc::default(),
            timer: None,
            name: format!("tradewind-{cloud}"),
        }
    }

    /// The same in front of a cloud whose time runs by itself: calls that ask for progress are answered when what they
    /// began is there. `timer` is the machine's time.
    pub fn with_timer(self, timer: Arc<dyn Timer>) -> Self {
        Self { timer: Some(timer), ..self }
    }
}

impl Server {
    /// The tools, as `tools/list` tells of them.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Calls a tool: what `tools/call` does, without the wire. The reply with its envelope.
    ///
    /// # Errors
    /// What the tool refuses, a tool that does not exist among it.
    pub async fn answer(&self, tool: &str, arguments: JsonObject, meta: &JsonObject) -> Result<Value, Refusal> {
        if !self.reader.knows(tool) {
            let fault = Fault { pointer: String::new(), message: unknown_tool(tool, &self.listing.tools) };
            return Err(Refusal::arguments(vec![fault]));
        }
        let call = self.reader.read(tool, arguments, meta)?;
        reply::structured(&self.provider.call(&call).await?)
    }
}

impl Server {
    /// Calls, and asks the person at the client where the call waits for a yes.
    async fn asked(&self, call: Call, context: &RequestContext<RoleServer>) -> CallToolResponse {
        let outcome = self.followed(&call, context).await;
        if let Some(task) =
            outcome.as_ref().ok().filter(|_| tasks::can_follow(&call, context)).and_then(|a| self.tasks.begun(&call, a))
        {
            return CreateTaskResult::new(task).into();
        }
        let Err(Refusal { approval: Some(wanted), .. }) = &outcome else {
            return reply::result(outcome, call.now).into();
        };
        match asking::asks(context) {
            Asks::ByResult => asking::by_result(call.request.tool(), wanted),
            Asks::ByRequest => match asking::by_request(context, call.request.tool(), wanted).await {
                Approval::None => reply::result(outcome, call.now).into(),
                approval => {
                    let approved = Call { approval, ..call };
                    reply::result(self.followed(&approved, context).await, approved.now).into()
                }
            },
            Asks::Not => reply::result(outcome, call.now).into(),
        }
    }

    /// Calls, and follows what the call began where the caller waits for it.
    async fn followed(&self, call: &Call, context: &RequestContext<RoleServer>) -> Outcome {
        let answer = self.provider.call(call).await?;
        following::to_its_end(answer, call, &*self.provider, self.timer.as_deref(), context).await
    }

    /// Who asks for which task, by the connection and its `_meta`.
    fn asks_for<'a>(&self, id: &'a str, context: &RequestContext<RoleServer>) -> Result<tasks::Asked<'a>, ErrorData> {
        let now = arguments::now(&context.meta.0);
        let now = now.map_err(|e| ErrorData::new(ErrorCode::INVALID_PARAMS, e.to_string(), None))?;
        Ok(tasks::Asked { id, caller: known(context).unwrap_or_else(|| self.reader.caller().clone()), now })
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tasks().build());
        info.server_info = Implementation::new(self.name.clone(), env!("CARGO_PKG_VERSION"));
        info.instructions = Some(INSTRUCTIONS.to_owned());
        info
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.listing.tools.clone()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.listing.tools.iter().find(|t| t.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if !self.reader.knows(&request.name) {
            let message = unknown_tool(&request.name, &self.listing.tools);
            return Err(ErrorData::new(ErrorCode::INVALID_PARAMS, message, None));
        }
        let approval = asking::answered(&request);
        let arguments = request.arguments.unwrap_or_default();
        match self.reader.read(&request.name, arguments, &context.meta.0) {
            Ok(call) => {
                let approval = if approval == Approval::None { call.approval } else { approval };
                let caller = known(&context).unwrap_or(call.caller);
                Ok(self.asked(Call { approval, caller, ..call }, &context).await)
            }
            Err(refusal) => Ok(reply::result(Err(refusal), None).into()),
        }
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let asks = self.asks_for(&request.task_id, &context)?;
        self.tasks.look(&asks, &*self.provider).await.map(GetTaskResult::new)
    }

    /// No work of ours asks anything on its way: what comes is for nothing that waits.
    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let asks = self.asks_for(&request.task_id, &context)?;
        self.tasks.look(&asks, &*self.provider).await.map(|_| ())
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let asks = self.asks_for(&request.task_id, &context)?;
        self.tasks.cancel(&asks, &*self.provider).await
    }
}

/// Who calls, where the door of HTTP knows it: by a token, or by a certificate.
fn known(context: &RequestContext<RoleServer>) -> Option<Caller> {
    context.extensions.get::<axum::http::request::Parts>()?.extensions.get::<Caller>().cloned()
}

/// The nearest name, and all that there are.
fn unknown_tool(name: &str, tools: &[Tool]) -> String {
    let names: Vec<&str> = tools.iter().map(|t| t.name.as_ref()).collect();
    let near = names.iter().map(|n| (strsim::damerau_levenshtein(name, n), n)).min();
    let hint = near.filter(|(d, _)| *d <= 3).map_or(String::new(), |(_, n)| format!("; did you mean {n}?"));
    format!("no tool {name:?}{hint}; there are {}", names.join(", "))
}

#[cfg(test)]
mod tests;
