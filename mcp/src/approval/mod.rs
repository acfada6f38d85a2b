//! Approvals: a person says yes to one call, before it is done.
//!
//! The rules say that a call needs one ([`crate::layers::Policy`]); the layer [`crate::layers::Approval`] asks for it
//! and holds what comes back against its seal. Three ways lead there, one for each kind of client: an answer to a
//! request for input (2026-07-28), an answer to an elicitation (2025-11-25), and a grant that somebody else leaves in
//! the server's folder (`tradewind mcp approve`) for clients that can do neither.
//!
//! What goes through the client is attacker-controlled when it comes back. So it is sealed, holds for one call of one
//! caller, ends, and is used once; and nobody approves what they call themselves.

mod inbox;
mod seal;

pub use inbox::{Asked, Inbox, InboxError};
pub(crate) use seal::random;
pub use seal::{Binding, KEY_BYTES, Opened, Sealer, Why};

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::clock::Clock;
use tradewind_core::time::{Millis, Time};

/// How long a question can be answered, and a grant used: time for a person to look, not for a key to leak.
pub const OPEN_FOR: Millis = Millis::from_secs(15 * 60);

/// What a call has of approvals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Approval {
    /// Nothing was said about one.
    #[default]
    None,
    /// Somebody says that there is one. Not believed yet.
    Claimed(Claim),
    /// There is one. Only the layer that checks claims makes this of them.
    Given(Given),
}

/// What a client brings back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The answer to a question: the state that went with it, and who said yes.
    Answer {
        /// As it was sent, one hopes.
        state: String,
        /// The name in the form; the client vouches for it.
        by: String,
    },
    /// A grant made by `tradewind mcp approve`.
    Grant(String),
    /// The person said no.
    Declined,
}

/// An approval that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// Who gave it.
    pub by: String,
    /// How it came.
    pub way: Way,
}

/// How an approval came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// In a form that the client showed: the client vouches for the name.
    Form,
    /// As a grant: who made it can read the server's key.
    Grant,
}

/// That a call waits for an approval: part of the refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wanted {
    /// What to name to whoever approves.
    pub ticket: String,
    /// Why one is needed, a line each.
    pub reasons: Vec<String>,
    /// Until when it can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Time>,
    /// The sealed state of the question: for the wire, not for the reader of a refusal.
    #[serde(skip)]
    pub state: String,
}

/// What approvals need: a key, a clock on the wall (people take real time, whatever time the world has), and a place
/// for questions and grants.
#[derive(Clone)]
pub struct Approvals {
    /// Seals and opens.
    pub sealer: Sealer,
    /// The wall clock.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// Where questions wait and grants are left.
    pub inbox: Inbox,
}

impl Approvals {
    /// That end with their server, and leave nothing anywhere.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn in_memory(clock: Arc<dyn Clock + Send + Sync>) -> std::io::Result<Self> {
        Ok(Self { sealer: Sealer::random()?, clock, inbox: Inbox::default() })
    }
}
