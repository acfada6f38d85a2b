use serde_json::json;

use super::*;

fn caller() -> Caller {
    Caller { name: "test".to_owned(), role: "scheduler".to_owned(), drives_time: false }
}

fn read(tool: &str, arguments: Value) -> Result<Call, Refusal> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    Reader::new(caller()).read(tool, arguments, &Map::new())
}

fn launch() -> Value {
    json!({"region": "us-east-1", "instance_type": "m5.large", "idempotency_key": "k", "owner": "o", "ttl_s": 3600,
           "epoch": 1, "decision": "a/0/0/launch"})
}

fn told(refusal: &Refusal) -> String {
    let faults: Vec<String> = refusal.faults.iter().map(|f| format!("{} {}", f.pointer, f.message)).collect();
    format!("{}: {}", refusal.code, faults.join(" | "))
}

#[test]
fn arguments_and_control_are_told_apart() {
    let call = read("provision_compute", launch()).expect("sound");
    let control = call.control.expect("a control");
    assert_eq!((control.owner.as_str(), control.epoch, control.state), ("o", 1, crate::control::State::Present));
    assert_eq!(call.request.tool(), "provision_compute");
    assert!(read("get_quotas", json!({})).expect("sound").control.is_none());
}

#[test]
fn every_fault_has_its_place() {
    let mut bad = launch();
    bad["instnace_type"] = json!("m5.large");
    bad.as_object_mut().expect("an object").remove("instance_type");
    bad["count"] = json!("two");
    bad["decision"] = json!("launch");
    insta::assert_snapshot!(told(&read("provision_compute", bad).expect_err("faults")), @r#"TW5000: /count "two" is not of type "integer" | /decision "launch" does not match "^.{1,200}/[0-9]+/[0-9]+/.{1,40}$" | /instnace_type unknown field; did you mean "instance_type"? | /instance_type required"#);
}

#[test]
fn keys_and_limits_have_codes_of_their_own() {
    let mut without = launch();
    without.as_object_mut().expect("an object").remove("idempotency_key");
    assert_eq!(read("provision_compute", without).expect_err("no key").code, "TW5001");
    let mut long = launch();
    long["ttl_s"] = json!(604_801);
    long["count"] = json!(1001);
    assert_eq!(read("provision_compute", long).expect_err("limits").code, "TW5006");
}

#[test]
fn deep_arguments_are_refused() {
    let mut deep = json!("x");
    for _ in 0..40 {
        deep = json!([deep]);
    }
    let refusal = read("get_quotas", json!({"region": deep})).expect_err("too deep");
    assert_eq!(told(&refusal), "TW5000:  nested deeper than 16");
}

#[test]
fn the_callers_time_is_read_from_meta() {
    let reader = Reader::new(caller());
    let read = |now: &str| {
        let meta = json!({NOW: now});
        reader.read("get_health", Map::new(), meta.as_object().expect("an object"))
    };
    let call = read("2026-11-22T18:00:00Z").expect("sound");
    assert_eq!(call.now.expect("a time").to_string(), "2026-11-22T18:00:00Z");
    let refusal = read("tomorrow").expect_err("no time");
    assert_eq!(refusal.faults[0].pointer, "/_meta/dev.tradewind~1now");
}
