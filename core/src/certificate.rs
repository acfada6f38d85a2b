//! The proof that comes with a plan: prices from which anyone can recompute its lower bound.
//!
//! Every number is a non-negative integer of nano-dollars per stated unit. Any such numbers give a
//! valid bound (`check::bound`); the optimizer's choice gives a tight one.

use serde::{Deserialize, Serialize};

use crate::node_price::StepOf;
use crate::resources::ResourcePrices;

/// The price of the capacity of one size of node in a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferDual {
    /// The pool.
    pub pool: String,
    /// The type of the nodes.
    pub instance_type: String,
    /// Nano-dollars per vCPU-, GiB- and GPU-hour, in every window.
    pub prices: ResourcePrices,
    /// Its steps that have a price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepDual>,
}

/// The price of a step of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDual {
    /// The resource that it counts.
    pub of: StepOf,
    /// Parts that it cuts a node into.
    pub parts: u32,
    /// Nano-dollars per hour of a whole node.
    pub price: i64,
}

/// The price of a quota in one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaDual {
    /// Name of the quota row.
    pub quota: String,
    /// Index of the window; those after the horizon count on.
    pub window: u32,
    /// Nano-dollars per unit and hour; in a placement certificate billionths of a task.
    pub price: i64,
}

/// The price of a project's budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetDual {
    /// The project.
    pub project: String,
    /// Billionths: dollars saved per dollar of budget; in a placement certificate billionths of a
    /// task per dollar.
    pub price: i64,
}

/// The price of the concentration cap on one spot pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcentrationDual {
    /// The pool.
    pub pool: String,
    /// Nano-dollars per percentage point of the queue's deadline-critical work; in a placement
    /// certificate billionths of a task.
    pub price: i64,
}

/// The share of a staged copy's cost that a job bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagingDual {
    /// The dataset.
    pub dataset: String,
    /// `cloud/region` of the copy.
    pub region: String,
    /// A job; the price is that of all jobs alike.
    pub job: String,
    /// Nano-dollars per task of such a job run there.
    pub price: i64,
}

/// The bound on the number of tasks that can be placed at a priority level and above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementCertificate {
    /// Tasks of jobs with at least this priority are counted.
    pub priority: u8,
    /// Prices of quota in billionths of a task per unit and hour.
    pub quotas: Vec<QuotaDual>,
    /// Prices of budget in billionths of a task per dollar.
    pub budgets: Vec<BudgetDual>,
    /// Prices of the concentration cap in billionths of a task per percentage point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concentration: Vec<ConcentrationDual>,
    /// The bound they prove, in tasks.
    pub upper_bound: u64,
}

/// The whole proof.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Sizes of node whose prices differ from their own ([`crate::pool::Pool::own_prices`]).
    pub offers: Vec<OfferDual>,
    /// Quotas that bind somewhere.
    pub quotas: Vec<QuotaDual>,
    /// Budgets that bind.
    pub budgets: Vec<BudgetDual>,
    /// Spot pools whose share of the deadline-critical work is used up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concentration: Vec<ConcentrationDual>,
    /// Staged copies shared by jobs.
    pub staging: Vec<StagingDual>,
    /// Bounds on the number placed, one a priority level, highest first.
    pub placement: Vec<PlacementCertificate>,
}
