//! What changes from one plan to another: capacity, tasks, staged data, money, and the inputs behind it.
//!
//! Pure and symmetric: [`diff`]`(b, a)` is `diff(a, b)` read backwards. Nothing is matched by the names
//! of allocations, which each plan gives anew, but by what they are: region, way of buying, type, launch.

mod figures;
mod inputs;
mod nodes;
mod stagings;
mod tasks;

use serde::{Deserialize, Serialize};

pub use figures::{CauseChange, Comparable, Figures, UsdChange};
pub use inputs::{Edit, InputChange, JobEdit, PriceChanges};
pub use nodes::{NodeChange, NodeChanges};
pub use stagings::StagingChange;
pub use tasks::{JobChange, TaskFlow};

use crate::market::CapacityType;
use crate::place::RegionName;
use crate::plan::{Allocation, Plan};
use crate::time::Time;

/// The value of [`PlanDiff::schema`].
pub const SCHEMA: &str = "tradewind.diff/1";

/// How something differs. Where several apply, the first of move, resize, shift, checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the new plan has it.
    Add,
    /// Another region, or bought another way.
    Move,
    /// Another instance type, or another amount of data.
    Resize,
    /// Another start.
    Shift,
    /// Another checkpoint interval, or other work kept at an interruption.
    Checkpoint,
    /// Only the old plan has it.
    Remove,
}

/// A place and a time: where nodes are launched, or tasks start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// `cloud/region`.
    pub region: RegionName,
    /// How the nodes are bought.
    pub capacity_type: CapacityType,
    /// The commitment they are charged against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// The vendor's type.
    pub instance_type: String,
    /// Launch of the nodes, or start of the tasks.
    pub start: Time,
}

impl Slot {
    /// The slot of something that happens on an allocation at `start`.
    fn on(allocation: &Allocation, start: Time) -> Self {
        Self {
            region: allocation.region.clone(),
            capacity_type: allocation.capacity_type,
            commitment: allocation.commitment.clone(),
            instance_type: allocation.instance_type.clone(),
            start,
        }
    }

    /// How one goes over into the other.
    fn kind_to(&self, to: &Self) -> Kind {
        let way = |s: &'_ Self| (s.region.clone(), s.capacity_type, s.commitment.clone());
        if way(self) != way(to) {
            Kind::Move
        } else if self.instance_type != to.instance_type {
            Kind::Resize
        } else if self.start != to.start {
            Kind::Shift
        } else {
            Kind::Checkpoint
        }
    }
}

/// Everything that changes from an old plan to a new one. JSON of this is what programs get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDiff {
    /// [`SCHEMA`].
    pub schema: String,
    /// Whether the new plan decides anything else: nodes, tasks, staged copies, what is left out.
    /// Prices and proofs alone are no change.
    pub has_changes: bool,
    /// The old plan.
    pub old: Figures,
    /// The new plan.
    pub new: Figures,
    /// Expected cost.
    pub cost_usd: UsdChange,
    /// Expected cost by cause; the changes sum to that of the cost.
    pub causes: Vec<CauseChange>,
    /// What may be compared in cost: the tasks that both plans place.
    pub comparable: Comparable,
    /// Capacity.
    pub nodes: NodeChanges,
    /// Jobs that run elsewhere, at another time, newly, no longer, or for another cost, by id.
    pub jobs: Vec<JobChange>,
    /// Copies of datasets that are new, gone, or made at another time.
    pub stagings: Vec<StagingChange>,
    /// Cost of all staged copies. The changes of jobs, of this and of the commitments sum to that of
    /// the cost, in plans that pass their check.
    pub stagings_usd: UsdChange,
    /// Snapshot, dates, seed, rules and quotas that differ.
    pub inputs: Vec<InputChange>,
    /// Prices of the offers that stand in both plan files.
    pub prices: PriceChanges,
    /// Jobs of the queues that differ, by id.
    pub queue: Vec<JobEdit>,
}

/// Compares two plans. Costs O(n log n) in the number of placements, jobs and market rows.
///
/// ```
/// use tradewind_core::{diff::diff, plan::Plan};
///
/// fn decide_the_same(a: &Plan, b: &Plan) -> bool {
///     !diff(a, b).has_changes
/// }
/// ```
pub fn diff(old: &Plan, new: &Plan) -> PlanDiff {
    let flows = tasks::flows(old, new);
    let nodes = nodes::changes(old, new, &flows);
    let jobs = tasks::changes(old, new, &flows);
    let stagings = stagings::changes(old, new);
    let decides_otherwise = |job: &JobChange| !job.flows.is_empty() || job.unplaced[0] != job.unplaced[1];
    PlanDiff {
        schema: SCHEMA.to_owned(),
        has_changes: !nodes.changes.is_empty() || !stagings.is_empty() || jobs.iter().any(decides_otherwise),
        old: Figures::of(old),
        new: Figures::of(new),
        cost_usd: UsdChange::new(old.cost.total(), new.cost.total()),
        causes: figures::causes(old, new),
        comparable: tasks::comparable(old, new),
        nodes,
        jobs,
        stagings,
        stagings_usd: stagings::cost(old, new),
        inputs: inputs::changes(old, new),
        prices: inputs::prices(old, new),
        queue: inputs::queue(old, new),
    }
}
