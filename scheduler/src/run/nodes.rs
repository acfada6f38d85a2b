//! What becomes of nodes: launched, refused, usable, lost, released. The simulator's rules, in its order.

use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::Millis;
use tradewind_mcp::tools::node::{Launched, NodeState};
use tradewind_sim::plan::Retry;

use super::node::{Life, Phase};
use super::state::{Known, Timer};
use super::task::Why;
use super::turn::{Turn, key};

impl Turn<'_> {
    /// Launches a node, unless nothing needs it or it is there.
    pub fn launch(&mut self, node: u32) {
        let n = &self.state.nodes[node as usize];
        if n.left == 0 || !matches!(n.phase, Phase::Planned | Phase::Lost) || self.launches.contains(&node) {
            return;
        }
        match self.dead_pool_of(node) {
            Some(pool) => self.wait_for_room(node, &pool),
            None => {
                self.ask(node);
            }
        }
    }

    /// A node is asked for, if the budgets have room for it.
    pub fn ask(&mut self, node: u32) -> bool {
        let has_room = self.set_aside(node);
        if has_room {
            self.enter(node, Phase::Asked);
            self.launches.insert(node);
        }
        has_room
    }

    /// A launch was answered: each node that came has a life now, for the others there was no room.
    pub fn launched(&mut self, cloud: &str, nodes: &[u32], launched: &Launched) {
        for (&node, told) in nodes.iter().zip(&launched.nodes) {
            self.begin_life(cloud, node, told, launched.usd_per_hour);
        }
        match nodes.get(launched.nodes.len()..) {
            None | Some([]) => self.reopen(nodes[0]),
            Some(short) => self.no_room(short, None, "fewer nodes came than were asked for"),
        }
    }

    fn begin_life(&mut self, cloud: &str, node: u32, told: &tradewind_mcp::tools::node::Node, price: UsdPerHour) {
        let site = self.script.site(self.state.nodes[node as usize].home);
        if site.together {
            self.state.zones.entry(site.allocation).or_insert_with(|| told.zone.clone());
        }
        let life = self.state.lives.len() as u32;
        self.state.ids.insert(key(cloud, &told.node_id), Known::Life(life));
        let n = &mut self.state.nodes[node as usize];
        let attempt = n.attempt;
        (n.life, n.refusals) = (Some(life), 0);
        let (id, launched) = (told.node_id.clone(), told.launched_at);
        let line = self.enter_line(node, launched, price);
        self.state.lives.push(Life { node, attempt, id, launched, ended: None, lost: false, billed: None, line });
        self.state.unbilled += 1;
        if self.state.nodes[node as usize].phase == Phase::Released {
            self.state.ledger.release(line, self.state.now);
            return self.ends.push(life);
        }
        self.enter(node, Phase::Booting);
        // An answer that was long on its way tells of what happened since.
        match told.state {
            NodeState::Pending => {}
            NodeState::Running => self.ready(life),
            NodeState::Stopped | NodeState::Deallocated | NodeState::Terminated => self.lose(life, "gone"),
        }
    }

    /// A launch of a node was refused: it is tried again after longer and longer pauses, or before, when a task that
    /// waits has to leave spot.
    pub fn refuse(&mut self, node: u32, told: Option<u64>) {
        self.state.ledger.give_back(node);
        if self.state.nodes[node as usize].phase == Phase::Released {
            return;
        }
        self.enter(node, Phase::Planned);
        let n = &mut self.state.nodes[node as usize];
        let pause = Retry::default().pause(n.refusals).max(told.unwrap_or(0) as i64);
        n.refusals += 1;
        self.state.wake_at(self.state.now + Millis::new(pause), Timer::Launch(node));
        self.leave_in_time(node);
    }

    /// Tasks that wait for a node that is not launched leave spot when they must.
    pub fn leave_in_time(&mut self, node: u32) {
        for task in self.state.nodes[node as usize].waiting.clone() {
            match self.leaves_by(task) {
                Some(at) if at <= self.state.now => self.leave_spot(task),
                Some(at) => self.state.wake_at(at, Timer::Launch(node)),
                None => {}
            }
        }
    }

    /// A node is usable.
    pub fn ready(&mut self, life: u32) {
        let node = self.state.lives[life as usize].node;
        let n = &self.state.nodes[node as usize];
        if n.life == Some(life) && n.phase == Phase::Booting {
            self.enter(node, Phase::Up);
            self.start_waiting(node);
        }
    }

    /// A node is gone: what ran on it is stopped, its bill is asked for.
    pub fn lose(&mut self, life: u32, how: &str) {
        let node = self.state.lives[life as usize].node;
        if self.state.nodes[node as usize].life != Some(life) {
            return;
        }
        self.enter(node, Phase::Lost);
        let n = &mut self.state.nodes[node as usize];
        (n.life, n.attempt) = (None, n.attempt + 1);
        let stopped = n.running.clone();
        self.state.lives[life as usize].lost = how != "expired";
        self.end_life(life);
        self.state.ledger.end(self.state.lives[life as usize].line, self.state.now);
        for &task in &stopped {
            self.stop(task, Why::Lost);
        }
        let name = self.name_of(node);
        self.decide(name, "launch again while tasks need it", &["give it up"], format!("the cloud says: {how}"));
        self.relaunch(node);
    }

    /// Launches a lost node again, once it is known which of its tasks stay.
    pub fn relaunch(&mut self, node: u32) {
        let awaited = |t: u32| {
            let first = self.state.tasks[t as usize].first_node;
            let is_here = (first..first + self.script.task(t).nodes).contains(&node);
            is_here && matches!(self.state.tasks[t as usize].phase, super::task::Phase::Stopping(_))
        };
        let n = &self.state.nodes[node as usize];
        if n.phase == Phase::Lost && !self.state.stopping.iter().any(|&t| awaited(t)) {
            self.launch(node);
        }
    }

    /// A life ends now: by our call, or it has ended and the call tells the bill. Until a cloud says so it costs on.
    fn end_life(&mut self, life: u32) {
        let ended = &mut self.state.lives[life as usize];
        ended.ended = Some(self.state.now);
        self.state.ledger.release(ended.line, self.state.now);
        self.ends.push(life);
    }

    /// Nothing needs a node any more.
    pub fn release(&mut self, node: u32) {
        let life = self.state.nodes[node as usize].life.take();
        self.enter(node, Phase::Released);
        if let Some(life) = life {
            self.end_life(life);
        }
    }

    /// Lives have ended: their bills.
    pub fn ended(&mut self, lives: &[u32], launched: &Launched) {
        for &life in lives {
            let life = &mut self.state.lives[life as usize];
            let told = launched.nodes.iter().find(|n| n.node_id == life.id);
            if let (None, Some(told)) = (life.billed, told) {
                let (node, bill) = (life.node, told.billed_usd.unwrap_or_default());
                (life.billed, life.ended) = (Some(bill), told.ended_at.or(life.ended));
                self.state.ledger.end(life.line, life.ended.unwrap_or(self.state.now));
                self.state.ledger.settle(life.line, bill);
                self.state.unbilled -= 1;
                self.look_at_cost(node, bill);
            }
        }
    }

    /// A cloud knows nothing of lives any more: no bill of theirs will come.
    pub fn forgotten(&mut self, lives: &[u32]) {
        for &life in lives {
            let life = &mut self.state.lives[life as usize];
            if life.billed.is_none() {
                life.billed = Some(Usd::ZERO);
                self.state.ledger.settle(life.line, Usd::ZERO);
                self.state.unbilled -= 1;
            }
        }
    }
}
