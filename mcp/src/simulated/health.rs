//! `get_health`: what is there, as late as the cloud shows it, and what happened.

use tradewind_core::offer_name::OfferName;
use tradewind_core::place::RegionName;
use tradewind_core::time::Millis;

use super::agenda::Kind;
use super::cloud::Cloud;
use super::fault::What;
use super::node::Node;
use super::tag::Tag;
use crate::tools::get_health::{Reply, Request, Resource, Trouble};

impl Cloud<'_> {
    /// `get_health`. When something happens next is told to the driver of time only.
    pub fn get_health(&self, request: &Request, drives_time: bool) -> Reply {
        let limit = request.limit as usize;
        let events: Vec<_> = self.world.events_since(request.since).take(limit).cloned().collect();
        let resources = if request.events_only { Vec::new() } else { self.world.resources(|n| self.is_shown(n)) };
        let wanted = resources.into_iter().filter(|r| is_wanted(r, request));
        Reply {
            resources: wanted.map(|(r, _)| Resource { offer: self.bought_as(&r), ..r }).take(limit).collect(),
            next_cursor: events.last().map_or(self.world.cursor.min(request.since), |e| e.cursor),
            events,
            troubles: self.troubles(),
            next_event_at: self.world.next_event_at().filter(|_| drives_time),
        }
    }

    /// Some clouds show a new node late, and an ended one for a while.
    fn is_shown(&self, node: &Node) -> bool {
        let hidden = Millis::from_secs(self.traits.hidden_s);
        let lingering = Millis::from_secs(self.traits.shown_after_end_s);
        let is_visible = self.now() >= node.tag.made_at + hidden;
        is_visible && (node.is_there() || node.ended_at.is_some_and(|ended| self.now() < ended + lingering))
    }

    /// The offer of a node or a pool.
    fn bought_as(&self, resource: &Resource) -> Option<OfferName> {
        let name = |offer: u32| OfferName::of(self.market, offer as usize);
        if resource.kind == Kind::Node.word() {
            return self.world.nodes.get(&resource.id).map(|node| name(node.offer));
        }
        let pool = self.world.pools.get(&resource.id).filter(|_| resource.kind == Kind::Pool.word())?;
        let region = RegionName::new(&self.world.cloud, &pool.asked.region);
        let (instance_type, capacity_type) = (pool.asked.instance_type.clone(), pool.asked.capacity_type.into());
        Some(OfferName { region, instance_type, capacity_type, commitment: None })
    }

    fn troubles(&self) -> Vec<Trouble> {
        let holding = self.world.faults.iter().filter(|f| f.from <= self.now() && self.now() < f.until);
        let told = holding.filter(|f| matches!(f.what, What::Outage | What::Unreachable { .. }));
        let place = |place: &str| if place.is_empty() { self.world.cloud.clone() } else { place.to_owned() };
        let trouble = |place: String| Trouble { region: self.region_around(&place), what: "out".to_owned(), place };
        told.map(|f| trouble(place(&f.place))).collect()
    }

    /// The region that a zone is in; nothing of what is no zone.
    fn region_around(&self, place: &str) -> Option<String> {
        let mut regions = self.market.regions.iter().map(|r| &r.name).filter(|r| r.cloud() == self.world.cloud);
        let is_around = |r: &&RegionName| r.region() != place && self.zones(r.region()).iter().any(|z| z == place);
        regions.find(is_around).map(|r| r.region().to_owned())
    }
}

fn is_wanted((resource, tag): &(Resource, Tag), request: &Request) -> bool {
    request.owner.as_ref().is_none_or(|o| *o == resource.owner)
        && request.allocation.as_ref().is_none_or(|a| *a == tag.decision.allocation)
        && request.token.as_ref().is_none_or(|t| *t == tag.token)
}
