//! What a cloud's error means: from its own code to one of our classes.
//!
//! The clouds say the same thing in hundreds of codes, and different things under one HTTP status: a throttle may be
//! a 403, a limit of the account a 409 called "operation not allowed". Rules on the words of the code decide
//! (`mcp/data/error_rules.toml`), the status only where no rule knows the code, so that a code of tomorrow is read
//! sensibly. What must come out is in `mcp/data/cloud_errors.csv`, each row from a package
//! of the vendor's or from a document, which it names.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::refusal::{Class, Refusal};

/// An error as a cloud told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CloudError<'a> {
    /// Its code, in the cloud's own word.
    pub code: &'a str,
    /// HTTP status of the reply, where there was one.
    pub http_status: Option<u16>,
    /// Its message: only where the code alone does not tell is it looked at.
    pub message: &'a str,
}

/// One line of `mcp/data/error_rules.toml`: the file says what the fields mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    class: Class,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    is: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    message: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rule: Vec<Rule>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/error_rules.toml")).expect("mcp/data/error_rules.toml is tested")
});

impl Rule {
    fn matches(&self, words: &Words) -> bool {
        let is = self.is.iter().any(|w| *w == words.whole || *w == words.stem);
        let ends = self.ends.iter().any(|w| words.stem.ends_with(w.as_str()));
        let has = self.has.iter().any(|w| words.stem.contains(w.as_str()));
        let message = self.message.is_empty() || self.message.iter().any(|w| words.message.contains(w.as_str()));
        (is || ends || has) && message
    }
}

/// An error in the form in which the rules compare it.
struct Words {
    whole: String,
    /// Without the last word that only says that it is an error.
    stem: String,
    message: String,
}

impl Words {
    fn of(error: &CloudError<'_>) -> Self {
        let plain = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        let stem = ["Exception", "Fault"].iter().find_map(|end| error.code.strip_suffix(end)).unwrap_or(error.code);
        Self { whole: plain(error.code), stem: plain(stem), message: error.message.to_ascii_lowercase() }
    }
}

impl CloudError<'_> {
    /// What the caller can do about it, and whether the same call can succeed later with nothing else changed.
    pub fn verdict(&self) -> (Class, bool) {
        let words = Words::of(self);
        let rule = RULES.rule.iter().find(|rule| rule.matches(&words));
        rule.map_or_else(|| by_status(self.http_status), |rule| (rule.class, rule.retryable))
    }

    /// The refusal that it is, in the cloud's own word. The message is cut and cleaned: it comes from outside.
    pub fn refusal(&self) -> Refusal {
        const MOST: usize = 500;
        let (class, retryable) = self.verdict();
        let (code, help) = match class {
            Class::Throttled => ("TW5010", "later: the cloud counts calls"),
            Class::Capacity => ("TW5011", "another zone, machine or time; this is not your quota"),
            Class::Quota => ("TW5012", "release something or ask the cloud for more; waiting does not help"),
            Class::Invalid => ("TW5014", "the cloud does not know or admit what is asked for"),
            Class::Conflict | Class::Fenced => ("TW5015", "get_health tells what state things are in"),
            Class::Denied => {
                ("TW5021", "the server's own credentials lack something: `tradewind mcp iam` has the policy")
            }
            Class::Unavailable => ("TW5013", "the same call again finds out whether it was done"),
        };
        let message: String = self.message.chars().filter(|c| !c.is_control()).take(MOST).collect();
        let refusal = Refusal::new(code, class, message, help).in_cloud_word(self.code);
        if retryable { refusal.retryable() } else { refusal }
    }
}

/// What a status alone says. Without one nobody answered: whether it was done is unknown.
fn by_status(status: Option<u16>) -> (Class, bool) {
    match status {
        Some(401 | 403) => (Class::Denied, false),
        Some(409 | 412) => (Class::Conflict, false),
        Some(429) => (Class::Throttled, true),
        Some(408 | 499) | None => (Class::Unavailable, true),
        Some(400..500) => (Class::Invalid, false),
        Some(_) => (Class::Unavailable, true),
    }
}

#[cfg(test)]
mod tests;
