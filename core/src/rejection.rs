//! "No" with a reason: why a job cannot run on a pool, or was not placed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A criterion that rules a pool out for a job, or a job out of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The architecture is not among the job's.
    Arch,
    /// Another GPU model, or a GPU node for a job without.
    Gpu,
    /// A shared-core node for a job that does not accept one.
    Burstable,
    /// Spot capacity for a job that must not be interrupted.
    NotInterruptible,
    /// The cloud is not among the job's.
    Cloud,
    /// The region is not among the job's.
    Region,
    /// The region has none of the job's residency groups.
    Residency,
    /// A policy refuses it to the job.
    Policy,
    /// No node of the pool is large enough.
    TooSmall,
    /// Every node that is large enough costs more per hour than the job allows.
    MaxPrice,
    /// No price is known for moving its data there or back.
    TransferPrice,
    /// The time to reserve, interruptions included, exceeds 60 days.
    EndlessRework,
    /// The deadline cannot be met with the wished probability.
    Deadline,
    /// It could only start after the horizon.
    Horizon,
    /// The job's own budget is below the least cost.
    JobBudget,
    /// No quota is left when it could run.
    Quota,
    /// Its spot pools hold their share of the deadline-critical work already.
    Concentration,
    /// The project's budget is used up.
    ProjectBudget,
    /// A job it depends on is not placed.
    Predecessor,
}

impl Rejection {
    /// All of them, in the order in which they are judged.
    pub const ALL: [Self; 19] = [
        Self::Arch,
        Self::Gpu,
        Self::Burstable,
        Self::NotInterruptible,
        Self::Cloud,
        Self::Region,
        Self::Residency,
        Self::Policy,
        Self::TooSmall,
        Self::MaxPrice,
        Self::TransferPrice,
        Self::EndlessRework,
        Self::Deadline,
        Self::Horizon,
        Self::JobBudget,
        Self::Quota,
        Self::Concentration,
        Self::ProjectBudget,
        Self::Predecessor,
    ];

    /// One line for a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Arch => "no allowed architecture",
            Self::Gpu => "not the GPU model asked for",
            Self::Burstable => "shared-core nodes are not accepted",
            Self::NotInterruptible => "spot capacity, and the job must not be interrupted",
            Self::Cloud => "outside the allowed clouds",
            Self::Region => "outside the allowed regions",
            Self::Residency => "outside the residency groups",
            Self::Policy => "refused by a policy",
            Self::TooSmall => "no node is large enough",
            Self::MaxPrice => "every node that fits is dearer per hour than max_price_usd_per_hour",
            Self::TransferPrice => "no transfer price is known for its data",
            Self::EndlessRework => "the time to reserve for it, interruptions included, exceeds 60 days",
            Self::Deadline => "the deadline cannot be met with the wished probability",
            Self::Horizon => "it could only start after the horizon",
            Self::JobBudget => "its budget is below the least cost",
            Self::Quota => "no quota is left when it could run",
            Self::Concentration => "its spot pools hold their share of the deadline-critical work already",
            Self::ProjectBudget => "the project's budget is used up",
            Self::Predecessor => "a job it depends on is not placed",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_in_order() {
        assert!(Rejection::ALL.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(Rejection::ALL.len(), Rejection::Predecessor as usize + 1);
    }
}
