//! Queues of any format: Parquet here, through polars; all others by `tradewind-queue`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use polars::prelude::PolarsError;
use tradewind_core::job::Job;
use tradewind_queue::{self as queue, Format, MAX_TASKS, Options, Problem, Problems, Queue, Scanned};

use crate::csv_table;
use crate::offers_parquet;

/// Reads a queue of any format from a file, or from standard input where `path` is `-`.
///
/// # Errors
/// Every problem found; rows of a Parquet table are counted from 2, as if it were written as CSV.
pub fn read_queue(path: &Path, options: &Options) -> Result<Queue, Problems> {
    match table(path, options)? {
        Some(csv) => queue::read(&path.display().to_string(), csv.as_slice(), Format::Csv, options),
        None => queue::read_file(path, options),
    }
}

/// Reads a queue of any format and hands each job on, with its line, without keeping it.
///
/// # Errors
/// As for [`read_queue`]. The jobs are a queue only if this ends well.
pub fn scan_queue(path: &Path, options: &Options, each: &mut dyn FnMut(Job, u64)) -> Result<Scanned, Problems> {
    match table(path, options)? {
        Some(csv) => queue::scan(&path.display().to_string(), csv.as_slice(), Format::Csv, options, each),
        None => queue::scan_file(path, options, each),
    }
}

/// The rows of a Parquet table as CSV; none where the file is something else.
fn table(path: &Path, options: &Options) -> Result<Option<Vec<u8>>, Problems> {
    let is_parquet = match options.from {
        Some(format) => format == Format::Parquet,
        None => path.as_os_str() != "-" && Format::of(path, &head(path)) == Format::Parquet,
    };
    if !is_parquet {
        return Ok(None);
    }
    let name = path.display().to_string();
    let one = |problem: Problem| Problems::one(problem);
    let bytes = csv_table::read_bounded(path).map_err(|e| {
        one(Problem::of_file(e.code(), "the file cannot be read", &name).got(e.got()).accepted(e.accepted()))
    })?;
    let broken = |error: &PolarsError| {
        let problem = Problem::of_file("TW1003", "broken Parquet", &name).got(error.to_string());
        one(problem.accepted("Parquet with the columns of a CSV queue, dotted").help("write the file again"))
    };
    let rows = offers_parquet::rows(&bytes).map_err(|e| broken(&e))?;
    if rows as u64 > MAX_TASKS {
        let problem = Problem::of_file("TW1020", "more rows than a queue may have tasks", &name);
        return Err(one(problem.got(format!("{rows} rows")).accepted("1000000 tasks in all").help("split the queue")));
    }
    let frame = offers_parquet::plain_frame(bytes).map_err(|e| broken(&e))?;
    offers_parquet::to_csv(&frame).map(Some).map_err(|e| broken(&e))
}

/// The first bytes of a file; nothing where it cannot be read, which its reader will tell.
fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(file) = File::open(path) {
        // A folder cannot be read: its reader will tell that too.
        let _ = file.take(64).read_to_end(&mut head);
    }
    head
}
