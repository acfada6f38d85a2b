//! What is said of a call that was given up, and what its undoing asks for.

use super::*;
use crate::conformance::Names;
use crate::control::Control;
use crate::layers::Roles;
use crate::provider::Caller;
use crate::simulated::{InMemory, Simulated};
use std::sync::Arc;
use tradewind_core::seed::Seed;

fn launch(role: &str) -> Call {
    let control = Control {
        state: State::Present,
        idempotency_key: "k".to_owned(),
        owner: "me".to_owned(),
        ttl_s: 3600,
        epoch: 1,
        decision: "a/0/0/launch".parse().expect("a decision"),
    };
    let arguments = serde_json::json!({"region": "us-east-1", "instance_type": "m5.large", "count": 2});
    let request = Request::read("provision_compute", arguments).expect("a tool").expect("sound");
    let caller = Caller { name: "test".to_owned(), role: role.to_owned(), drives_time: false };
    Call { request, control: Some(control), caller, now: None, trace: None, approval: Approval::None }
}

#[tokio::test]
async fn what_could_not_be_undone_is_said_to_go_on() {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let cloud = Arc::new(cloud);
    let call = launch("viewer");
    let answer = cloud.call(&call).await.expect("launched");
    let refusal = undone(&call, &answer, &Roles(cloud.clone())).await;
    assert_eq!((refusal.code.as_ref(), refusal.class), ("TW5035", Class::Conflict));
    assert!(
        refusal.message.contains("could not be undone: TW5004") && refusal.help.contains("it goes on"),
        "{refusal}"
    );
    assert_eq!(cloud.world().inventory().len(), 2);
    let refusal = undone(&call, &answer, &cloud).await;
    assert!(refusal.message.starts_with("cancelled by the caller: 2 nodes of"), "{refusal}");
    assert!(cloud.world().inventory().is_empty());
}

#[tokio::test]
async fn only_what_the_call_itself_launched_is_ended() {
    let names = Names::all()[0];
    let cloud = Simulated::new(names.cloud, Arc::new(names.market()), Seed(1), Box::new(InMemory)).expect("a cloud");
    let before = launch("operator");
    cloud.call(&before).await.expect("launched");
    let mut call = launch("operator");
    let control = call.control.as_mut().expect("a change");
    (control.idempotency_key, control.decision) = ("k2".to_owned(), "a/9/0/launch".parse().expect("a decision"));
    let answer = cloud.call(&call).await.expect("launched");
    assert_eq!(cloud.world().inventory().len(), 4);
    undone(&call, &answer, &cloud).await;
    assert_eq!(cloud.world().inventory().len(), 2, "the same allocation's others stay");
}
