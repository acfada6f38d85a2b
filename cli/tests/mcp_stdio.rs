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

/// Builds with debug assertions alone have the flag.
#[cfg(debug_assertions)]
#[tokio::test]
async fn a_test_build_mounts_the_suites_fixtures_beside_our_tools_and_audits_them() {
    let desk = Desk::new("mcp-fixtures");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tradewind"));
    command.args(["mcp", "serve", "--cloud", "gcp", "--conformance-fixtures", "--role", "viewer", "--world"]);
    command.arg(desk.path("w"));
    let child = TokioChildProcess::new(command).expect("the command starts");
    let client = ().serve_with_lifecycle(child, ClientLifecycleMode::Initialize).await.expect("a server");
    let tools = client.list_all_tools().await.expect("tools");
    assert!(tools.len() > 12 + 30 && tools.iter().any(|tool| tool.name == "get_quotas"), "{}", tools.len());
    let said = client.call_tool(CallToolRequestParams::new("test_simple_text")).await.expect("a result");
    assert_ne!(said.is_error, Some(true), "{said:?}");
    client.cancel().await.expect("it leaves");
    let log = std::fs::read_to_string(desk.path("w").join("gcp/audit.jsonl")).expect("a log");
    assert!(log.contains(r#""tool":"test_simple_text""#) && log.contains(r#""outcome":"done""#), "{log}");
    desk.run(&["audit", "verify", "--cloud", "gcp", "--world", "w"]).expect(0);
}
