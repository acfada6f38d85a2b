//! What a run writes into its ledger: a line a launch, a line for what each task keeps on its nodes.

use tradewind_core::money::UsdPerHour;
use tradewind_core::time::{Millis, Time};

use super::script::Home;
use super::turn::Turn;
use crate::ledger::Line;

impl Turn<'_> {
    /// The line of a node that is launched now: who needs it pays for it, until its reserved end, or as long as what is
    /// left to do on it takes.
    pub fn line_of(&self, node: u32) -> Line {
        let (now, script) = (self.state.now, self.script);
        let tasks = self.tasks_on(node);
        let (machine, reserved) = match self.state.nodes[node as usize].home {
            Home::Planned(a, _) => {
                (script.model().nodes()[node as usize].machine, script.plan.allocations[a as usize].reserved_end)
            }
            Home::Behind(task, _) => {
                let rescue = script.task(task).rescue;
                (rescue.map_or(0, |r| r.machine), now + Millis::new(rescue.map_or(0, |r| r.required)))
            }
        };
        let market = &script.plan.market;
        let offer = &market.offers[machine as usize];
        let cloud = market.cloud_of(offer);
        let left = |&(task, _): &(u32, u32)| {
            let t = &self.state.tasks[task as usize];
            script.rhythm(task, t.moved).takes(t.progress.left())
        };
        let longest = tasks.iter().map(left).max().unwrap_or(Millis::ZERO);
        let until = reserved.max(now + script.model().mean_boot(machine) + longest);
        let parts = script.chart().parts(offer.price.plus(cloud.address), &tasks);
        Line::new(now, parts, until, cloud.billing_minimum)
    }

    /// The tasks that need a node, each with its job; all that were planned on it where none does any more.
    pub fn tasks_on(&self, node: u32) -> Vec<(u32, u32)> {
        let with_job = |task: u32| (task, self.script.task(task).job);
        let planned = match self.state.nodes[node as usize].home {
            Home::Planned(..) => self.script.chart().on_node(node),
            Home::Behind(task, _) => return vec![with_job(task)],
        };
        let needs = |&task: &u32| {
            let t = &self.state.tasks[task as usize];
            !t.phase.is_over() && !t.moved
        };
        let needing: Vec<(u32, u32)> = planned.iter().copied().filter(needs).map(with_job).collect();
        if needing.is_empty() { planned.iter().copied().map(with_job).collect() } else { needing }
    }

    /// A launch was answered: its line.
    pub fn enter_line(&mut self, node: u32, since: Time, price: UsdPerHour) -> u32 {
        let market = &self.script.plan.market;
        let site = self.script.site(self.state.nodes[node as usize].home);
        let address = market.clouds.iter().find(|c| c.name == site.cloud).map_or(UsdPerHour::ZERO, |c| c.address);
        match self.state.ledger.begin(node, since, price.plus(address)) {
            Some(line) => line,
            None => {
                let line = self.line_of(node);
                self.state.ledger.enter(line)
            }
        }
    }

    /// A task is on its nodes: what it keeps there costs from now on.
    pub fn keep(&mut self, task: u32) {
        let (planned, now) = (self.script.task(task), self.state.now);
        if planned.kept > UsdPerHour::ZERO {
            let parts = self.script.chart().parts(planned.kept, &[(task, planned.job)]);
            self.state.ledger.keep(task, Line::new(now, parts, now, Millis::ZERO));
        }
    }

    /// A task is off its nodes: what it kept there, and how long it was on them where that counts.
    pub fn off_nodes(&mut self, task: u32, counts: bool) {
        let planned = self.script.task(task);
        let t = &mut self.state.tasks[task as usize];
        let before = t.on_nodes;
        if counts {
            t.on_nodes = before + (self.state.now - t.began);
        }
        let cost = planned.kept.times(t.on_nodes) - planned.kept.times(before);
        let payer = self.script.chart().payers.of_job(planned.job);
        self.state.ledger.kept(task, payer, cost);
    }
}
