//! What is in a world, and whose it is.

use serde::Serialize;
use tradewind_core::money::Usd;

use super::agenda::Kind;
use super::node::Node;
use super::tag::Tag;
use super::world::World;
use crate::tools::get_health::Resource;

impl World {
    /// Everything that is there now, whatever the cloud would show of it.
    pub fn inventory(&self) -> Vec<Resource> {
        self.resources(Node::is_there).into_iter().map(|(resource, _)| resource).collect()
    }

    /// Everything there is, with its tags; of the nodes those that `shows` wants.
    pub(super) fn resources(&self, shows: impl Fn(&Node) -> bool) -> Vec<(Resource, Tag)> {
        let mut all = Vec::new();
        for (id, n) in self.nodes.iter().filter(|(_, n)| shows(n)) {
            all.push(row(Kind::Node, id, &n.tag, &word(&n.state), &n.zone, n.billed));
        }
        for (id, p) in &self.pools {
            all.push(row(Kind::Pool, id, &p.tag, &format!("wished {}", p.asked.desired), &p.zone, None));
        }
        for (id, v) in &self.volumes {
            let state = v.attached_to.as_ref().map_or("available".to_owned(), |n| format!("attached to {n}"));
            all.push(row(Kind::Volume, id, &v.tag, &state, &v.zone, None));
        }
        for (id, b) in &self.buckets {
            all.push(row(Kind::Bucket, id, &b.tag, "available", &b.region, None));
        }
        for (id, j) in self.jobs.iter() {
            all.push(row(Kind::Job, id, &j.tag, &word(&j.state), j.nodes.first().map_or("", |n| n), j.billed));
        }
        for (id, e) in &self.endpoints {
            let state = if e.models.iter().all(|m| m.ready_at <= self.now) { "in_service" } else { "creating" };
            all.push(row(Kind::Endpoint, id, &e.tag, state, "", None));
        }
        for (id, s) in &self.secrets {
            all.push(row(Kind::Secret, id, &s.tag, "enabled", "", None));
        }
        for (id, r) in &self.routes {
            all.push(row(Kind::Route, id, &r.tag, &format!("revision {}", r.revision), "", None));
        }
        all
    }
}

fn row(kind: Kind, id: &str, tag: &Tag, state: &str, place: &str, billed_usd: Option<Usd>) -> (Resource, Tag) {
    let resource = Resource {
        id: id.to_owned(),
        kind: kind.word().to_owned(),
        state: state.to_owned(),
        place: place.to_owned(),
        owner: tag.owner.clone(),
        decision: tag.decision.to_string(),
        offer: None,
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
