//! Spot nodes are taken back with the cloud's notice, and left as the cloud leaves them.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::refusal::Class;
use crate::simulated::{OnInterruption, What};
use crate::tools::{Request, launch_spot};

pub const CASES: &[Case] = &[
    case!(
        an_interruption_is_announced_by_the_clouds_notice,
        "the notice comes so long before the end as the cloud says"
    ),
    case!(a_notice_may_fail_to_come, "an interruption without notice is an interruption still"),
    case!(what_is_left_of_an_interrupted_node, "terminated, stopped or deallocated with its quota: the cloud's rule"),
    case!(on_demand_nodes_are_not_interrupted, "the same fault leaves nodes on demand alone"),
    case!(a_maximum_price_where_there_is_bidding, "a maximum price is kept, or refused where there is no bidding"),
    case!(shared_core_spot_where_it_is_sold, "shared-core machines on spot are the cloud's rule"),
];

async fn an_interruption_is_announced_by_the_clouds_notice(desk: &Desk) -> Result<(), String> {
    let launched = desk.spot(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    let id = &launched.nodes[0].node_id;
    desk.pass(Millis::from_secs(600));
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_hours(1));
    let events = desk.health().await.map_err(told)?.events;
    let at = |what: &str| events.iter().find(|e| e.id == *id && e.what == what).map(|e| e.at);
    let (Some(notice), Some(end)) = (at("notice"), at("interrupted")) else { return Err(format!("{events:?}")) };
    hold!(end - notice == desk.names.notice(), "announced {} before", end - notice);
    hold!(at("rebalance").is_some() == desk.traits.rebalance_before().is_some(), "rebalance signal: {events:?}");
    Ok(())
}

async fn a_notice_may_fail_to_come(desk: &Desk) -> Result<(), String> {
    let launched = desk.spot(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    desk.inject(What::NoNotice, Millis::from_hours(1));
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_hours(1));
    let history = desk.history(&launched.nodes[0].node_id).await.map_err(told)?;
    hold!(history.contains(&"interrupted".to_owned()) && !history.contains(&"notice".to_owned()), "{history:?}");
    Ok(())
}

async fn what_is_left_of_an_interrupted_node(desk: &Desk) -> Result<(), String> {
    desk.spot(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_secs(600));
    let (state, held) = match desk.traits.on_interruption {
        OnInterruption::Terminate => ("terminated", 0),
        OnInterruption::Stop => ("stopped", 0),
        OnInterruption::Deallocate => ("deallocated", 2000),
    };
    let seen = desk.health().await.map_err(told)?.resources;
    hold!(seen.iter().all(|r| r.state == state), "{seen:?}, not {state}");
    let used = desk.used_milli("spot").await.map_err(told)?;
    hold!(used == held, "{used} of the limit in use, not {held}");
    Ok(())
}

async fn on_demand_nodes_are_not_interrupted(desk: &Desk) -> Result<(), String> {
    let launched = desk.provision(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_hours(1));
    hold!(desk.history(&launched.nodes[0].node_id).await.map_err(told)? == ["ready"], "not left alone");
    Ok(())
}

async fn a_maximum_price_where_there_is_bidding(desk: &Desk) -> Result<(), String> {
    let request = |usd: &str| {
        let max_usd_per_hour = Some(usd.parse().expect("a price"));
        Request::LaunchSpot(launch_spot::Request { launch: desk.launch(desk.names.small, 1), max_usd_per_hour })
    };
    // The small machine costs 0.03 USD per hour on spot.
    let outcome = desk.call(request("0.05"), Some(&desk.control())).await;
    if !desk.traits.has_max_price {
        refused(outcome, Class::Invalid)?;
        return Ok(());
    }
    outcome.map_err(told)?;
    refused(desk.call(request("0.01"), Some(&desk.control())).await, Class::Capacity)?;
    Ok(())
}

async fn shared_core_spot_where_it_is_sold(desk: &Desk) -> Result<(), String> {
    let outcome = desk.spot(desk.launch(desk.names.burstable, 1), &desk.control()).await;
    if desk.traits.has_burstable_spot {
        outcome.map_err(told)?;
    } else {
        refused(outcome, Class::Invalid)?;
    }
    Ok(())
}
