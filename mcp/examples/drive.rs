//! rmcp's own client as a driver of the interop run: `drive SCRIPT COMMAND ARGUMENT...` starts the server and makes the
//! calls of the script; `ERA=legacy` by the handshake of 2025-11-25, else by 2026-07-28.

use rmcp::model::{CallToolRequestParams, JsonObject, ProtocolVersion};
use rmcp::transport::TokioChildProcess;
use rmcp::{ClientLifecycleMode, ClientServiceExt};

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let script = std::fs::read_to_string(arguments.next().ok_or("drive SCRIPT COMMAND ARGUMENT...")?)?;
    let script: Vec<(String, JsonObject)> = serde_json::from_str(&script)?;
    let mut command = tokio::process::Command::new(arguments.next().ok_or("a command")?);
    command.args(arguments);
    let lifecycle = match std::env::var("ERA").as_deref() {
        Ok("legacy") => ClientLifecycleMode::Initialize,
        _ => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
    };
    let client = ().serve_with_lifecycle(TokioChildProcess::new(command)?, lifecycle).await?;
    for (tool, arguments) in script {
        let result = client.call_tool(CallToolRequestParams::new(tool.clone()).with_arguments(arguments)).await?;
        if result.is_error == Some(true) {
            return Err(format!("{tool}: {result:?}").into());
        }
    }
    client.cancel().await?;
    Ok(())
}
