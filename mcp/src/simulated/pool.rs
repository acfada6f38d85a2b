//! `scale_nodepool`: a number of nodes that is kept.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CapacityType;
use tradewind_core::time::Time;

use super::agenda::{Due, Kind};
use super::cloud::Cloud;
use super::launch::Buying;
use super::tag::Tag;
use super::traits::Reason;
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::node::NodeState;
use crate::tools::scale_nodepool::{Buys, Reply, Request};

/// A pool of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    pub(super) tag: Tag,
    pub(super) asked: Request,
    pub(super) zone: String,
    /// Nodes launched so far: each has its own chance.
    pub(super) launched: u32,
    pub(super) held_back_by: Option<String>,
}

impl From<Buys> for CapacityType {
    fn from(buys: Buys) -> Self {
        match buys {
            Buys::OnDemand => Self::OnDemand,
            Buys::Spot => Self::Spot,
        }
    }
}

impl Cloud<'_> {
    /// `scale_nodepool`.
    pub fn scale_nodepool(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        if control.wants_absent() {
            return self.delete_pool(&request.pool);
        }
        if request.desired > request.max || request.desired < request.min {
            let message = format!("desired {} is not within {} to {}", request.desired, request.min, request.max);
            return Err(self.traits.refuse(Reason::AboveMaximum, message));
        }
        self.find(&request.region, &request.instance_type, request.capacity_type.into())?;
        let tag = Tag::new(control, &self.token(control, &request.region), self.now());
        self.world.agenda.note(tag.expires_at, Due::Expired(Kind::Pool, request.pool.clone()));
        match self.world.pools.get_mut(&request.pool) {
            Some(pool) if pool.asked.region != request.region || pool.asked.instance_type != request.instance_type => {
                let message = format!("the pool {:?} has other machines", request.pool);
                return Err(self.traits.refuse(Reason::NameTaken, message));
            }
            Some(pool) => {
                pool.asked = request.clone();
                pool.tag.expires_at = tag.expires_at;
            }
            None => {
                let zones = self.zones(&request.region);
                let zone = request.zone.clone().unwrap_or_else(|| zones[0].clone());
                let pool = Pool { tag, asked: request.clone(), zone, launched: 0, held_back_by: None };
                self.world.pools.insert(request.pool.clone(), pool);
            }
        }
        self.fill_pool(&request.pool);
        Ok(self.told_pool(request.desired, &request.pool))
    }

    /// Launches or ends nodes until there are as many as wished, or the cloud has no more.
    pub(super) fn fill_pool(&mut self, name: &str) {
        let Some(mut pool) = self.world.pools.remove(name) else { return };
        let members = self.members(name);
        let wished = pool.asked.desired as usize;
        pool.held_back_by = None;
        for id in members.iter().skip(wished) {
            self.terminate(id);
        }
        for _ in members.len()..wished {
            if let Err(refusal) = self.add_to_pool(name, &mut pool) {
                pool.held_back_by = refusal.cloud_code;
                break;
            }
        }
        self.world.pools.insert(name.to_owned(), pool);
    }

    fn add_to_pool(&mut self, name: &str, pool: &mut Pool) -> Result<(), Refusal> {
        let Request { region, instance_type, capacity_type, .. } = &pool.asked;
        let found = self.find(region, instance_type, (*capacity_type).into())?;
        if let Some(until) = self.outage(region, &pool.zone) {
            return Err(self.traits.refuse(Reason::Outage, format!("out until {until}")));
        }
        self.check_quota(found, 1)?;
        if self.capacity(region, &pool.zone) == 0 {
            return Err(self.traits.refuse(Reason::NoCapacity, format!("no {instance_type} left")));
        }
        let id = format!("n-{name}-{}", pool.launched);
        let tag = Tag { made_at: self.now(), ..pool.tag.clone() };
        let buying = Buying { capacity_type: (*capacity_type).into(), max_price: None };
        self.add_node(&id, pool.launched, found, buying, tag, &pool.zone, Some(name.to_owned()));
        pool.launched += 1;
        Ok(())
    }

    /// A node of a pool was lost: another takes its place.
    pub(super) fn replace_in_pool(&mut self, node: &str) {
        let pool = self.world.nodes.get(node).and_then(|n| n.pool.clone());
        if let Some(pool) = pool {
            self.fill_pool(&pool);
        }
    }

    /// The nodes of a pool that are up, by age.
    fn members(&self, pool: &str) -> Vec<String> {
        let mine = self.world.nodes.iter().filter(|(_, n)| n.is_up() && n.pool.as_deref() == Some(pool));
        let mut members: Vec<(Time, u32, String)> = mine.map(|(id, n)| (n.tag.made_at, n.index, id.clone())).collect();
        members.sort();
        members.into_iter().map(|(_, _, id)| id).collect()
    }

    fn delete_pool(&mut self, name: &str) -> Result<Reply, Refusal> {
        let Some(pool) = self.world.pools.get_mut(name) else {
            return Err(self.traits.refuse(Reason::NoSuchThing, format!("no pool {name:?}")));
        };
        pool.asked.desired = 0;
        self.fill_pool(name);
        self.world.pools.remove(name);
        self.world.tell(self.world.now, name, "deleted", "");
        Ok(self.told_pool(0, name))
    }

    pub(super) fn expire_pool(&mut self, name: &str) {
        let is_due = self.world.pools.get(name).is_some_and(|p| p.tag.expires_at <= self.now());
        if is_due && self.delete_pool(name).is_ok() {
            self.world.tell(self.world.now, name, "expired", "");
        }
    }

    fn told_pool(&self, desired: u32, name: &str) -> Reply {
        let node_ids = self.members(name);
        let is_ready = |id: &&String| self.world.nodes.get(*id).is_some_and(|n| n.state == NodeState::Running);
        let ready = node_ids.iter().filter(is_ready).count() as u32;
        let held_back_by = self.world.pools.get(name).and_then(|p| p.held_back_by.clone());
        Reply { pool: name.to_owned(), desired, ready, pending: node_ids.len() as u32 - ready, held_back_by, node_ids }
    }
}
