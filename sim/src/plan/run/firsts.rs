//! What is drawn for every planned node and task, made many at a time as a replication begins.

use super::tasks::fails_at;
use super::{BOOT, LIFE, RUNTIME, Run, drawn};
use crate::draws::{Draws, MANY};
use crate::plan::model::Model;
use crate::plan::run::tasks::FAILURE;
use crate::plan::state::{NodeState, TaskState};

/// The chance of a node's first life.
#[derive(Debug, Clone, Copy)]
struct First {
    /// Boot, ms.
    boot: i64,
    /// The uniform number of when the cloud takes it back, where it does.
    life: f64,
}

/// The chance of the first lives of all planned nodes, as far as it is drawn beforehand, and room to draw in.
#[derive(Debug, Default)]
pub(super) struct Firsts {
    nodes: Vec<First>,
    lucks: Vec<u64>,
    pairs: Vec<[f64; 2]>,
    normals: Vec<f64>,
}

impl Firsts {
    /// The boot of a life of a node, ms.
    pub fn boot(&self, model: &Model, draws: &Draws, node: u32, n: &NodeState) -> i64 {
        match self.nodes.get(node as usize).filter(|_| n.attempt == 0) {
            Some(first) => first.boot,
            None => drawn(model.machines[n.machine as usize].boot, || draws.normal(n.luck, BOOT, n.attempt)),
        }
    }

    /// The uniform number of when the cloud takes a node back in a life.
    pub fn life(&self, draws: &Draws, node: u32, n: &NodeState) -> f64 {
        match self.nodes.get(node as usize).filter(|_| n.attempt == 0) {
            Some(first) => first.life,
            None => draws.uniform(n.luck, LIFE, n.attempt),
        }
    }

    /// Draws for all planned nodes.
    fn draw(&mut self, model: &Model, draws: &Draws) {
        for nodes in model.nodes.chunks(MANY) {
            let machines = nodes.iter().map(|n| &model.machines[n.machine as usize]);
            self.lucks.clear();
            self.lucks
                .extend(nodes.iter().zip(machines.clone()).filter(|(_, m)| m.boot.sigma != 0.0).map(|(n, _)| n.luck));
            draws.normals(&self.lucks, BOOT, 0, &mut self.normals);
            self.lucks.clear();
            self.lucks
                .extend(nodes.iter().zip(machines.clone()).filter(|(_, m)| m.life.is_some()).map(|(n, _)| n.luck));
            draws.pairs(&self.lucks, LIFE, 0, &mut self.pairs);
            let (mut normals, mut pairs) = (self.normals.iter(), self.pairs.iter());
            self.nodes.extend(machines.map(|m| First {
                boot: drawn(m.boot, || normals.next().copied().unwrap_or_default()),
                life: m.life.and_then(|_| pairs.next()).map_or(1.0, |[life, _]| *life),
            }));
        }
    }
}

impl Run {
    /// Nodes before their launch, tasks before their start.
    pub(super) fn begin_states(&mut self, model: &Model, draws: &Draws) {
        self.nodes.clear();
        let capacity = |machine: u32| model.machines[machine as usize].capacity;
        self.nodes.extend(model.nodes.iter().map(|planned| NodeState::new(planned, capacity(planned.machine))));
        self.firsts.nodes.clear();
        // Who watches one job may end before most are launched.
        if self.watch.is_none() {
            self.firsts.draw(model, draws);
        }
        self.tasks.clear();
        let Firsts { lucks, pairs, normals, .. } = &mut self.firsts;
        let may_fail = model.world.failure_probability > 0.0;
        for tasks in model.tasks.chunks(MANY) {
            lucks.clear();
            lucks.extend(tasks.iter().filter(|t| t.runtime.sigma != 0.0).map(|t| t.luck));
            draws.normals(lucks, RUNTIME, 0, normals);
            lucks.clear();
            lucks.extend(tasks.iter().filter(|_| may_fail).map(|t| t.luck));
            draws.pairs(lucks, FAILURE, 0, pairs);
            let (mut normals, mut pairs) = (normals.iter(), pairs.iter());
            self.tasks.extend(tasks.iter().map(|t| {
                let work = drawn(t.runtime, || normals.next().copied().unwrap_or_default());
                let mut task = TaskState::new(t, work);
                task.fails_at = pairs.next().map_or(i64::MAX, |&pair| fails_at(model, pair, &task));
                task
            }));
        }
    }
}
