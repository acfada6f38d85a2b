//! A place is lost: launches there that nobody answers are given up, so that their tasks can be planned elsewhere. What
//! has begun stays: its launches are asked again under their keys.

use std::collections::BTreeSet;

use tradewind_core::time::Millis;

use super::Run;
use super::call::{Call, Intent};
use super::node::Phase as NodePhase;
use super::script::{Script, is_within};
use super::state::{State, Timer};
use super::task::Phase;
use super::turn::Turn;

/// When a launch that was given up is asked for again if its node is still needed.
const ASK_AGAIN: Millis = Millis::from_secs(15 * 60);

/// First launches in a place that were sent in vain, each with its nodes.
fn stuck<'a>(script: &'a Script, state: &'a State, place: &'a str) -> impl Iterator<Item = (&'a Call, &'a [u32])> {
    state.open.values().filter_map(move |call| match &call.intent {
        Intent::Launch { nodes, attempt: 0, .. } if call.tries > 0 => {
            let pool = script.site(state.nodes[nodes[0] as usize].home).pool();
            is_within(&pool, place).then_some((call, nodes.as_slice()))
        }
        _ => None,
    })
}

impl Turn<'_> {
    /// A cloud tells that a place is out: launches there that it does not answer are given up. They may still come, so
    /// the cloud is doubted.
    pub fn lost(&mut self, place: &str) {
        let stuck: Vec<(u64, Vec<u32>)> =
            stuck(self.script, self.state, place).map(|(call, nodes)| (call.id, nodes.to_vec())).collect();
        for (id, nodes) in stuck {
            if let Some(call) = self.state.open.remove(&id) {
                self.doubt(&call.cloud);
            }
            let name = self.name_of(nodes[0]);
            self.decide(name, "give up its launch", &["ask until it is answered"], format!("{place} is out"));
            for node in nodes {
                self.state.ledger.give_back(node);
                if self.state.nodes[node as usize].phase == NodePhase::Asked {
                    self.enter(node, NodePhase::Planned);
                    self.state.wake_at(self.state.now + ASK_AGAIN, Timer::Launch(node));
                }
            }
        }
    }
}

impl Run {
    /// Whether launches in a place were sent in vain that may be given up.
    pub fn is_stuck_in(&self, place: &str) -> bool {
        stuck(&self.script, &self.state, place).next().is_some()
    }

    /// Whether anything waits for a launch that finds no room or no answer.
    pub fn is_held_up(&self) -> bool {
        let is_vain = |call: &Call| call.tries > 0 && matches!(call.intent, Intent::Launch { attempt: 0, .. });
        !self.state.pools.is_empty() || self.state.open.values().any(is_vain)
    }

    /// Whether a task that never ran waits for a place and could be planned elsewhere.
    pub fn could_leave(&self, place: &str) -> bool {
        let pools = self.state.pools.iter().filter(|(name, _)| is_within(name, place));
        let waiting = pools.flat_map(|(_, pool)| pool.waiting.iter().copied());
        let stuck = stuck(&self.script, &self.state, place).flat_map(|(_, nodes)| nodes.iter().copied());
        let held: BTreeSet<u32> = waiting.chain(stuck).collect();
        let is_fresh = |n: u32| {
            let node = &self.state.nodes[n as usize];
            node.attempt == 0 && (held.contains(&n) || node.phase == NodePhase::Planned)
        };
        !held.is_empty()
            && (0..).zip(&self.state.tasks).any(|(t, task)| {
                let mut nodes = task.first_node..task.first_node + self.script.task(t).nodes;
                let never_ran = task.phase == Phase::Waiting && task.stints == 0;
                never_ran && nodes.clone().any(|n| held.contains(&n)) && nodes.all(is_fresh)
            })
    }
}
