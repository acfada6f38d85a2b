//! What changes a world, one at a time. The simulated clouds are pure: a world and the steps since then are as good as
//! the world they lead to, and much smaller.

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

use super::fault::Fault;
use super::world::World;
use crate::approval::Approval;
use crate::control::Control;
use crate::provider::{Call, Caller};
use crate::tools::Request;

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A call, whatever came of it.
    Call {
        /// What was asked.
        request: Box<Request>,
        /// Under which control.
        control: Control,
        /// The caller's time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        now: Option<Time>,
    },
    /// Time went on.
    Pass(Time),
    /// Something was let go wrong.
    Break(Fault),
}

/// Where a step led: enough to see that it leads there again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The step.
    pub step: Step,
    /// The world's time after it.
    pub at: Time,
    /// Things made until then.
    pub made: u64,
    /// Events until then.
    pub events: u64,
}

impl Taken {
    /// That a step led to a world.
    pub fn to(world: &World, step: Step) -> Self {
        Self { step, at: world.now, made: world.made, events: world.cursor }
    }
}

impl Step {
    /// The step that a call is; `now` is the world's time after it.
    pub(super) fn of(call: &Call, now: Time) -> Self {
        match &call.control {
            Some(control) => {
                Self::Call { request: Box::new(call.request.clone()), control: control.clone(), now: call.now }
            }
            // What only reads can but let time pass.
            None => Self::Pass(now),
        }
    }
}

/// A call as it was, for a world that looks at nothing else of it.
pub(super) fn call_again(request: Request, control: Control, now: Option<Time>) -> Call {
    let caller = Caller { name: String::new(), role: String::new(), drives_time: false };
    Call { request, control: Some(control), caller, now, trace: None, approval: Approval::None }
}
