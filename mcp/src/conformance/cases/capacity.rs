//! Capacity, quota and throttle are three things, in the cloud's own words.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::refusal::{Class, Refusal};
use crate::simulated::{Reason, What};
use crate::tools::node::Launch;

pub const CASES: &[Case] = &[
    case!(no_capacity_is_not_a_quota, "a cloud without machines says so, worth a retry elsewhere or later"),
    case!(a_partial_fleet_tells_what_is_missing, "fewer machines than asked are given if the minimum is kept"),
    case!(a_quota_is_not_capacity, "the account's limit is told as such; waiting does not help"),
    case!(spot_has_a_quota_of_its_own, "the limit on spot is another one, with its own error"),
    case!(a_throttle_is_told_in_the_clouds_disguise, "a throttle is told apart by its code, whatever its HTTP status"),
    case!(an_outage_ends, "nothing is launched in a place that is out, and then it is again"),
];

fn in_word(desk: &Desk, refusal: &Refusal, reason: Reason) -> bool {
    refusal.cloud_code.as_deref() == desk.traits.says.get(&reason).map(|(word, _)| word.as_str())
}

async fn no_capacity_is_not_a_quota(desk: &Desk) -> Result<(), String> {
    desk.inject(What::Capacity { left: 0 }, Millis::from_hours(1));
    let refusal = refused(desk.provision(desk.launch(desk.names.small, 1), &desk.control()).await, Class::Capacity)?;
    hold!(refusal.retryable && refusal.retry_after_ms.is_some(), "{refusal:?}");
    hold!(in_word(desk, &refusal, Reason::NoCapacity), "{refusal:?}");
    Ok(())
}

async fn a_partial_fleet_tells_what_is_missing(desk: &Desk) -> Result<(), String> {
    desk.inject(What::Capacity { left: 7 }, Millis::from_hours(1));
    let some = Launch { min_count: Some(5), ..desk.launch(desk.names.small, 10) };
    let launched = desk.provision(some, &desk.control()).await.map_err(told)?;
    hold!(launched.nodes.len() == 7 && launched.missing == 3, "{launched:?}");
    refused(desk.provision(desk.launch(desk.names.small, 10), &desk.control()).await, Class::Capacity)?;
    Ok(())
}

async fn a_quota_is_not_capacity(desk: &Desk) -> Result<(), String> {
    desk.provision(desk.launch(desk.names.large, 8), &desk.control()).await.map_err(told)?;
    let refusal = refused(desk.provision(desk.launch(desk.names.small, 1), &desk.control()).await, Class::Quota)?;
    hold!(!refusal.retryable && in_word(desk, &refusal, Reason::QuotaOnDemand), "{refusal:?}");
    hold!(refusal.message.contains("limit 64, used 64, asked 2"), "{refusal}");
    Ok(())
}

async fn spot_has_a_quota_of_its_own(desk: &Desk) -> Result<(), String> {
    desk.provision(desk.launch(desk.names.large, 8), &desk.control()).await.map_err(told)?;
    desk.spot(desk.launch(desk.names.large, 2), &desk.control()).await.map_err(told)?;
    let refusal = refused(desk.spot(desk.launch(desk.names.small, 1), &desk.control()).await, Class::Quota)?;
    hold!(in_word(desk, &refusal, Reason::QuotaSpot), "{refusal:?}");
    Ok(())
}

async fn a_throttle_is_told_in_the_clouds_disguise(desk: &Desk) -> Result<(), String> {
    desk.inject(What::Throttle { share: 1.0 }, Millis::from_secs(60));
    let refusal = refused(desk.provision(desk.launch(desk.names.small, 1), &desk.control()).await, Class::Throttled)?;
    hold!(refusal.retryable && refusal.retry_after_ms.is_some(), "{refusal:?}");
    hold!(in_word(desk, &refusal, Reason::Throttled), "{refusal:?}");
    Ok(())
}

async fn an_outage_ends(desk: &Desk) -> Result<(), String> {
    let control = desk.control();
    desk.inject(What::Outage, Millis::from_hours(1));
    refused(desk.provision(desk.launch(desk.names.small, 1), &control).await, Class::Unavailable)?;
    hold!(desk.health().await.map_err(told)?.troubles.len() == 1, "get_health tells of no trouble");
    desk.pass(Millis::from_hours(1));
    desk.provision(desk.launch(desk.names.small, 1), &control).await.map_err(told)?;
    hold!(desk.health().await.map_err(told)?.troubles.is_empty(), "get_health still tells of trouble");
    Ok(())
}
