//! A night as data: what every format shows, and the JSON that programs read (docs/schema/nightly.schema.json).

use serde::{Deserialize, Serialize};
use tradewind_core::diff::PlanDiff;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::time::{Millis, Time};
use tradewind_optimizer::revise::Judged;
use tradewind_scheduler::nightly::anomaly::{PriceJump, Spending};
use tradewind_scheduler::nightly::churn::Rule;
use tradewind_scheduler::nightly::regret::Backtest;
use tradewind_scheduler::nightly::started::Running;
use tradewind_scheduler::nightly::verdict::Verdict;

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "tradewind.nightly/1";

/// What was planned for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueFacts {
    /// As it was named.
    pub name: String,
    /// Its jobs.
    pub jobs: u64,
    /// Its tasks.
    pub tasks: u64,
    /// Content hash.
    pub hash: String,
}

/// A rule of the quarantine and how often it struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotBelieved {
    /// Its code, `TW2001` and on.
    pub code: String,
    /// Its name.
    pub rule: String,
    /// Prices that it does not believe.
    pub prices: u64,
    /// The first of them, with the reason.
    pub first: String,
}

/// The prices that were planned with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceFacts {
    /// Name of the snapshot.
    pub snapshot: String,
    /// The instant they held.
    pub as_of: Time,
    /// How old they were.
    pub age_ms: Millis,
    /// Content hash of the market.
    pub market_hash: String,
    /// What can be bought.
    pub offers: u64,
    /// Prices in quarantine, by rule.
    pub not_believed: Vec<NotBelieved>,
}

/// A plan in a few figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFacts {
    /// Its content hash.
    pub content_hash: String,
    /// Tasks placed.
    pub placed: u64,
    /// Tasks not placed.
    pub unplaced: u64,
    /// Nodes bought.
    pub nodes: u64,
    /// Expected cost.
    pub cost_usd: Usd,
    /// No plan of these tasks costs less (proven).
    pub lower_bound_usd: Usd,
    /// (cost - bound) / bound.
    pub gap: Option<f64>,
    /// Largest probability of a task to miss its deadline.
    pub deadline_risk: f64,
}

impl PlanFacts {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Self {
        let s = &plan.summary;
        let risks = plan.placements.iter().filter_map(|p| p.miss_probability);
        Self {
            content_hash: plan.content_hash.clone(),
            placed: s.placed,
            unplaced: s.unplaced,
            nodes: plan.allocations.iter().map(|a| u64::from(a.count)).sum(),
            cost_usd: s.cost_usd,
            lower_bound_usd: s.lower_bound_usd,
            gap: s.gap,
            deadline_risk: risks.fold(0.0, f64::max),
        }
    }
}

/// The plan of the night before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastFacts {
    /// Its night; none where it was given as a file.
    pub night: Option<Time>,
    /// As it was planned.
    pub planned: PlanFacts,
    /// What of it still waits and can stay, at tonight's prices.
    pub stands: PlanFacts,
    /// Tasks that cannot stay where they were.
    pub lost: u64,
}

/// Last night at the prices that came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regret {
    /// Whether any of its work had begun.
    pub has_begun: bool,
    /// The ways.
    pub ways: Backtest,
    /// What perfect foresight would have saved.
    pub regret_usd: Usd,
    /// The same as a share of what ran.
    pub regret_share: Option<f64>,
    /// Of the possible saving over list prices, the share that was saved.
    pub captured: Option<f64>,
}

/// A project's budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetRow {
    /// The project.
    pub project: String,
    /// The most that it may spend.
    pub limit_usd: Usd,
    /// Expected cost of what runs and what is planned for it.
    pub planned_usd: Usd,
    /// Tasks that are not placed because of it.
    pub waiting: u64,
}

/// A quota worth asking for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaRow {
    /// `cloud/place`.
    pub place: String,
    /// Its name where an increase is asked for.
    pub quota: String,
    /// Free for use now.
    pub available: u64,
    /// What one more unit would save over the horizon, by its shadow price.
    pub usd_per_unit: f64,
    /// Windows in which it binds.
    pub windows: u32,
}

/// Something in a cloud that may be nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orphan {
    /// The cloud.
    pub cloud: String,
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// Whom it names as its owner.
    pub owner: String,
    /// When its time to live ended.
    pub expired_at: Time,
}

/// What stands in a cloud in one owner's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owned {
    /// The cloud.
    pub cloud: String,
    /// The owner that the resources name.
    pub owner: String,
    /// How many.
    pub resources: u64,
    /// When the last one's time to live ends.
    pub until: Time,
}

/// What stands in the simulated clouds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaks {
    /// The clouds that were looked at.
    pub clouds: Vec<String>,
    /// What is there, by owner. No ledger of runs tells yet who of them still works.
    pub owners: Vec<Owned>,
    /// Those whose time to live is over.
    pub orphans: Vec<Orphan>,
}

/// What is unlike its own past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anomalies {
    /// Prices that moved as they never do.
    pub prices: Vec<PriceJump>,
    /// Spot offers of this plan and the last whose price was judged.
    pub judged: u64,
    /// Those whose past is not known for long enough.
    pub not_judged: u64,
    /// What tonight's plan costs beside those of earlier nights.
    pub spending: Spending,
}

/// A missed night that was caught up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaughtUp {
    /// The night.
    pub night: Time,
    /// What it came to.
    pub verdict: Verdict,
    /// What its plan costs.
    pub cost_usd: Usd,
}

/// The whole night.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The answer in one sentence.
    pub answer: String,
    /// Midnight UTC of the day it is for.
    pub night: Time,
    /// The instant it was asked for.
    pub as_of: Time,
    /// What it came to.
    pub verdict: Verdict,
    /// Whether tonight's plan decides something else than the last one.
    pub has_changes: bool,
    /// The queue.
    pub queue: QueueFacts,
    /// The prices.
    pub prices: PriceFacts,
    /// When a move is made.
    pub rule: Rule,
    /// Tonight's plan.
    pub plan: PlanFacts,
    /// The last one; none on the first night.
    pub last: Option<LastFacts>,
    /// From what of the last plan stands to tonight's.
    pub changes: Option<PlanDiff>,
    /// What a plan from scratch would shift, and whether it is.
    pub shifts: Vec<Judged>,
    /// What runs and stays.
    pub running: Running,
    /// Last night in other ways.
    pub regret: Option<Regret>,
    /// What is unlike its past.
    pub anomalies: Anomalies,
    /// Budgets.
    pub budgets: Vec<BudgetRow>,
    /// Quotas to ask for, the most useful first.
    pub quotas: Vec<QuotaRow>,
    /// What may be nobody's.
    pub leaks: Leaks,
    /// Nights that were missed and are caught up.
    pub caught_up: Vec<CaughtUp>,
    /// What should have been looked at and could not be, a sentence each.
    pub gaps: Vec<String>,
    /// What is worth knowing of the prices and the queue.
    pub warnings: Vec<String>,
}

/// A saving below half a cent is none that a person would look at.
pub const FELT: Usd = Usd::from_nanos(5_000_000);

impl Report {
    /// Shifts that are not worth their charge though they would save something, and what they would save.
    pub fn skipped(&self) -> (u64, Usd) {
        let worth = self.shifts.iter().filter(|j| !j.taken && j.shift.saves_usd >= FELT);
        worth.fold((0, Usd::ZERO), |(n, usd), j| (n + 1, usd + j.shift.saves_usd))
    }

    /// What tonight's plan saves against leaving the last one, where both place the same tasks.
    pub fn saved_usd(&self) -> Option<Usd> {
        let changes = self.changes.as_ref().filter(|c| c.comparable.same_tasks)?;
        Some(-changes.cost_usd.delta)
    }
}
