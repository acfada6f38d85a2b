//! The rules of a plan as things with a price: each can be taken away.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::job::{Arch, Job, Workload};
use tradewind_core::market::{Market, QuotaUnit};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::rules::Rules;
use tradewind_core::share::Share;
use tradewind_core::time::{Millis, Time};

/// How much later a deadline is made.
const LATER: Millis = Millis::HOUR;
/// A quota that is not felt.
const BOUNDLESS: u64 = 1 << 30;
/// A budget that is not felt: a billion dollars.
const BOUNDLESS_NANOS: i64 = 1_000_000_000_000_000_000;

/// A rule that may cost something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum PricedRule {
    /// A quota of the account.
    Quota {
        /// The row, with the cloud's own name.
        row: String,
        /// What it counts.
        unit: QuotaUnit,
        /// Available now.
        available: u64,
    },
    /// A project's budget.
    Budget {
        /// Whose.
        project: String,
        /// Dollars.
        limit: Usd,
    },
    /// The deadline of some jobs.
    Deadline {
        /// When.
        at: Time,
    },
    /// The residency of some jobs.
    Residency {
        /// Allowed groups.
        groups: Vec<String>,
    },
    /// The allowed clouds of some jobs.
    Clouds {
        /// Which.
        clouds: Vec<String>,
    },
    /// The allowed regions of some jobs.
    Regions {
        /// Which.
        regions: Vec<String>,
    },
    /// The price cap of some jobs.
    MaxPrice {
        /// An hour of a node.
        usd_per_hour: UsdPerHour,
    },
    /// The budget of each task of some jobs.
    JobBudget {
        /// Dollars a task.
        usd: Usd,
    },
    /// Jobs of a project that do not accept spot capacity.
    NotInterruptible {
        /// The project; none is jobs without one.
        project: Option<String>,
    },
    /// Jobs that run on x86_64 only.
    X86Only,
    /// The concentration cap.
    Concentration {
        /// Most of the deadline-critical work on one spot pool.
        share: Share,
    },
    /// A policy rule.
    Policy {
        /// Which.
        id: String,
    },
}

impl PricedRule {
    /// The rules that `job` brings.
    fn of_job(job: &Job) -> Vec<Self> {
        let mut rules = Vec::new();
        rules.extend(job.deadline.map(|at| Self::Deadline { at }));
        rules.extend((!job.residency.is_empty()).then(|| Self::Residency { groups: job.residency.clone() }));
        rules.extend((!job.clouds.is_empty()).then(|| Self::Clouds { clouds: job.clouds.clone() }));
        let regions = || job.regions.iter().map(ToString::to_string).collect();
        rules.extend((!job.regions.is_empty()).then(|| Self::Regions { regions: regions() }));
        rules.extend(job.max_price.map(|usd_per_hour| Self::MaxPrice { usd_per_hour }));
        rules.extend(job.budget.map(|usd| Self::JobBudget { usd }));
        rules.extend((!job.interruptible).then(|| Self::NotInterruptible { project: job.project.clone() }));
        rules.extend((!job.arch.contains(&Arch::Arm64)).then_some(Self::X86Only));
        rules
    }

    /// The rules of a queue and its budgets, each with the number of jobs under it and the sum of what
    /// they are `worth`; quotas apart.
    pub(super) fn of_queue(workload: &Workload, rules: &Rules, worth: &[f64]) -> BTreeMap<Self, (u64, f64)> {
        let mut all: BTreeMap<Self, (u64, f64)> = BTreeMap::new();
        let mut note = |rule: Self, worth: f64| {
            let (jobs, sum) = all.entry(rule).or_default();
            *jobs += 1;
            *sum += worth;
        };
        for (job, &worth) in workload.jobs().iter().zip(worth) {
            Self::of_job(job).into_iter().for_each(|rule| note(rule, worth));
            let policies = rules.policies.iter().filter(|p| p.when.concerns(job));
            policies.for_each(|p| note(Self::Policy { id: p.id.clone() }, worth));
            let capped = rules.concentration.filter(|_| job.interruptible && job.deadline.is_some());
            capped.into_iter().for_each(|share| note(Self::Concentration { share }, worth));
            let budget = job.project.as_ref().and_then(|p| rules.budgets.get_key_value(p));
            if let Some((project, limit)) = budget {
                note(Self::Budget { project: project.clone(), limit: *limit }, worth);
            }
        }
        all
    }

    /// What is done to find its price, in words.
    pub fn relaxed(&self) -> String {
        match self {
            Self::Quota { .. } | Self::Budget { .. } => "without limit".to_owned(),
            Self::Deadline { .. } => format!("{LATER} later"),
            Self::Residency { .. } | Self::Clouds { .. } | Self::Regions { .. } => "anywhere".to_owned(),
            Self::MaxPrice { .. } | Self::JobBudget { .. } | Self::Concentration { .. } | Self::Policy { .. } => {
                "without it".to_owned()
            }
            Self::NotInterruptible { .. } => "spot allowed".to_owned(),
            Self::X86Only => "arm64 allowed".to_owned(),
        }
    }

    /// The rule in a few words.
    pub fn name(&self) -> String {
        match self {
            Self::Quota { row, available, .. } => format!("quota {row} = {available}"),
            Self::Budget { project, limit } => format!("budget of project {project} = {limit}"),
            Self::Deadline { at } => format!("deadline {at}"),
            Self::Residency { groups } => format!("residency {}", groups.join(" or ")),
            Self::Clouds { clouds } => format!("clouds {}", clouds.join(" or ")),
            Self::Regions { regions } => format!("regions {}", regions.join(" or ")),
            Self::MaxPrice { usd_per_hour } => format!("max_price_usd_per_hour {usd_per_hour}"),
            Self::JobBudget { usd } => format!("budget_usd {usd} a task"),
            Self::NotInterruptible { project: Some(p) } => format!("no spot in project {p}"),
            Self::NotInterruptible { project: None } => "no spot for jobs without a project".to_owned(),
            Self::X86Only => "arch x86_64 only".to_owned(),
            Self::Concentration { share } => format!("{share} of deadline work on a spot pool"),
            Self::Policy { id } => format!("policy rule {id}"),
        }
    }

    /// Takes the rule away.
    pub(super) fn lift(&self, jobs: &mut [Job], market: &mut Market, rules: &mut Rules) {
        match self {
            Self::Quota { row, .. } => {
                market.quotas.iter_mut().filter(|q| &q.name == row).for_each(|q| q.available = BOUNDLESS);
            }
            Self::Budget { project, .. } => {
                rules.budgets.insert(project.clone(), Usd::from_nanos(BOUNDLESS_NANOS));
            }
            Self::Concentration { .. } => rules.concentration = None,
            Self::Policy { id } => rules.policies.retain(|p| &p.id != id),
            _ => jobs.iter_mut().filter(|j| Self::of_job(j).contains(self)).for_each(|j| self.lift_from(j)),
        }
    }

    fn lift_from(&self, job: &mut Job) {
        match self {
            Self::Deadline { at } => job.deadline = Some(*at + LATER),
            Self::Residency { .. } => job.residency.clear(),
            Self::Clouds { .. } => job.clouds.clear(),
            Self::Regions { .. } => job.regions.clear(),
            Self::MaxPrice { .. } => job.max_price = None,
            Self::JobBudget { .. } => job.budget = None,
            Self::NotInterruptible { .. } => job.interruptible = true,
            Self::X86Only => {
                job.arch.insert(Arch::Arm64);
            }
            Self::Quota { .. } | Self::Budget { .. } | Self::Concentration { .. } | Self::Policy { .. } => {}
        }
    }
}
