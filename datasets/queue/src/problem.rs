//! What is wrong with an input, as data. The command line renders it.

use serde::Serialize;

/// How many problems are kept in full.
pub const MAX_SHOWN: usize = 20;

/// Longest excerpt of the input that is repeated to the user.
const MAX_GOT: usize = 160;

/// One thing that is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable code, e.g. `TW1004`.
    pub code: &'static str,
    /// What is wrong, in a line.
    pub title: String,
    /// The input as the user named it.
    pub file: String,
    /// Line, counted from 1; none for the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column in bytes, counted from 1, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// JSON pointer of the field within the line, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What was found.
    pub got: String,
    /// What would have been accepted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub accepted: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(code: &'static str, title: impl Into<String>, file: &str) -> Self {
        Self {
            code,
            title: title.into(),
            file: file.to_owned(),
            line: None,
            column: None,
            pointer: None,
            got: String::new(),
            accepted: String::new(),
            help: String::new(),
        }
    }

    /// The file cannot be opened or read: `TW1000`.
    pub fn unreadable(file: &str, reason: &std::io::Error) -> Self {
        Self::of_file("TW1000", "the file cannot be read", file)
            .got(reason.to_string())
            .help("check the path and its permissions")
    }

    /// On this line.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// At this byte of the line.
    #[must_use]
    pub fn column(mut self, column: u64) -> Self {
        self.column = Some(column);
        self
    }

    /// At this JSON pointer.
    #[must_use]
    pub fn at(mut self, pointer: impl ToString) -> Self {
        self.pointer = Some(pointer.to_string());
        self
    }

    /// Found this. Control characters are escaped and long text is cut: it will reach a terminal.
    #[must_use]
    pub fn got(mut self, got: impl AsRef<str>) -> Self {
        self.got = printable(got.as_ref());
        self
    }

    /// This would have been accepted.
    #[must_use]
    pub fn accepted(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = accepted.into();
        self
    }

    /// Do this.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Text without control characters, cut to a readable length.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_GOT) + 3);
    for c in text.chars() {
        if shown.len() >= MAX_GOT {
            shown.push_str("...");
            break;
        }
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// Everything that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{total} problems, the first: {}", .shown.first().map_or("", |p| p.title.as_str()))]
pub struct Problems {
    /// The first [`MAX_SHOWN`], in the order of the file.
    pub shown: Vec<Problem>,
    /// How many there are in all.
    pub total: u64,
}

impl Problems {
    /// A single one.
    pub fn one(problem: Problem) -> Self {
        Self { shown: vec![problem], total: 1 }
    }

    /// Both together, in the order of the file.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.shown.extend(other.shown);
        // Stable, so that the problems of one line keep their order; those of the whole file come first.
        self.shown.sort_by_key(|problem| problem.line);
        self.shown.truncate(MAX_SHOWN);
        Self { total: self.total + other.total, ..self }
    }
}

/// Counts all problems and keeps the first ones.
#[derive(Debug)]
pub(crate) struct Collector {
    shown: Vec<Problem>,
    total: u64,
    /// How many are kept.
    room: usize,
}

impl Default for Collector {
    fn default() -> Self {
        Self::with_room(MAX_SHOWN)
    }
}

impl Collector {
    /// Keeps at most so many.
    pub(crate) fn with_room(room: usize) -> Self {
        Self { shown: Vec::new(), total: 0, room }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.total += 1;
        if self.shown.len() < self.room {
            self.shown.push(problem);
        }
    }

    /// Counts a problem that would not be shown: of millions, only the count is kept.
    pub(crate) fn push_unshown(&mut self) {
        self.total += 1;
    }

    /// Whether another problem would still be shown: costly helps are worked out only then.
    pub(crate) fn is_open(&self) -> bool {
        self.shown.len() < self.room
    }

    pub(crate) fn count(&self) -> u64 {
        self.total
    }

    pub(crate) fn shown(&self) -> &[Problem] {
        &self.shown
    }

    /// Adds what another one holds, each problem as `told`.
    pub(crate) fn absorb(&mut self, other: Self, told: impl Fn(Problem) -> Problem) {
        let room = self.room.saturating_sub(self.shown.len());
        self.shown.extend(other.shown.into_iter().take(room).map(told));
        self.total += other.total;
    }

    /// `Err` with everything found, if anything was.
    pub(crate) fn into_result(self) -> Result<(), Problems> {
        if self.total == 0 { Ok(()) } else { Err(Problems { shown: self.shown, total: self.total }) }
    }
}
