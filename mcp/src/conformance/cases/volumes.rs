//! Disks: one node, one zone.

use tradewind_core::time::Millis;

use super::{case, hold, refused, told};
use crate::conformance::{Case, Desk};
use crate::control::State;
use crate::refusal::{Class, Refusal};
use crate::tools::attach_volume::{Reply, Request, VolumeState};
use crate::tools::node::Launch;

pub const CASES: &[Case] = &[
    case!(
        a_volume_is_attached_detached_and_deleted,
        "a volume is made on a node, kept when asked, billed when deleted"
    ),
    case!(a_volume_is_on_one_node_at_a_time, "attaching a volume to a second node is refused"),
    case!(a_volume_stays_in_its_zone, "attaching a volume to a node of another zone is refused"),
    case!(volumes_are_billed_by_the_clouds_sizes, "100 GiB are billed as the cloud rounds them"),
];

async fn node(desk: &Desk, zone: u16) -> Result<String, String> {
    let zone = Some(desk.traits.zone(desk.names.region, zone));
    let launched = desk.provision(Launch { zone, ..desk.launch(desk.names.small, 1) }, &desk.control()).await;
    Ok(launched.map_err(told)?.nodes[0].node_id.clone())
}

async fn attach(desk: &Desk, node_id: &str, state: State, keep: bool) -> Result<Reply, Refusal> {
    let mut control = desk.control();
    control.state = state;
    let request = Request { volume: "v".to_owned(), node_id: node_id.to_owned(), size_gib: 100, keep };
    match desk.call(crate::tools::Request::AttachVolume(request), Some(&control)).await?.reply {
        crate::tools::Reply::AttachVolume(reply) => Ok(reply),
        other => unreachable!("another tool's reply: {other:?}"),
    }
}

async fn a_volume_is_attached_detached_and_deleted(desk: &Desk) -> Result<(), String> {
    let node = node(desk, 0).await?;
    let attached = attach(desk, &node, State::Present, false).await.map_err(told)?;
    hold!(
        attached.state == VolumeState::Attached && attached.zone == desk.traits.zone(desk.names.region, 0),
        "{attached:?}"
    );
    let kept = attach(desk, &node, State::Absent, true).await.map_err(told)?;
    hold!(kept.state == VolumeState::Available && kept.billed_usd.is_none(), "{kept:?}");
    desk.pass(Millis::from_hours(73));
    let deleted = attach(desk, &node, State::Absent, false).await.map_err(told)?;
    hold!(deleted.state == VolumeState::Deleted && deleted.billed_usd.is_some_and(|b| b.nanos() > 0), "{deleted:?}");
    refused(attach(desk, &node, State::Absent, false).await, Class::Invalid)?;
    Ok(())
}

async fn a_volume_is_on_one_node_at_a_time(desk: &Desk) -> Result<(), String> {
    let (first, second) = (node(desk, 0).await?, node(desk, 0).await?);
    attach(desk, &first, State::Present, false).await.map_err(told)?;
    refused(attach(desk, &second, State::Present, false).await, Class::Conflict)?;
    attach(desk, &first, State::Absent, true).await.map_err(told)?;
    attach(desk, &second, State::Present, false).await.map_err(told)?;
    Ok(())
}

async fn a_volume_stays_in_its_zone(desk: &Desk) -> Result<(), String> {
    let (here, there) = (node(desk, 0).await?, node(desk, 1).await?);
    attach(desk, &here, State::Present, false).await.map_err(told)?;
    attach(desk, &here, State::Absent, true).await.map_err(told)?;
    refused(attach(desk, &there, State::Present, false).await, Class::Conflict)?;
    Ok(())
}

async fn volumes_are_billed_by_the_clouds_sizes(desk: &Desk) -> Result<(), String> {
    let node = node(desk, 0).await?;
    let attached = attach(desk, &node, State::Present, false).await.map_err(told)?;
    let rounded = if desk.traits.volume_tiers_gib.is_empty() { 100 } else { 128 };
    hold!(attached.billed_gib == rounded, "{attached:?}");
    Ok(())
}
