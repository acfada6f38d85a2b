use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_core::time::Millis;

use super::*;
use crate::conformance::Names;
use crate::control::State;
use crate::layers::{Budget, Register};
use crate::provider::Call;
use crate::simulated::{InMemory, Simulated};
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
