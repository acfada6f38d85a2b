//! What a caller asks for, and why it may be refused.

use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};

use crate::error::DataError;

/// Most jobs of a queue: as many as a reader takes.
pub const MAX_JOBS: u64 = tradewind_queue::MAX_TASKS;

/// Which queue to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthRequest {
    /// A source of `datasets/synth/sources.csv`.
    pub source: String,
    /// Jobs, 1 to [`MAX_JOBS`], of one task each.
    pub jobs: u64,
    /// Kinds of job that a planner can tell apart, at least 1; `None`, and more than there are jobs,
    /// make no two jobs alike.
    pub classes: Option<u64>,
    /// All jobs arrive within so much time of `start`.
    pub span: Millis,
    /// When the first job arrives.
    pub start: Time,
    /// The source of chance.
    pub seed: Seed,
}

/// Why a queue could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// No such source.
    #[error("unknown source {got:?}; known: {}", .known.join(", "))]
    Source {
        /// What was asked for.
        got: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Fewer than one job, or more than [`MAX_JOBS`].
    #[error("{0} jobs; 1 to {MAX_JOBS} can be made")]
    Jobs(u64),
    /// No classes.
    #[error("a queue needs at least one class of jobs")]
    Classes,
    /// Too short for the classes to arrive one after the other.
    #[error("{classes} classes cannot arrive one after the other within {span}")]
    Span {
        /// Classes of the queue.
        classes: u64,
        /// The span asked for.
        span: Millis,
    },
    /// A span so long, or a start so far, that instants cannot be written.
    #[error("jobs would arrive outside the years 1970 to 9999")]
    Instant,
    /// A table of ours is wrong.
    #[error(transparent)]
    Table(#[from] DataError),
    /// The queue cannot be written.
    #[error("the queue cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// No threads could be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
}
