//! `tradewind mcp` and `tradewind audit` as a new user meets them.

mod common;

use common::{Desk, Ran};
use serde_json::{Value, json};

/// Runs a subcommand on a cloud kept in the desk.
fn on(desk: &Desk, cloud: &str, arguments: &[&str]) -> Ran {
    desk.run(&[arguments, &["--cloud", cloud, "--world", "w"]].concat())
}

fn reply(ran: Ran) -> Value {
    serde_json::from_str(&ran.expect(0).stdout).expect("JSON")
}

fn launch(key: &str, region: &str, instance_type: &str) -> String {
    json!({"region": region, "instance_type": instance_type, "idempotency_key": key, "owner": "me", "ttl_s": 86_400,
        "epoch": 1, "decision": format!("{key}/0/0/launch")})
    .to_string()
}

#[test]
fn the_tools_are_listed() {
    let desk = Desk::new("mcp-tools");
    insta::assert_snapshot!(desk.run(&["mcp", "tools"]).expect(0).stdout, @r"
    12 tools, the same on every cloud
    Changes need idempotency_key, owner, ttl_s, epoch and decision; --format json has the schemas.

    Tools
      tool                   does     what
      ---------------------  -------  ------------------------------------------------------------------
      provision_compute      changes  Launches on-demand nodes, or terminates nodes. Kept until released
                                      or the TTL ends.
      scale_nodepool         changes  Creates, scales or deletes a pool. Lost nodes are replaced.
      launch_spot            changes  Launches spot nodes: cheaper, may be interrupted at the cloud's
                                      notice.
      create_storage_bucket  changes  Creates a private bucket and copies datasets into it (staging), or
                                      deletes both.
      attach_volume          changes  Attaches a volume to a node of the same zone, or detaches it. One
                                      node at a time.
      submit_ml_job          changes  Runs a command on nodes or on managed training; absent cancels.
      deploy_model           changes  Puts a model behind an endpoint with a share of traffic; absent
                                      rolls back.
      get_cost_estimate      reads    What nodes would cost, with source and date of the price. Launches
                                      nothing.
      get_quotas             reads    The account's limits and their use. A limit is not capacity.
      rotate_secret          changes  Makes a new version of a secret, or disables one. Values are never
                                      read or returned.
      get_health             reads    Lists our resources, events since a cursor, and places in trouble.
      failover_route         changes  Sets the weights of a route's targets, or withdraws the route.
    Hash f86b138e6d33f43c9401a996f1a046ca3ea4e78aa45c273a9372acf2293b235e
    ");
    let listed = reply(desk.run(&["mcp", "tools", "--format", "json"]));
    assert_eq!(listed["tools"].as_array().expect("tools").len(), 12);
}

#[test]
fn a_cloud_outlives_its_callers_and_time_is_the_drivers() {
    for (cloud, region, machine) in [
        ("aws", "us-east-1", "m5.large"),
        ("azure", "eastus", "Standard_D2s_v5"),
        ("gcp", "us-central1", "n2-standard-2"),
    ] {
        let desk = Desk::new(&format!("mcp-world-{cloud}"));
        let machine = &machine_of(&desk, cloud, machine);
        let launched =
            reply(on(&desk, cloud, &["mcp", "call", "launch_spot", "--args", &launch("a", region, machine)]));
        assert_eq!(launched["nodes"][0]["state"], "pending", "{launched}");
        on(&desk, cloud, &["mcp", "world", "save", "before.json"]).expect(0);
        on(&desk, cloud, &["mcp", "world", "advance", "--by", "1h"]).expect(0);
        let health = reply(on(&desk, cloud, &["mcp", "call", "get_health", "--driver"]));
        let what: Vec<&str> =
            health["events"].as_array().expect("events").iter().filter_map(|e| e["what"].as_str()).collect();
        assert!(what.contains(&"ready") || what.contains(&"interrupted"), "{cloud}: {what:?}");
        assert!(health["next_event_at"].is_string(), "{health}");
        on(&desk, cloud, &["mcp", "world", "load", "before.json"]).expect(0);
        let again = reply(on(&desk, cloud, &["mcp", "call", "get_health"]));
        assert!(again["events"].as_array().expect("events").is_empty() && again["next_event_at"].is_null(), "{again}");
        let shown = on(&desk, cloud, &["mcp", "world", "show"]).expect(0).stdout;
        assert!(shown.contains("The simulated") && shown.contains("node"), "{shown}");
        let verified = on(&desk, cloud, &["audit", "verify"]).expect(0).stdout;
        assert!(verified.starts_with("3 calls, head "), "{verified}");
    }
}

/// The first machine of the cloud that both markets sell, by its price.
fn machine_of(desk: &Desk, cloud: &str, wished: &str) -> String {
    let offers = desk.run(&["offers", "--cloud", cloud, "--format", "json"]);
    assert!(offers.code == 0, "{}", offers.stderr);
    assert!(offers.stdout.contains(wished), "{cloud} sells no {wished}");
    wished.to_owned()
}

#[test]
fn the_log_tells_of_an_edit_and_of_a_cut() {
    let desk = Desk::new("mcp-audit");
    for key in ["a", "b"] {
        on(&desk, "aws", &["mcp", "call", "provision_compute", "--args", &launch(key, "us-east-1", "m5.large")])
            .expect(0);
    }
    let head = on(&desk, "aws", &["audit", "verify"]).expect(0).stdout;
    let head = head.trim().rsplit(' ').next().expect("a head").to_owned();
    let log = desk.read("w/aws/audit.jsonl");
    desk.write("edited.jsonl", log.replacen("operator", "viewer", 1));
    insta::assert_snapshot!(desk.run(&["audit", "verify", "edited.jsonl"]).error(), @r"
    error[TW4014]: the audit log is broken
     --> edited.jsonl:2
      got: entry 1 does not follow the one before
      help: everything before this line is as it was written
    exit 5
    ");
    desk.write("cut.jsonl", log.split_inclusive('\n').next().expect("a line"));
    desk.run(&["audit", "verify", "cut.jsonl"]).expect(0);
    insta::assert_snapshot!(desk.run(&["audit", "verify", "cut.jsonl", "--anchor", &head]).error(), @r"
    error[TW4014]: the audit log is broken
     --> cut.jsonl
      got: no entry has the anchor's hash
      help: the end was cut off, or it is another log
    exit 5
    ");
}

#[test]
fn an_incident_stops_every_change() {
    let desk = Desk::new("mcp-incident");
    on(&desk, "gcp", &["mcp", "incident", "on", "--why", "keys leaked"]).expect(0);
    let arguments = launch("a", "us-central1", "n2-standard-2");
    insta::assert_snapshot!(on(&desk, "gcp", &["mcp", "call", "provision_compute", "--args", &arguments]).error(), @r"
    error[TW5018]: incident mode: keys leaked
      retry: no
      help: reading works; who declared it ends it
    exit 5
    ");
    on(&desk, "gcp", &["mcp", "call", "get_quotas"]).expect(0);
    on(&desk, "gcp", &["mcp", "incident", "off"]).expect(0);
    on(&desk, "gcp", &["mcp", "call", "provision_compute", "--args", &arguments]).expect(0);
}

#[test]
fn what_cannot_be_gone_on_with_is_said() {
    let desk = Desk::new("mcp-state");
    desk.write("world.json", "{}");
    let load = on(&desk, "aws", &["mcp", "world", "load", "world.json"]);
    assert!(load.error().starts_with("error[TW4016]: the world cannot be read"), "{load:?}");
    on(&desk, "aws", &["mcp", "world", "save", "ours.json"]).expect(0);
    on(&desk, "aws", &["mcp", "world", "load", "ours.json"]).expect(0);
    let other = on(&desk, "aws", &["mcp", "world", "show", "--snapshot", "2026"]);
    assert!(other.error().starts_with("error[TW4013]") && other.code == 6, "{other:?}");
    std::fs::create_dir_all(desk.path("w/azure/register.db")).expect("a folder");
    let register = on(&desk, "azure", &["mcp", "call", "get_quotas"]);
    assert!(register.error().starts_with("error[TW4012]") && register.code == 75, "{register:?}");
    desk.write("w/gcp.txt", "");
    let server = on(&desk, "gcp", &["mcp", "serve"]);
    assert!(server.error().starts_with("error[TW4015]") && server.code == 75, "{server:?}");
}

#[test]
fn roles_become_policies_of_the_cloud() {
    let desk = Desk::new("mcp-iam");
    let policy = reply(desk.run(&["mcp", "iam", "--cloud", "aws", "--role", "storage-admin"]));
    assert_eq!(policy["Version"], "2012-10-17");
    assert!(
        policy.to_string().contains("s3:CreateBucket") && !policy.to_string().contains("ec2:RunInstances"),
        "{policy}"
    );
}
