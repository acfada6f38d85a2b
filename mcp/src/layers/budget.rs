//! Money is set aside before anything is launched, and given back when the bill is known.

use std::sync::Arc;

use tradewind_core::money::Usd;

use super::register::Register;
use crate::provider::{Call, Outcome, Pending, Provider};
use crate::refusal::{Class, Refusal};
use crate::tools::get_cost_estimate;
use crate::tools::node::Launched;
use crate::tools::scale_nodepool::Buys;
use crate::tools::{Reply, Request};

/// Keeps what may be spent below a limit.
pub struct Budget<P> {
    inner: P,
    register: Arc<Register>,
    limit: Usd,
}

impl<P> Budget<P> {
    /// Around a provider; the money set aside is in the register.
    pub fn new(inner: P, register: Arc<Register>, limit: Usd) -> Self {
        Self { inner, register, limit }
    }
}

/// What a call would buy for its time to live at the most; nothing where it buys nothing.
pub(super) fn bought(call: &Call) -> Option<get_cost_estimate::Request> {
    let control = call.control.as_ref().filter(|c| !c.wants_absent())?;
    let (region, instance_type, capacity_type, count) = match &call.request {
        Request::ProvisionCompute(l) => (&l.region, &l.instance_type, Buys::OnDemand, l.count),
        Request::LaunchSpot(q) => (&q.launch.region, &q.launch.instance_type, Buys::Spot, q.launch.count),
        Request::ScaleNodepool(q) => (&q.region, &q.instance_type, q.capacity_type, q.max),
        Request::DeployModel(q) => (&q.region, &q.instance_type, Buys::OnDemand, q.count),
        Request::SubmitMlJob(q) => {
            let managed = q.managed.as_ref()?;
            (&managed.region, &managed.instance_type, Buys::OnDemand, managed.count)
        }
        _ => return None,
    };
    let (region, instance_type) = (region.clone(), instance_type.clone());
    Some(get_cost_estimate::Request { region, instance_type, capacity_type, count, duration_s: control.ttl_s })
}

impl<P: Provider> Budget<P> {
    async fn within(&self, call: &Call) -> Outcome {
        let Some((control, asked)) = call.control.as_ref().zip(bought(call)) else {
            return self.settled(self.inner.call(call).await);
        };
        let worst = self.worst_case(call, asked).await?;
        let name = format!("{}/{}/{}", control.owner, call.request.tool(), control.idempotency_key);
        let (reserved, spent) = self.register.money()?;
        if reserved + spent + worst > self.limit {
            let message = format!("asked {worst}, limit {}, spent {spent}, set aside {reserved} USD", self.limit);
            return Err(Refusal::new(
                "TW6002",
                Class::Denied,
                message,
                "a shorter ttl_s, fewer nodes, or a larger budget",
            ));
        }
        self.register.reserve(&name, worst)?;
        let outcome = self.inner.call(call).await;
        match &outcome {
            Ok(answer) => self.escrow(&name, &answer.reply, worst)?,
            // It may have been done: the money stays set aside until the key is answered.
            Err(refusal) if refusal.class == Class::Unavailable => {}
            Err(_) => self.register.settle(&name, Usd::ZERO)?,
        }
        outcome
    }

    /// What a launch costs at the most until its time to live ends.
    async fn worst_case(&self, call: &Call, asked: get_cost_estimate::Request) -> Result<Usd, Refusal> {
        let estimate = Call { request: Request::GetCostEstimate(asked), control: None, ..call.clone() };
        match self.inner.call(&estimate).await?.reply {
            Reply::GetCostEstimate(reply) => Ok(reply.worst_case_usd),
            _ => unreachable!("a provider answers with the reply of the tool that was asked"),
        }
    }

    /// Nodes have their money each; what has no bill of its own keeps it under the call.
    fn escrow(&self, name: &str, reply: &Reply, worst: Usd) -> Result<(), Refusal> {
        let Some(launched) = launched(reply) else { return Ok(()) };
        let count = i64::from(launched.missing) + launched.nodes.len() as i64;
        let each = Usd::from_nanos((worst.nanos() + count - 1) / count.max(1));
        for node in &launched.nodes {
            self.register.reserve(&node.node_id, each)?;
        }
        Ok(self.register.settle(name, Usd::ZERO)?)
    }

    /// Bills in a reply replace what was set aside for them.
    fn settled(&self, outcome: Outcome) -> Outcome {
        let answer = outcome?;
        for (id, bill) in bills(&answer.reply) {
            self.register.settle(&id, bill)?;
        }
        Ok(answer)
    }
}

fn launched(reply: &Reply) -> Option<&Launched> {
    match reply {
        Reply::ProvisionCompute(launched) | Reply::LaunchSpot(launched) => Some(launched),
        _ => None,
    }
}

/// The bills of nodes that a reply tells of.
fn bills(reply: &Reply) -> Vec<(String, Usd)> {
    match reply {
        Reply::GetHealth(health) => {
            health.resources.iter().filter_map(|r| Some((r.id.clone(), r.billed_usd?))).collect()
        }
        other => {
            let nodes = launched(other).into_iter().flat_map(|l| &l.nodes);
            nodes.filter_map(|n| Some((n.node_id.clone(), n.billed_usd?))).collect()
        }
    }
}

impl<P: Provider> Provider for Budget<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        Box::pin(self.within(call))
    }
}
