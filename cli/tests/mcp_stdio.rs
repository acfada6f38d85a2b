//! The server as a client starts it: rmcp's own client on the standard streams of the command, both revisions.

mod common;

use common::Desk;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::transport::TokioChildProcess;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::json;

#[tokio::test]
async fn a_client_starts_a_server_calls_it_and_comes_back() {
    let desk = Desk::new("mcp-stdio");
    let modern = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    for (lifecycle, replayed) in [(ClientLifecycleMode::Initialize, false), (modern, true)] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tradewind"));
        command.args(["mcp", "serve", "--cloud", "aws", "--world"]).arg(desk.path("w"));
        let child = TokioChildProcess::new(command).expect("the command starts");
        let client = ().serve_with_lifecycle(child, lifecycle).await.expect("a server");
        assert_eq!(client.list_all_tools().await.expect("tools").len(), 12);
        let arguments = json!({"region": "us-east-1", "instance_type": "m5.large", "idempotency_key": "k", "owner": "me",
            "ttl_s": 3600, "epoch": 1, "decision": "a/0/0/launch"});
        let params = CallToolRequestParams::new("provision_compute")
            .with_arguments(arguments.as_object().cloned().expect("an object"));
        let result = client.call_tool(params).await.expect("a result");
        let reply = result.structured_content.expect("a reply");
        assert_eq!((result.is_error, &reply["replayed"]), (Some(false), &json!(replayed)), "{reply}");
        client.cancel().await.expect("it leaves");
    }
}
