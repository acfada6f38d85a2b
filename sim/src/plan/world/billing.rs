//! Rules of billing that may be switched off to see what they are worth.

use serde::{Deserialize, Serialize};

/// Rules of billing in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BillingRules {
    /// A cloud's free hour when it interrupts a spot node early.
    pub free_if_interrupted: bool,
    /// The least billed time of a node.
    pub minimum: bool,
    /// Public addresses.
    pub address: bool,
}

impl Default for BillingRules {
    fn default() -> Self {
        Self { free_if_interrupted: true, minimum: true, address: true }
    }
}
