//! A choice that a run made, with what it was made from: written beside the event that led to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// What it is about: an allocation's node, or a job's task.
    pub about: String,
    /// What was chosen.
    pub choice: String,
    /// What could have been chosen instead.
    pub instead: Vec<String>,
    /// Why.
    pub because: String,
}
