//! A node: its life from launch to bill.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CapacityType;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::{Millis, Time};

use super::agenda::{Due, Kind};
use super::cloud::Cloud;
use super::meter::Meter;
use super::tag::Tag;
use super::traits::{EndOfTtl, OnInterruption};
use crate::tools::node::{Node as Told, NodeState};

/// A machine that was launched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub(super) tag: Tag,
    /// Its offer in the market.
    pub(super) offer: u32,
    pub(super) zone: String,
    pub(super) state: NodeState,
    /// Which of the decision's nodes it is.
    pub(super) index: u32,
    pub(super) ready_at: Option<Time>,
    /// When its meter stopped.
    pub(super) ended_at: Option<Time>,
    pub(super) meter: Meter,
    pub(super) billed: Option<Usd>,
    pub(super) max_price: Option<UsdPerHour>,
    /// The pool that keeps it.
    pub(super) pool: Option<String>,
}

impl Node {
    /// Whether it was not terminated.
    pub fn is_there(&self) -> bool {
        self.state != NodeState::Terminated
    }

    /// Whether it is on its way or usable.
    pub fn is_up(&self) -> bool {
        matches!(self.state, NodeState::Pending | NodeState::Running)
    }

    /// Whether it counts against the account's limits: while it is billed, and deallocated.
    pub fn holds_quota(&self) -> bool {
        self.state == NodeState::Deallocated || (self.is_there() && self.ended_at.is_none())
    }

    /// As a tool tells of it.
    pub fn told(&self, id: &str) -> Told {
        Told {
            node_id: id.to_owned(),
            state: self.state,
            zone: self.zone.clone(),
            launched_at: self.tag.made_at,
            ready_at: self.ready_at,
            ended_at: self.ended_at,
            billed_usd: self.billed,
        }
    }
}

impl Cloud<'_> {
    /// A node is usable.
    pub fn ready(&mut self, id: &str) {
        let now = self.now();
        let Some(node) = self.world.nodes.get_mut(id).filter(|n| n.state == NodeState::Pending) else { return };
        (node.state, node.ready_at) = (NodeState::Running, Some(now));
        self.world.tell(now, id, "ready", "");
        self.start_jobs_on(id);
    }

    /// The cloud announces that it takes a node back, unless a fault swallows the notice.
    pub fn notice(&mut self, id: &str) {
        if self.is_up(id) && !self.is_unannounced(id) {
            let detail = format!("in {}", self.notice_of(id));
            self.world.tell(self.world.now, id, "notice", detail);
        }
    }

    /// The cloud recommends to leave.
    pub fn rebalance(&mut self, id: &str) {
        if self.is_up(id) {
            self.world.tell(self.world.now, id, "rebalance", "");
        }
    }

    /// The cloud takes a node back.
    pub fn interrupt(&mut self, id: &str, why: &str) {
        if !self.is_up(id) {
            return;
        }
        let state = match self.traits.on_interruption {
            OnInterruption::Terminate => NodeState::Terminated,
            OnInterruption::Stop => NodeState::Stopped,
            OnInterruption::Deallocate => NodeState::Deallocated,
        };
        self.settle(id, state, true);
        self.world.tell(self.world.now, id, "interrupted", why);
        self.interrupt_jobs_on(id);
        self.replace_in_pool(id);
    }

    /// Its owner ends a node, whatever state it is in.
    pub fn terminate(&mut self, id: &str) {
        if self.world.nodes.get(id).is_some_and(Node::is_there) {
            self.settle(id, NodeState::Terminated, false);
            self.world.tell(self.world.now, id, "terminated", "");
            self.interrupt_jobs_on(id);
        }
    }

    /// Its time to live ends: a timer in the guest does what the cloud lets a guest do.
    pub fn expire_node(&mut self, id: &str) {
        if !self.is_up(id) {
            return;
        }
        let now = self.now();
        match self.traits.end_of_ttl {
            EndOfTtl::Terminate => self.settle(id, NodeState::Terminated, false),
            EndOfTtl::Stop => {
                if let Some(node) = self.world.nodes.get_mut(id) {
                    node.state = NodeState::Stopped;
                }
            }
        }
        let detail = match self.traits.end_of_ttl {
            EndOfTtl::Terminate => "",
            EndOfTtl::Stop => "shut down, and billed until it is terminated",
        };
        self.world.tell(now, id, "expired", detail);
        self.interrupt_jobs_on(id);
    }

    /// Stops the meter, unless it stands, and sets the state.
    fn settle(&mut self, id: &str, state: NodeState, by_cloud: bool) {
        let (now, market) = (self.now(), self.market);
        let Some(node) = self.world.nodes.get_mut(id) else { return };
        node.state = state;
        if node.ended_at.is_none() {
            let offer = &market.offers[node.offer as usize];
            let is_free = by_cloud && offer.capacity_type == CapacityType::Spot;
            node.billed = Some(node.meter.bill(now, market.cloud_of(offer), is_free));
            node.ended_at = Some(now);
        }
        if state == NodeState::Terminated {
            self.detach_all_from(id);
        }
    }

    /// Notes what chance and the time to live have in store for a node.
    pub(super) fn note_life(&mut self, id: &str) {
        let Some(node) = self.world.nodes.get(id) else { return };
        let (launched, luck, attempt) =
            (node.tag.made_at, node.tag.decision.luck(node.index), node.tag.decision.attempt);
        let offer = self.offer(node.offer);
        let facts = self.facts(offer);
        let expires = node.tag.expires_at;
        let agenda = &mut self.world.agenda;
        let boot = super::luck::boot(&self.draws, facts.boot.spread(), luck, attempt);
        agenda.note(launched + boot, Due::Ready(id.to_owned()));
        agenda.note(expires, Due::Expired(Kind::Node, id.to_owned()));
        let hazard = self.market.hazard_per_hour(offer);
        let Some(life) = super::luck::life(&self.draws, hazard, luck, attempt) else { return };
        self.note_interruption(id, launched, launched + life);
    }

    /// Notes an interruption with its signals, none of them before `from`.
    pub(super) fn note_interruption(&mut self, id: &str, from: Time, lost: Time) {
        let notice = (lost - self.notice_of(id)).max(from);
        let agenda = &mut self.world.agenda;
        if let Some(before) = self.traits.rebalance_before() {
            agenda.note((notice - before).max(from), Due::Rebalance(id.to_owned()));
        }
        agenda.note(notice, Due::Notice(id.to_owned()));
        agenda.note(lost, Due::Lost(id.to_owned()));
    }

    /// How long before an interruption the cloud announces it.
    pub(super) fn notice_of(&self, id: &str) -> Millis {
        self.world.nodes.get(id).map_or(Millis::ZERO, |n| self.facts(self.offer(n.offer)).notice)
    }

    pub(super) fn is_up(&self, id: &str) -> bool {
        self.world.nodes.get(id).is_some_and(Node::is_up)
    }
}
