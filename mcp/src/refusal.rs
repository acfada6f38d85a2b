//! Why a call was not done: one shape for every backend and layer.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::approval::Wanted;

/// What the caller can do about it; nothing else decides whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The cloud has no such machine left there now: another place or time.
    Capacity,
    /// The account's own limit: release something, or ask for more.
    Quota,
    /// Too many calls: later.
    Throttled,
    /// Not allowed: by role, policy, budget or incident mode.
    Denied,
    /// The call makes no sense as it is.
    Invalid,
    /// It makes sense, but not in the state that things are in.
    Conflict,
    /// A newer leader exists: stop.
    Fenced,
    /// The cloud cannot be reached or cannot answer; whether it was done is unknown.
    Unavailable,
}

/// One wrong argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// JSON pointer into the arguments.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

/// A call that was not done, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// `TWnnnn`, stable; docs/errors.md lists them.
    pub code: Cow<'static, str>,
    /// What the caller can do about it.
    pub class: Class,
    /// Whether the same call can succeed later with nothing else changed.
    pub retryable: bool,
    /// Not before so many milliseconds, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The cloud's own code, where the cloud refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_code: Option<String>,
    /// What happened, with the figures.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Wrong arguments, each with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// The approval that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Box<Wanted>>,
}

impl Refusal {
    /// A refusal that the same call would meet again.
    pub fn new(code: &'static str, class: Class, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            class,
            retryable: false,
            retry_after_ms: None,
            cloud_code: None,
            message: message.into(),
            help: help.into(),
            faults: Vec::new(),
            approval: None,
        }
    }

    /// The same, worth trying again.
    pub fn retryable(self) -> Self {
        Self { retryable: true, ..self }
    }

    /// The same, worth trying again after a time.
    pub fn retryable_after(self, ms: u64) -> Self {
        Self { retryable: true, retry_after_ms: Some(ms), ..self }
    }

    /// The same, in the cloud's own word.
    pub fn in_cloud_word(self, word: &str) -> Self {
        Self { cloud_code: Some(word.to_owned()), ..self }
    }

    /// The same, waiting for an approval.
    pub fn waiting_for(self, reasons: Vec<String>) -> Self {
        let wanted = Wanted { ticket: String::new(), reasons, until: None, state: String::new() };
        Self { approval: Some(Box::new(wanted)), ..self }
    }

    /// Wrong arguments: `TW5000`.
    pub fn arguments(faults: Vec<Fault>) -> Self {
        let first = faults.first().map_or(String::new(), |f| format!("{}: {}", f.pointer, f.message));
        let message = match faults.len() {
            0 | 1 => first,
            n => format!("{first}, and {} more", n - 1),
        };
        let help = "`tools/list` has the schema of every tool";
        Self { faults, ..Self::new("TW5000", Class::Invalid, message, help) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        let refusal = Refusal::new("TW5011", Class::Capacity, "no p4d.24xlarge left", "try another zone").retryable();
        insta::assert_snapshot!(serde_json::to_string(&refusal).unwrap(), @r#"{"code":"TW5011","class":"capacity","retryable":true,"message":"no p4d.24xlarge left","help":"try another zone"}"#);
        let told = serde_json::to_string(&refusal.in_cloud_word("InsufficientInstanceCapacity")).unwrap();
        assert!(told.contains(r#""cloud_code":"InsufficientInstanceCapacity""#), "{told}");
    }
}
