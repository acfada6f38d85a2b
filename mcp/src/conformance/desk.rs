//! Where a case is tried: calls in few words, and hands on time and faults where there are any.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tradewind_core::time::{Millis, Time};

use super::market::Names;
use crate::approval::{Approval, Claim};
use crate::control::{Control, Decision, State};
use crate::provider::{Call, Caller, Outcome, Provider};
use crate::refusal::Refusal;
use crate::simulated::{Fault, Simulated, Traits, What};
use crate::tools::node::{Launch, Launched};
use crate::tools::{Reply, Request, get_health, launch_spot};

/// Hands on a subject's time and faults.
pub type Hands = Arc<Simulated>;

/// A subject, and words for talking to it.
pub struct Desk {
    provider: Arc<dyn Provider>,
    hands: Option<Hands>,
    /// The names of its cloud.
    pub names: Names,
    /// How its cloud differs.
    pub traits: &'static Traits,
    keys: AtomicU64,
}

impl Desk {
    /// Of a subject on a cloud that the cases know.
    pub fn new(names: Names, provider: Arc<dyn Provider>, hands: Option<Hands>) -> Self {
        let traits = Traits::of(names.cloud).expect("the cases know simulated clouds");
        Self { provider, hands, names, traits, keys: AtomicU64::new(0) }
    }

    /// Hands on its time and faults.
    pub fn hands(&self) -> Option<&Hands> {
        self.hands.as_ref()
    }

    /// A control for a new thing: each with a key and an allocation of its own.
    pub fn control(&self) -> Control {
        let n = self.keys.fetch_add(1, Ordering::Relaxed);
        let decision = Decision { allocation: format!("a-{n}"), node: 0, attempt: 0, purpose: "launch".to_owned() };
        Control {
            state: State::Present,
            idempotency_key: format!("k-{n}"),
            owner: "conformance".to_owned(),
            ttl_s: 604_800,
            epoch: 1,
            decision,
        }
    }

    /// A launch in the first region.
    pub fn launch(&self, instance_type: &str, count: u32) -> Launch {
        Launch {
            region: self.names.region.to_owned(),
            zone: None,
            instance_type: instance_type.to_owned(),
            count,
            min_count: None,
            node_ids: vec![],
        }
    }

    /// Calls.
    pub async fn call(&self, request: Request, control: Option<&Control>) -> Outcome {
        let caller = Caller { name: "conformance".to_owned(), role: "operator".to_owned(), drives_time: true };
        let call =
            Call { request, control: control.cloned(), caller, now: None, trace: None, approval: Approval::None };
        match self.provider.call(&call).await {
            Err(Refusal { approval: Some(wanted), .. }) => {
                let claim = Claim::Answer { state: wanted.state, by: "a second person".to_owned() };
                self.provider.call(&Call { approval: Approval::Claimed(claim), ..call }).await
            }
            outcome => outcome,
        }
    }

    /// Launches on demand.
    pub async fn provision(&self, launch: Launch, control: &Control) -> Result<Launched, Refusal> {
        match self.call(Request::ProvisionCompute(launch), Some(control)).await?.reply {
            Reply::ProvisionCompute(launched) => Ok(launched),
            other => unreachable!("another tool's reply: {other:?}"),
        }
    }

    /// Launches on spot.
    pub async fn spot(&self, launch: Launch, control: &Control) -> Result<Launched, Refusal> {
        let request = launch_spot::Request { launch, max_usd_per_hour: None };
        match self.call(Request::LaunchSpot(request), Some(control)).await?.reply {
            Reply::LaunchSpot(launched) => Ok(launched),
            other => unreachable!("another tool's reply: {other:?}"),
        }
    }

    /// Everything that is there, and that happened.
    pub async fn health(&self) -> Result<get_health::Reply, Refusal> {
        let request = get_health::Request {
            owner: None,
            allocation: None,
            token: None,
            since: 0,
            limit: 1000,
            events_only: false,
        };
        match self.call(Request::GetHealth(request), None).await?.reply {
            Reply::GetHealth(health) => Ok(health),
            other => unreachable!("another tool's reply: {other:?}"),
        }
    }

    /// What happened to a resource, in order.
    pub async fn history(&self, id: &str) -> Result<Vec<String>, Refusal> {
        Ok(self.health().await?.events.into_iter().filter(|e| e.id == id).map(|e| e.what).collect())
    }

    /// Vcpus in use of the first limit of a kind of buying, in thousandths.
    pub async fn used_milli(&self, bought: &str) -> Result<u64, Refusal> {
        match self.call(Request::GetQuotas(Default::default()), None).await?.reply {
            Reply::GetQuotas(reply) => {
                Ok(reply.quotas.iter().find(|q| q.name.ends_with(bought)).map_or(0, |q| q.used_milli))
            }
            other => unreachable!("another tool's reply: {other:?}"),
        }
    }

    /// The time of the subject; only with hands.
    pub fn now(&self) -> Time {
        self.with_hands().now()
    }

    /// Lets time pass; only with hands.
    pub fn pass(&self, time: Millis) {
        self.with_hands().pass(self.now() + time).expect("a world in memory is kept");
    }

    /// Lets something go wrong from now on for a time; only with hands.
    pub fn inject(&self, what: What, lasts: Millis) {
        let from = self.now();
        let fault = Fault { what, place: String::new(), from, until: from + lasts };
        self.with_hands().inject(fault).expect("a world in memory is kept");
    }

    /// The bill of a node, however long the cloud shows it; only with hands.
    pub fn bill_of(&self, node: &str) -> Option<tradewind_core::money::Usd> {
        self.with_hands().world().bill_of(node)
    }

    fn with_hands(&self) -> &Simulated {
        self.hands.as_deref().expect("only cases that need hands turn time")
    }
}
