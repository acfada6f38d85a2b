use std::sync::Arc;

use serde_json::json;
use tradewind_core::money::Usd;
use tradewind_core::time::Millis;

use super::*;
use crate::conformance::Names;
use crate::control::State;
use crate::layers::{Budget, Register};
use crate::provider::Call;
use crate::refusal::Class;
use crate::simulated::{Fault, InMemory, Simulated, What};
use crate::tools::node::Launch;
use crate::tools::{Request, get_health};

fn launch(key: &str, hours: u32, state: State) -> Call {
    let launch = Launch {
        region: "us-east-1".to_owned(),
        zone: None,
        instance_type: "m5.large".to_owned(),
        count: 1,
        min_count: None,
        node_ids: vec![],
    };
    let mut call = Call { request: Request::ProvisionCompute(launch), ..call(key) };
    if let Some(control) = &mut call.control {
        (control.ttl_s, control.state) = (hours * 3600, state);
        control.decision.allocation = key.to_owned();
        control.idempotency_key = format!("{key}-{state:?}");
    }
    call
}

#[test]
fn money_is_set_aside_and_given_back_when_the_bill_is_known() {
    let names = Names::of("aws").expect("known");
    let market = Arc::new(names.market());
    let cloud = Arc::new(Simulated::new("aws", market, Default::default(), Box::new(InMemory)).expect("a cloud"));
    let register = Arc::new(Register::in_memory().expect("memory"));
    // 0.105 USD per hour with the address.
    let budget = Budget::new(cloud.clone(), register.clone(), "1.10".parse().expect("money"));
    run(&budget, &launch("a", 10, State::Present)).expect("1.05 of 1.10");
    let refusal = run(&budget, &launch("b", 1, State::Present)).expect_err("0.05 is left");
    insta::assert_snapshot!(refusal.to_string(), @"TW6002: asked 0.105, limit 1.10, spent 0.00, set aside 1.05 USD");
    cloud.pass(cloud.now() + Millis::HOUR).expect("memory");
    run(&budget, &launch("a", 10, State::Absent)).expect("ended");
    assert_eq!(register.money().expect("memory"), (Usd::ZERO, "0.105".parse().expect("money")));
    run(&budget, &launch("b", 9, State::Present)).expect("0.995 are left");
}

/// A launch whose reply was lost has its money set aside; sent again it needs no more.
#[test]
fn a_call_is_not_refused_for_its_own_money() {
    let names = Names::of("aws").expect("known");
    let market = Arc::new(names.market());
    let cloud = Arc::new(Simulated::new("aws", market, Default::default(), Box::new(InMemory)).expect("a cloud"));
    let register = Arc::new(Register::in_memory().expect("memory"));
    let budget = Budget::new(cloud.clone(), register.clone(), "1.10".parse().expect("money"));
    let (from, until) = (cloud.now(), cloud.now() + Millis::from_secs(1));
    cloud.inject(Fault { what: What::ReplyLost { share: 1.0 }, place: String::new(), from, until }).expect("memory");
    let lost = run(&budget, &launch("a", 10, State::Present)).expect_err("nobody answers");
    assert_eq!(lost.class, Class::Unavailable);
    cloud.pass(until).expect("memory");
    run(&budget, &launch("a", 10, State::Present)).expect("it was launched");
    assert_eq!(register.money().expect("memory"), ("1.05".parse().expect("money"), Usd::ZERO));
}

#[test]
fn a_node_that_was_taken_back_is_settled_when_it_is_seen() {
    let names = Names::of("aws").expect("known");
    let market = Arc::new(names.market());
    let cloud = Arc::new(Simulated::new("aws", market, Default::default(), Box::new(InMemory)).expect("a cloud"));
    let register = Arc::new(Register::in_memory().expect("memory"));
    let budget = Budget::new(cloud.clone(), register.clone(), "1.10".parse().expect("money"));
    run(&budget, &launch("a", 2, State::Present)).expect("launched");
    cloud.pass(cloud.now() + Millis::from_hours(2)).expect("memory");
    assert_eq!(register.money().expect("memory"), ("0.21".parse().expect("money"), Usd::ZERO));
    let request = get_health::Request { limit: 100, ..Default::default() };
    run(&budget, &Call { request: Request::GetHealth(request), control: None, ..call("k") }).expect("seen");
    assert_eq!(register.money().expect("memory"), (Usd::ZERO, "0.21".parse().expect("money")));
}

/// A call under a key of its own that lives for hours.
fn asking(request: Request, key: &str, hours: u32, state: State) -> Call {
    let Call { control, .. } = launch(key, hours, state);
    Call { request, control, ..call(key) }
}

#[test]
fn what_has_a_name_holds_money_under_it_until_it_is_gone() {
    let names = Names::of("aws").expect("known");
    let cloud = Arc::new(
        Simulated::new("aws", Arc::new(names.market()), Default::default(), Box::new(InMemory)).expect("a cloud"),
    );
    let register = Arc::new(Register::in_memory().expect("memory"));
    let budget = Budget::new(cloud.clone(), register.clone(), "1000".parse().expect("money"));
    let read = |tool, arguments| Request::read(tool, arguments).expect("a tool").expect("arguments");
    let machine = json!({"region": "us-east-1", "instance_type": "m5.large", "count": 2});
    let pool = read(
        "scale_nodepool",
        json!({"pool": "p", "region": "us-east-1", "instance_type": "m5.large",
        "desired": 1, "max": 2}),
    );
    let job = read("submit_ml_job", json!({"name": "j", "managed": machine, "runtime_p50_s": 600}));
    let model = read(
        "deploy_model",
        json!({"endpoint": "e", "model": "m", "region": "us-east-1",
        "instance_type": "m5.large", "count": 2, "traffic_percent": 100}),
    );
    let usd = |text: &str| -> Usd { text.parse().expect("money") };
    for (request, key) in [(&pool, "p"), (&job, "j"), (&model, "m")] {
        run(&budget, &asking(request.clone(), key, 10, State::Present)).expect("made");
    }
    // Two machines each, 10 h, 0.105 USD per hour.
    assert_eq!(register.money().expect("memory"), (usd("6.3"), Usd::ZERO));
    cloud.pass(cloud.now() + Millis::from_hours(5)).expect("memory");
    run(&budget, &asking(pool, "p", 10, State::Absent)).expect("deleted");
    run(&budget, &asking(model, "m", 10, State::Absent)).expect("rolled back");
    // Neither tells its bill: half of their time is gone, and half of the worst case counts as spent.
    assert_eq!(register.money().expect("memory"), (usd("2.1"), usd("2.1")));
    // The job has run its ten minutes or so; its bill is seen.
    let request = get_health::Request { limit: 100, ..Default::default() };
    run(&budget, &Call { request: Request::GetHealth(request), control: None, ..call("k") }).expect("seen");
    let (reserved, spent) = register.money().expect("memory");
    assert!(reserved == Usd::ZERO && spent > usd("2.1") && spent < usd("3"), "{reserved} {spent}");
}
