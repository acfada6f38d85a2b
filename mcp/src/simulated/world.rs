//! The state of a simulated cloud: all of it, as one value that can be written and read back.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use super::agenda::{Agenda, Due, Kind};
use super::bucket::Bucket;
use super::endpoint::Endpoint;
use super::fault::Fault;
use super::job::Job;
use super::jobs::Jobs;
use super::node::Node;
use super::pool::Pool;
use super::route::Route;
use super::secret::Secret;
use super::token::Token;
use super::volume::Volume;
use crate::control::Decision;
use crate::limits::Throttle;
use crate::tools::get_health::Event;
use crate::tools::submit_ml_job::JobState;

/// The format of a world file.
pub const SCHEMA: &str = "tradewind.world/1";
/// Events that are kept: who asks later misses some and re-reads the resources.
const MOST_EVENTS: usize = 10_000;

/// A simulated cloud. Equal worlds that get equal calls stay equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// [`SCHEMA`].
    pub schema: String,
    /// Whose behaviour it has.
    pub cloud: String,
    /// Identity of the market it was made on.
    pub market: String,
    /// Source of chance.
    pub seed: Seed,
    /// Its time.
    pub now: Time,
    /// Things made so far: the source of ids.
    pub(super) made: u64,
    pub(super) nodes: BTreeMap<String, Node>,
    pub(super) pools: BTreeMap<String, Pool>,
    pub(super) volumes: BTreeMap<String, Volume>,
    pub(super) buckets: BTreeMap<String, Bucket>,
    pub(super) jobs: Jobs,
    pub(super) endpoints: BTreeMap<String, Endpoint>,
    pub(super) secrets: BTreeMap<String, Secret>,
    pub(super) routes: BTreeMap<String, Route>,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) agenda: Agenda,
    pub(super) throttle: Throttle,
    /// What goes wrong on purpose.
    pub(super) faults: Vec<Fault>,
    /// How often each call was tried, while faults strike a share of the calls.
    pub(super) tries: BTreeMap<String, u32>,
    /// Prices that changed, by the place of the offer in the market: nano-dollars per hour.
    pub(super) prices: BTreeMap<u32, tradewind_core::money::UsdPerHour>,
    pub(super) events: VecDeque<Event>,
    /// Events so far.
    pub(super) cursor: u64,
}

/// Something in a world as nobody but an oracle sees it: now, and whoever's it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// A node or a job.
    pub kind: Kind,
    /// What it was made for.
    pub decision: Decision,
    /// Which of the decision's nodes it is; of a job 0.
    pub index: u32,
    /// Its zone; of a job nothing.
    pub zone: String,
    /// Whether it is on its way or at work.
    pub runs: bool,
    /// Whether it is still there.
    pub is_there: bool,
    /// Whether it is a job that did all its work.
    pub has_succeeded: bool,
    /// Work that another attempt could go on from now; of a node nothing.
    pub saved: Millis,
}

impl World {
    /// The nodes and jobs, those that are over among them.
    pub fn things(&self) -> impl Iterator<Item = Thing> + '_ {
        let node = |n: &Node| Thing {
            kind: Kind::Node,
            decision: n.tag.decision.clone(),
            index: n.index,
            zone: n.zone.clone(),
            runs: n.is_up(),
            is_there: n.is_there(),
            has_succeeded: false,
            saved: Millis::ZERO,
        };
        let job = |j: &Job| Thing {
            kind: Kind::Job,
            decision: j.tag.decision.clone(),
            index: 0,
            zone: String::new(),
            runs: j.is_open(),
            is_there: j.is_open(),
            has_succeeded: j.state == JobState::Succeeded,
            saved: j.saved(self.now),
        };
        self.nodes.values().map(node).chain(self.jobs.values().map(job))
    }

    /// What is owed now: the bills, and what nodes whose meter runs would be billed if they ended now; and what these
    /// cost more if they run on for so long. The market is the one that it was made on.
    pub fn owed(&self, market: &Market, beyond: Millis) -> (Usd, Usd) {
        let (mut owed, mut more) = (Usd::ZERO, Usd::ZERO);
        for node in self.nodes.values() {
            let bill = |at| node.meter.bill(at, market.cloud_of(&market.offers[node.offer as usize]), false);
            let now = node.billed.unwrap_or_else(|| bill(self.now));
            owed += now;
            if node.billed.is_none() {
                more += bill(self.now + beyond) - now;
            }
        }
        (owed, more)
    }

    /// What all nodes that are over were billed.
    pub fn billed(&self) -> Usd {
        self.nodes.values().filter_map(|n| n.billed).sum()
    }

    /// An empty cloud on a market.
    pub fn new(cloud: &str, market: String, seed: Seed, now: Time) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            cloud: cloud.to_owned(),
            market,
            seed,
            now,
            made: 0,
            nodes: BTreeMap::new(),
            pools: BTreeMap::new(),
            volumes: BTreeMap::new(),
            buckets: BTreeMap::new(),
            jobs: Jobs::default(),
            endpoints: BTreeMap::new(),
            secrets: BTreeMap::new(),
            routes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            agenda: Agenda::default(),
            throttle: Throttle::default(),
            faults: Vec::new(),
            tries: BTreeMap::new(),
            prices: BTreeMap::new(),
            events: VecDeque::new(),
            cursor: 0,
        }
    }

    /// Lets something go wrong. What has begun already begins now.
    pub fn inject(&mut self, fault: Fault) {
        let begins = fault.from.max(self.now);
        self.faults.push(fault);
        self.agenda.note(begins, Due::Fault(self.faults.len() - 1));
    }

    /// When something happens next.
    pub fn next_event_at(&self) -> Option<Time> {
        self.agenda.next()
    }

    /// Things of each kind that are there.
    pub fn census(&self) -> Vec<(Kind, usize)> {
        vec![
            (Kind::Node, self.nodes.values().filter(|n| n.is_there()).count()),
            (Kind::Pool, self.pools.len()),
            (Kind::Volume, self.volumes.len()),
            (Kind::Bucket, self.buckets.len()),
            (Kind::Job, self.jobs.values().filter(|j| j.is_open()).count()),
            (Kind::Endpoint, self.endpoints.len()),
            (Kind::Secret, self.secrets.len()),
            (Kind::Route, self.routes.len()),
        ]
    }

    /// What happened, in order; the oldest are forgotten.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    /// What happened after a cursor, in order.
    pub(super) fn events_since(&self, cursor: u64) -> impl Iterator<Item = &Event> {
        let first = self.events.front().map_or(0, |e| e.cursor);
        self.events.iter().skip((cursor + 1).saturating_sub(first) as usize)
    }

    /// What a node was billed, once it is over.
    pub fn bill_of(&self, node: &str) -> Option<tradewind_core::money::Usd> {
        self.nodes.get(node)?.billed
    }

    /// A number that nothing else has.
    pub(super) fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Tells what happened.
    pub(super) fn tell(&mut self, at: Time, id: &str, what: &str, detail: impl Into<String>) {
        self.cursor += 1;
        let event = Event { cursor: self.cursor, at, id: id.to_owned(), what: what.to_owned(), detail: detail.into() };
        self.events.push_back(event);
        if self.events.len() > MOST_EVENTS {
            self.events.pop_front();
        }
    }
}
