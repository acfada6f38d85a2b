//! Nodes come, are usable, and go.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::control::State;
use crate::refusal::Class;
use crate::simulated::Traits;
use crate::tools::node::{Launch, NodeState};

pub const CASES: &[Case] = &[
    case!(
        a_node_is_pending_then_running_then_terminated,
        "a node is billed from launch, usable after its boot, gone when ended"
    ),
    case!(terminating_twice_is_done, "ending a node that has ended is no error"),
    case!(a_node_is_placed_in_the_zone_asked_for, "a zone that is asked for is kept, one that does not exist refused"),
    case!(new_nodes_are_listed_when_the_cloud_lists_them, "a new node may be listed late, an ended one be listed on"),
    case!(
        the_guests_timer_ends_what_the_cloud_lets_a_guest_end,
        "at the end of its TTL a node is gone, or stopped and billed on"
    ),
    case!(
        unknown_names_are_refused_with_the_nearest,
        "a slip in a name is refused, and the name that was meant is told"
    ),
];

async fn a_node_is_pending_then_running_then_terminated(desk: &Desk) -> Result<(), String> {
    let mut control = desk.control();
    let launched = desk.provision(desk.launch(desk.names.small, 2), &control).await.map_err(told)?;
    hold!(launched.nodes.len() == 2 && launched.missing == 0, "{launched:?}");
    hold!(launched.nodes.iter().all(|n| n.state == NodeState::Pending), "{launched:?}");
    desk.pass(Millis::from_secs(600));
    let id = launched.nodes[0].node_id.clone();
    hold!(desk.history(&id).await.map_err(told)? == ["ready"], "no boot in ten minutes");
    (control.state, control.idempotency_key) = (State::Absent, "end".to_owned());
    let ended = desk.provision(desk.launch(desk.names.small, 2), &control).await.map_err(told)?;
    let billed = ended.nodes.iter().all(|n| n.state == NodeState::Terminated && n.billed_usd.is_some());
    hold!(ended.nodes.len() == 2 && billed, "{ended:?}");
    Ok(())
}

async fn terminating_twice_is_done(desk: &Desk) -> Result<(), String> {
    let mut control = desk.control();
    let launched = desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    let named = Launch { node_ids: vec![launched.nodes[0].node_id.clone()], ..desk.launch(desk.names.small, 1) };
    control.state = State::Absent;
    for key in ["once", "twice"] {
        control.idempotency_key = key.to_owned();
        desk.provision(named.clone(), &control).await.map_err(told)?;
    }
    control.idempotency_key = "never".to_owned();
    let unknown = Launch { node_ids: vec!["n-unknown".to_owned()], ..named };
    refused(desk.provision(unknown, &control).await, Class::Invalid)?;
    Ok(())
}

async fn a_node_is_placed_in_the_zone_asked_for(desk: &Desk) -> Result<(), String> {
    let zone = desk.traits.zone(desk.names.region, 2);
    let asked = Launch { zone: Some(zone.clone()), ..desk.launch(desk.names.small, 1) };
    let launched = desk.provision(asked.clone(), &desk.control()).await.map_err(told)?;
    hold!(launched.nodes[0].zone == zone, "{launched:?}");
    let nowhere = Launch { zone: Some("nowhere".to_owned()), ..asked };
    refused(desk.provision(nowhere, &desk.control()).await, Class::Invalid)?;
    Ok(())
}

async fn new_nodes_are_listed_when_the_cloud_lists_them(desk: &Desk) -> Result<(), String> {
    let Traits { hidden_s, shown_after_end_s, .. } = *desk.traits;
    let mut control = desk.control();
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    let count = async || desk.health().await.map(|h| h.resources.len()).map_err(told);
    hold!((count().await? == 0) == (hidden_s > 0), "right after launch");
    desk.pass(Millis::from_secs(hidden_s));
    hold!(count().await? == 1, "after {hidden_s} s");
    (control.state, control.idempotency_key) = (State::Absent, "end".to_owned());
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    hold!((count().await? == 1) == (shown_after_end_s > 0), "right after its end");
    desk.pass(Millis::from_secs(shown_after_end_s));
    hold!(count().await? == 0, "{shown_after_end_s} s after its end");
    Ok(())
}

async fn the_guests_timer_ends_what_the_cloud_lets_a_guest_end(desk: &Desk) -> Result<(), String> {
    let mut control = desk.control();
    control.ttl_s = 3600;
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    desk.pass(Millis::from_hours(2));
    let used = desk.used_milli("on_demand").await.map_err(told)?;
    (control.state, control.idempotency_key) = (State::Absent, "end".to_owned());
    let ended = desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    let node = &ended.nodes[0];
    let span = node.ended_at.map(|end| end - node.launched_at);
    // A guest that shuts itself down keeps its machine where the cloud says so: it is billed until somebody ends it.
    let (hours, held) = match desk.traits.ends_by_ttl() {
        true => (1, 0),
        false => (2, 2000),
    };
    hold!(span == Some(Millis::from_hours(hours)) && used == held, "billed for {span:?}, {used} in use");
    Ok(())
}

async fn unknown_names_are_refused_with_the_nearest(desk: &Desk) -> Result<(), String> {
    let slip = format!("{}x", desk.names.small);
    let refusal = refused(desk.provision(desk.launch(&slip, 1), &desk.control()).await, Class::Invalid)?;
    hold!(refusal.message.contains(&format!("did you mean {}?", desk.names.small)), "{refusal}");
    let nowhere = Launch { region: "atlantis".to_owned(), ..desk.launch(desk.names.small, 1) };
    refused(desk.provision(nowhere, &desk.control()).await, Class::Invalid)?;
    Ok(())
}
