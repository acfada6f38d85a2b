//! The one door to a cloud. Backends are providers, and so is every layer around them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tradewind_core::time::Time;

use crate::approval::Approval;
use crate::control::Control;
use crate::refusal::Refusal;
use crate::tools::{Reply, Request};

/// Who calls. Known from the connection, never from the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// For the audit.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// Whether it drives virtual time, and so may be told when the next event is due.
    pub drives_time: bool,
}

/// A call: what is asked, under which control, by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The arguments of a tool.
    pub request: Request,
    /// Those that all mutating tools share; none on tools that only read.
    pub control: Option<Control>,
    /// Who calls.
    pub caller: Caller,
    /// The caller's time, where it drives virtual time.
    pub now: Option<Time>,
    /// W3C `traceparent` of the caller.
    pub trace: Option<String>,
    /// What it has of approvals.
    pub approval: Approval,
}

/// What was answered, and when in the world's time.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The reply.
    pub reply: Reply,
    /// The world's time.
    pub at: Time,
    /// Whether it is a stored answer to the same call.
    pub replayed: bool,
    /// Who approved it, where somebody had to.
    pub approved_by: Option<String>,
}

/// An answer or a refusal.
pub type Outcome = Result<Answer, Refusal>;

/// An outcome to come.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// Does what is asked, or says why not.
///
/// A provider may be called again with the same call at any time: what the key of the [`Control`] promises
/// holds for backends as far as their cloud does, and for the whole stack always.
pub trait Provider: Send + Sync {
    /// Does one call.
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a>;
}

impl<P: Provider + ?Sized> Provider for Arc<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        (**self).call(call)
    }
}

impl<P: Provider + ?Sized> Provider for Box<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        (**self).call(call)
    }
}
