//! Jobs run their time, on nodes or on the managed service.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::control::State;
use crate::refusal::{Class, Refusal};
use crate::simulated::{JobNames, What};
use crate::tools::submit_ml_job::{JobState, Managed, Reply, Request};

pub const CASES: &[Case] = &[
    case!(a_job_waits_for_its_node_and_runs_its_time, "a job starts when its node is usable and takes its runtime"),
    case!(a_lost_node_interrupts_its_job, "a job on a lost node is interrupted; what was saved is told"),
    case!(a_job_name_is_used_again_where_the_cloud_lets_it, "a job name used again is the cloud's rule"),
    case!(a_cancelled_job_is_over, "absent cancels a job"),
    case!(managed_machines_are_billed, "a managed job is billed for its machines"),
    case!(either_nodes_or_managed, "a job names nodes or the managed service, not both, not neither"),
];

fn job(name: &str, node_ids: Vec<String>) -> Request {
    Request {
        name: name.to_owned(),
        node_ids,
        managed: None,
        command: vec!["true".to_owned()],
        runtime_p50_s: 3600,
        runtime_p95_s: None,
        checkpoint_interval_s: 600,
        resume_from_ms: 0,
        law: None,
    }
}

async fn submit(desk: &Desk, request: Request, state: State) -> Result<Reply, Refusal> {
    let mut control = desk.control();
    control.state = state;
    match desk.call(crate::tools::Request::SubmitMlJob(request), Some(&control)).await?.reply {
        crate::tools::Reply::SubmitMlJob(reply) => Ok(reply),
        other => unreachable!("another tool's reply: {other:?}"),
    }
}

/// The id of a spot node that was just launched.
async fn node(desk: &Desk) -> Result<String, String> {
    let launched = desk.spot(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    Ok(launched.nodes[0].node_id.clone())
}

async fn a_job_waits_for_its_node_and_runs_its_time(desk: &Desk) -> Result<(), String> {
    let launched = desk.provision(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    let id = launched.nodes[0].node_id.clone();
    let waiting = submit(desk, job("j", vec![id.clone()]), State::Present).await.map_err(told)?;
    hold!(waiting.state == JobState::Waiting, "{waiting:?}");
    desk.pass(Millis::from_hours(2));
    let events = desk.health().await.map_err(told)?.events;
    let at = |id: &str, what: &str| events.iter().find(|e| e.id == id && e.what == what).map(|e| e.at);
    let (ready, started, done) = (at(&id, "ready"), at(&waiting.job_id, "started"), at(&waiting.job_id, "succeeded"));
    hold!(started.is_some() && started == ready, "ready {ready:?}, started {started:?}");
    let ran = done.zip(started).map(|(d, s)| d - s);
    hold!(ran == Some(Millis::HOUR), "ran {ran:?}");
    Ok(())
}

async fn a_lost_node_interrupts_its_job(desk: &Desk) -> Result<(), String> {
    let id = node(desk).await?;
    submit(desk, job("j", vec![id.clone()]), State::Present).await.map_err(told)?;
    desk.pass(Millis::from_secs(1800) - desk.names.notice());
    desk.inject(What::Interrupt, Millis::from_secs(1));
    desk.pass(Millis::from_secs(900));
    let over = submit(desk, job("j", vec![id]), State::Absent).await.map_err(told)?;
    let whole = over.saved_ms.is_multiple_of(600_000) && over.saved_ms > 0;
    hold!(over.state == JobState::Interrupted && whole, "{over:?}");
    Ok(())
}

async fn a_job_name_is_used_again_where_the_cloud_lets_it(desk: &Desk) -> Result<(), String> {
    let launched = desk.provision(desk.launch(desk.names.small, 1), &desk.control()).await.map_err(told)?;
    let id = launched.nodes[0].node_id.clone();
    submit(desk, job("j", vec![id.clone()]), State::Present).await.map_err(told)?;
    desk.pass(Millis::from_hours(3));
    let again = submit(desk, job("j", vec![id]), State::Present).await;
    match desk.traits.job_names {
        JobNames::Unique => refused(again, Class::Conflict).map(|_| ()),
        JobNames::Repeat => again.map(|_| ()).map_err(told),
    }
}

async fn a_cancelled_job_is_over(desk: &Desk) -> Result<(), String> {
    let id = node(desk).await?;
    submit(desk, job("j", vec![id.clone()]), State::Present).await.map_err(told)?;
    let over = submit(desk, job("j", vec![id]), State::Absent).await.map_err(told)?;
    hold!(over.state == JobState::Cancelled, "{over:?}");
    refused(submit(desk, job("unknown", vec![]), State::Absent).await, Class::Invalid)?;
    Ok(())
}

async fn managed_machines_are_billed(desk: &Desk) -> Result<(), String> {
    let (region, instance_type) = (desk.names.region.to_owned(), desk.names.small.to_owned());
    let managed = Request { managed: Some(Managed { region, instance_type, count: 2 }), ..job("m", vec![]) };
    submit(desk, managed.clone(), State::Present).await.map_err(told)?;
    desk.pass(Millis::from_hours(2));
    let over = submit(desk, managed, State::Absent).await.map_err(told)?;
    // Two machines at 0.10 USD per hour and their addresses.
    hold!(over.state == JobState::Succeeded, "{over:?}");
    hold!(over.billed_usd.is_some_and(|b| b.to_string() == "0.21"), "{over:?}");
    Ok(())
}

async fn either_nodes_or_managed(desk: &Desk) -> Result<(), String> {
    refused(submit(desk, job("j", vec![]), State::Present).await, Class::Invalid)?;
    refused(submit(desk, job("j", vec!["n-unknown".to_owned()]), State::Present).await, Class::Invalid)?;
    Ok(())
}
