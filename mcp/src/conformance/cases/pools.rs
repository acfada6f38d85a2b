//! Pools keep their number.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::control::State;
use crate::refusal::{Class, Refusal};
use crate::simulated::What;
use crate::tools::scale_nodepool::{Buys, Reply, Request};

pub const CASES: &[Case] = &[
    case!(a_pool_grows_and_shrinks, "a pool has as many nodes as wished"),
    case!(more_than_the_maximum_is_refused, "more than max, or less than min, is refused"),
    case!(a_lost_node_is_replaced, "a pool on spot launches another node for one that is lost"),
    case!(a_pool_that_cannot_grow_says_why, "a pool held back by quota or capacity has the cloud's code"),
    case!(a_deleted_pool_leaves_nothing, "deleting a pool ends its nodes"),
];

fn pool(desk: &Desk, desired: u32, capacity_type: Buys) -> Request {
    Request {
        pool: "p".to_owned(),
        region: desk.names.region.to_owned(),
        zone: None,
        instance_type: desk.names.small.to_owned(),
        capacity_type,
        desired,
        min: 0,
        max: 100,
    }
}

async fn scale(desk: &Desk, request: Request, state: State) -> Result<Reply, Refusal> {
    let mut control = desk.control();
    control.state = state;
    match desk.call(crate::tools::Request::ScaleNodepool(request), Some(&control)).await?.reply {
        crate::tools::Reply::ScaleNodepool(reply) => Ok(reply),
        other => unreachable!("another tool's reply: {other:?}"),
    }
}

async fn a_pool_grows_and_shrinks(desk: &Desk) -> Result<(), String> {
    for desired in [1, 5, 2, 0] {
        scale(desk, pool(desk, desired, Buys::OnDemand), State::Present).await.map_err(told)?;
        desk.pass(Millis::from_secs(600));
        let reply = scale(desk, pool(desk, desired, Buys::OnDemand), State::Present).await.map_err(told)?;
        hold!(reply.ready == desired && reply.pending == 0, "{reply:?}");
        let used = desk.used_milli("on_demand").await.map_err(told)?;
        hold!(used == u64::from(desired) * 2000, "{used} in use for {desired} nodes");
    }
    Ok(())
}

async fn more_than_the_maximum_is_refused(desk: &Desk) -> Result<(), String> {
    let over = Request { max: 4, ..pool(desk, 5, Buys::OnDemand) };
    refused(scale(desk, over, State::Present).await, Class::Invalid)?;
    let under = Request { min: 2, ..pool(desk, 1, Buys::OnDemand) };
    refused(scale(desk, under, State::Present).await, Class::Invalid)?;
    Ok(())
}

async fn a_lost_node_is_replaced(desk: &Desk) -> Result<(), String> {
    let before = scale(desk, pool(desk, 2, Buys::Spot), State::Present).await.map_err(told)?;
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_secs(900));
    let after = scale(desk, pool(desk, 2, Buys::Spot), State::Present).await.map_err(told)?;
    hold!(after.ready == 2 && before.node_ids.iter().all(|id| !after.node_ids.contains(id)), "{before:?} {after:?}");
    Ok(())
}

async fn a_pool_that_cannot_grow_says_why(desk: &Desk) -> Result<(), String> {
    let reply = scale(desk, pool(desk, 50, Buys::OnDemand), State::Present).await.map_err(told)?;
    hold!(reply.node_ids.len() == 32 && reply.held_back_by.is_some(), "{reply:?}");
    Ok(())
}

async fn a_deleted_pool_leaves_nothing(desk: &Desk) -> Result<(), String> {
    scale(desk, pool(desk, 3, Buys::OnDemand), State::Present).await.map_err(told)?;
    scale(desk, pool(desk, 0, Buys::OnDemand), State::Absent).await.map_err(told)?;
    hold!(desk.used_milli("on_demand").await.map_err(told)? == 0, "nodes are left");
    refused(scale(desk, pool(desk, 0, Buys::OnDemand), State::Absent).await, Class::Invalid)?;
    Ok(())
}
