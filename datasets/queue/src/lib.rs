//! The job queue: JSON Lines or CSV to a validated [`Workload`].
//!
//! Strict on purpose: a queue decides what is bought. Unknown fields, duplicate keys, numbers
//! without units and instants without offsets are refused, each with its place and a help; nothing
//! is guessed and no line is skipped. Up to [`MAX_SHOWN`] problems are kept, all are counted.
//!
//! Reading is one pass with a bounded line, so the cost is linear in the file. What only the market
//! can tell (regions, residency groups, GPU models) is a second step: [`Queue::check_against`].
//!
//! ```
//! use tradewind_queue::{self as queue, Format, Options};
//! let line = r#"{"id":"prep","vcpus":2,"memory":"4GiB","runtime":"90m"}"#;
//! let queue = queue::read("queue.jsonl", line.as_bytes(), Format::JsonLines, &Options::default()).unwrap();
//! assert_eq!(queue.workload.jobs()[0].demand.memory_mib, 4096);
//! ```

mod against;
mod csv_rows;
mod fields;
mod job;
mod lines;
mod node;
mod parts;
mod possible;
mod problem;
mod suggest;
mod value;
mod whole;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use tradewind_core::job::Workload;

pub use job::FIELDS;
pub use problem::{MAX_SHOWN, Problem, Problems};
pub use suggest::nearest;

use problem::Collector;

/// Most tasks in a queue: the sum of all `count`s.
pub const MAX_TASKS: u64 = 1_000_000;
/// Longest line in bytes.
pub const MAX_LINE: usize = 1 << 20;
/// Deepest nesting of a JSON line.
pub const MAX_DEPTH: usize = 64;

/// How a queue is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// A header of dotted names, one job a row; lists are separated by `;`.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::JsonLines, Self::Csv];

    /// By the file's ending: `.csv` is CSV, everything else JSON Lines.
    pub fn of(path: &Path) -> Self {
        match path.extension() {
            Some(e) if e.eq_ignore_ascii_case("csv") => Self::Csv,
            _ => Self::JsonLines,
        }
    }
}

/// What holds where a job says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Allowed probability of missing a deadline, in (0, 0.5].
    pub max_miss_probability: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_miss_probability: 0.01 }
    }
}

/// A queue that was read, with the line of every job.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The jobs, by id.
    pub workload: Workload,
    /// The file as the user named it.
    pub file: String,
    /// Line of each job of [`Queue::workload`], in the same order.
    lines: Vec<u64>,
}

impl Queue {
    /// The line a job stands on, counted from 1.
    pub fn line_of(&self, id: &str) -> Option<u64> {
        self.workload.index_of(id).map(|i| self.lines[i])
    }
}

/// Reads a queue from a file, or from standard input where `path` is `-`.
///
/// # Errors
/// Every problem found, the first [`MAX_SHOWN`] in full.
pub fn read_file(path: &Path, options: &Options) -> Result<Queue, Problems> {
    let name = path.display().to_string();
    if name == "-" {
        return read("-", std::io::stdin().lock(), Format::JsonLines, options);
    }
    let open = || -> std::io::Result<File> {
        if std::fs::metadata(path)?.is_dir() {
            return Err(std::io::Error::other("it is a directory"));
        }
        File::open(path)
    };
    match open() {
        Ok(file) => read(&name, BufReader::with_capacity(1 << 16, file), Format::of(path), options),
        Err(reason) => Err(Problems::one(Problem::unreadable(&name, &reason))),
    }
}

/// Reads a queue. `name` is what problems call the input.
///
/// # Errors
/// Every problem found, the first [`MAX_SHOWN`] in full. An input without a job is not an error
/// here: the caller knows whether an empty queue is meant.
pub fn read(name: &str, input: impl BufRead, format: Format, options: &Options) -> Result<Queue, Problems> {
    let mut gathered = whole::Gathered::new(name);
    let mut problems = Collector::default();
    match format {
        Format::JsonLines => lines::read(name, input, options, &mut gathered, &mut problems),
        Format::Csv => csv_rows::read(name, input, options, &mut gathered, &mut problems),
    }
    gathered.finish(problems)
}
