//! Exit codes, as promised in `docs/decisions/0002-exit-codes-and-errors.md`.

use std::process::ExitCode;

/// What the shell is told. A code is never reused for another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; also where the default work limit ended the search.
    Done = 0,
    /// A defect of Tradewind.
    Internal = 1,
    /// The new plan differs from the one in the file (`--detailed-exitcode`).
    Differs = 2,
    /// No task can be placed.
    NothingPlaced = 3,
    /// Unreadable or bad input.
    BadInput = 4,
    /// A violation, or a policy file that cannot be kept.
    Violation = 5,
    /// Inputs changed or stale.
    Stale = 6,
    /// Fewer tasks placed than proven possible.
    Partial = 7,
    /// The user's own `--gap` or `--time-limit` was missed.
    LimitMissed = 8,
    /// A usage error.
    Usage = 64,
    /// Nothing is wrong for good: a lock, a throttle, a server that is down.
    Temporary = 75,
    /// Ctrl-C; the plan so far is whole and marked as not reproducible.
    Interrupted = 130,
    /// SIGTERM; the same.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
