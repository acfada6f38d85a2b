//! The exact command of a run, for its footer.

use std::path::Path;

/// Options that change no result: left out with their values, so that the same question has the same bytes.
const LEFT_OUT: [&str; 4] = ["--threads", "--output", "-o", "--resume"];

/// The arguments as one would type them to a shell; `config` is named where an environment variable did.
pub fn exact(arguments: impl Iterator<Item = String>, config: Option<&Path>) -> String {
    let mut words = vec!["tradewind".to_owned()];
    let mut arguments = arguments.skip(1);
    let mut config = config;
    while let Some(word) = arguments.next() {
        let name = word.split('=').next().unwrap_or_default();
        if LEFT_OUT.contains(&name) {
            if name == word {
                arguments.next();
            }
            continue;
        }
        if word.starts_with("-o") && !word.starts_with("--") {
            continue;
        }
        if name == "--config" {
            config = None;
        }
        words.push(quoted(&word));
    }
    if let Some(path) = config {
        words.extend(["--config".to_owned(), quoted(&path.display().to_string())]);
    }
    words.join(" ")
}

/// As a POSIX shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_is_left_out() {
        let of = |line: &[&str], config: Option<&Path>| exact(line.iter().map(|w| (*w).to_owned()), config);
        let typed = [
            "/bin/tradewind",
            "whatif",
            "--threads",
            "2",
            "a b.jsonl",
            "-o",
            "x.html",
            "--output=y.md",
            "-oz.json",
            "--resume",
            "kept",
        ];
        assert_eq!(of(&typed, None), "tradewind whatif 'a b.jsonl'");
        let vary = ["t", "whatif", "q", "--vary", "scenario.outages=[],it's", "--threads=4"];
        assert_eq!(
            of(&vary, Some(Path::new("t.toml"))),
            r"tradewind whatif q --vary 'scenario.outages=[],it'\''s' --config t.toml"
        );
        assert_eq!(of(&["t", "q", "--config", "a"], Some(Path::new("a"))), "tradewind q --config a");
    }
}
