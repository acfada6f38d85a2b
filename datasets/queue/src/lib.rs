//! The job queue: JSON Lines, CSV or another scheduler's format to a validated [`Workload`].
//!
//! Strict on purpose: a queue decides what is bought. Unknown fields, duplicate keys, numbers
//! without units and instants without offsets are refused, each with its place and a help; nothing
//! is guessed and no line is skipped. Up to [`MAX_SHOWN`] problems are kept, all are counted.
//!
//! Reading is one pass with a bounded line, so the cost is linear in the file. Other formats are
//! translated field by field and then read by the same rules; what they say beyond ours is listed. What only the market
//! can tell (regions, residency groups, GPU models) is a second step: [`Queue::check_against`].
//!
//! ```
//! use tradewind_queue::{self as queue, Format, Options};
//! let line = r#"{"id":"prep","vcpus":2,"memory":"4GiB","runtime":"90m"}"#;
//! let queue = queue::read("queue.jsonl", line.as_bytes(), Format::JsonLines, &Options::default()).unwrap();
//! assert_eq!(queue.workload.jobs()[0].demand.memory_mib, 4096);
//! ```

mod against;
mod cells;
mod csv_rows;
mod fields;
mod format;
mod import;
mod intake;
mod job;
mod lines;
mod node;
mod notes;
mod overview;
mod parts;
mod possible;
mod problem;
mod settings;
mod source;
mod suggest;
mod table;
mod value;
mod whole;
mod write;
mod write_csv;

use std::io::BufRead;
use std::path::Path;

use tradewind_core::job::{Job, Workload};

pub use against::MarketCheck;
pub use cells::{Column, cells, expect_sayable};
pub use format::Format;
pub use import::zone::Offset;
pub use job::FIELDS;
pub use notes::Notes;
pub use overview::{Data, Deadlines, Overview, Share};
pub use problem::{MAX_SHOWN, Problem, Problems};
pub use settings::Setting;
pub use suggest::nearest;
pub use write::write_json_line;
pub use write_csv::write_csv;

use intake::Intake;

/// Most tasks in a queue: the sum of all `count`s.
pub const MAX_TASKS: u64 = 1_000_000;
/// Longest line in bytes.
pub const MAX_LINE: usize = 1 << 20;
/// Deepest nesting of a JSON line or a YAML document.
pub const MAX_DEPTH: usize = 64;
/// Largest file of a format that is read whole: JSON and YAML documents, scripts.
pub const MAX_DOCUMENT: u64 = 64 << 20;

/// How a queue is read, and what holds where a job says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Allowed probability of missing a deadline, in (0, 0.5].
    pub max_miss_probability: f64,
    /// The format; `None` tells it by name and content.
    pub from: Option<Format>,
    /// Fields for the jobs that lack them.
    pub settings: Vec<Setting>,
    /// Offset of times that another format writes without one; without it they are refused.
    pub offset: Option<Offset>,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_miss_probability: 0.01, from: None, settings: Vec::new(), offset: None }
    }
}

/// What there is to say about a queue whose jobs were handed on.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanned {
    /// The file as the user named it.
    pub file: String,
    /// Jobs.
    pub jobs: u64,
    /// Their tasks.
    pub tasks: u64,
    /// What another format's import left out or took for granted.
    pub notes: Notes,
}

/// A queue that was read, with the line of every job.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The jobs, by id.
    pub workload: Workload,
    /// The file as the user named it.
    pub file: String,
    /// What another format's import left out or took for granted.
    pub notes: Notes,
    /// Line of each job of [`Queue::workload`], in the same order.
    lines: Vec<u64>,
}

impl Queue {
    fn of(mut jobs: Vec<(Job, u64)>, scanned: Scanned) -> Result<Self, Problems> {
        jobs.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        let (jobs, lines) = jobs.into_iter().unzip();
        let file = scanned.file;
        match Workload::new(jobs) {
            Ok(workload) => Ok(Self { workload, file, notes: scanned.notes, lines }),
            // What it refuses was refused with its line before.
            Err(error) => Err(Problems::one(Problem::of_file("TW1019", error.to_string(), &file))),
        }
    }

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
    let mut jobs = Vec::new();
    let scanned = scan_file(path, options, &mut |job, line| jobs.push((job, line)))?;
    Queue::of(jobs, scanned)
}

/// Reads a queue. `name` is what problems call the input.
///
/// # Errors
/// Every problem found, the first [`MAX_SHOWN`] in full. An input without a job is not an error
/// here: the caller knows whether an empty queue is meant.
pub fn read(name: &str, input: impl BufRead, format: Format, options: &Options) -> Result<Queue, Problems> {
    let mut jobs = Vec::new();
    let scanned = scan(name, input, format, options, &mut |job, line| jobs.push((job, line)))?;
    Queue::of(jobs, scanned)
}

/// Reads a file and hands each job on, with its line, without keeping it. The jobs are a queue only
/// if this ends well: what the whole must fulfil is known at its end.
///
/// # Errors
/// Every problem found, the first [`MAX_SHOWN`] in full.
pub fn scan_file(path: &Path, options: &Options, each: &mut dyn FnMut(Job, u64)) -> Result<Scanned, Problems> {
    let name = path.display().to_string();
    let mut input = source::open(path)?;
    let format = match options.from {
        Some(format) => format,
        None => {
            let head = input.fill_buf().map_err(|reason| Problems::one(source::unreadable(&name, &reason)))?;
            Format::of(path, head)
        }
    };
    scan(&name, input, format, options, each)
}

/// Reads a queue and hands each job on, with its line, without keeping it.
///
/// # Errors
/// As for [`scan_file`].
pub fn scan(
    name: &str,
    input: impl BufRead,
    format: Format,
    options: &Options,
    each: &mut dyn FnMut(Job, u64),
) -> Result<Scanned, Problems> {
    let mut intake = Intake::new(name, options, each);
    match format {
        Format::JsonLines => lines::read(input, &mut intake),
        Format::Csv => csv_rows::read(input, &mut intake),
        Format::Parquet => {
            let problem = intake.problem(None, "TW1002", "a Parquet table");
            intake.push(problem.accepted("text").help("name the file: a table of Parquet is not read from a stream"));
        }
        Format::Swf => import::swf::read(input, &mut intake),
        Format::Sacct => import::sacct::read(input, &mut intake),
        Format::HpcSimulator => import::hpc_simulator::read(input, &mut intake),
        Format::Slurm => import::slurm::read(input, &mut intake),
        Format::AwsBatch => import::aws_batch::read(input, &mut intake),
        Format::GcpBatch => import::gcp_batch::read(input, &mut intake),
        Format::Kubernetes => import::kubernetes::read(input, &mut intake),
        Format::SkyPilot => import::skypilot::read(input, &mut intake),
    }
    intake.finish()
}
