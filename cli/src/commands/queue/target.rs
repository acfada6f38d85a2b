//! What a queue is written as.

use std::path::Path;

use clap::ValueEnum;
use tradewind_core::job::Job;
use tradewind_datasets::queue::{Problems, write_csv};
use tradewind_datasets::write_parquet;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// One JSON object a line; any queue.
    Jsonl,
    /// A table; queues whose texts it can say.
    Csv,
    /// A typed table with the columns of CSV; queues whose texts it can say.
    Parquet,
}

/// How a table of jobs is written, whole.
pub type Table = fn(&[Job]) -> Result<Vec<u8>, Problems>;

impl Target {
    /// By the ending of a file; JSON Lines where it says nothing else.
    pub fn of(path: &Path) -> Self {
        let ends_in = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
        match () {
            () if ends_in("csv") => Self::Csv,
            () if ends_in("parquet") => Self::Parquet,
            () => Self::Jsonl,
        }
    }

    /// How it is written where it is a table; JSON Lines are written as they come.
    pub fn table(self) -> Option<Table> {
        match self {
            Self::Jsonl => None,
            Self::Csv => Some(write_csv),
            Self::Parquet => Some(write_parquet),
        }
    }
}
