//! What an import left out or took for granted: never silent.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::problem::{MAX_SHOWN, Problem};

/// Most names in the sentence of what was ignored; programs get all of them.
const MAX_NAMED: usize = 24;

/// What there is to say about a queue of another format.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Notes {
    /// Fields that have no counterpart here, and how often each stood in the file.
    pub ignored: BTreeMap<String, u64>,
    /// What was taken for granted or dropped by rule, and how often.
    pub remarks: BTreeMap<String, u64>,
    /// What will hardly work as meant, with its place; at most [`MAX_SHOWN`].
    pub warnings: Vec<Problem>,
}

impl Notes {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.ignored.is_empty() && self.remarks.is_empty() && self.warnings.is_empty()
    }

    pub(crate) fn ignore(&mut self, field: &str) {
        *self.ignored.entry(crate::problem::printable(field)).or_default() += 1;
    }

    pub(crate) fn remark(&mut self, sentence: impl Into<String>) {
        *self.remarks.entry(sentence.into()).or_default() += 1;
    }

    pub(crate) fn warn(&mut self, warning: Problem) {
        if self.warnings.len() < MAX_SHOWN {
            self.warnings.push(warning);
        }
    }

    /// In words: `3 fields ignored: mail-user (2 times), output`, then one sentence a remark.
    pub fn sentences(&self) -> Vec<String> {
        let times = |n: u64| if n == 1 { String::new() } else { format!(" ({n} times)") };
        let mut sentences = Vec::new();
        if !self.ignored.is_empty() {
            let fields = self.ignored.len();
            let named: Vec<String> =
                self.ignored.iter().take(MAX_NAMED).map(|(field, n)| format!("{field}{}", times(*n))).collect();
            let more = if fields > MAX_NAMED { format!(" and {} more", fields - MAX_NAMED) } else { String::new() };
            let noun = if fields == 1 { "field" } else { "fields" };
            sentences.push(format!("{fields} {noun} ignored: {}{more}", named.join(", ")));
        }
        sentences.extend(self.remarks.iter().map(|(remark, n)| format!("{remark}{}", times(*n))));
        sentences
    }
}
