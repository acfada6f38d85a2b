//! What can be wrong with a table, split by what the caller can do next.

use std::fmt;
use std::path::Path;

/// Where in the input something is wrong. Shown as `file:line:column`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// File as the user named it, or `embedded/...`.
    pub file: String,
    /// Line, counted from 1 with the header; none for the whole file.
    pub line: Option<u64>,
    /// Column by name.
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), ..Self::default() }
    }

    /// A line of a file.
    pub fn line(file: impl Into<String>, line: u64) -> Self {
        Self { file: file.into(), line: Some(line), column: None }
    }

    /// A cell of a file.
    pub fn cell(file: impl Into<String>, line: u64, column: impl Into<String>) -> Self {
        Self { file: file.into(), line: Some(line), column: Some(column.into()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// The parts every error has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, `TW2000` to `TW2016`.
    pub code: &'static str,
    /// Where.
    pub place: Place,
    /// What was found.
    pub got: String,
    /// What would have been accepted.
    pub accepted: String,
    /// What to do.
    pub help: String,
}

/// Why a market could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The file cannot be opened, read or written: check path and permissions. `TW2000`.
    #[error("cannot use {}: {}", .0.place, .0.got)]
    Unreadable(Box<Fault>),
    /// Larger than the stated limits; reading stopped early. `TW2015`.
    #[error("{} is too large: {}", .0.place, .0.got)]
    TooLarge(Box<Fault>),
    /// A cell, row or header cannot be understood: correct it. `TW2006` for hazards, `TW2013` for
    /// currencies, else `TW2014`.
    #[error("{}: {}", .0.place, .0.got)]
    Malformed(Box<Fault>),
    /// A binary table of another version, or damaged: import it again. `TW2012`.
    #[error("{} does not match its header: {}", .0.place, .0.got)]
    Damaged(Box<Fault>),
    /// A quota row that is unknown, negative or used beyond its limit. `TW2011`.
    #[error("{}: {}", .0.place, .0.got)]
    Quota(Box<Fault>),
    /// Two tables do not fit together, e.g. a region without a row in the region table. `TW2016`.
    #[error("{}: {}", .0.place, .0.got)]
    Inconsistent(Box<Fault>),
}

impl DataError {
    /// The common parts.
    pub fn fault(&self) -> &Fault {
        match self {
            Self::Unreadable(f)
            | Self::TooLarge(f)
            | Self::Malformed(f)
            | Self::Damaged(f)
            | Self::Quota(f)
            | Self::Inconsistent(f) => f,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.fault().code
    }

    /// What is wrong, in a line.
    pub fn title(&self) -> &'static str {
        match (self, self.code()) {
            (Self::Unreadable(_), _) => "the table cannot be read",
            (Self::TooLarge(_), _) => "the table is too large",
            (_, "TW2006") => "an interruption rate that says too little",
            (_, "TW2013") => "prices that are not in dollars",
            (Self::Malformed(_), _) => "the table is not understood",
            (Self::Damaged(_), _) => "the table is damaged, or of another version",
            (Self::Quota(_), _) => "a quota that does not hold",
            (Self::Inconsistent(_), _) => "the tables do not fit together",
        }
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.fault().place
    }

    /// What was found.
    pub fn got(&self) -> &str {
        &self.fault().got
    }

    /// What would have been accepted.
    pub fn accepted(&self) -> &str {
        &self.fault().accepted
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.fault().help
    }

    pub(crate) fn unreadable(path: &Path, reason: &std::io::Error) -> Self {
        Self::Unreadable(Box::new(Fault {
            code: "TW2000",
            place: Place::file(path.display().to_string()),
            got: reason.to_string(),
            accepted: "a readable file".to_owned(),
            help: "check the path and its permissions".to_owned(),
        }))
    }

    pub(crate) fn too_large(place: Place, got: String, accepted: String) -> Self {
        let help = "split the market, or remove rows that no job can use".to_owned();
        Self::TooLarge(Box::new(Fault { code: "TW2015", place, got, accepted, help }))
    }

    pub(crate) fn malformed(place: Place, got: String, accepted: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Malformed(Box::new(Fault { code: "TW2014", place, got, accepted: accepted.into(), help: help.into() }))
    }

    /// A cell that names what is not there: `TW2014`.
    pub fn unknown_name(place: Place, got: &str, accepted: &str) -> Self {
        let words = accepted.split(", ");
        let help = match crate::csv_table::closest(got, words) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "use one of the accepted names".to_owned(),
        };
        Self::malformed(place, format!("{got:?}"), accepted, help)
    }

    pub(crate) fn hazard(place: Place, got: String, accepted: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Malformed(Box::new(Fault { code: "TW2006", place, got, accepted: accepted.into(), help: help.into() }))
    }

    pub(crate) fn currency(place: Place, got: String) -> Self {
        Self::Malformed(Box::new(Fault {
            code: "TW2013",
            place,
            got,
            accepted: "USD".to_owned(),
            help: "convert the prices first; nothing is converted silently".to_owned(),
        }))
    }

    pub(crate) fn damaged(place: Place, got: String, accepted: impl Into<String>) -> Self {
        let help = "make the table again with `tradewind-import`".to_owned();
        Self::Damaged(Box::new(Fault { code: "TW2012", place, got, accepted: accepted.into(), help }))
    }

    pub(crate) fn quota(place: Place, got: String, accepted: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Quota(Box::new(Fault { code: "TW2011", place, got, accepted: accepted.into(), help: help.into() }))
    }

    pub(crate) fn inconsistent(
        place: Place,
        got: String,
        accepted: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::Inconsistent(Box::new(Fault { code: "TW2016", place, got, accepted: accepted.into(), help: help.into() }))
    }
}
