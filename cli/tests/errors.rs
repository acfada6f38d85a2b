//! Every code in the sources is documented in docs/errors.md and seen by a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

mod common;

use common::root;

/// Codes that no test sees, and why.
const UNSEEN: [(&str, &str); 2] = [
    ("TW0001", "a panic: a test that makes one would be a defect to keep"),
    ("TW0002", "a refusal between our own crates: no input is known that makes one"),
];

/// The text of all Rust files below a folder, those of tests apart.
fn texts(folder: &Path, tests: &mut String, sources: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" {
            texts(&path, tests, sources);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            let is_test = path.components().any(|c| c.as_os_str() == "tests") || name == "tests.rs";
            let (source, test) = if is_test { ("", text.as_str()) } else { text.split_at(beginning_of_tests(&text)) };
            sources.push_str(source);
            tests.push_str(test);
        }
    }
}

fn beginning_of_tests(text: &str) -> usize {
    text.find("#[cfg(test)]").unwrap_or(text.len())
}

/// The codes in a text: `TW` and four digits, and a `w` where it is a warning of that name.
fn codes(text: &str) -> BTreeSet<String> {
    let code = |(at, _): (usize, &str)| {
        let digits = text.get(at + 2..at + 6)?;
        let warning = if text[at + 6..].starts_with('w') { "w" } else { "" };
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| format!("TW{digits}{warning}"))
    };
    text.match_indices("TW").filter_map(code).collect()
}

/// The table of the document: code to its cells.
fn documented() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(root().join("docs/errors.md")).expect("the document");
    let row = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
        cells[0].starts_with("TW").then(|| (cells[0].clone(), cells))
    };
    text.lines().filter(|l| l.starts_with('|')).filter_map(row).collect()
}

#[test]
fn every_code_is_documented_and_seen() {
    let (mut tests, mut sources) = (String::new(), String::new());
    for part in ["core", "datasets", "optimizer", "sim", "mcp", "scheduler", "cli"] {
        texts(&root().join(part), &mut tests, &mut sources);
    }
    let (used, seen, documented) = (codes(&sources), codes(&tests), documented());
    for code in &used {
        assert!(documented.contains_key(code), "{code} is not in docs/errors.md");
        let excused = UNSEEN.iter().any(|(unseen, _)| unseen == code);
        assert!(seen.contains(code) || excused, "no test sees {code}");
    }
    for (code, cells) in &documented {
        assert!(used.contains(code), "docs/errors.md has {code}, the sources have not");
        assert!(cells.len() >= 3 && cells.iter().all(|c| !c.is_empty()), "{code}: code, meaning, exit code");
    }
    println!("{} codes, all documented, all but {} seen by tests", used.len(), UNSEEN.len());
}
