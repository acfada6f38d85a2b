//! `get_health`: what is there, as late as the cloud shows it, and what happened.

use serde::Serialize;
use tradewind_core::money::Usd;
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
        let resources = if request.events_only { Vec::new() } else { self.resources() };
        Reply {
            resources: resources.into_iter().filter(|r| is_wanted(r, request)).map(|r| r.0).take(limit).collect(),
            next_cursor: events.last().map_or(self.world.cursor.min(request.since), |e| e.cursor),
            events,
            troubles: self.troubles(),
            next_event_at: self.world.next_event_at().filter(|_| drives_time),
        }
    }

    /// Everything that the cloud shows, with its tags.
    fn resources(&self) -> Vec<(Resource, Tag)> {
        let w = &*self.world;
        let mut all = Vec::new();
        for (id, n) in w.nodes.iter().filter(|(_, n)| self.is_shown(n)) {
            all.push(row(Kind::Node, id, &n.tag, &word(&n.state), &n.zone, n.billed));
        }
        for (id, p) in &w.pools {
            all.push(row(Kind::Pool, id, &p.tag, &format!("wished {}", p.asked.desired), &p.zone, None));
        }
        for (id, v) in &w.volumes {
            let state = v.attached_to.as_ref().map_or("available".to_owned(), |n| format!("attached to {n}"));
            all.push(row(Kind::Volume, id, &v.tag, &state, &v.zone, None));
        }
        for (id, b) in &w.buckets {
            all.push(row(Kind::Bucket, id, &b.tag, "available", &b.region, None));
        }
        for (id, j) in &w.jobs {
            all.push(row(Kind::Job, id, &j.tag, &word(&j.state), j.nodes.first().map_or("", |n| n), j.billed));
        }
        for (id, e) in &w.endpoints {
            all.push(row(Kind::Endpoint, id, &e.tag, "in_service", "", None));
        }
        for (id, s) in &w.secrets {
            all.push(row(Kind::Secret, id, &s.tag, "enabled", "", None));
        }
        for (id, r) in &w.routes {
            all.push(row(Kind::Route, id, &r.tag, &format!("revision {}", r.revision), "", None));
        }
        all
    }

    /// Some clouds show a new node late, and an ended one for a while.
    fn is_shown(&self, node: &Node) -> bool {
        let hidden = Millis::from_secs(self.traits.hidden_s);
        let lingering = Millis::from_secs(self.traits.shown_after_end_s);
        let is_visible = self.now() >= node.tag.made_at + hidden;
        is_visible && (node.is_there() || node.ended_at.is_some_and(|ended| self.now() < ended + lingering))
    }

    fn troubles(&self) -> Vec<Trouble> {
        let holding = self.world.faults.iter().filter(|f| f.from <= self.now() && self.now() < f.until);
        let told = holding.filter(|f| matches!(f.what, What::Outage | What::Unreachable { .. }));
        let place = |place: &str| if place.is_empty() { self.world.cloud.clone() } else { place.to_owned() };
        told.map(|f| Trouble { place: place(&f.place), what: "out".to_owned() }).collect()
    }
}

fn is_wanted((resource, tag): &(Resource, Tag), request: &Request) -> bool {
    request.owner.as_ref().is_none_or(|o| *o == resource.owner)
        && request.allocation.as_ref().is_none_or(|a| *a == tag.decision.allocation)
        && request.token.as_ref().is_none_or(|t| *t == tag.token)
}

fn row(kind: Kind, id: &str, tag: &Tag, state: &str, place: &str, billed_usd: Option<Usd>) -> (Resource, Tag) {
    let resource = Resource {
        id: id.to_owned(),
        kind: kind.word().to_owned(),
        state: state.to_owned(),
        place: place.to_owned(),
        owner: tag.owner.clone(),
        decision: tag.decision.to_string(),
        expires_at: Some(tag.expires_at),
        billed_usd,
    };
    (resource, tag.clone())
}

/// A state as it is written on the wire.
fn word<T: Serialize>(state: &T) -> String {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
