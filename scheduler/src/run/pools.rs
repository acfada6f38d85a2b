//! What becomes of pools without room: one launch asks for all, the others wait.

use std::collections::BTreeSet;

use tradewind_core::time::Time;

use super::call::Intent;
use super::node::Phase as NodePhase;
use super::pool::{Phase, Pool};
use super::state::Timer;
use super::turn::{Turn, is_neighbour};

impl Turn<'_> {
    /// The pool of a node, where it is one without room.
    pub fn dead_pool_of(&self, node: u32) -> Option<String> {
        if self.state.pools.is_empty() {
            return None;
        }
        let name = self.script.site(self.state.nodes[node as usize].home).pool();
        self.state.pools.contains_key(&name).then_some(name)
    }

    /// A node waits for room in its pool.
    pub fn wait_for_room(&mut self, node: u32, pool: &str) {
        if self.state.nodes[node as usize].phase != NodePhase::Planned {
            self.enter(node, NodePhase::Planned);
        }
        if let Some(pool) = self.state.pools.get_mut(pool) {
            pool.waiting.insert(node);
        }
        self.leave_in_time(node);
    }

    /// Nodes of one pool were refused for want of room: nobody asks there until its pause is over.
    pub fn no_room(&mut self, nodes: &[u32], told: Option<u64>, because: &str) {
        let name = self.script.site(self.state.nodes[nodes[0] as usize].home).pool();
        let (seed, now) = (self.script.plan.seed, self.state.now);
        let pool = self.state.pools.entry(name.clone()).or_default();
        let is_news = pool.phase != Phase::Paused;
        if is_news {
            pool.pause(&name, seed, now, told);
        }
        let until = pool.until;
        for &node in nodes {
            self.state.ledger.give_back(node);
            let n = &mut self.state.nodes[node as usize];
            if n.phase != NodePhase::Released {
                n.refusals += 1;
                self.enter(node, NodePhase::Planned);
                self.state.pools.entry(name.clone()).or_default().waiting.insert(node);
            }
        }
        if is_news {
            self.state.wake_at(until, Timer::Probe(name.clone()));
            self.decide_on_pool(&name, &format!("leave it alone until {until}"), &["ask for each node"], because);
        }
        for node in self.waiting_in(&name) {
            self.leave_in_time(node);
        }
    }

    /// A pause is over: one allocation asks, the others wait for its answer.
    pub fn probe(&mut self, name: &str) {
        let now = self.state.now;
        let is_due = |pool: &&Pool| pool.phase == Phase::Paused && pool.until <= now;
        if self.state.pools.get(name).filter(is_due).is_none() {
            return;
        }
        let waiting = self.waiting_in(name);
        let Some(&first) = waiting.first() else {
            self.state.pools.remove(name);
            return;
        };
        let home = |node: u32| self.state.nodes[node as usize].home;
        let asks: Vec<u32> = waiting.iter().copied().filter(|&n| is_neighbour(home(first), home(n), None)).collect();
        if let Some(pool) = self.state.pools.get_mut(name) {
            pool.waiting.retain(|node| !asks.contains(node));
        }
        // Those for which a budget has no room wait for money first.
        let asked = asks.into_iter().filter(|&node| self.ask(node)).count();
        if asked == 0 {
            return self.probe(name);
        }
        if let Some(pool) = self.state.pools.get_mut(name) {
            pool.become_(Phase::Probed);
        }
        let choice = format!("ask for {}", self.name_of(first));
        self.decide_on_pool(name, &choice, &["ask for each node", "wait on"], "its pause is over");
    }

    /// A launch was answered by anything but want of room: whoever waits asks.
    pub fn reopen(&mut self, node: u32) {
        if let Some(name) = self.dead_pool_of(node) {
            self.open_again(&name, "a launch was answered");
        }
    }

    /// Pools whose probe was taken back before it was answered: whoever waits asks.
    pub fn reopen_unasked(&mut self) {
        let is_probed = |(name, pool): (&String, &Pool)| (pool.phase == Phase::Probed).then(|| name.clone());
        let mut unasked: BTreeSet<String> = self.state.pools.iter().filter_map(is_probed).collect();
        if unasked.is_empty() {
            return;
        }
        let sent = self.state.open.values().filter_map(|call| match &call.intent {
            Intent::Launch { nodes, .. } => Some(nodes[0]),
            _ => None,
        });
        for node in sent.chain(self.launches.iter().copied()) {
            unasked.remove(&self.script.site(self.state.nodes[node as usize].home).pool());
        }
        for name in unasked {
            self.open_again(&name, "its launch was taken back");
        }
    }

    fn open_again(&mut self, name: &str, because: &str) {
        let waiting = self.waiting_in(name);
        self.decide_on_pool(name, "ask again", &["wait on"], because);
        if let Some(mut pool) = self.state.pools.remove(name) {
            pool.become_(Phase::Open);
        }
        for node in waiting {
            self.launch(node);
        }
    }

    /// Nodes that wait for room and are needed.
    fn waiting_in(&self, name: &str) -> Vec<u32> {
        let needed = |&&n: &&u32| {
            let node = &self.state.nodes[n as usize];
            node.left > 0 && node.phase == NodePhase::Planned
        };
        self.state.pools.get(name).into_iter().flat_map(|pool| pool.waiting.iter().filter(needed).copied()).collect()
    }

    fn decide_on_pool(&mut self, name: &str, choice: &str, instead: &[&str], because: &str) {
        let waiting = self.waiting_in(name).len();
        let nodes = if waiting == 1 { "1 node waits".to_owned() } else { format!("{waiting} nodes wait") };
        self.decide(name.to_owned(), choice, instead, format!("{because}; {nodes}"));
    }
}

impl super::Run {
    /// Pools that nobody asks now, each with the end of its pause.
    pub fn dead_pools(&self) -> impl Iterator<Item = (&str, Time)> {
        self.state.pools.iter().map(|(name, pool)| (name.as_str(), pool.until))
    }
}
