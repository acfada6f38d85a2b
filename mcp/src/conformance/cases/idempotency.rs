//! The same key is the same call.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::refusal::Class;
use crate::simulated::What;
use crate::tools::node::Launched;
use crate::tools::{Reply, Request, rotate_secret};

pub const CASES: &[Case] = &[
    case!(a_launch_repeated_makes_no_other_node, "the same key and arguments give the same nodes"),
    case!(a_lost_reply_makes_no_other_node, "a launch whose reply was lost is found again by its key"),
    case!(spot_then_on_demand_are_two_launches, "one key on spot and on demand is two launches, not a mismatch"),
    case!(a_key_is_a_launch_of_its_region, "one key in two regions is two launches"),
    case!(a_secret_rotated_again_by_the_same_key_has_one_version, "a rotation that is repeated makes one version"),
];

fn ids(launched: &Launched) -> Vec<&str> {
    launched.nodes.iter().map(|n| n.node_id.as_str()).collect()
}

async fn a_launch_repeated_makes_no_other_node(desk: &Desk) -> Result<(), String> {
    let control = desk.control();
    let first = desk.provision(desk.launch(desk.names.small, 3), &control).await.map_err(told)?;
    desk.pass(Millis::from_secs(300));
    let again = desk.provision(desk.launch(desk.names.small, 3), &control).await.map_err(told)?;
    hold!(ids(&first) == ids(&again), "{first:?} then {again:?}");
    hold!(desk.used_milli("on_demand").await.map_err(told)? == 6000, "more vCPUs in use than asked for");
    Ok(())
}

async fn a_lost_reply_makes_no_other_node(desk: &Desk) -> Result<(), String> {
    let control = desk.control();
    desk.inject(What::ReplyLost { share: 1.0 }, Millis::from_secs(60));
    let lost = desk.provision(desk.launch(desk.names.small, 2), &control).await;
    refused(lost, Class::Unavailable)?;
    desk.pass(Millis::from_secs(60));
    let found = desk.provision(desk.launch(desk.names.small, 2), &control).await.map_err(told)?;
    hold!(found.nodes.len() == 2, "{found:?}");
    hold!(desk.used_milli("on_demand").await.map_err(told)? == 4000, "launched twice");
    Ok(())
}

async fn spot_then_on_demand_are_two_launches(desk: &Desk) -> Result<(), String> {
    let control = desk.control();
    desk.spot(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    hold!(desk.used_milli("on_demand").await.map_err(told)? == 2000, "no node on demand");
    Ok(())
}

async fn a_key_is_a_launch_of_its_region(desk: &Desk) -> Result<(), String> {
    let mut control = desk.control();
    let here = desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    let mut elsewhere = desk.launch(desk.names.small, 1);
    elsewhere.region = desk.names.elsewhere.to_owned();
    // Under all layers a key is of its owner, whatever the region: another place needs another key.
    control.idempotency_key.push_str("-elsewhere");
    let there = desk.provision(elsewhere, &control).await.map_err(told)?;
    hold!(here.token != there.token && ids(&here) != ids(&there), "{here:?} and {there:?}");
    Ok(())
}

async fn a_secret_rotated_again_by_the_same_key_has_one_version(desk: &Desk) -> Result<(), String> {
    let control = desk.control();
    let request = rotate_secret::Request { secret: "db".to_owned(), version: None };
    for _ in 0..2 {
        let answer = desk.call(Request::RotateSecret(request.clone()), Some(&control)).await.map_err(told)?;
        let Reply::RotateSecret(reply) = answer.reply else { return Err("another reply".to_owned()) };
        hold!(reply.versions.len() == 1, "{reply:?}");
    }
    Ok(())
}
