//! rmcp's own client as a driver of the interop run: `rmcp-driver SCRIPT URL` or `rmcp-driver SCRIPT COMMAND ARGUMENT...` makes the
//! calls of the script on a server that is there, or that it starts; `ERA=legacy` by the handshake of 2025-11-25, else by
//! 2026-07-28.

use rmcp::model::{CallToolRequestParams, JsonObject, ProtocolVersion};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientLifecycleMode, ClientServiceExt};

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let script = std::fs::read_to_string(arguments.next().ok_or("rmcp-driver SCRIPT COMMAND ARGUMENT...")?)?;
    let script: Vec<(String, JsonObject)> = serde_json::from_str(&script)?;
    let target = arguments.next().ok_or("an address or a command")?;
    let client = connect(&target, arguments).await?;
    for (tool, arguments) in script {
        let result = client.call_tool(CallToolRequestParams::new(tool.clone()).with_arguments(arguments)).await?;
        if result.is_error == Some(true) {
            return Err(format!("{tool}: {result:?}").into());
        }
    }
    client.cancel().await?;
    Ok(())
}

/// A client of the server at an address, or of the one that a command starts.
async fn connect(
    target: &str,
    arguments: impl Iterator<Item = String>,
) -> Result<RunningService<RoleClient, ()>, Failed> {
    let lifecycle = match std::env::var("ERA").as_deref() {
        Ok("legacy") => ClientLifecycleMode::Initialize,
        _ => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
    };
    if target.starts_with("http") {
        return Ok(().serve_with_lifecycle(StreamableHttpClientTransport::from_uri(target), lifecycle).await?);
    }
    let mut command = tokio::process::Command::new(target);
    command.args(arguments);
    Ok(().serve_with_lifecycle(TokioChildProcess::new(command)?, lifecycle).await?)
}
