//! The plan file: what runs where and when, what it costs, why, and the proof. Self-contained.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::fallback::Behind;
use crate::hash;
use crate::job::{Job, Workload};
use crate::market::{CapacityType, Market};
use crate::money::{Usd, UsdPerHour};
use crate::notice::OnInterruption;
use crate::place::RegionName;
use crate::rejection::Rejection;
use crate::rules::Rules;
use crate::seed::Seed;
use crate::size::Bytes;
use crate::terms::Commitment;
use crate::time::{Millis, Time};

/// The value of [`Plan::schema`].
pub const SCHEMA: &str = "tradewind.plan/1";

/// What the plan was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Name of the market snapshot.
    pub snapshot: String,
    /// The instant its prices held.
    pub market_as_of: Time,
    /// The instant the plan was made for; prices are judged old or new against it.
    pub as_of: Time,
    /// Content hash of the whole market with quotas and settings applied.
    pub market_hash: String,
    /// Content hash of the market rows in this file.
    pub market_rows_hash: String,
    /// Content hash of the normalised queue.
    pub workload_hash: String,
    /// Content hash of the rules.
    pub rules_hash: String,
}

/// A baseline: a simple rule's result on the same input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Tasks it placed.
    pub placed: u64,
    /// What it costs.
    pub cost_usd: Usd,
}

/// Why the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Termination {
    /// The cost equals the bound.
    Optimal,
    /// The wished gap is proven.
    GapReached,
    /// The default limit on work was reached.
    WorkLimit,
    /// The user's time limit was reached.
    TimeLimit,
    /// The user interrupted it.
    Interrupted,
}

/// The plan in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Jobs in the queue.
    pub jobs: u64,
    /// Tasks in the queue.
    pub tasks: u64,
    /// Tasks placed.
    pub placed: u64,
    /// No plan places more (proven).
    pub placed_upper_bound: u64,
    /// Tasks not placed.
    pub unplaced: u64,
    /// Whether one more task would fit beside the plan as it stands: the search was cut short.
    pub one_more_fits: bool,
    /// Expected cost.
    pub cost_usd: Usd,
    /// No plan of the same tasks costs less (proven).
    pub lower_bound_usd: Usd,
    /// (cost - bound) / bound; null where the bound is not positive but the cost is.
    pub gap: Option<f64>,
    /// Of a small queue: how far at most the choice of nodes was from the cheapest among the candidates that the
    /// integer program kept, relative. They are some of the nodes that the search came upon: it says nothing
    /// about plans of other nodes, that is what `gap` is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_gap: Option<f64>,
    /// Why the search ended.
    pub termination: Termination,
    /// Simple rules on the same input.
    pub baselines: BTreeMap<String, Baseline>,
}

/// Expected cost by cause. Sums to the plan's cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostBreakdown {
    /// Useful node time.
    pub compute_usd: Usd,
    /// Checkpoints, restores, work done twice.
    pub rework_usd: Usd,
    /// Node launches.
    pub boot_usd: Usd,
    /// Nodes without a task.
    pub idle_usd: Usd,
    /// Scratch disks.
    pub disk_usd: Usd,
    /// Public addresses.
    pub address_usd: Usd,
    /// Data moved.
    pub egress_usd: Usd,
    /// Staged copies and checkpoints kept.
    pub storage_usd: Usd,
    /// What commitments owe over the horizon, used or not.
    pub commitment_usd: Usd,
    /// On-demand behind spot, as often as it comes to that.
    pub fallback_usd: Usd,
}

impl CostBreakdown {
    /// The sum.
    pub fn total(&self) -> Usd {
        self.lines().iter().map(|(_, usd)| *usd).sum()
    }

    /// The lines by name.
    pub fn lines(&self) -> [(&'static str, Usd); 10] {
        [
            ("compute", self.compute_usd),
            ("rework", self.rework_usd),
            ("boot", self.boot_usd),
            ("idle", self.idle_usd),
            ("disk", self.disk_usd),
            ("address", self.address_usd),
            ("egress", self.egress_usd),
            ("storage", self.storage_usd),
            ("commitment", self.commitment_usd),
            ("fallback", self.fallback_usd),
        ]
    }
}

/// Where in its region a node goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneRule {
    /// Any zone, bound at launch.
    Any,
    /// All nodes of the allocation in one zone.
    Same,
}

/// Identical nodes bought together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// Unique in the plan.
    pub id: String,
    /// `cloud/region`.
    pub region: RegionName,
    /// Zone rule.
    pub zone: ZoneRule,
    /// The vendor's type.
    pub instance_type: String,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// Name of the commitment it is charged against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// Nodes, at least 1.
    pub count: u32,
    /// Launch: the first task's start less the mean boot.
    pub start: Time,
    /// Mean end of the last task; each node of the allocation has the same.
    pub end: Time,
    /// Latest reserved end of a task: quota is held until then.
    pub reserved_end: Time,
    /// What a node is billed; zero against a commitment.
    pub usd_per_hour: UsdPerHour,
    /// Expected bill of all its nodes.
    pub expected_cost_usd: Usd,
}

/// Tasks of a job on nodes of an allocation.
///
/// Tasks `first..=last` start together. Either each takes nodes of its own (as many nodes as tasks
/// x the job's `nodes`, in order) or all share the same nodes (as many nodes as the job's `nodes`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The job.
    pub job: String,
    /// First and last task, from 0, inclusive.
    pub tasks: [u32; 2],
    /// The allocation.
    pub allocation: String,
    /// First and last node of the allocation, from 0, inclusive.
    pub nodes: [u32; 2],
    /// Planned start.
    pub start: Time,
    /// Mean end.
    pub end: Time,
    /// Capacity and quota are held until then; behind it, until [`Fallback::until`].
    pub reserved_end: Time,
    /// Useful work between checkpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_interval_ms: Option<Millis>,
    /// From where a task goes on after an interruption; on spot only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_interruption: Option<OnInterruption>,
    /// Where a task goes when time runs short on spot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Expected cost of these tasks: own cost and share of the nodes.
    pub expected_cost_usd: Usd,
    /// Bound on the probability that one of these tasks, by itself, misses the deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub miss_probability: Option<f64>,
}

impl Placement {
    /// How many tasks.
    pub fn count(&self) -> u32 {
        self.tasks[1].saturating_sub(self.tasks[0]).saturating_add(1)
    }
}

/// On-demand capacity to which each of some tasks on spot moves when time runs short: as many nodes as
/// the task has, in the region it runs in. `docs/decisions/0011-spot-then-on-demand.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// The vendor's type, bought on demand.
    pub instance_type: String,
    /// What a node is billed.
    pub usd_per_hour: UsdPerHour,
    /// No task moves before: the quota of its nodes is reserved from here.
    pub on_demand_from: Time,
    /// A task that has saved nothing moves at the latest; each saved segment moves this later by the
    /// checkpoint interval.
    pub switch_at: Time,
    /// The deadline: the quota is reserved until here.
    pub until: Time,
    /// Probability that a task moves; rounded up.
    pub probability: f64,
    /// Expected cost of the time on on-demand, of all these tasks; part of the placement's.
    pub expected_cost_usd: Usd,
}

impl Fallback {
    /// What stands behind `tasks` tasks of `job` that start at `start`.
    pub fn of(behind: &Behind<'_>, job: &Job, start: Time, deadline: Time, tasks: u32) -> Self {
        let law = &behind.law;
        Self {
            instance_type: behind.market.type_of(behind.offer).name.clone(),
            usd_per_hour: behind.offer.price,
            on_demand_from: start + law.on_demand_from,
            switch_at: start + law.switch_at,
            until: deadline,
            probability: law.switch_probability,
            expected_cost_usd: Usd::from_nanos(behind.expected(job).nanos().saturating_mul(i64::from(tasks))),
        }
    }
}

/// A shared dataset copied to a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staging {
    /// The dataset.
    pub dataset: String,
    /// Where to.
    pub region: RegionName,
    /// How much.
    pub bytes: Bytes,
    /// Start of the transfer.
    pub start: Time,
    /// The copy can be read from here on.
    pub ready: Time,
    /// The copy is deleted: the mean end of the last task there that reads it.
    pub until: Time,
    /// The transfer.
    pub egress_usd: Usd,
    /// Keeping the copy.
    pub storage_usd: Usd,
}

/// A reason and how many pools it rules out; 0 where it is not about pools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The criterion.
    pub reason: Rejection,
    /// Pools ruled out by it first, or 0.
    pub pools: u64,
    /// What was asked and what there is, in a sentence.
    pub detail: String,
}

/// Tasks of a job that are not placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unplaced {
    /// The job.
    pub job: String,
    /// How many of its tasks.
    pub tasks: u32,
    /// Why, the most telling first.
    pub reasons: Vec<Reason>,
}

/// What one more unit of something scarce would save, by the LP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShadowPrice {
    /// `quota`, `commitment`, `budget`, `concentration` or `staging`.
    pub kind: String,
    /// Which one.
    pub name: String,
    /// Dollars saved per unit over the horizon: a quota unit or a committed dollar per hour in every
    /// window, a dollar of budget, a percentage point of the concentration cap on a pool.
    pub usd_per_unit: f64,
    /// Windows in which it binds; 0 where it is not about windows.
    pub windows: u32,
}

/// A plan. JSON of this is the plan file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of Tradewind that made it.
    pub made_by: String,
    /// Content hash of everything else in the file.
    pub content_hash: String,
    /// What it was made from.
    pub inputs: Inputs,
    /// Source of chance.
    pub seed: Seed,
    /// False where a time limit or an interruption cut the search.
    pub reproducible: bool,
    /// What was assumed, for people.
    pub assumptions: Vec<String>,
    /// In numbers.
    pub summary: Summary,
    /// Expected cost by cause.
    pub cost: CostBreakdown,
    /// Capacity to buy.
    pub allocations: Vec<Allocation>,
    /// Jobs on it.
    pub placements: Vec<Placement>,
    /// Datasets to copy.
    pub stagings: Vec<Staging>,
    /// What is not placed and why.
    pub unplaced: Vec<Unplaced>,
    /// What is scarce.
    pub shadow_prices: Vec<ShadowPrice>,
    /// What the plan keeps.
    pub rules: Rules,
    /// The proof.
    pub certificate: Certificate,
    /// The queue as used.
    pub workload: Workload,
    /// The market rows as used: the offers bought and those the bound needs.
    pub market: Market,
}

/// How far a commitment is used within the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CommitmentUse<'p> {
    /// Its name.
    pub name: &'p str,
    /// Paid whatever is planned.
    pub owed: Usd,
    /// Charged against it.
    pub used: Usd,
    /// Paid for nothing.
    pub unused: Usd,
}

impl Plan {
    /// The content hash that belongs in [`Plan::content_hash`].
    pub fn computed_hash(&self) -> String {
        let mut copy = self.clone();
        copy.content_hash = String::new();
        hash::of(&copy)
    }

    /// How far each commitment is used, by the mean times of the nodes charged against it.
    pub fn commitments(&self) -> Vec<CommitmentUse<'_>> {
        let horizon = self.rules.horizon;
        let of = |c: &'_ Commitment| {
            let charged = |a: &Allocation| {
                let hours = c.within(a.start.max(horizon.start), a.end.min(horizon.end));
                let offer =
                    self.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref());
                let hourly = offer.map_or(UsdPerHour::ZERO, |o| self.market.hourly(&self.market.offers[o]));
                Usd::from_nanos(hourly.times(hours).nanos().saturating_mul(i64::from(a.count)))
            };
            let mine = self.allocations.iter().filter(|a| a.commitment.as_ref() == Some(&c.name));
            (c.owed(horizon), mine.map(charged).sum())
        };
        let each = |c| {
            let (owed, used) = of(c);
            CommitmentUse { name: &c.name, owed, used, unused: owed - used }
        };
        self.market.commitments.iter().map(each).collect()
    }

    /// The same plan with its content hash filled in.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.content_hash = self.computed_hash();
        self
    }
}

/// (cost - bound) / bound: null where bound <= 0 < cost, 0 where both are 0.
pub fn gap(cost: Usd, bound: Usd) -> Option<f64> {
    match (cost.nanos(), bound.nanos()) {
        (0, 0) => Some(0.0),
        (c, b) if b > 0 => Some((c - b) as f64 / b as f64),
        _ => None,
    }
}
