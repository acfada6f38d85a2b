//! The two plans in numbers.

use serde::{Deserialize, Serialize};

use crate::money::Usd;
use crate::plan::Plan;
use crate::time::Time;

/// An amount in both plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsdChange {
    /// In the old plan.
    pub old: Usd,
    /// In the new plan.
    pub new: Usd,
    /// New less old.
    pub delta: Usd,
}

impl UsdChange {
    /// From both amounts.
    pub fn new(old: Usd, new: Usd) -> Self {
        Self { old, new, delta: new - old }
    }

    /// The change as a share of the old amount; `None` where that is nothing.
    pub fn share(&self) -> Option<f64> {
        (self.old != Usd::ZERO).then(|| self.delta.as_f64() / self.old.as_f64())
    }
}

/// A plan in a few numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Content hash of the plan.
    pub content_hash: String,
    /// Name of its price snapshot.
    pub snapshot: String,
    /// The instant it was made for.
    pub as_of: Time,
    /// Jobs in its queue.
    pub jobs: u64,
    /// Tasks in its queue.
    pub tasks: u64,
    /// Tasks placed.
    pub placed: u64,
    /// Nodes bought.
    pub nodes: u64,
    /// Expected cost.
    pub cost_usd: Usd,
    /// No plan of its placed tasks costs less.
    pub lower_bound_usd: Usd,
}

impl Figures {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Self {
        let s = &plan.summary;
        Self {
            content_hash: plan.content_hash.clone(),
            snapshot: plan.inputs.snapshot.clone(),
            as_of: plan.inputs.as_of,
            jobs: s.jobs,
            tasks: s.tasks,
            placed: s.placed,
            nodes: plan.allocations.iter().map(|a| u64::from(a.count)).sum(),
            cost_usd: plan.cost.total(),
            lower_bound_usd: s.lower_bound_usd,
        }
    }
}

/// A cause of cost in both plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseChange {
    /// Name of the line, as in the plan's cost.
    pub cause: String,
    /// What it costs.
    pub usd: UsdChange,
}

/// Every cause that costs something in either plan.
pub(super) fn causes(old: &Plan, new: &Plan) -> Vec<CauseChange> {
    let lines = old.cost.lines().into_iter().zip(new.cost.lines());
    lines
        .map(|((cause, old), (_, new))| CauseChange { cause: cause.to_owned(), usd: UsdChange::new(old, new) })
        .filter(|c| c.usd != UsdChange::default())
        .collect()
}

/// The tasks whose costs may be compared.
///
/// Where both plans place as many tasks of every job, all of them, and the cost is the plans' whole
/// cost. Otherwise the jobs of which both place as many, by their own cost without staged copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparable {
    /// Whether both plans place the same tasks.
    pub same_tasks: bool,
    /// How many tasks are compared.
    pub tasks: u64,
    /// What they cost.
    pub usd: UsdChange,
}
