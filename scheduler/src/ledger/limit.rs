//! What a project or a tenant may spend in a run.

use std::fmt;

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::rules::Rules;

use super::payer::{Payer, Payers};

/// Whose spending is limited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A project.
    Project(String),
    /// A tenant.
    Tenant(String),
}

impl Scope {
    /// The key of its limit in `tradewind.toml`.
    pub fn key(&self) -> String {
        match self {
            Self::Project(name) => format!("budgets.{name}"),
            Self::Tenant(name) => format!("tenants.{name}"),
        }
    }

    fn holds(&self, payer: &Payer) -> bool {
        match self {
            Self::Project(name) => payer.project.as_ref() == Some(name),
            Self::Tenant(name) => payer.tenant.as_ref() == Some(name),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(name) => write!(f, "project {name}"),
            Self::Tenant(name) => write!(f, "tenant {name}"),
        }
    }
}

/// A limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Of whom.
    pub scope: Scope,
    /// Not more than that.
    pub hard: Usd,
    /// From here on only critical jobs are begun.
    pub soft: Usd,
    /// By payer: whether it counts.
    pays: Vec<bool>,
}

impl Limit {
    /// All limits of some rules, projects first, in order of their names.
    pub fn all(rules: &Rules, payers: &Payers) -> Vec<Self> {
        let projects = rules.budgets.iter().map(|(name, usd)| (Scope::Project(name.clone()), *usd));
        let tenants = rules.spending.tenants.iter().map(|(name, usd)| (Scope::Tenant(name.clone()), *usd));
        let limit = |(scope, hard): (Scope, Usd)| {
            let soft = Usd::from_nanos(rules.spending.soft.of(i128::from(hard.nanos())) as i64);
            let pays = payers.all().iter().map(|payer| scope.holds(payer)).collect();
            Self { scope, hard, soft, pays }
        };
        projects.chain(tenants).map(limit).collect()
    }

    /// Whether what a payer spends counts.
    pub fn counts(&self, payer: u32) -> bool {
        self.pays[payer as usize]
    }
}
