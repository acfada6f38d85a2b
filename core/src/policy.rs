//! House rules on who may use what: declared, so that they steer the plan and are priced exactly.
//!
//! A rule concerns some jobs and refuses them some offers. Pools are split where a rule cuts
//! ([`crate::pool`]), so a rule on machine types is as exact in the bound as one on clouds:
//! `docs/decisions/0008-policy-files.md`.

pub mod spot;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::market::{Market, Offer};
use crate::money::UsdPerHour;
use crate::select::{Selector, any_named, named};

/// Jobs that match in everything that is given. A pattern may end in `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Projects; a job without one is in none of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// Labels that the job has, with their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Least and highest priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priorities: Option<[u8; 2]>,
    /// Whether the job may be interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interruptible: Option<bool>,
    /// Shared datasets, of which the job reads one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
}

impl When {
    /// Whether the job is meant.
    pub fn concerns(&self, job: &Job) -> bool {
        let project = || job.project.as_deref().is_some_and(|p| any_named(&self.projects, p));
        let label = |(key, pattern): (&String, &String)| job.labels.get(key).is_some_and(|v| named(pattern, v));
        (self.projects.is_empty() || project())
            && self.labels.iter().all(label)
            && self.priorities.is_none_or(|[least, most]| (least..=most).contains(&job.priority))
            && self.interruptible.is_none_or(|i| i == job.interruptible)
            && (self.datasets.is_empty() || job.datasets().any(|(d, _)| any_named(&self.datasets, d)))
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Unique.
    pub id: String,
    /// Why, for people.
    pub text: String,
    /// Which jobs; empty is all.
    #[serde(default)]
    pub when: When,
    /// These offers are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deny: Option<Selector>,
    /// Only these offers are admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Selector>,
    /// Only nodes of at most this price are admitted ([`Market::hourly`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price: Option<UsdPerHour>,
}

impl Policy {
    /// Whether the jobs it concerns may use the offer.
    pub fn admits(&self, market: &Market, offer: &Offer) -> bool {
        !self.deny.as_ref().is_some_and(|s| s.matches(market, offer))
            && self.allow.as_ref().is_none_or(|s| s.matches(market, offer))
            && self.max_price.is_none_or(|most| market.hourly(offer) <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Runtime;
    use crate::resources::Resources;
    use crate::time::Millis;

    fn job() -> Job {
        let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
        let mut job = Job::new("a", Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 }, runtime);
        job.project = Some("vision-eu".to_owned());
        job.labels.insert("data".to_owned(), "personal".to_owned());
        job
    }

    #[test]
    fn every_condition_that_is_given_must_hold() {
        let list = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let when = |projects: &[&str]| When { projects: list(projects), ..When::default() };
        assert!(When::default().concerns(&job()));
        assert!(when(&["risk", "vision*"]).concerns(&job()) && !when(&["vision"]).concerns(&job()));
        let labels = |value: &str| BTreeMap::from([("data".to_owned(), value.to_owned())]);
        assert!(When { labels: labels("pers*"), ..when(&["vision*"]) }.concerns(&job()));
        assert!(!When { labels: labels("public"), ..when(&["vision*"]) }.concerns(&job()));
        assert!(!When { priorities: Some([51, 100]), ..When::default() }.concerns(&job()));
        assert!(When { priorities: Some([50, 50]), ..When::default() }.concerns(&job()));
        assert!(!When { interruptible: Some(true), ..When::default() }.concerns(&job()));
        assert!(!When { datasets: list(&["*"]), ..When::default() }.concerns(&job()), "it reads none");
        let nobody = Job { project: None, ..job() };
        assert!(!when(&["*"]).concerns(&nobody), "a job without a project is in no project");
    }
}
