//! Bills by the cloud's own rules.

use tradewind_core::money::Usd;
use tradewind_core::time::Millis;

use super::{case, hold, told};
use crate::conformance::{Case, Desk};
use crate::control::State;
use crate::simulated::What;
use crate::tools::get_cost_estimate;
use crate::tools::scale_nodepool::Buys;
use crate::tools::{Reply, Request};

pub const CASES: &[Case] = &[
    case!(a_second_is_billed_as_a_minute, "the least billed time is the cloud's"),
    case!(the_free_time_of_an_early_interruption, "an early interruption is free for so long as the cloud says"),
    case!(a_price_that_changes_changes_the_bill, "a price that rises while a node runs is in its bill"),
    case!(an_estimate_names_source_and_date, "an estimate tells the price, where it is from and when it held"),
];

/// The address of a node, 0.005 USD per hour.
fn address(time: Millis) -> Usd {
    Usd::from_nanos(5_000_000 * time.get() / 3_600_000)
}

async fn a_second_is_billed_as_a_minute(desk: &Desk) -> Result<(), String> {
    let mut control = desk.control();
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    desk.pass(Millis::from_secs(36));
    (control.state, control.idempotency_key) = (State::Absent, "end".to_owned());
    let ended = desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    // 0.10 USD per hour for a minute, and 36 s of address.
    let minute = Usd::from_nanos(100_000_000 / 60 + 1);
    let bill = ended.nodes[0].billed_usd;
    hold!(bill == Some(minute + address(Millis::from_secs(36))), "{bill:?}");
    Ok(())
}

async fn the_free_time_of_an_early_interruption(desk: &Desk) -> Result<(), String> {
    let launched = desk.spot(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    desk.pass(Millis::from_secs(1800) - desk.names.notice());
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_secs(900));
    let health = desk.health().await.map_err(told)?;
    let id = &launched.nodes[0].node_id;
    let end = health.events.iter().find(|e| e.id == *id && e.what == "interrupted").map(|e| e.at);
    let Some(end) = end else { return Err("not interrupted".to_owned()) };
    let span = end - launched.nodes[0].launched_at;
    let bill = desk.bill_of(id);
    let free = span <= desk.names.free();
    let compute = if free { Usd::ZERO } else { launched.usd_per_hour.times(span) };
    let address = address(span);
    let near = bill.is_some_and(|b| (b - compute - address).nanos().abs() <= 1);
    hold!(near, "after {span}: {bill:?}, not {compute} and {address}");
    Ok(())
}

async fn a_price_that_changes_changes_the_bill(desk: &Desk) -> Result<(), String> {
    let mut control = desk.control();
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    desk.pass(Millis::from_hours(1));
    let what = What::Price {
        instance_type: desk.names.small.to_owned(),
        capacity_type: Buys::OnDemand.into(),
        usd_per_hour: "0.2".parse().expect("a price"),
    };
    desk.inject(what, Millis::from_secs(1));
    desk.pass(Millis::from_hours(1));
    (control.state, control.idempotency_key) = (State::Absent, "end".to_owned());
    let ended = desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    let bill = ended.nodes[0].billed_usd.unwrap_or_default();
    hold!(bill.to_string() == "0.31", "{bill} for an hour at 0.10, one at 0.20 and two of address");
    Ok(())
}

async fn an_estimate_names_source_and_date(desk: &Desk) -> Result<(), String> {
    let request = get_cost_estimate::Request {
        region: desk.names.region.to_owned(),
        instance_type: desk.names.small.to_owned(),
        capacity_type: Buys::Spot,
        count: 2,
        duration_s: 7200,
    };
    let answer = desk.call(Request::GetCostEstimate(request), None).await.map_err(told)?;
    let Reply::GetCostEstimate(estimate) = answer.reply else { return Err("another reply".to_owned()) };
    hold!(estimate.source.contains("conformance") && estimate.currency == "USD", "{estimate:?}");
    hold!(estimate.worst_case_usd.to_string() == "0.42", "{estimate:?}");
    hold!(estimate.expected_usd < estimate.worst_case_usd && estimate.expected_usd > Usd::ZERO, "{estimate:?}");
    Ok(())
}
