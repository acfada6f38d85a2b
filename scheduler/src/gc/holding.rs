//! Something of ours on a cloud.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::time::Time;
use tradewind_mcp::control::Decision;
use tradewind_mcp::refusal::Refusal;
use tradewind_mcp::tools::get_health::Resource;

use super::owner::{Owners, Standing};

/// Something of ours, and whether anybody needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Holding {
    /// The cloud.
    pub cloud: String,
    /// What it is, whose, for which decision, until when.
    #[serde(flatten)]
    pub resource: Resource,
    /// The jobs that it was bought for, where its owner is a run that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<String>,
    /// Why nobody needs it, if nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphan: Option<Orphan>,
    /// What was done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// Why nobody needs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Orphan {
    /// No run has the name of its owner.
    OfNoRun,
    /// Its run is over.
    RunIsOver,
    /// Its run was cancelled.
    RunWasCancelled,
    /// Its time to live has ended, and it is still there.
    PastItsTime,
}

/// What was done about an orphan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is gone; its bill, where the cloud told one.
    Ended(#[schemars(with = "Option<String>")] Option<Usd>),
    /// The cloud or a rule did not let us.
    Refused {
        /// The code of the refusal.
        code: String,
        /// In words.
        message: String,
    },
}

impl Holding {
    /// Judges what a cloud shows at an instant.
    pub fn new(cloud: &str, resource: Resource, owners: &Owners, now: Time) -> Self {
        let owner = owners.get(&resource.owner);
        let is_past = resource.expires_at.is_some_and(|at| at <= now);
        let orphan = match owner.map(|o| o.standing) {
            None => Some(Orphan::OfNoRun),
            Some(Standing::Over) => Some(Orphan::RunIsOver),
            Some(Standing::Cancelled) => Some(Orphan::RunWasCancelled),
            Some(Standing::Unfinished) => is_past.then_some(Orphan::PastItsTime),
        };
        let decision = resource.decision.parse::<Decision>().ok();
        let jobs = owner.zip(decision).map(|(o, d)| o.jobs_of(&d.allocation)).unwrap_or_default();
        Self { cloud: cloud.to_owned(), resource, jobs, orphan, outcome: None }
    }

    /// Whether it is an orphan that is still there.
    pub fn is_left(&self) -> bool {
        self.orphan.is_some() && !matches!(self.outcome, Some(Outcome::Ended(_)))
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { code: refusal.code.into_owned(), message: refusal.message }
    }
}
