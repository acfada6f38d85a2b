//! What a run has of each job and holds of each allocation, and the part of it that can be given back to be planned anew.

use std::collections::BTreeMap;

use super::Run;
use super::node::Phase as NodePhase;
use super::task::Phase;
use super::turn::Turn;

/// Tasks of a job in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Done.
    pub done: u32,
    /// Failed, or cancelled after they had begun.
    pub failed: u32,
    /// Given back before they began: somebody else's to plan.
    pub recalled: u32,
    /// Not over.
    pub live: u32,
}

impl Run {
    /// Its tasks by job.
    pub fn shares(&self) -> BTreeMap<&str, Share> {
        let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
        for (t, task) in (0..).zip(&self.state.tasks) {
            let share = shares.entry(self.script.job(t).id.as_str()).or_default();
            *match task.phase {
                Phase::Done => &mut share.done,
                Phase::Cancelled if task.stints == 0 => &mut share.recalled,
                Phase::Failed | Phase::Cancelled => &mut share.failed,
                Phase::Waiting | Phase::Asked | Phase::Running | Phase::Stopping(_) => &mut share.live,
            } += 1;
        }
        shares
    }

    /// Nodes that it has or still needs, by the number of their allocation; those behind spot hold what was set aside.
    pub fn nodes_held(&self) -> BTreeMap<u32, u32> {
        let mut held = BTreeMap::new();
        for node in self.state.nodes.iter().filter(|n| n.left > 0 || n.life.is_some()) {
            if let super::script::Home::Planned(allocation, _) = node.home {
                *held.entry(allocation).or_insert(0) += 1;
            }
        }
        held
    }
}

impl Turn<'_> {
    /// Gives back what has not begun: tasks that never ran and of whose nodes none was asked for, and what waits for
    /// them.
    pub fn recall(&mut self) {
        let tasks = 0..self.state.tasks.len() as u32;
        let mut given: Vec<u32> = tasks.filter(|&task| self.is_untouched(task)).collect();
        while let Some(task) = given.pop() {
            let t = &self.state.tasks[task as usize];
            if t.phase != Phase::Waiting || t.stints > 0 {
                continue;
            }
            let planned = self.script.task(task);
            let about = format!("{}/{}", self.script.job(task).id, planned.index);
            self.decide(about, "recalled", &["start as planned"], "it has not begun, and is planned anew");
            self.close(task, Phase::Cancelled);
            given.extend(self.script.followers(planned.job));
        }
    }

    fn is_untouched(&self, task: u32) -> bool {
        let t = &self.state.tasks[task as usize];
        let first = t.first_node as usize;
        let nodes = &self.state.nodes[first..first + self.script.task(task).nodes as usize];
        t.phase == Phase::Waiting
            && t.stints == 0
            && nodes.iter().all(|n| n.phase == NodePhase::Planned && n.attempt == 0)
    }
}
