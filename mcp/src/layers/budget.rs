//! Money is set aside before anything is launched, and given back when the bill is known.

use std::sync::Arc;

use tradewind_core::money::Usd;

use super::register::Register;
use crate::control::Control;
use crate::provider::{Answer, Call, Outcome, Pending, Provider};
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
            return self.settled(call, self.inner.call(call).await);
        };
        let worst = self.worst_case(call, asked).await?;
        let name = format!("{}/{}/{}", control.owner, call.request.tool(), control.idempotency_key);
        let (all, spent) = self.register.money()?;
        // The same call again: what was set aside for it is its own.
        let reserved = all - self.register.reserved_for(&name)?;
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
            Ok(answer) => self.escrow(&name, call, control, answer, worst)?,
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

    /// Nodes have their money each; what is named has it under its name.
    fn escrow(&self, name: &str, call: &Call, control: &Control, answer: &Answer, worst: Usd) -> Result<(), Refusal> {
        if let Some(resource) = named(&call.request, &answer.reply) {
            self.register.hold(&resource, worst, answer.at, control.ttl())?;
            return Ok(self.register.settle(name, Usd::ZERO)?);
        }
        let Some(launched) = launched(&answer.reply) else { return Ok(()) };
        let count = i64::from(launched.missing) + launched.nodes.len() as i64;
        let each = Usd::from_nanos((worst.nanos() + count - 1) / count.max(1));
        for node in &launched.nodes {
            self.register.reserve(&node.node_id, each)?;
        }
        Ok(self.register.settle(name, Usd::ZERO)?)
    }

    /// Bills in a reply replace what was set aside for them, and what is gone has no more set aside.
    fn settled(&self, call: &Call, outcome: Outcome) -> Outcome {
        let answer = outcome?;
        if let Some(resource) = named(&call.request, &answer.reply).filter(|_| call.control.is_some()) {
            self.register.end(&resource, bill_of_job(&answer.reply), answer.at)?;
        }
        for (id, bill) in bills_of_jobs(&answer.reply) {
            self.register.end(&format!("job/{id}"), Some(bill), answer.at)?;
        }
        for (id, bill) in bills(&answer.reply) {
            self.register.settle(&id, bill)?;
        }
        Ok(answer)
    }
}

/// The name under which money is held for what a call makes, where that has one.
fn named(request: &Request, reply: &Reply) -> Option<String> {
    match (request, reply) {
        (Request::ScaleNodepool(q), _) => Some(format!("pool/{}", q.pool)),
        (_, Reply::SubmitMlJob(job)) => Some(format!("job/{}", job.job_id)),
        (Request::DeployModel(q), _) => Some(format!("endpoint/{}/{}", q.endpoint, q.model)),
        _ => None,
    }
}

/// The bill of a job that was cancelled.
fn bill_of_job(reply: &Reply) -> Option<Usd> {
    if let Reply::SubmitMlJob(job) = reply { job.billed_usd } else { None }
}

/// The bills of jobs that a reply tells of, by id.
fn bills_of_jobs(reply: &Reply) -> Vec<(String, Usd)> {
    let Reply::GetHealth(health) = reply else { return vec![] };
    let jobs = health.resources.iter().filter(|r| r.kind == "job");
    jobs.filter_map(|r| Some((r.id.clone(), r.billed_usd?))).collect()
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
            let nodes = health.resources.iter().filter(|r| r.kind == "node");
            nodes.filter_map(|r| Some((r.id.clone(), r.billed_usd?))).collect()
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
