//! Buckets, endpoints, secrets, routes.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::control::State;
use crate::refusal::{Class, Refusal};
use crate::simulated::BucketAgain;
use crate::tools::failover_route::Target;
use crate::tools::{Reply, Request, create_storage_bucket, deploy_model, failover_route, rotate_secret};

pub const CASES: &[Case] = &[
    case!(a_bucket_is_created_again_as_the_cloud_answers, "a second create of an own bucket is done or refused"),
    case!(a_dataset_is_staged_once, "a dataset is copied once, at the tariff and rate of the market"),
    case!(bucket_names_are_the_clouds, "a bucket name that the cloud does not admit is refused"),
    case!(a_canary_gets_its_share_and_is_rolled_back, "traffic shares sum to 100 through canary and rollback"),
    case!(rotated_secrets_have_the_clouds_stages, "versions are staged in the cloud's words; values are nowhere"),
    case!(a_route_leads_somewhere, "weights are within the cloud's, and one of them is above 0"),
];

async fn call(desk: &Desk, request: Request, state: State) -> Result<Reply, Refusal> {
    let mut control = desk.control();
    control.state = state;
    Ok(desk.call(request, Some(&control)).await?.reply)
}

fn bucket(desk: &Desk, name: &str, datasets: &[&str]) -> Request {
    let copy = |dataset: &&str| create_storage_bucket::Copy {
        dataset: (*dataset).to_owned(),
        location: format!("{}/{}", desk.names.cloud, desk.names.elsewhere),
        bytes: 100_000_000_000,
    };
    let copy_from = datasets.iter().map(copy).collect();
    Request::CreateStorageBucket(create_storage_bucket::Request {
        name: name.to_owned(),
        region: desk.names.region.to_owned(),
        copy_from,
    })
}

async fn a_bucket_is_created_again_as_the_cloud_answers(desk: &Desk) -> Result<(), String> {
    call(desk, bucket(desk, "stage", &[]), State::Present).await.map_err(told)?;
    desk.pass(Millis::from_secs(1));
    let again = call(desk, bucket(desk, "stage", &[]), State::Present).await;
    match desk.traits.bucket.again {
        BucketAgain::Refuse => refused(again, Class::Conflict).map(|_| ()),
        BucketAgain::Done => again.map(|_| ()).map_err(told),
    }
}

async fn a_dataset_is_staged_once(desk: &Desk) -> Result<(), String> {
    for _ in 0..2 {
        let reply = call(desk, bucket(desk, "stage", &["d"]), State::Present).await.map_err(told)?;
        let Reply::CreateStorageBucket(reply) = reply else { return Err("another reply".to_owned()) };
        // 100 GB at 0.02 USD per GB.
        hold!(reply.datasets.len() == 1 && reply.datasets[0].egress_usd.to_string() == "2.00", "{reply:?}");
        desk.pass(Millis::from_secs(60));
    }
    let reply = call(desk, bucket(desk, "stage", &[]), State::Absent).await.map_err(told)?;
    let Reply::CreateStorageBucket(reply) = reply else { return Err("another reply".to_owned()) };
    hold!(reply.billed_usd.is_some_and(|b| b.nanos() > 0), "{reply:?}");
    Ok(())
}

async fn bucket_names_are_the_clouds(desk: &Desk) -> Result<(), String> {
    for name in ["ab", "Capital", "-edge", &"x".repeat(64)] {
        refused(call(desk, bucket(desk, name, &[]), State::Present).await, Class::Invalid)?;
    }
    let dotted = call(desk, bucket(desk, "my.bucket", &[]), State::Present).await;
    hold!(dotted.is_ok() == desk.traits.bucket.extra.contains('.'), "{dotted:?}");
    Ok(())
}

async fn deploy(desk: &Desk, model: &str, percent: u8, state: State) -> Result<Vec<u8>, Refusal> {
    let request = deploy_model::Request {
        endpoint: "e".to_owned(),
        model: model.to_owned(),
        region: desk.names.region.to_owned(),
        instance_type: desk.names.small.to_owned(),
        count: 1,
        traffic_percent: percent,
    };
    match call(desk, Request::DeployModel(request), state).await? {
        Reply::DeployModel(reply) => Ok(reply.variants.iter().map(|v| v.traffic_percent).collect()),
        other => unreachable!("another tool's reply: {other:?}"),
    }
}

async fn a_canary_gets_its_share_and_is_rolled_back(desk: &Desk) -> Result<(), String> {
    hold!(deploy(desk, "a", 0, State::Present).await.map_err(told)? == [0], "the first model, without traffic");
    hold!(deploy(desk, "a", 100, State::Present).await.map_err(told)? == [100], "the first model");
    hold!(deploy(desk, "b", 5, State::Present).await.map_err(told)? == [95, 5], "a canary");
    hold!(deploy(desk, "b", 0, State::Absent).await.map_err(told)? == [100], "rolled back");
    refused(deploy(desk, "b", 0, State::Absent).await, Class::Invalid)?;
    Ok(())
}

async fn rotated_secrets_have_the_clouds_stages(desk: &Desk) -> Result<(), String> {
    let rotate = |version| Request::RotateSecret(rotate_secret::Request { secret: "db".to_owned(), version });
    let mut versions = Vec::new();
    for _ in 0..2 {
        let Reply::RotateSecret(reply) = call(desk, rotate(None), State::Present).await.map_err(told)? else {
            return Err("another reply".to_owned());
        };
        versions = reply.versions;
    }
    let stages: Vec<&str> = versions.iter().map(|v| v.stage.as_str()).collect();
    hold!(stages == [&desk.traits.secret_stages[0], &desk.traits.secret_stages[1]], "{stages:?}");
    let old = versions[1].version.clone();
    let Reply::RotateSecret(reply) = call(desk, rotate(Some(old)), State::Absent).await.map_err(told)? else {
        return Err("another reply".to_owned());
    };
    hold!(reply.versions[0].enabled && !reply.versions[1].enabled, "{reply:?}");
    Ok(())
}

async fn a_route_leads_somewhere(desk: &Desk) -> Result<(), String> {
    let route = |weights: [u16; 2]| {
        let targets = ["a.example", "b.example"].into_iter().zip(weights);
        let targets = targets.map(|(host, weight)| Target { host: host.to_owned(), weight }).collect();
        Request::FailoverRoute(failover_route::Request { route: "api.example".to_owned(), targets })
    };
    let Reply::FailoverRoute(reply) = call(desk, route([90, 10]), State::Present).await.map_err(told)? else {
        return Err("another reply".to_owned());
    };
    hold!(reply.in_sync_at - desk.now() == Millis::from_secs(desk.traits.route_sync_s), "{reply:?}");
    refused(call(desk, route([0, 0]), State::Present).await, Class::Invalid)?;
    let heavy = call(desk, route([256, 1]), State::Present).await;
    hold!(heavy.is_ok() == (desk.traits.most_weight >= 256), "{heavy:?}");
    call(desk, route([0, 0]), State::Absent).await.map_err(told)?;
    Ok(())
}
