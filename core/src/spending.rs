//! How a run keeps its budgets: from where on it says so, what it goes on with, and what each tenant may spend.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::{DEFAULT_PRIORITY, Job};
use crate::money::Usd;
use crate::share::Share;

/// The label of a job that names its tenant: who is billed for it, across projects.
pub const TENANT: &str = "tenant";
/// Of a budget, what is spent before a run says so and freezes what is not critical, where nothing is said.
const SOFT: Share = Share::whole_percent(80);

/// How a run keeps budgets. A plan keeps those of projects by itself ([`crate::rules::Rules::budgets`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spending {
    /// Once this share of a budget is spent, jobs that are not critical are not begun any more.
    pub soft: Share,
    /// Jobs of this priority (0 to 100) or a higher one are critical, and those that one of them waits for.
    pub critical_priority: u8,
    /// Most that a tenant may spend in a run.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<String, Usd>,
}

impl Default for Spending {
    fn default() -> Self {
        Self { soft: SOFT, critical_priority: DEFAULT_PRIORITY, tenants: BTreeMap::new() }
    }
}

impl Spending {
    /// Whether nothing was said: the defaults stand in no file.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The tenant of a job, where a label names one.
pub fn tenant_of(job: &Job) -> Option<&str> {
    job.labels.get(TENANT).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_not_written_and_what_is_said_is_read_back() {
        assert_eq!(Spending::default().soft.to_string(), "80%");
        let said = Spending { critical_priority: 70, ..Spending::default() };
        assert!(Spending::default().is_default() && !said.is_default());
        let text = serde_json::to_string(&said).unwrap();
        assert_eq!(text, r#"{"soft":"80%","critical_priority":70}"#);
        assert_eq!(serde_json::from_str::<Spending>(&text).unwrap(), said);
    }
}
