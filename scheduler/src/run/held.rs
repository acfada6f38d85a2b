//! Launches and money: it is set aside before a launch, and a launch that a budget has no room for waits, or is given up.

use std::collections::BTreeSet;

use tradewind_core::money::Usd;

use super::node::{Node, Phase as NodePhase};
use super::task::Phase;
use super::turn::Turn;
use crate::ledger::{Ledger, Limit, Line};

impl Turn<'_> {
    /// Sets aside what the launch of a node may cost; whether the budgets of all who pay for it have room. Where one
    /// has not, the launch waits.
    pub fn set_aside(&mut self, node: u32) -> bool {
        let line = self.line_of(node);
        let Some((limit, asked)) = self.too_small_for(&line) else {
            self.state.ledger.held.remove(&node);
            self.state.ledger.ask(node, line);
            return true;
        };
        if self.state.ledger.held.insert(node, limit).is_none() {
            self.state.ledger.has_changed = true;
            let (name, room) = (self.name_of(node), self.room(limit));
            let because = format!("TW4061: it may cost USD {asked:.2}, and {room}");
            self.decide(name, "wait with the launch", &["launch it"], because);
            if self.state.nodes[node as usize].phase == NodePhase::Lost {
                self.enter(node, NodePhase::Planned);
            }
        }
        false
    }

    /// The first budget that has no room for a line, and what the line may cost of it.
    fn too_small_for(&self, line: &Line) -> Option<(u32, Usd)> {
        let (chart, now) = (self.script.chart(), self.state.now);
        let too_small = |(l, limit): (u32, &Limit)| {
            let asked = Ledger::worst_of(line, limit, now);
            let is_too_small = asked > Usd::ZERO && self.state.ledger.committed(chart, limit, now) + asked > limit.hard;
            is_too_small.then_some((l, asked))
        };
        (0..).zip(&chart.limits).find_map(too_small)
    }

    /// A wish to launch a node is taken back.
    pub fn unwish(&mut self, node: u32) {
        if self.launches.remove(&node) {
            self.state.ledger.give_back(node);
        }
        self.state.ledger.held.remove(&node);
    }

    /// Launches that wait for money, in order of nodes: made where there is room now, given up where none will come.
    pub fn try_held(&mut self) {
        let waited_for: BTreeSet<u32> = self.state.ledger.held.values().copied().collect();
        let moving: BTreeSet<u32> = waited_for.into_iter().filter(|&l| self.is_moving(l)).collect();
        let has_changed = std::mem::take(&mut self.state.ledger.has_changed);
        for (node, l) in self.state.ledger.held.clone() {
            if has_changed || !moving.contains(&l) {
                self.try_one(node);
            }
        }
    }

    fn try_one(&mut self, node: u32) {
        while self.state.ledger.held.contains_key(&node) {
            let Some((l, _)) = self.too_small_for(&self.line_of(node)) else {
                self.state.ledger.held.remove(&node);
                return self.launch(node);
            };
            let doomed = self.doomed_on(node, l);
            if doomed.is_empty() {
                self.state.ledger.held.insert(node, l);
                return;
            }
            self.give_up_for(l, &doomed);
        }
    }

    /// Tasks that will not run on a node for which a budget has no room: a gang does not wait with a part of its nodes,
    /// and nobody waits for money that will not come back.
    fn doomed_on(&self, node: u32, l: u32) -> Vec<u32> {
        let waiting = self.waiting_on(node, l);
        let gangs: Vec<u32> = waiting.iter().copied().filter(|&task| self.script.task(task).nodes > 1).collect();
        if !gangs.is_empty() || self.is_moving(l) { gangs } else { waiting }
    }

    /// Tasks are given up whose node a budget has no room for.
    fn give_up_for(&mut self, l: u32, doomed: &[u32]) {
        let limit = &self.script.chart().limits[l as usize];
        let because = format!("TW4061: {}; raise {} and plan it anew", self.room(l), limit.scope.key());
        for &task in doomed {
            self.abandon(task, &because);
        }
    }

    /// Tasks of a limit that wait for a node.
    fn waiting_on(&self, node: u32, l: u32) -> Vec<u32> {
        let chart = self.script.chart();
        let limit = &chart.limits[l as usize];
        let is_it = |&(task, job): &(u32, u32)| {
            self.state.tasks[task as usize].phase == Phase::Waiting && limit.counts(chart.payers.of_job(job))
        };
        self.tasks_on(node).into_iter().filter(is_it).map(|(task, _)| task).collect()
    }

    /// Whether money of a limit may come back by itself: something that it pays for is on its way, runs, or will at its
    /// time on a node that is there.
    fn is_moving(&self, l: u32) -> bool {
        let limit = &self.script.chart().limits[l as usize];
        let is_busy = |task: u32| {
            let t = &self.state.tasks[task as usize];
            match t.phase {
                Phase::Asked | Phase::Running | Phase::Stopping(_) => true,
                Phase::Waiting if t.due || t.waits_for > 0 => false,
                Phase::Waiting => self.state.nodes[t.first_node as usize].phase == NodePhase::Up,
                Phase::Done | Phase::Failed | Phase::Cancelled => false,
            }
        };
        let is_coming = |n: &Node| matches!(n.phase, NodePhase::Asked | NodePhase::Booting);
        let unbilled = || self.state.lives.iter().any(|life| life.ended.is_some() && life.billed.is_none());
        self.tasks_of(limit).into_iter().any(is_busy) || self.state.nodes.iter().any(is_coming) || unbilled()
    }
}
