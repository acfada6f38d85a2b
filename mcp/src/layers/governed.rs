//! All layers around a backend, in the order in which they must stand.

use std::path::PathBuf;
use std::sync::Arc;

use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;

use super::approval::Approval;
use super::audit::{Audit, Broken};
use super::breaker::Breaker;
use super::buckets::Buckets;
use super::budget::Budget;
use super::fence::Fence;
use super::idempotency::Idempotency;
use super::incident::Incident;
use super::policy::{Policy, PolicyError};
use super::register::Register;
use super::retry::Retry;
use super::roles::Roles;
use super::timer::Timer;
use crate::approval::Approvals;
use crate::limits::Limit;
use crate::provider::{Call, Pending, Provider};

/// How a backend is governed.
pub struct Settings {
    /// Name of the cloud, for the rules.
    pub cloud: String,
    /// The time of the layers.
    pub timer: Arc<dyn Timer>,
    /// What must not be forgotten.
    pub register: Arc<Register>,
    /// Where the audit log is.
    pub audit: PathBuf,
    /// Rego files by name and text; ours if there are none.
    pub rules: Vec<(String, String)>,
    /// How calls are approved.
    pub approvals: Approvals,
    /// Most that may be spent; as much as there is in [`Usd`] is no limit.
    pub budget: Usd,
    /// Why no change is allowed now, if none is.
    pub incident: Box<dyn Fn() -> Option<String> + Send + Sync>,
    /// The limits on calls that are kept in front of the backend: those of its cloud
    /// ([`crate::simulated::Traits::limits`]). None in front of a backend that refuses beyond them by itself, as a simulated
    /// cloud does: what it has room for would be counted twice, and its own word for a throttle never heard.
    pub limits: &'static [Limit],
    /// Source of the pauses between tries.
    pub seed: Seed,
}

/// Why a backend cannot be governed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The audit log is broken or cannot be written.
    #[error("audit log {file}: {broken}")]
    Audit {
        /// The file.
        file: String,
        /// What is wrong.
        broken: Broken,
    },
    /// The rules cannot be understood: nothing is served under rules that are not known.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

type Inner<P> = Budget<Breaker<Retry<Buckets<P>>>>;
type Stack<P> = Audit<Incident<Roles<Fence<Idempotency<Approval<Policy<Inner<P>>>>>>>>;

/// A backend with all its layers.
pub struct Governed<P>(Stack<P>);

impl<P: Provider> Governed<P> {
    /// Around a backend.
    ///
    /// # Errors
    /// Rules or a log that cannot be used.
    pub fn new(backend: P, settings: Settings) -> Result<Self, SettingsError> {
        let Settings { cloud, timer, register, audit, rules, approvals, budget, incident, limits, seed } = settings;
        // Each try counts: the cloud counts them too.
        let buckets = Buckets::new(backend, limits, timer.clone());
        let retry = Retry::new(buckets, timer.clone(), seed);
        let breaker = Breaker::new(retry, timer.clone());
        let budget = Budget::new(breaker, register.clone(), budget);
        let policy = Policy::new(budget, &cloud, &rules)?;
        let approval = Approval::new(policy, approvals, register.clone());
        let idempotency = Idempotency::new(approval, register.clone(), timer.clone());
        let roles = Roles(Fence::new(idempotency, register));
        let incident = Incident::new(roles, incident);
        let file = audit.display().to_string();
        let audited = Audit::new(incident, &audit, timer).map_err(|broken| SettingsError::Audit { file, broken })?;
        Ok(Self(audited))
    }
}

impl<P: Provider> Provider for Governed<P> {
    fn call<'a>(&'a self, call: &'a Call) -> Pending<'a> {
        self.0.call(call)
    }
}
