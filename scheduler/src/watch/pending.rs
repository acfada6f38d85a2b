//! A plan that is being made on a thread of its own, and what it was asked from.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tradewind_core::job::Job;
use tradewind_core::plan::Plan;

use super::moves::Homes;
use super::planner::{Ask, Planner, Planning};

/// Tasks by job.
pub(super) type Sizes = Vec<(String, u32)>;

/// A plan that is being made.
pub(super) struct Pending<E> {
    /// Number of the wave that comes of it.
    pub wave: u32,
    /// What is planned.
    pub jobs: Vec<Job>,
    /// What waited before anything was taken back for it.
    pub waits: Sizes,
    /// Where that was to run.
    pub homes: Homes,
    plan: JoinHandle<Result<Plan, E>>,
}

impl<E: Send + 'static> Pending<E> {
    /// Begins it; on a runtime.
    pub fn new<P: Planner<Error = E>>(planner: &P, ask: Ask, waits: Sizes, homes: Homes) -> Self {
        let (wave, jobs) = (ask.wave, ask.jobs.clone());
        let plan = tokio::task::spawn_blocking(planning(planner, ask));
        Self { wave, jobs, waits, homes, plan }
    }

    /// The plan, if it is there within a time.
    pub async fn wait(&mut self, patience: Duration) -> Option<Result<Plan, E>> {
        match timeout(patience, &mut self.plan).await {
            Err(_) => None,
            Ok(Ok(plan)) => Some(plan),
            // Nobody cancels it: it panicked, and the watcher does not know better.
            Ok(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Without the places that are closed. A region of which a zone only is out counts as one, unless more tasks have a place
/// where it does not: what is bound to it waits less for a launch in another of its zones than for the end of the outage.
fn planning<P: Planner>(planner: &P, ask: Ask) -> Planning<P::Error> {
    let is_in_part = ask.beside.closed.holds_in_part();
    let open = is_in_part.then(|| {
        let mut other = ask.clone();
        other.beside.closed = other.beside.closed.whole();
        planner.planning(other)
    });
    let plan = planner.planning(ask);
    Box::new(move || {
        let plan = plan()?;
        match open {
            Some(open) if plan.summary.placed < plan.summary.tasks => {
                let other = open()?;
                Ok(if other.summary.placed > plan.summary.placed { other } else { plan })
            }
            _ => Ok(plan),
        }
    })
}
