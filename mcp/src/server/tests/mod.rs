//! The server on a wire of its own, driven by rmcp's client: both revisions, every tool, every reply held against
//! its schema.

use std::sync::Arc;

use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::{RoleClient, RunningService};
use rmcp::{ClientLifecycleMode, ClientServiceExt, ServiceExt};
use serde_json::{Value, json};
use tradewind_core::seed::Seed;

use super::*;
use crate::conformance::Names;
use crate::simulated::{InMemory, Simulated};

mod approvals;
mod following;
mod http;
mod tasks;

type Client = RunningService<RoleClient, ()>;

/// A cloud, and a client of it that speaks a revision.
async fn connected(names: Names, lifecycle: ClientLifecycleMode) -> (Arc<Simulated>, Client) {
    let market = Arc::new(names.market());
    let cloud = Arc::new(Simulated::new(names.cloud, market, Seed(1), Box::new(InMemory)).expect("a cloud"));
    let caller = Caller { name: "test".to_owned(), role: "operator".to_owned(), drives_time: true };
    let server = Server::new(names.cloud, cloud.clone(), caller);
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    tokio::spawn(async move {
        let running = server.serve(ours).await.expect("a client");
        running.waiting().await.expect("it leaves");
    });
    let client = ().serve_with_lifecycle(theirs, lifecycle).await.expect("a server");
    (cloud, client)
}

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
}

/// One sound call of each tool, in an order in which they work.
fn script(names: Names) -> Vec<(&'static str, Value)> {
    let n = std::cell::Cell::new(0);
    let with = |own: Value| {
        n.set(n.get() + 1);
        let mut arguments = json!({"idempotency_key": format!("k-{}", n.get()), "owner": "test", "ttl_s": 86_400,
            "epoch": 1, "decision": format!("a-{}/0/0/launch", n.get())});
        arguments.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
        arguments
    };
    let (region, small) = (names.region, names.small);
    let managed = json!({"region": region, "instance_type": small, "count": 1});
    vec![
        ("get_quotas", json!({})),
        ("get_cost_estimate", json!({"region": region, "instance_type": small, "duration_s": 3600})),
        ("provision_compute", with(json!({"region": region, "instance_type": small}))),
        ("launch_spot", with(json!({"region": region, "instance_type": small, "count": 2, "min_count": 1}))),
        (
            "scale_nodepool",
            with(json!({"pool": "p", "region": region, "instance_type": small, "desired": 2, "max": 4})),
        ),
        (
            "create_storage_bucket",
            with(json!({"name": "stage", "region": region, "copy_from": [
            {"dataset": "d", "location": format!("{}/{}", names.cloud, names.elsewhere), "bytes": 1_000_000_000}]})),
        ),
        ("attach_volume", with(json!({"volume": "v", "node_id": "n-p-0", "size_gib": 10}))),
        ("submit_ml_job", with(json!({"name": "j", "managed": managed, "runtime_p50_s": 600}))),
        (
            "deploy_model",
            with(json!({"endpoint": "e", "model": "m", "region": region, "instance_type": small,
            "traffic_percent": 100})),
        ),
        ("rotate_secret", with(json!({"secret": "db"}))),
        ("failover_route", with(json!({"route": "api.example", "targets": [{"host": "a.example", "weight": 1}]}))),
        ("get_health", json!({})),
    ]
}

async fn call(client: &Client, tool: &'static str, arguments: &Value) -> CallToolResult {
    let params = CallToolRequestParams::new(tool).with_arguments(arguments.as_object().cloned().unwrap_or_default());
    client.call_tool(params).await.expect("a tool's result")
}

#[tokio::test]
async fn every_reply_is_as_its_schema_says_on_both_wires() {
    for names in Names::all() {
        for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
            let (_, client) = connected(names, lifecycle).await;
            let tools = client.list_all_tools().await.expect("tools");
            assert_eq!(tools, listing().tools, "the order and every byte");
            for (name, arguments) in script(names) {
                let schema = tools.iter().find(|t| t.name == name).and_then(|t| t.output_schema.clone());
                let schema = jsonschema::validator_for(&Value::Object((*schema.expect("a schema")).clone()));
                let result = call(&client, name, &arguments).await;
                assert_eq!(result.is_error, Some(false), "{} {name}: {result:?}", names.cloud);
                let reply = result.structured_content.expect("a reply");
                let schema = schema.expect("a sound schema");
                let faults: Vec<String> = schema.iter_errors(&reply).map(|e| e.to_string()).collect();
                assert!(faults.is_empty(), "{} {name}: {faults:?} in {reply}", names.cloud);
            }
            client.cancel().await.expect("it leaves");
        }
    }
}

/// What a world holds of things, without what every call leaves: its time, its use of the limits on calls.
fn things(cloud: &Simulated) -> Value {
    let mut world = serde_json::to_value(cloud.world()).expect("a world");
    let fields = world.as_object_mut().expect("an object");
    for trace in ["throttle", "tries", "now"] {
        fields.remove(trace).expect("a field of worlds");
    }
    world
}

#[tokio::test]
async fn the_hints_are_true_by_what_changes() {
    for names in Names::all() {
        let (cloud, client) = connected(names, modern()).await;
        for (name, arguments) in script(names) {
            let hints = listing().tools.into_iter().find(|t| t.name == name).and_then(|t| t.annotations);
            let hints = hints.expect("hints");
            let before = things(&cloud);
            call(&client, name, &arguments).await;
            let after = things(&cloud);
            assert_eq!(hints.read_only_hint, Some(before == after), "{} {name}", names.cloud);
            assert_eq!(call(&client, name, &arguments).await.is_error, Some(false), "{} {name} again", names.cloud);
            let is_idempotent = after == things(&cloud);
            assert!(is_idempotent || is_only_told_again(&after, &things(&cloud)), "{} {name}", names.cloud);
        }
        client.cancel().await.expect("it leaves");
    }
}

/// Whether two worlds differ in nothing but that something was told or noted once more: the cloud alone, without the
/// register, does some things again to the same end.
fn is_only_told_again(one: &Value, two: &Value) -> bool {
    let bare = |world: &Value| {
        let mut world = world.clone();
        let fields = world.as_object_mut().expect("an object");
        for trace in ["events", "cursor", "agenda", "made"] {
            fields.remove(trace);
        }
        world
    };
    bare(one) == bare(two)
}

#[tokio::test]
async fn errors_of_tools_are_results_and_errors_of_requests_are_not() {
    let names = Names::all()[0];
    for lifecycle in [ClientLifecycleMode::Initialize, modern()] {
        let (_, client) = connected(names, lifecycle).await;
        let result = call(&client, "provision_compute", &json!({"region": "us-east-1"})).await;
        assert_eq!(result.is_error, Some(true));
        assert_eq!(result.structured_content.expect("an error")["error"]["code"], "TW5001");
        let result = call(&client, "get_quotas", &json!({"regoin": "us-east-1"})).await;
        let error = result.structured_content.expect("an error");
        insta::allow_duplicates! {
            insta::assert_snapshot!(error["error"], @r#"{"class":"invalid","code":"TW5000","faults":[{"message":"unknown field; did you mean \"region\"?","pointer":"/regoin"}],"help":"`tools/list` has the schema of every tool","message":"/regoin: unknown field; did you mean \"region\"?","retryable":false}"#);
        }
        let unknown = client.call_tool(CallToolRequestParams::new("get_qoutas")).await.expect_err("a protocol error");
        let told = unknown.to_string();
        assert!(told.contains("-32602") && told.contains("did you mean get_quotas?"), "{told}");
        client.cancel().await.expect("it leaves");
    }
}

#[tokio::test]
async fn the_world_moves_to_the_callers_time_and_never_back() {
    let (cloud, client) = connected(Names::all()[0], modern()).await;
    let at = |now: &str| {
        let mut params = CallToolRequestParams::new("get_health");
        let meta = json!({NOW: now});
        let meta = rmcp::model::MetaObject(meta.as_object().cloned().expect("an object"));
        rmcp::model::RequestParamsMeta::set_meta(&mut params, rmcp::model::RequestMetaObject(meta));
        client.call_tool(params)
    };
    let later = at("2026-11-23T00:00:00Z").await.expect("a result");
    assert_eq!(later.structured_content.expect("a reply")["at"], "2026-11-23T00:00:00Z");
    let earlier = at("2026-11-22T12:00:00Z").await.expect("a result");
    assert_eq!(earlier.structured_content.expect("a reply")["at"], "2026-11-23T00:00:00Z");
    let note = earlier.meta.expect("a note").0["dev.tradewind/note"].to_string();
    assert!(note.contains("time does not go back"), "{note}");
    assert_eq!(cloud.now().to_string(), "2026-11-23T00:00:00Z");
    client.cancel().await.expect("it leaves");
}
