//! `provision_compute` and `launch_spot`: nodes come, and go.

use tradewind_core::market::CapacityType;
use tradewind_core::money::UsdPerHour;

use super::cloud::{Cloud, Found};
use super::fault::What;
use super::meter::Meter;
use super::node::Node;
use super::tag::Tag;
use super::token::Seen;
use super::traits::Reason;
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::launch_spot;
use crate::tools::node::{Launch, Launched, NodeState};

/// How nodes are bought.
#[derive(Debug, Clone, Copy)]
pub struct Buying {
    pub capacity_type: CapacityType,
    pub max_price: Option<UsdPerHour>,
}

impl Buying {
    pub const ON_DEMAND: Self = Self { capacity_type: CapacityType::OnDemand, max_price: None };
}

impl Cloud<'_> {
    /// `provision_compute`.
    pub fn provision_compute(&mut self, launch: &Launch, control: &Control) -> Result<Launched, Refusal> {
        self.launch_or_end(launch, Buying::ON_DEMAND, control)
    }

    /// `launch_spot`.
    pub fn launch_spot(&mut self, request: &launch_spot::Request, control: &Control) -> Result<Launched, Refusal> {
        if request.max_usd_per_hour.is_some() && !self.traits.has_max_price {
            let message = "max_usd_per_hour: there is no bidding on this cloud";
            return Err(self.traits.refuse(Reason::NotOffered, message));
        }
        let buying = Buying { capacity_type: CapacityType::Spot, max_price: request.max_usd_per_hour };
        self.launch_or_end(&request.launch, buying, control)
    }

    fn launch_or_end(&mut self, launch: &Launch, buying: Buying, control: &Control) -> Result<Launched, Refusal> {
        let found = self.find(&launch.region, &launch.instance_type, buying.capacity_type)?;
        if control.wants_absent() {
            return self.end_nodes(launch, found, control);
        }
        self.check_offered(found, buying)?;
        let token = self.token(control, &scope(launch, buying));
        let nodes = match self.seen(&token, launch)? {
            Seen::Done(nodes) => nodes,
            Seen::Changed(nodes) => {
                self.change(&nodes, found);
                self.remember(&token, launch, &nodes);
                nodes
            }
            Seen::No => {
                let nodes = self.launch_new(launch, found, buying, control, &token)?;
                self.remember(&token, launch, &nodes);
                nodes
            }
        };
        Ok(self.launched(launch.count, nodes, found, token))
    }

    /// Refuses what this cloud does not sell that way, and what is too dear now.
    fn check_offered(&self, found: Found<'_>, buying: Buying) -> Result<(), Refusal> {
        let machine = self.market.type_of(found.offer);
        if buying.capacity_type == CapacityType::Spot && machine.burstable && !self.traits.has_burstable_spot {
            let message = format!("{} is shared-core: not sold as spot here", machine.name);
            return Err(self.traits.refuse(Reason::NotOffered, message));
        }
        let price = self.price(found);
        if buying.max_price.is_some_and(|most| most < price) {
            let message = format!("the price is {price} USD per hour, above max_usd_per_hour");
            return Err(self.traits.refuse(Reason::NoCapacity, message));
        }
        Ok(())
    }

    fn launch_new(
        &mut self,
        launch: &Launch,
        found: Found<'_>,
        buying: Buying,
        control: &Control,
        token: &str,
    ) -> Result<Vec<String>, Refusal> {
        let zone = self.zone_for(launch, control)?;
        let region = launch.region.clone();
        if let Some(until) = self.outage(&region, &zone) {
            return Err(self.traits.refuse(Reason::Outage, format!("{zone} is out until {until}")));
        }
        self.check_quota(found, launch.count)?;
        let count = launch.count.min(self.capacity(&region, &zone));
        if count < launch.least().max(1) {
            let message = format!("{} of {} {} left in {zone}", count, launch.count, launch.instance_type);
            return Err(self.traits.refuse(Reason::NoCapacity, message));
        }
        let indices = control.decision.node..control.decision.node.saturating_add(count);
        let place = format!("{zone}/{}", buying.capacity_type);
        let ids = indices.clone().map(|i| self.node_id(control, i, &place)).collect::<Result<Vec<_>, _>>()?;
        for (id, index) in ids.iter().zip(indices) {
            self.add_node(id, index, found, buying, Tag::new(control, token, self.now()), &zone, None);
        }
        Ok(ids)
    }

    /// Adds a node, and notes what it has in store.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn add_node(
        &mut self,
        id: &str,
        index: u32,
        found: Found<'_>,
        buying: Buying,
        tag: Tag,
        zone: &str,
        pool: Option<String>,
    ) {
        let node = Node {
            meter: Meter::start(tag.made_at, self.price(found)),
            tag,
            offer: found.index,
            zone: zone.to_owned(),
            state: NodeState::Pending,
            index,
            ready_at: None,
            ended_at: None,
            billed: None,
            max_price: buying.max_price,
            pool,
        };
        self.world.nodes.insert(id.to_owned(), node);
        self.note_life(id);
    }

    /// The zone asked for, or one that the allocation draws: all nodes of a call are in one.
    fn zone_for(&self, launch: &Launch, control: &Control) -> Result<String, Refusal> {
        let zones = self.zones(&launch.region);
        match &launch.zone {
            None => Ok(zones[(control.decision.luck(control.decision.node) % zones.len() as u64) as usize].clone()),
            Some(zone) if zones.contains(zone) => Ok(zone.clone()),
            Some(zone) => {
                let message = format!("no zone {zone:?} in {}: there are {}", launch.region, zones.join(", "));
                Err(self.traits.refuse(Reason::NoSuchType, message))
            }
        }
    }

    /// Machines that are left there for a call.
    pub(super) fn capacity(&self, region: &str, zone: &str) -> u32 {
        let holding = self.world.faults.iter().filter(|f| f.holds(self.now(), region, zone));
        let left = holding.filter_map(|f| if let What::Capacity { left } = f.what { Some(left) } else { None });
        left.min().unwrap_or(u32::MAX)
    }

    /// Ends nodes: those named, or all of the decision's allocation.
    fn end_nodes(&mut self, launch: &Launch, found: Found<'_>, control: &Control) -> Result<Launched, Refusal> {
        if let Some(id) = launch.node_ids.iter().find(|id| !self.world.nodes.contains_key(*id)) {
            return Err(self.traits.refuse(Reason::NoSuchNode, format!("no node {id:?}")));
        }
        let mine = |n: &Node| n.tag.owner == control.owner && n.tag.decision.allocation == control.decision.allocation;
        let ids: Vec<String> = if launch.node_ids.is_empty() {
            self.world.nodes.iter().filter(|(_, n)| mine(n)).map(|(id, _)| id.clone()).collect()
        } else {
            launch.node_ids.clone()
        };
        for id in &ids {
            self.terminate(id);
        }
        let token = self.token(control, &launch.region);
        Ok(self.launched(ids.len() as u32, ids, found, token))
    }

    fn launched(&self, asked: u32, mut ids: Vec<String>, found: Found<'_>, token: String) -> Launched {
        let index = |id: &String| self.world.nodes.get(id).map_or(0, |n| n.index);
        ids.sort_by_key(|id| (index(id), id.clone()));
        let nodes: Vec<_> = ids.iter().filter_map(|id| Some(self.world.nodes.get(id)?.told(id))).collect();
        let missing = asked.saturating_sub(nodes.len() as u32);
        Launched { nodes, missing, usd_per_hour: self.price(found), token }
    }
}

/// Within what a token is the same launch: on spot and on demand are two.
fn scope(launch: &Launch, buying: Buying) -> String {
    format!("{}/{}", launch.region, buying.capacity_type)
}
