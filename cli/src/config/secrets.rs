//! Secrets that strayed into a file: refused by name, never repeated (`TW4003`).

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use tradewind_datasets::queue::Problem;

/// Words of a key that names a secret.
const WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "account_key",
];
/// How values that are secrets begin, with the least length of the whole.
const PREFIXES: [(&str, usize); 16] = [
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 30),
    ("ya29.", 30),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("hf_", 30),
    ("sk-", 30),
    ("eyJ", 40),
    ("SharedAccessSignature", 30),
    ("DefaultEndpointsProtocol=", 30),
];
/// Tables whose keys are names that people chose.
const FREE_NAMES: [&str; 5] = ["budgets", "tenants", "speed", "labels", "callers"];

/// Every secret of a file.
pub(super) fn find(file: &str, text: &str, root: &DeTable<'_>) -> Vec<Problem> {
    let mut found = Found { file, text, problems: Vec::new() };
    found.table("", root, false);
    found.problems.sort_by_key(|p| (p.line, p.column));
    found.problems
}

struct Found<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn table(&mut self, at: &str, table: &DeTable<'_>, free_names: bool) {
        for (key, value) in table.iter() {
            let name = key.get_ref();
            let path = if at.is_empty() { name.to_string() } else { format!("{at}.{name}") };
            if looks_secret(name) {
                self.refuse(&key.span(), at, "a key that looks like a secret");
            } else if !free_names && names_a_secret(name) && matches!(value.get_ref(), DeValue::String(_)) {
                self.refuse(&key.span(), &path, "a value under a name for secrets");
            } else {
                self.value(&path, &key.span(), value.get_ref(), FREE_NAMES.contains(&name.as_ref()));
            }
        }
    }

    fn value(&mut self, at: &str, place: &Range<usize>, value: &DeValue<'_>, free_names: bool) {
        match value {
            DeValue::String(text) if looks_secret(text) => self.refuse(place, at, "a value that looks like a secret"),
            DeValue::Array(list) => list.iter().for_each(|v| self.value(at, &v.span(), v.get_ref(), false)),
            DeValue::Table(table) => self.table(at, table, free_names),
            _ => {}
        }
    }

    fn refuse(&mut self, place: &Range<usize>, at: &str, got: &str) {
        let before = &self.text[..place.start.min(self.text.len())];
        let line = before.matches('\n').count() as u64 + 1;
        let problem = Problem::of_file("TW4003", "a secret in a configuration file", self.file)
            .line(line)
            .at(at)
            .got(format!("{got}; it is not repeated here"))
            .accepted("no secrets: no setting of Tradewind is one")
            .help("take it out, and revoke it if others have seen the file");
        self.problems.push(problem);
    }
}

/// Whether a key is a name for secrets: one of its words, or two of them in a row.
fn names_a_secret(key: &str) -> bool {
    let folded = key.to_lowercase().replace(['-', '.', ' '], "_");
    let words: Vec<&str> = folded.split('_').filter(|w| !w.is_empty()).collect();
    let pairs = words.windows(2).map(|w| w.join("_"));
    words.iter().any(|w| WORDS.contains(w)) || pairs.into_iter().any(|p| WORDS.contains(&p.as_str()))
}

fn looks_secret(text: &str) -> bool {
    let key = text.contains("-----BEGIN") && text.contains("PRIVATE KEY");
    key || PREFIXES.iter().any(|(start, least)| text.len() >= *least && text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_looks() {
        for key in ["password", "aws_secret_access_key", "GITHUB-TOKEN", "api.key", "my_apikey", "Private-Key"] {
            assert!(names_a_secret(key), "{key}");
        }
        for key in ["name", "usd_per_hour", "tokenizer", "secretary", "keys", "access", "policy"] {
            assert!(!names_a_secret(key), "{key}");
        }
        let key = format!("AKIA{}", "X".repeat(16));
        assert!(looks_secret(&key) && looks_secret("-----BEGIN RSA PRIVATE KEY-----\nx"));
        assert!(!looks_secret("AKIA") && !looks_secret("sk-learn") && !looks_secret("eyJ"));
    }
}
