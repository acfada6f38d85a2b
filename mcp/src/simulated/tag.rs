//! Whose a resource is, and for how long: what every call that makes something tells.

use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

use crate::control::{Control, Decision};

/// The tags of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Whose it is.
    pub owner: String,
    /// What it was made for.
    pub decision: Decision,
    /// The cloud's own token of the call.
    pub token: String,
    /// When it was made.
    pub made_at: Time,
    /// When its time to live ends.
    pub expires_at: Time,
}

impl Tag {
    /// Of what a call makes.
    pub fn new(control: &Control, token: &str, now: Time) -> Self {
        Self {
            owner: control.owner.clone(),
            decision: control.decision.clone(),
            token: token.to_owned(),
            made_at: now,
            expires_at: now + control.ttl(),
        }
    }
}
