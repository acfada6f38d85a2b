//! A change of the inputs that opens a way: what a user would have to allow, raise or extend.

use serde::Serialize;
use tradewind_core::job::{Arch, Job};
use tradewind_core::market::{Market, QuotaUnit};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::rules::Rules;
use tradewind_core::share::Share;
use tradewind_core::time::Time;

/// One change; each names what holds now and what would have to hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// More of a quota of the account.
    RaiseQuota {
        /// The row, with the cloud's own name.
        row: String,
        /// What it counts.
        unit: QuotaUnit,
        /// Available now.
        from: u64,
        /// Needed.
        to: u64,
    },
    /// A later deadline of the job.
    MoveDeadline {
        /// Now.
        from: Time,
        /// Needed.
        to: Time,
    },
    /// A region the job's clouds, regions or residency exclude.
    AllowRegion {
        /// Which.
        region: RegionName,
    },
    /// The job accepts spot capacity.
    AllowSpot,
    /// The job accepts another architecture.
    AllowArch {
        /// Which.
        arch: Arch,
    },
    /// The job accepts shared-core nodes.
    AllowBurstable,
    /// A higher `max_price_usd_per_hour` of the job.
    RaisePriceCap {
        /// Now.
        from: UsdPerHour,
        /// Needed.
        to: UsdPerHour,
    },
    /// A higher `budget_usd` of the job, a task.
    RaiseJobBudget {
        /// Now.
        from: Usd,
        /// Needed.
        to: Usd,
    },
    /// A higher budget of the project, escrow included.
    RaiseProjectBudget {
        /// Whose.
        project: String,
        /// Now.
        from: Usd,
        /// Needed.
        to: Usd,
    },
    /// A policy rule not applied.
    WaivePolicy {
        /// Which.
        id: String,
    },
    /// A larger share of the deadline-critical work on one spot pool.
    RaiseConcentration {
        /// Now.
        from: Share,
        /// Needed.
        to: Share,
    },
    /// A longer horizon.
    ExtendHorizon {
        /// Its end now.
        from: Time,
        /// Its end then.
        to: Time,
    },
}

impl Change {
    /// The change in words, as something to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::RaiseQuota { row, unit, from, to } => {
                let more = to - from;
                let noun = match unit {
                    QuotaUnit::Vcpu => "vCPU",
                    QuotaUnit::Gpu => "GPU",
                    QuotaUnit::Instance => "instance",
                    QuotaUnit::MilliUsd => "milli-dollar per hour",
                };
                match more {
                    1 => format!("raise quota {row} from {from} to {to} (+1 {noun})"),
                    _ => format!("raise quota {row} from {from} to {to} (+{more} {noun}s)"),
                }
            }
            Self::MoveDeadline { from, to } => format!("move the deadline {} later, to {to}", *to - *from),
            Self::AllowRegion { region } => format!("allow region {region}"),
            Self::AllowSpot => "allow spot capacity (\"interruptible\": true)".to_owned(),
            Self::AllowArch { arch } => format!("allow architecture {arch}"),
            Self::AllowBurstable => "allow shared-core nodes (\"burstable\": true)".to_owned(),
            Self::RaisePriceCap { from, to } => format!("raise max_price_usd_per_hour from {from} to {to}"),
            Self::RaiseJobBudget { from, to } => format!("raise budget_usd from {from} to {to} a task"),
            Self::RaiseProjectBudget { project, from, to } => {
                format!("raise the budget of project {project} from {from} to {to}")
            }
            Self::RaiseConcentration { from, to } => {
                format!("raise the share of deadline-critical work on one spot pool from {from} to {to}")
            }
            Self::WaivePolicy { id } => format!("waive policy rule {id}"),
            Self::ExtendHorizon { from, to } => format!("extend the horizon by {}", *to - *from),
        }
    }

    /// What distinguishes two changes that do the same to the same thing by different amounts.
    pub(super) fn key(&self) -> String {
        match self {
            Self::RaiseQuota { row, .. } => format!("quota {row}"),
            Self::AllowRegion { region } => format!("region {region}"),
            Self::AllowArch { arch } => format!("arch {arch}"),
            Self::WaivePolicy { id } => format!("policy {id}"),
            Self::RaiseProjectBudget { project, .. } => format!("project {project}"),
            other => format!("{:?}", std::mem::discriminant(other)),
        }
    }

    /// How much is changed, in the change's own unit, to compare two of one kind.
    pub(super) fn amount(&self) -> i64 {
        match self {
            Self::RaiseQuota { from, to, .. } => (to - from) as i64,
            Self::MoveDeadline { from, to } | Self::ExtendHorizon { from, to } => (*to - *from).get(),
            Self::RaisePriceCap { from, to } => to.nanos() - from.nanos(),
            Self::RaiseJobBudget { from, to } | Self::RaiseProjectBudget { from, to, .. } => to.nanos() - from.nanos(),
            Self::RaiseConcentration { from, to } => i64::from(to.thousandths()) - i64::from(from.thousandths()),
            Self::AllowRegion { .. }
            | Self::AllowSpot
            | Self::AllowArch { .. }
            | Self::AllowBurstable
            | Self::WaivePolicy { .. } => 1,
        }
    }

    /// Makes the change to the job, the market and the rules.
    pub(super) fn apply(&self, job: &mut Job, market: &mut Market, rules: &mut Rules) {
        match self {
            Self::RaiseQuota { row, to, .. } => {
                market.quotas.iter_mut().filter(|q| &q.name == row).for_each(|q| q.available = *to);
            }
            Self::MoveDeadline { to, .. } => job.deadline = Some(*to),
            Self::AllowRegion { region } => allow_region(job, market, region),
            Self::AllowSpot => job.interruptible = true,
            Self::AllowArch { arch } => {
                job.arch.insert(*arch);
            }
            Self::AllowBurstable => job.burstable = true,
            Self::RaisePriceCap { to, .. } => job.max_price = Some(*to),
            Self::RaiseJobBudget { to, .. } => job.budget = Some(*to),
            Self::RaiseProjectBudget { project, to, .. } => {
                rules.budgets.insert(project.clone(), *to);
            }
            Self::RaiseConcentration { to, .. } => rules.concentration = Some(*to),
            Self::WaivePolicy { id } => rules.policies.retain(|p| &p.id != id),
            Self::ExtendHorizon { to, .. } => rules.horizon.end = *to,
        }
    }
}

/// Widens each of the job's lists that excludes the region; residency by the region's country.
fn allow_region(job: &mut Job, market: &Market, region: &RegionName) {
    if !job.clouds.is_empty() && !job.clouds.iter().any(|c| c == region.cloud()) {
        job.clouds.push(region.cloud().to_owned());
    }
    if !job.regions.is_empty() && !job.regions.contains(region) {
        job.regions.push(region.clone());
    }
    let Some(index) = market.region_index(region) else { return };
    let of = &market.regions[usize::from(index)];
    if !job.residency.is_empty() && !job.residency.iter().any(|g| of.residency.contains(g)) {
        job.residency.push(of.country.clone());
    }
}
