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
    Hash e1244f63fcb3a1d21c677c41ca4e28eb38cb9dec17fbc45c14a9231ab3816ab4
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
fn somebody_else_approves_what_is_risky() {
    let desk = Desk::new("mcp-approve");
    let route = |state: &str| {
        json!({"route": "api.example", "targets": [{"host": "a.example", "weight": 1}], "state": state, "owner": "me",
            "idempotency_key": state, "ttl_s": 86_400, "epoch": 1, "decision": "r/0/0/route"})
        .to_string()
    };
    let call = |state: &str| on(&desk, "aws", &["mcp", "call", "failover_route", "--args", &route(state)]);
    call("present").expect(0);
    let refused = call("absent").error();
    let ticket = refused.split("mcp approve ").nth(1).expect("a ticket")[..12].to_owned();
    insta::assert_snapshot!(refused.replace(&ticket, "TICKET"), @r"
    error[TW5019]: needs an approval: P007 what failover_route takes away may be in use: two people
      retry: no
      help: somebody else runs `tradewind mcp approve TICKET`, then send the same call again
    exit 5
    ");
    let listed = on(&desk, "aws", &["mcp", "approve", "--format", "json"]);
    assert_eq!(reply(listed)[0]["ticket"], json!(ticket));
    let page = on(&desk, "aws", &["mcp", "approve"]).expect(0).stdout;
    assert!(page.starts_with("1 call waiting for an approval\n") && page.contains("api.example"), "{page}");
    let approve = |ticket: &str, by: &str| on(&desk, "aws", &["mcp", "approve", ticket, "--as", by]);
    assert!(approve(&ticket, "local").error().contains("nobody approves their own call"));
    assert!(approve("0123456789ab", "Ada").error().contains(&format!("what waits: {ticket}")));
    assert!(approve(&ticket, "Ada").expect(0).stderr.contains("failover_route by local: approved, once, until "));
    call("absent").expect(0);
    let log = desk.read("w/aws/audit.jsonl");
    assert!(log.lines().last().expect("a line").contains(r#""outcome":"done","approved_by":"Ada""#), "{log}");
    assert_eq!(reply(call("absent"))["replayed"], json!(true));
    on(&desk, "aws", &["audit", "verify"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_serves_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new("mcp-key");
    on(&desk, "aws", &["mcp", "call", "get_quotas"]).expect(0);
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(desk.path("w/aws/approval.key"), open).expect("ours");
    insta::assert_snapshot!(on(&desk, "aws", &["mcp", "call", "get_quotas"]).error(), @r"
    error[TW4017]: other users can read the key
     --> w/aws/approval.key
      got: whoever reads it can approve calls
      help: delete it: the server makes another; grants under it are void
    exit 5
    ");
}

#[test]
fn keys_that_check_nothing_serve_nothing() {
    let desk = Desk::new("mcp-jwks");
    desk.write("jwks.json", r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#);
    let tokens = ["--token-issuer", "https://login.example", "--token-keys", "jwks.json"];
    let serve = |more: &[&str]| on(&desk, "aws", &[&["mcp", "serve"], more, &tokens[..]].concat());
    insta::assert_snapshot!(serve(&["--transport", "http"]).error(), @r"
    error[TW4018]: the keys of the issuer cannot be used
     --> jwks.json
      got: no key that can be used: RSA, EC P-256 or Ed25519, for signatures
      help: take the set that the issuer publishes (jwks_uri)
    exit 4
    ");
    desk.write(
        "jwks.json",
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    );
    let refused = serve(&[]).error();
    assert!(refused.starts_with("error[TW4005]: tokens and certificates are for HTTP"), "{refused}");
}

#[test]
fn certificates_that_prove_nothing_serve_nothing() {
    let desk = Desk::new("mcp-tls");
    for file in ["server.pem", "server.key", "bundle.pem"] {
        desk.write(file, "no PEM");
    }
    desk.write("tradewind.toml", "[callers]\n\"spiffe://prod.example/a\" = \"viewer\"\n");
    let files = ["--tls-cert", "server.pem", "--tls-key", "server.key", "--client-ca", "bundle.pem"];
    let serve = |more: &[&str]| on(&desk, "aws", &[&["mcp", "serve"], more, &files[..]].concat());
    let http = ["--transport", "http", "--config", "tradewind.toml"];
    insta::assert_snapshot!(serve(&http).error(), @r"
    error[TW5034]: certificates that cannot be used
     --> server.pem
      got: the server's certificate: there is none in the file
      help: give files in PEM: the certificate with its chain, its own key, the authorities of clients
    exit 4
    ");
    insta::assert_snapshot!(serve(&http[..2]).error(), @r"
    error[TW4005]: nobody could call
      got: no workload has a role
      help: name workloads and their roles under [callers] of the configuration (--config)
    exit 64
    ");
    let half = on(&desk, "aws", &["mcp", "serve", "--transport", "http", "--tls-cert", "server.pem"]);
    assert!(half.error().contains("--tls-key"), "{half:?}");
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
