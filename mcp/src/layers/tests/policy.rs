use std::sync::Arc;

use super::*;
use crate::conformance::Names;
use crate::layers::Policy;
use crate::provider::{Call, Caller};
use crate::refusal::Class;
use crate::simulated::{InMemory, Simulated};
use crate::tools::node::Launch;
use crate::tools::{Request, get_quotas};

fn judged(rules: &str, call: &Call) -> Result<(), String> {
    let rules: Vec<(String, String)> = match rules {
        "" => vec![],
        text => vec![("test.rego".to_owned(), format!("package tradewind\nimport rego.v1\n{text}"))],
    };
    let names = Names::of("aws").expect("known");
    let cloud =
        Simulated::new("aws", Arc::new(names.market()), Default::default(), Box::new(InMemory)).expect("a cloud");
    let policy = Policy::new(cloud, "aws", &rules).expect("sound rules");
    match run(&policy, call) {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.approval.is_some() => {
            assert_eq!((refusal.code.as_ref(), refusal.class), ("TW5019", Class::Denied), "{refusal}");
            Err(refusal.message)
        }
        Err(refusal) => {
            assert_eq!((refusal.code.as_ref(), refusal.class), ("TW6001", Class::Denied), "{refusal}");
            Err(refusal.message)
        }
    }
}

fn launch(count: u32) -> Call {
    let launch = Launch {
        region: "us-east-1".to_owned(),
        zone: None,
        instance_type: "m5.large".to_owned(),
        count,
        min_count: None,
        node_ids: vec![],
    };
    Call { request: Request::ProvisionCompute(launch), ..call("k") }
}

#[test]
fn our_rules_allow_what_is_ordinary_and_bound_the_blast() {
    assert_eq!(judged("", &launch(2)), Ok(()));
    insta::assert_snapshot!(judged("", &launch(501)).unwrap_err(), @"needs an approval: P005 501 nodes in one call; 500 need nobody");
}

#[test]
fn what_no_rule_allows_is_denied() {
    let nothing = "default allow := false\ndeny contains msg if { false; msg := \"x\" }";
    assert_eq!(judged(nothing, &launch(1)).unwrap_err(), "no rule allows it");
}

#[test]
fn a_policy_says_what_it_allows_and_what_it_denies() {
    let rules = vec![("half.rego".to_owned(), "package tradewind\nimport rego.v1\nallow := true".to_owned())];
    let error = Policy::new(Scripted::default(), "aws", &rules).err().expect("half a policy");
    assert_eq!(error.to_string(), "half.rego: the package tradewind has no rule `deny`");
}

#[test]
fn a_rule_sees_what_a_launch_may_cost() {
    let rule =
        "allow := true\ndeny contains msg if { input.worst_case_usd > 0.15; msg := sprintf(\"%v\", [input.tool]) }";
    assert_eq!(judged(rule, &launch(1)), Ok(()), "an hour of 0.105 USD");
    assert_eq!(judged(rule, &launch(2)).unwrap_err(), "provision_compute");
}

#[test]
fn a_rule_that_fails_denies() {
    let broken = "allow := true\ndeny contains msg if { msg := to_number(input.tool) }";
    let told = judged(broken, &launch(1)).unwrap_err();
    assert!(told.starts_with("the policy could not be judged"), "{told}");
}

#[test]
fn a_file_that_is_no_rego_is_an_error() {
    let rules = vec![("broken.rego".to_owned(), "package tradewind\nallow if {".to_owned())];
    let error = Policy::new(Scripted::default(), "aws", &rules).err().expect("no rego");
    assert_eq!(error.file, "broken.rego");
}

fn read(region: Option<&str>, role: &str) -> Call {
    let request = get_quotas::Request { region: region.map(str::to_owned) };
    let caller = Caller { name: "eye".to_owned(), role: role.to_owned(), drives_time: false };
    Call { request: Request::GetQuotas(request), control: None, caller, ..call("k") }
}

fn policy(text: &str) -> Policy<Scripted> {
    let rules = vec![("test.rego".to_owned(), format!("package tradewind\nimport rego.v1\n{text}"))];
    Policy::new(Scripted::default(), "aws", &rules).expect("sound rules")
}

#[test]
fn a_verdict_on_a_read_that_was_kept_is_the_one_that_the_rules_give_anew() {
    let rule = "allow := true\ndeny contains msg if { input.caller.role == \"viewer\"; not input.arguments.region; \
                msg := \"all regions\" }\ndeny contains msg if { input.arguments.region == \"r-7\"; msg := \"r-7\" }";
    let kept = policy(rule);
    let (mut denied, mut draws) = (0, 1_u64);
    for _ in 0..300 {
        draws = draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let region = format!("r-{}", (draws >> 33) % 10);
        let region = Some(region.as_str()).filter(|r| *r != "r-0");
        let call = read(region, if draws >> 63 == 0 { "viewer" } else { "operator" });
        let (old, new) = (run(&kept, &call), run(&policy(rule), &call));
        assert_eq!(old, new, "{call:?}");
        denied += usize::from(old.is_err());
    }
    assert!((20..200).contains(&denied), "{denied} of 300");
}

#[test]
fn rules_that_may_say_another_thing_next_time_are_asked_each_time() {
    let fickle =
        policy("default allow := false\nallow if rand.intn(\"coin\", 2) == 0\ndeny contains \"never\" if false");
    let heads = (0..200).filter(|_| run(&fickle, &read(None, "viewer")).is_ok()).count();
    assert!((50..150).contains(&heads), "{heads} of 200");
}
