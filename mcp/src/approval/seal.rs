//! The seal: a state or a grant that was altered, has ended, or belongs to another call does not open.

use rmcp::model::{RequestStateCodec, SealOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tradewind_core::hash;
use tradewind_core::time::Time;

use crate::provider::Call;

/// Length of a key.
pub const KEY_BYTES: usize = 32;

/// Why a seal does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Not sealed by this key for this call: the two cannot be told apart, and need not be.
    #[error("it was altered, or belongs to another call, tool or caller")]
    Broken,
    /// Its time is over.
    #[error("its time is over")]
    Ended,
}

/// One call of one caller, as a hash: what an approval holds for. The epoch is left out, so that a new leader can
/// finish what an old one began; the time to live is in, since it bounds what the call may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Binding(String);

impl Binding {
    /// Of a call.
    pub fn of(call: &Call) -> Self {
        let control = call.control.as_ref().map(|c| (c.state, &c.owner, &c.idempotency_key, c.ttl_s, &c.decision));
        let caller = (&call.caller.name, &call.caller.role);
        Self(hash::of(
            &json!({"caller": caller, "tool": call.request.tool(), "request": call.request, "control": control}),
        ))
    }

    /// What people name it by: short, and the same each time the call is made.
    pub fn ticket(&self) -> String {
        self.0[..12].to_owned()
    }
}

/// What is sealed: for asking (a state) and for granting.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    /// Never the same twice: by it the register knows what was used.
    once: String,
    until: Time,
    /// Who grants; a state has nobody yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// What a seal held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// By it the register knows what was used.
    pub once: String,
    /// Who grants; a state has nobody yet.
    pub by: Option<String>,
}

/// Seals and opens, by HMAC-SHA256 under one key.
#[derive(Debug, Clone)]
pub struct Sealer(RequestStateCodec);

impl Sealer {
    /// With a key; who has it can grant.
    pub fn new(key: [u8; KEY_BYTES]) -> Self {
        Self(RequestStateCodec::new_unchecked(key))
    }

    /// With a key of its own that ends with it.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn random() -> std::io::Result<Self> {
        Ok(Self::new(random()?))
    }

    /// The state of a question about a call.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn ask(&self, binding: &Binding, until: Time) -> std::io::Result<String> {
        self.seal(binding, until, None)
    }

    /// A grant of a call.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn grant(&self, binding: &Binding, until: Time, by: &str) -> std::io::Result<String> {
        self.seal(binding, until, Some(by.to_owned()))
    }

    fn seal(&self, binding: &Binding, until: Time, by: Option<String>) -> std::io::Result<String> {
        let context = context(binding, by.is_some());
        let once = random()?.iter().map(|b| format!("{b:02x}")).collect();
        let text = serde_json::to_vec(&Sealed { once, until, by })?;
        Ok(self.0.seal_with(&text, &SealOptions::new().associated_data(&context)))
    }

    /// Opens a state.
    ///
    /// # Errors
    /// It does not hold for this call now.
    pub(crate) fn open_state(&self, state: &str, binding: &Binding, now: Time) -> Result<Opened, Why> {
        self.open(state, &context(binding, false), now)
    }

    /// Opens a grant.
    ///
    /// # Errors
    /// It does not hold for this call now.
    pub(crate) fn open_grant(&self, grant: &str, binding: &Binding, now: Time) -> Result<Opened, Why> {
        self.open(grant, &context(binding, true), now)
    }

    fn open(&self, text: &str, context: &[u8], now: Time) -> Result<Opened, Why> {
        let sealed: Sealed = self.0.open_json_with(text, context).map_err(|_| Why::Broken)?;
        if sealed.until <= now {
            return Err(Why::Ended);
        }
        Ok(Opened { once: sealed.once, by: sealed.by })
    }
}

/// A state is no grant, whoever holds it.
fn context(binding: &Binding, is_grant: bool) -> Vec<u8> {
    let kind = if is_grant { "grant" } else { "state" };
    format!("tradewind/approval/1/{kind}/{}", binding.0).into_bytes()
}

/// Random bytes of the machine.
pub(crate) fn random() -> std::io::Result<[u8; KEY_BYTES]> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}
