//! The door to whoever has a solver and files.

use std::sync::Arc;

use serde_json::Value;
use tradewind_core::job::Job;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;

use super::beside::Beside;
use crate::journal::Journal;
use crate::run::Script;

/// Plans anew, and keeps the runs of plans: whoever calls the watcher has a solver, and files.
pub trait Planner {
    /// Why it cannot.
    type Error;
    /// How runs keep their journals.
    type Journal: Journal;

    /// Reads a line of a file: the job, or what is wrong with it, as data.
    fn read(&self, file: &str, line: u64, text: &str) -> Result<Job, Value>;

    /// Plans jobs from an instant on, beside what is held and spent. What it does not place waits for another time, and
    /// so do jobs that are no queue together with the others: they are not in the plan's workload.
    ///
    /// # Errors
    /// The solver failed.
    fn plan(&self, wave: u32, at: Time, jobs: Vec<Job>, beside: &Beside) -> Result<Plan, Self::Error>;

    /// Keeps a plan as a run, and names it: the same plan is the same run.
    ///
    /// # Errors
    /// It cannot be kept.
    fn keep(&self, plan: &Plan) -> Result<String, Self::Error>;

    /// A run that was kept, with its journal.
    ///
    /// # Errors
    /// It cannot be read, or another process leads it.
    fn open(&self, run: &str) -> Result<(Arc<Script>, Self::Journal), Self::Error>;
}
