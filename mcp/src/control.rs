//! What every call that changes something says besides its own arguments: who, under which key, for how long.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;

/// What there should be after the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is there: launched, attached, created, submitted, deployed.
    #[default]
    Present,
    /// It is gone: terminated, detached, deleted, cancelled, withdrawn.
    Absent,
}

/// The decision behind a call, `allocation/node/attempt/purpose`: the name under which chance is drawn, and
/// the tag of what it makes. A call for several nodes names the first one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decision {
    /// Allocation of a plan, or any name without control characters.
    pub allocation: String,
    /// Index of the node in it.
    pub node: u32,
    /// How often this node was launched before.
    pub attempt: u32,
    /// What the call is for, e.g. `launch`.
    pub purpose: String,
}

impl Decision {
    /// The name of a node of the allocation as a source of chance: the simulator draws under the same.
    pub fn luck(&self, node: u32) -> u64 {
        Seed(u64::from(node)).bits(&self.allocation, 0)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.allocation, self.node, self.attempt, self.purpose)
    }
}

/// The text is not `allocation/node/attempt/purpose`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not allocation/node/attempt/purpose, e.g. \"a-0007/0/0/launch\"")]
pub struct DecisionError(String);

impl FromStr for Decision {
    type Err = DecisionError;

    /// Read from the right: an allocation may hold slashes.
    fn from_str(text: &str) -> Result<Self, DecisionError> {
        let mut parts = text.rsplitn(4, '/');
        let mut next = || parts.next().ok_or_else(|| DecisionError(text.to_owned()));
        let (purpose, attempt, node, allocation) = (next()?, next()?, next()?, next()?);
        let number = |part: &str| part.parse().map_err(|_| DecisionError(text.to_owned()));
        if allocation.is_empty() || purpose.is_empty() || text.chars().any(char::is_control) {
            return Err(DecisionError(text.to_owned()));
        }
        Ok(Self {
            allocation: allocation.to_owned(),
            node: number(node)?,
            attempt: number(attempt)?,
            purpose: purpose.to_owned(),
        })
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The arguments that all mutating tools share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Default present.
    #[serde(default)]
    pub state: State,
    /// The same key is the same call, however often it arrives.
    #[schemars(regex(pattern = r"^[!-~]{1,64}$"))]
    pub idempotency_key: String,
    /// Whose it is.
    #[schemars(regex(pattern = r"^[a-z0-9_-]{1,63}$"))]
    pub owner: String,
    /// How long what is made may live.
    #[schemars(range(min = 60, max = 604_800))]
    pub ttl_s: u32,
    /// Term of the caller; older than one seen before is refused.
    pub epoch: u64,
    /// allocation/node/attempt/purpose.
    #[schemars(with = "String", regex(pattern = r"^.{1,200}/\d+/\d+/.{1,40}$"))]
    pub decision: Decision,
}

impl Control {
    /// The names of its fields, as they stand among the arguments.
    pub const FIELDS: [&str; 6] = ["state", "idempotency_key", "owner", "ttl_s", "epoch", "decision"];

    /// The time to live.
    pub fn ttl(&self) -> Millis {
        Millis::from_secs(i64::from(self.ttl_s))
    }

    /// Whether what the call names should be gone after it.
    pub fn wants_absent(&self) -> bool {
        self.state == State::Absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_from_the_right() {
        for text in ["a-1/0/0/launch", "plans/night/a-1/12/3/x"] {
            assert_eq!(text.parse::<Decision>().unwrap().to_string(), text);
        }
        for text in ["", "a/0/launch", "a/x/0/launch", "/0/0/launch", "a/0/0/", "a\n/0/0/l"] {
            assert!(text.parse::<Decision>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_node_has_the_luck_it_has_in_the_simulator() {
        let decision: Decision = "a-1/0/0/launch".parse().unwrap();
        assert_eq!(decision.luck(3), Seed(3).bits("a-1", 0));
    }
}
