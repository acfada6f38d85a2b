//! The part of a plan that decides when one job ends: much smaller than the plan, and the same for that job.

use std::collections::{BTreeSet, HashMap};

use super::order::Order;
use super::{Model, PlannedNode, PlannedTask};

impl Model {
    /// What a job's end depends on: its tasks, all that share a node with them, what these wait for, and so on. Any
    /// replication of it ends the job when the same replication of the whole does. The whole in a world with launch
    /// rates or quotas that are cut: those let all nodes wait for each other.
    pub(in crate::plan) fn cone(&self, job: u32) -> Self {
        if !self.sites.buckets.is_empty() || !self.sites.cuts.is_empty() {
            return self.clone();
        }
        let mut reach = Reach::new(self);
        reach.add_job(job);
        while let Some(task) = reach.to_do.pop() {
            reach.spread(task);
        }
        self.part(&reach.tasks)
    }

    /// Whether a cloud may take a node back.
    pub(in crate::plan) fn may_lose_nodes(&self) -> bool {
        let may_die = |n: &PlannedNode| self.machines[n.machine as usize].life.is_some();
        let is_calm = self.outages.is_empty() && self.sites.spells.is_empty() && self.sites.cuts.is_empty();
        !is_calm || self.nodes.iter().any(may_die)
    }

    /// Only these tasks with their nodes, in the same order.
    fn part(&self, kept: &BTreeSet<u32>) -> Self {
        let old_nodes: BTreeSet<u32> = kept.iter().flat_map(|&t| self.tasks[t as usize].planned_on()).collect();
        let renamed: HashMap<u32, u32> = old_nodes.iter().copied().zip(0..).collect();
        let task = |&t: &u32| {
            let task = &self.tasks[t as usize];
            PlannedTask { first_node: renamed[&task.first_node], ..task.clone() }
        };
        let mut part = Self {
            nodes: old_nodes.iter().map(|&n| self.nodes[n as usize]).collect(),
            tasks: kept.iter().map(task).collect(),
            of_job: vec![Vec::new(); self.of_job.len()],
            ..self.clone_without_tables()
        };
        for (new, t) in (0..).zip(&part.tasks) {
            part.of_job[t.job as usize].push(new);
        }
        part.close();
        part
    }

    /// All but what the plan asks for.
    fn clone_without_tables(&self) -> Self {
        Self {
            machines: self.machines.clone(),
            sites: self.sites.clone(),
            nodes: Vec::new(),
            tasks: Vec::new(),
            luck_behind: self.luck_behind.clone(),
            of_job: Vec::new(),
            followers: self.followers.clone(),
            outages: self.outages.clone(),
            order: Order::default(),
            under: Vec::new(),
            planned: Vec::new(),
            world: self.world.clone(),
            ..*self
        }
    }
}

/// What is in reach so far.
struct Reach<'m> {
    model: &'m Model,
    tasks: BTreeSet<u32>,
    /// Those whose neighbours are not looked at yet.
    to_do: Vec<u32>,
    on_node: Vec<Vec<u32>>,
    /// Jobs that each job waits for.
    before: Vec<Vec<u32>>,
}

impl<'m> Reach<'m> {
    fn new(model: &'m Model) -> Self {
        let mut on_node = vec![Vec::new(); model.nodes.len()];
        for (t, task) in (0..).zip(&model.tasks) {
            task.planned_on().for_each(|n| on_node[n as usize].push(t));
        }
        let mut before = vec![Vec::new(); model.followers.len()];
        for (job, followers) in (0..).zip(&model.followers) {
            followers.iter().for_each(|&f| before[f as usize].push(job));
        }
        Self { model, tasks: BTreeSet::new(), to_do: Vec::new(), on_node, before }
    }

    fn add_job(&mut self, job: u32) {
        self.add(&self.model.of_job[job as usize]);
    }

    fn add(&mut self, tasks: &[u32]) {
        self.to_do.extend(tasks.iter().filter(|&&t| self.tasks.insert(t)));
    }

    /// To all that a task's end depends on.
    fn spread(&mut self, task: u32) {
        let t = &self.model.tasks[task as usize];
        for node in t.planned_on() {
            let here = std::mem::take(&mut self.on_node[node as usize]);
            self.add(&here);
        }
        let before = std::mem::take(&mut self.before[t.job as usize]);
        before.into_iter().for_each(|job| self.add_job(job));
    }
}
