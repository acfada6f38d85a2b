//! A plan's tables in the order in which it uses them: what happens at about one time lies together in memory.

use std::borrow::Cow;

use super::Model;
use crate::plan::queue::Event;

/// So many tasks and nodes stay in the processor's second cache in any order.
const SMALL: usize = 4096;

/// The plan's own numbers of nodes and tasks that are kept in another order. Empty where they are kept in this one.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct Order {
    /// Where each node of the plan is.
    nodes: Vec<u32>,
    /// Where each task of the plan is.
    tasks: Vec<u32>,
    /// The plan's number of each node.
    number: Vec<u32>,
}

impl Order {
    /// Where the node is that has a number in the plan; what stands behind keeps its own.
    pub fn node(&self, number: u32) -> u32 {
        self.nodes.get(number as usize).copied().unwrap_or(number)
    }

    /// Where the task is that has a number in the plan.
    pub fn task(&self, number: u32) -> u32 {
        self.tasks.get(number as usize).copied().unwrap_or(number)
    }

    /// The number of a node in the plan.
    pub fn number(&self, node: u32) -> u32 {
        self.number.get(node as usize).copied().unwrap_or(node)
    }
}

impl Model {
    /// The same model, with nodes in order of their launch and tasks in order of their start. Any replication of it comes
    /// to the same: where the order of nodes matters it is the plan's.
    pub(in crate::plan) fn in_time_order(&self) -> Cow<'_, Self> {
        let is_small = self.nodes.len() + self.tasks.len() < SMALL;
        if is_small { Cow::Borrowed(self) } else { Cow::Owned(self.put_in_time_order()) }
    }

    /// A model that is in the plan's order, in that of time.
    pub(in crate::plan) fn put_in_time_order(&self) -> Self {
        let mut model = self.clone();
        let number = self.nodes_by_launch();
        let mut of_task: Vec<u32> = (0..self.tasks.len() as u32).collect();
        of_task.sort_by_key(|&t| self.tasks[t as usize].start);
        let order = Order { nodes: inverse(&number), tasks: inverse(&of_task), number };
        model.nodes = order.number.iter().map(|&n| self.nodes[n as usize]).collect();
        model.tasks = of_task.iter().map(|&t| self.tasks[t as usize].clone()).collect();
        model.tasks.iter_mut().for_each(|t| t.first_node = order.node(t.first_node));
        model.of_job.iter_mut().flatten().for_each(|t| *t = order.task(*t));
        model.under.iter_mut().flatten().for_each(|n| *n = order.node(*n));
        for (_, event) in &mut model.planned {
            match event {
                Event::Launch { node } => *node = order.node(*node),
                Event::Due { task } => *task = order.task(*task),
                _ => {}
            }
        }
        Self { order, ..model }
    }

    /// Nodes in order of their launch; those of one task stay together.
    fn nodes_by_launch(&self) -> Vec<u32> {
        let mut is_first = vec![true; self.nodes.len()];
        for task in &self.tasks {
            task.planned_on().skip(1).for_each(|n| is_first[n as usize] = false);
        }
        let mut launch = i64::MIN;
        let of_group = is_first.iter().zip(&self.nodes).map(|(&is_first, n)| {
            launch = if is_first { n.launch } else { launch };
            launch
        });
        let launches: Vec<i64> = of_group.collect();
        // Groups launched at one instant stay as they are, one after the other.
        let mut all: Vec<u32> = (0..self.nodes.len() as u32).collect();
        all.sort_by_key(|&n| launches[n as usize]);
        all
    }
}

/// Where each number stands in a list of all of them.
fn inverse(list: &[u32]) -> Vec<u32> {
    let mut places = vec![0; list.len()];
    (0..).zip(list).for_each(|(place, &number)| places[number as usize] = place);
    places
}
