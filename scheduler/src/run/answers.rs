//! What the answers of the clouds mean: an intent is closed by its answer, or sent again.

use tradewind_core::time::Millis;
use tradewind_mcp::control::Decision;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::Reply;
use tradewind_mcp::tools::get_health::Resource;

use super::call::{Call, Intent};
use super::node::Life;
use super::script::Home;
use super::state::{Known, Timer};
use super::turn::{Turn, key};
use crate::ledger::Line;

/// First pause before a call is sent again whose fate is unknown; each next one is twice as long.
const FIRST_PAUSE: Millis = Millis::from_secs(1);
/// No pause is longer.
const LONGEST_PAUSE: Millis = Millis::from_secs(60);

impl Turn<'_> {
    /// A call was answered.
    pub fn answered(&mut self, id: u64, reply: &Reply) {
        let Some(Call { cloud, intent, .. }) = self.state.open.remove(&id) else { return };
        match (&intent, reply) {
            (Intent::Launch { nodes, .. }, Reply::ProvisionCompute(told) | Reply::LaunchSpot(told)) => {
                self.launched(&cloud, nodes, told);
            }
            (Intent::End { lives }, Reply::ProvisionCompute(told) | Reply::LaunchSpot(told)) => {
                self.ended(lives, told);
            }
            (Intent::Start { task, stint, .. }, Reply::SubmitMlJob(told)) => {
                self.started(&cloud, (*task, *stint), told);
            }
            (Intent::Stop { task, .. }, Reply::SubmitMlJob(told)) => self.stopped(*task, Some(told)),
            (Intent::Look, Reply::GetHealth(told)) => self.looked(&cloud, &told.resources),
            _ => {}
        }
    }

    /// A call was refused. What may have been done is asked again under the same key; what was not is decided anew.
    pub fn refused(&mut self, id: u64, refusal: &Refusal) {
        let Some(call) = self.state.open.get_mut(&id) else { return };
        if matches!(refusal.class, Class::Unavailable | Class::Throttled | Class::Fenced) {
            let grown = Millis::new(FIRST_PAUSE.get() << call.tries.min(6)).min(LONGEST_PAUSE);
            call.tries += 1;
            let told = Millis::new(refusal.retry_after_ms.unwrap_or(0) as i64);
            return self.state.wake_at(self.state.now + grown.max(told), Timer::Resend(id));
        }
        let Some(Call { cloud, intent, tries, .. }) = self.state.open.remove(&id) else { return };
        match intent {
            Intent::Launch { nodes, .. } => {
                if tries > 0 {
                    self.doubt(&cloud);
                }
                if refusal.class == Class::Capacity {
                    return self.no_room(
                        &nodes,
                        refusal.retry_after_ms,
                        &format!("{}: {}", refusal.code, refusal.message),
                    );
                }
                self.not_launched(&nodes, refusal);
                self.reopen(nodes[0]);
            }
            Intent::End { lives } => self.forgotten(&lives),
            Intent::Start { task, .. } => self.not_started(task),
            Intent::Stop { task, .. } => self.stopped(task, None),
            Intent::Quotas | Intent::Look => {}
        }
    }

    /// Nodes were not launched: not now, or never.
    fn not_launched(&mut self, nodes: &[u32], refusal: &Refusal) {
        let never = matches!(refusal.class, Class::Denied | Class::Invalid);
        for &node in nodes {
            self.refuse(node, refusal.retry_after_ms);
            let name = self.name_of(node);
            let because = format!("{}: {}", refusal.code, refusal.message);
            let choice = if never { "give up its tasks" } else { "try again later" };
            self.decide(name, choice, &["another machine"], because.clone());
            if !never {
                continue;
            }
            let parts = |&t: &u32| {
                let first = self.state.tasks[t as usize].first_node;
                (first..first + self.script.task(t).nodes).contains(&node)
            };
            let doomed: Vec<u32> = (0..self.state.tasks.len() as u32).filter(parts).collect();
            for task in doomed {
                self.abandon(task, &because);
            }
        }
    }

    /// Everything of ours on a cloud: what should not be there any more is ended.
    fn looked(&mut self, cloud: &str, resources: &[Resource]) {
        for resource in resources.iter().filter(|r| is_left(r)) {
            match self.state.ids.get(&key(cloud, &resource.id)) {
                Some(&Known::Life(life)) if self.state.lives[life as usize].billed.is_some() => self.ends.push(life),
                Some(_) => {}
                None => self.end_stray(cloud, resource),
            }
        }
    }

    /// A node of ours that nobody waits for: a launch that was given up came late. It is ended, and its bill is ours.
    fn end_stray(&mut self, cloud: &str, resource: &Resource) {
        let Some((node, attempt)) = resource.decision.parse().ok().and_then(|d| self.launch_of(cloud, &d)) else {
            return;
        };
        let (id, now) = (resource.id.clone(), self.state.now);
        let number = self.state.lives.len() as u32;
        self.state.ids.insert(key(cloud, &id), Known::Life(number));
        let line = self.line_of(node);
        let line = self.state.ledger.enter(Line { until: Some(now), ..line });
        // Another may be on its way.
        self.state.unsure = true;
        let life = Life { node, attempt, id, launched: now, ended: Some(now), lost: false, billed: None, line };
        self.state.lives.push(life);
        self.state.unbilled += 1;
        self.ends.push(number);
        // Launched again under the same key it would be this node.
        let n = &mut self.state.nodes[node as usize];
        n.attempt = n.attempt.max(attempt + 1);
        let name = self.name_of(node);
        self.decide(name, "end it", &["keep it"], "its launch was given up and came late");
    }

    /// The node and the attempt that a decision's launch was for, unless its answer is awaited.
    fn launch_of(&self, cloud: &str, decision: &Decision) -> Option<(u32, u32)> {
        let is_it = |&node: &u32| {
            let (Home::Planned(_, index) | Home::Behind(_, index)) = self.state.nodes[node as usize].home;
            index == decision.node
                && self.script.site(self.state.nodes[node as usize].home).allocation == decision.allocation
        };
        let node = (0..self.state.nodes.len() as u32).find(is_it)?;
        let is_awaited = self.state.open.values().any(|call| {
            let asks = |nodes: &[u32], attempt: u32| nodes.contains(&node) && attempt == decision.attempt;
            call.cloud == cloud
                && matches!(&call.intent, Intent::Launch { nodes, attempt, .. } if asks(nodes, *attempt))
        });
        (!is_awaited).then_some((node, decision.attempt))
    }
}

/// Whether a node is there that still costs or holds something.
fn is_left(resource: &Resource) -> bool {
    resource.kind == "node" && resource.state != "terminated"
}
