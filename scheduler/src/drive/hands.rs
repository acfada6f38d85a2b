//! Hands on clouds: the way from a call to its answer.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tradewind_core::time::Time;
use tradewind_mcp::approval::Approval;
use tradewind_mcp::control::Control;
use tradewind_mcp::provider::{Call, Caller, Provider};
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::{Reply, Request};

/// An answer to come.
pub type Told<'a> = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + Send + 'a>>;

/// Sends calls to clouds.
pub trait Hands {
    /// The clouds that they reach, sorted.
    fn clouds(&self) -> Vec<String>;

    /// Sends one call, at the caller's time.
    fn call<'a>(&'a self, cloud: &'a str, now: Time, request: Request, control: Option<Control>) -> Told<'a>;
}

impl<H: Hands + ?Sized> Hands for Arc<H> {
    fn clouds(&self) -> Vec<String> {
        (**self).clouds()
    }

    fn call<'a>(&'a self, cloud: &'a str, now: Time, request: Request, control: Option<Control>) -> Told<'a> {
        (**self).call(cloud, now, request, control)
    }
}

/// What a call is refused with whose cloud nobody has hands on.
pub(super) fn unknown_cloud(cloud: &str) -> Refusal {
    Refusal::new("TW5013", Class::Invalid, format!("no server of the cloud {cloud:?}"), "start one")
}

/// Providers in this process, without a wire.
pub struct Direct(pub BTreeMap<String, Arc<dyn Provider>>);

impl Hands for Direct {
    fn clouds(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn call<'a>(&'a self, cloud: &'a str, now: Time, request: Request, control: Option<Control>) -> Told<'a> {
        Box::pin(async move {
            let provider = self.0.get(cloud).ok_or_else(|| unknown_cloud(cloud))?;
            let call =
                Call { request, control, caller: caller(), now: Some(now), trace: None, approval: Approval::None };
            Ok(provider.call(&call).await?.reply)
        })
    }
}

/// Who the scheduler is to its servers: it drives the time of simulated clouds.
pub(super) fn caller() -> Caller {
    Caller { name: "scheduler".to_owned(), role: "scheduler".to_owned(), drives_time: true }
}
