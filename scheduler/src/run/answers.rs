//! What the answers of the clouds mean: an intent is closed by its answer, or sent again.

use tradewind_core::time::Millis;
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::Reply;
use tradewind_mcp::tools::get_health::Resource;

use super::call::{Call, Intent};
use super::state::{Known, Timer};
use super::turn::{Turn, key};

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
        let Some(Call { intent, .. }) = self.state.open.remove(&id) else { return };
        match intent {
            Intent::Launch { nodes, .. } => self.not_launched(&nodes, refusal),
            Intent::End { lives } => self.forgotten(&lives),
            Intent::Start { task, .. } => self.not_started(task),
            Intent::Stop { task, .. } => self.stopped(task, None),
            Intent::Quotas | Intent::Look => {}
        }
    }

    /// Nodes were not launched: no room now, or never.
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
            if let Some(&Known::Life(life)) = self.state.ids.get(&key(cloud, &resource.id))
                && self.state.lives[life as usize].billed.is_some()
            {
                self.ends.push(life);
            }
        }
    }
}

/// Whether a node is there that still costs or holds something.
fn is_left(resource: &Resource) -> bool {
    resource.kind == "node" && resource.state != "terminated"
}
