//! The door to whoever has a solver and files.

use std::sync::Arc;

use serde_json::Value;
use tradewind_core::job::Job;
use tradewind_core::plan::Plan;
use tradewind_core::time::Time;

use super::beside::Beside;
use crate::journal::Journal;
use crate::run::Script;

/// What is to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The number of the wave that comes of it.
    pub wave: u32,
    /// From here on.
    pub at: Time,
    /// The jobs.
    pub jobs: Vec<Job>,
    /// What is held, spent and closed.
    pub beside: Beside,
}

/// A plan that is still to be made: by whatever thread has the time, while the watcher goes on taking jobs.
pub type Planning<E> = Box<dyn FnOnce() -> Result<Plan, E> + Send>;

/// Plans anew, and keeps the runs of plans: whoever calls the watcher has a solver, and files.
pub trait Planner {
    /// Why it cannot.
    type Error: Send + 'static;
    /// How runs keep their journals.
    type Journal: Journal;

    /// Reads a line of a file: the job, or what is wrong with it, as data.
    fn read(&self, file: &str, line: u64, text: &str) -> Result<Job, Value>;

    /// Plans jobs from an instant on, beside what is held and spent. What it does not place waits for another time, and
    /// so do jobs that are no queue together with the others: they are not in the plan's workload. The plan is made when
    /// what is given back is called, and hangs on nothing but what was asked.
    fn planning(&self, ask: Ask) -> Planning<Self::Error>;

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
