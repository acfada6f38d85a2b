//! Who may call: the workloads that were given a role, and nobody else.

use std::collections::BTreeMap;

use tradewind_core::time::Time;

use super::spiffe::SpiffeId;
use super::svid::{Svid, SvidError};
use crate::provider::Caller;
use crate::refusal::{Class, Refusal};

/// Roles by workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callers {
    trust_domain: String,
    roles: BTreeMap<SpiffeId, String>,
}

/// Workloads that cannot be the callers of one server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallersError {
    /// Nobody could call.
    #[error("no workload has a role")]
    None,
    /// One authority vouches for one trust domain; of another it could only claim to.
    #[error("they are of two trust domains, {0} and {1}")]
    TrustDomains(String, String),
}

impl Callers {
    /// Of workloads of one trust domain.
    ///
    /// # Errors
    /// There are none, or they are of several trust domains.
    pub fn new(roles: BTreeMap<SpiffeId, String>) -> Result<Self, CallersError> {
        let trust_domain = roles.keys().next().ok_or(CallersError::None)?.trust_domain().to_owned();
        match roles.keys().find(|id| id.trust_domain() != trust_domain) {
            Some(other) => Err(CallersError::TrustDomains(trust_domain, other.trust_domain().to_owned())),
            None => Ok(Self { trust_domain, roles }),
        }
    }

    /// Who calls, by the certificate that the connection began with.
    ///
    /// # Errors
    /// `TW5030` for a certificate that names no workload, `TW5031` for one of another trust domain, `TW5032` for a
    /// workload without a role, `TW5033` for a certificate that is over since.
    pub fn caller(&self, svid: &Result<Svid, SvidError>, now: Time) -> Result<Caller, Refusal> {
        let denied = |code, message: String, help: &str| Err(Refusal::new(code, Class::Denied, message, help));
        let svid = match svid {
            Ok(svid) => svid,
            Err(why) => return denied("TW5030", why.to_string(), "call with an X.509-SVID: one URI, spiffe://..."),
        };
        if svid.id.trust_domain() != self.trust_domain {
            let message = format!("{} is not of the trust domain {}", svid.id, self.trust_domain);
            return denied("TW5031", message, "callers of other trust domains are not let in");
        }
        let Some(role) = self.roles.get(&svid.id) else {
            let help = "whoever runs the server gives it one, under [callers] of its configuration";
            return denied("TW5032", format!("{} has no role here", svid.id), help);
        };
        if now > svid.until {
            let message = format!("the certificate of {} was good until {}", svid.id, svid.until);
            return denied("TW5033", message, "connect again with a new one");
        }
        Ok(Caller { name: svid.id.to_string(), role: role.clone(), drives_time: false })
    }
}
