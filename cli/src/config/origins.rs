//! Where each setting was said.

use std::collections::BTreeMap;

/// `file:line` of every key that a file has, by its path, e.g. `horizon.length` or `discount.edp`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins(BTreeMap<String, String>);

impl Origins {
    /// Adds the keys of a file.
    pub fn note(&mut self, file: &str, lines: &BTreeMap<String, u64>) {
        self.0.extend(lines.iter().map(|(key, line)| (key.clone(), format!("{file}:{line}"))));
    }

    /// Where a key was said; none is nowhere.
    pub fn of(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}
