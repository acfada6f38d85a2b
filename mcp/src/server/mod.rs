//! The wire: a provider as an MCP server, by `rmcp`: the stateless revision 2026-07-28, and those before it.
//!
//! No state lives in sessions: everything is in the provider, so a client may open a connection for each call.
//! A failed tool is a successful reply with `isError`; protocol errors are for requests that reach no tool.

mod arguments;
mod http;
mod listing;
mod reply;
mod stdio;

pub use arguments::{DRIVER_TOKEN, NOW};
pub use http::{Http, serve_http};
pub use listing::{Listing, listing};
pub use stdio::serve_stdio;

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorCode, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler};

use crate::provider::{Caller, Provider};
use arguments::Reader;

/// What a client reads first.
const INSTRUCTIONS: &str = "Tools of one cloud. A tool that changes something needs idempotency_key (the same key is \
    the same call), owner, ttl_s, epoch and decision; state absent undoes it. Regions, zones and instance types have the cloud's own names; any zone \
    where left out. Errors carry class, retryable and help: \
    capacity, quota and throttled are three things. Amounts are USD as strings, times UTC.";

/// A provider on the wire.
#[derive(Clone)]
pub struct Server {
    provider: Arc<dyn Provider>,
    reader: Arc<Reader>,
    listing: Arc<Listing>,
    name: String,
}

impl Server {
    /// A server of a cloud, for callers known as `caller` who drive time if they know `driver_token`.
    pub fn new(cloud: &str, provider: Arc<dyn Provider>, caller: Caller, driver_token: Option<String>) -> Self {
        Self {
            provider,
            reader: Arc::new(Reader::new(caller, driver_token)),
            listing: Arc::new(listing()),
            name: format!("tradewind-{cloud}"),
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
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
        if self.get_tool(&request.name).is_none() {
            return Err(unknown_tool(&request.name, &self.listing.tools));
        }
        let arguments = request.arguments.unwrap_or_default();
        let result = match self.reader.read(&request.name, arguments, &context.meta.0) {
            Ok(call) => reply::result(self.provider.call(&call).await, call.now),
            Err(refusal) => reply::result(Err(refusal), None),
        };
        Ok(result.into())
    }
}

/// `-32602` with the names that there are.
fn unknown_tool(name: &str, tools: &[Tool]) -> ErrorData {
    let names: Vec<&str> = tools.iter().map(|t| t.name.as_ref()).collect();
    let near = names.iter().map(|n| (strsim::damerau_levenshtein(name, n), n)).min();
    let hint = near.filter(|(d, _)| *d <= 3).map_or(String::new(), |(_, n)| format!("; did you mean {n}?"));
    let message = format!("no tool {name:?}{hint}; there are {}", names.join(", "));
    ErrorData::new(ErrorCode::INVALID_PARAMS, message, None)
}
