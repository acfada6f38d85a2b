//! The end of an orphan.

use tradewind_core::hash;
use tradewind_core::market::CapacityType;
use tradewind_core::offer_name::OfferName;
use tradewind_core::time::Time;
use tradewind_mcp::control::{Control, Decision, State};
use tradewind_mcp::tools::node::Launch;
use tradewind_mcp::tools::scale_nodepool::Buys;
use tradewind_mcp::tools::{Reply, Request, launch_spot, scale_nodepool};

use super::holding::{Holding, Outcome};
use super::owner::Owners;
use crate::drive::Hands;

/// Who ends what belongs to no run.
const NOBODY: &str = "tradewind-gc";
/// The least time to live that a call may name; what ends needs none.
const TTL_S: u32 = 60;
/// What a call is for, in its decision.
const PURPOSE: &str = "gc";

/// Whether the end of something loses nothing: machines that cost by the hour. Volumes and buckets may hold data;
/// secrets, routes and endpoints may be in use: they wait for their owner.
pub fn may_end(holding: &Holding) -> bool {
    holding.resource.offer.is_some()
}

/// Ends an orphan, and says what came of it; nothing where it may not be ended.
pub async fn end(hands: &impl Hands, holding: &Holding, owners: &Owners, now: Time) -> Option<Outcome> {
    let request = request(holding, holding.resource.offer.as_ref()?)?;
    let outcome = hands.call(&holding.cloud, now, request, Some(control(holding, owners))).await;
    Some(match outcome {
        Ok(Reply::ProvisionCompute(told) | Reply::LaunchSpot(told)) => {
            Outcome::Ended(told.nodes.first().and_then(|node| node.billed_usd))
        }
        Ok(_) => Outcome::Ended(None),
        Err(refusal) => refusal.into(),
    })
}

fn request(holding: &Holding, offer: &OfferName) -> Option<Request> {
    let (region, instance_type) = (offer.region.region().to_owned(), offer.instance_type.clone());
    let (id, is_spot) = (holding.resource.id.clone(), offer.capacity_type == CapacityType::Spot);
    if holding.resource.kind == "pool" {
        let capacity_type = if is_spot { Buys::Spot } else { Buys::OnDemand };
        let pool = scale_nodepool::Request {
            pool: id,
            region,
            zone: None,
            instance_type,
            capacity_type,
            desired: 0,
            min: 0,
            max: 0,
        };
        return Some(Request::ScaleNodepool(pool));
    }
    let launch = Launch { region, zone: None, instance_type, count: 1, min_count: None, node_ids: vec![id] };
    Some(if is_spot {
        Request::LaunchSpot(launch_spot::Request { launch, max_usd_per_hour: None })
    } else {
        Request::ProvisionCompute(launch)
    })
}

/// The same orphan is ended by the same call, whoever sweeps and however often.
fn control(holding: &Holding, owners: &Owners) -> Control {
    let resource = &holding.resource;
    let owner = owners.get(&resource.owner);
    let (name, epoch) = owner.map_or((NOBODY, 1), |known| (resource.owner.as_str(), known.epoch));
    let what = (&holding.cloud, &resource.kind, &resource.id, &resource.owner, &resource.decision, resource.expires_at);
    let decision = resource.decision.parse::<Decision>().ok();
    let unnamed = || Decision { allocation: resource.id.clone(), node: 0, attempt: 0, purpose: String::new() };
    Control {
        state: State::Absent,
        idempotency_key: format!("gc-{}", &hash::of(&what)[..52]),
        owner: name.to_owned(),
        ttl_s: TTL_S,
        epoch,
        decision: Decision { purpose: PURPOSE.to_owned(), ..decision.unwrap_or_else(unnamed) },
    }
}
