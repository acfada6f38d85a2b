//! `rotate_secret`: new versions of secrets. No tool reads a value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tradewind_core::time::Time;

use super::{About, Effect};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its name; made where there is none.
    #[schemars(regex(pattern = r"^[A-Za-z0-9-]{1,127}$"))]
    pub secret: String,
    /// With state absent: the version to disable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A version of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// The cloud's own id.
    pub version: String,
    /// The cloud's own word for where it stands.
    pub stage: String,
    /// Whether it still opens anything.
    pub enabled: bool,
    /// When it was made.
    #[schemars(with = "String")]
    pub created_at: Time,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// Its name.
    pub secret: String,
    /// The newest first; the last ten.
    pub versions: Vec<Version>,
}

pub(super) const ABOUT: About = About {
    title: "Rotate a secret",
    text: "Makes a new version of a secret, or disables one. Values are never read or returned.",
    effect: Effect::Changes,
};
