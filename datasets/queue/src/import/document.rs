//! Formats that are read whole: bounded, text only, parsed with lines.

use std::io::{BufRead, Read};

use super::tree::Tree;
use super::{json, yaml};
use crate::MAX_DOCUMENT;
use crate::intake::Intake;
use crate::problem::Problem;
use crate::source;

/// Most values of a file: it is kept whole, and a value takes a hundred bytes however short it is.
pub(crate) const MAX_VALUES: usize = 2_000_000;
/// What a file with more of them is told.
pub(crate) const TOO_MANY: &str = "more than 2000000 values";

/// What stops a document from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) what: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Fault {
    pub(crate) fn new(code: &'static str, what: impl Into<String>, line: usize, column: usize) -> Self {
        Self { code, what: what.into(), line: line as u64, column: column as u64 }
    }

    fn problem(self, kind: &str, file: &str) -> Problem {
        let title = match self.code {
            "TW1009" => "the same key twice in one object".to_owned(),
            "TW1025" => "a document beyond the limits".to_owned(),
            _ => format!("broken {kind}"),
        };
        let accepted = match self.code {
            "TW1009" => "each key once",
            "TW1025" => "64 levels, 2000000 values, 10000 of them by aliases",
            _ => "a whole document",
        };
        Problem::of_file(self.code, title, file).line(self.line).column(self.column).got(self.what).accepted(accepted)
    }
}

/// The text of the input; `None` where it is too large or no text, which is then told.
pub(crate) fn text(input: impl BufRead, intake: &mut Intake<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    if let Err(reason) = input.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes) {
        intake.push(source::unreadable(intake.file, &reason));
        return None;
    }
    if bytes.len() as u64 > MAX_DOCUMENT {
        let problem = Problem::of_file("TW1025", "a document larger than 64 MiB", intake.file);
        intake.push(problem.got("more than 67108864 bytes").accepted("64 MiB").help("split it, or write JSON Lines"));
        return None;
    }
    let bad = match std::str::from_utf8(&bytes) {
        Ok(_) => bytes.iter().position(|b| *b == 0),
        Err(error) => Some(error.valid_up_to()),
    };
    if let Some(at) = bad {
        let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let got = format!("byte 0x{:02x} at offset {at}", bytes[at]);
        let problem = Problem::of_file("TW1002", "not UTF-8 text", intake.file).line(line).got(got);
        intake.push(problem.accepted("UTF-8 without NUL bytes"));
        return None;
    }
    let mut text = String::from_utf8(bytes).unwrap_or_default();
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Some(text)
}

/// The JSON values of the input.
pub(crate) fn json(input: impl BufRead, intake: &mut Intake<'_>) -> Vec<Tree> {
    parsed(input, intake, "JSON", json::parse)
}

/// The YAML documents of the input, or its JSON values where it starts like them.
pub(crate) fn yaml(input: impl BufRead, intake: &mut Intake<'_>) -> Vec<Tree> {
    let starts_like_json = |text: &str| text.trim_start().starts_with('{');
    parsed(input, intake, "YAML", |text| if starts_like_json(text) { json::parse(text) } else { yaml::parse(text) })
}

fn parsed(
    input: impl BufRead,
    intake: &mut Intake<'_>,
    kind: &str,
    parse: impl Fn(&str) -> Result<Vec<Tree>, Fault>,
) -> Vec<Tree> {
    let Some(text) = text(input, intake) else { return Vec::new() };
    match parse(&text) {
        Ok(trees) => trees,
        Err(fault) => {
            intake.push(fault.problem(kind, intake.file));
            Vec::new()
        }
    }
}
