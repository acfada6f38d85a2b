//! The jobs that were acknowledged, and which tasks of them are to be planned.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tradewind_core::job::Job;
use tradewind_core::time::Time;

use super::store::{Kept, Store, StoreError};
use crate::run::Share;

/// A job in the book.
#[derive(Debug, Clone)]
struct Row {
    job: Job,
    at: Time,
    done: u32,
    failed: u32,
}

/// Tasks by job in the runs that are not over.
pub type Shares = BTreeMap<String, Share>;

/// The jobs, by id.
#[derive(Debug, Default)]
pub struct Book {
    rows: BTreeMap<String, Row>,
    /// Number of the last submission that was read.
    read: i64,
}

impl Book {
    /// Reads what was acknowledged since the last time.
    ///
    /// # Errors
    /// The store failed, or holds what is no job.
    pub fn read(&mut self, store: &Store) -> Result<(), StoreError> {
        for (seq, Kept { job, at, done, failed }) in store.jobs_after(self.read)? {
            let job: Job = serde_json::from_str(&job).map_err(|e| StoreError::Failed(e.to_string()))?;
            self.rows.insert(job.id.clone(), Row { job, at, done, failed });
            self.read = seq;
        }
        Ok(())
    }

    /// Tasks of a job are over.
    pub fn count(&mut self, job: &str, done: u32, failed: u32) {
        if let Some(row) = self.rows.get_mut(job) {
            row.done += done;
            row.failed += failed;
        }
    }

    /// When the next job arrives, after an instant.
    pub fn next_arrival(&self, now: Time) -> Option<Time> {
        self.rows.values().map(|row| row.at).filter(|at| *at > now).min()
    }

    /// Tasks that are over, and tasks in all.
    pub fn totals(&self) -> Totals {
        let sum = |of: fn(&Row) -> u32| self.rows.values().map(|row| u64::from(of(row))).sum();
        Totals {
            jobs: self.rows.len() as u64,
            tasks: sum(|row| row.job.count),
            done: sum(|row| row.done),
            failed: sum(|row| row.failed),
        }
    }

    /// What is to be planned: tasks of jobs that have arrived and are in no run, once all that they wait for is done or
    /// planned with them.
    pub fn ready(&self, now: Time, live: &Shares) -> Vec<Job> {
        let mut ready: BTreeSet<&str> = BTreeSet::new();
        for (id, row) in &self.rows {
            if row.at <= now && self.left(row, live) > 0 {
                ready.insert(id);
            }
        }
        loop {
            let held: Vec<&str> = ready.iter().copied().filter(|id| !self.may_go(id, &ready, live)).collect();
            if held.is_empty() {
                break;
            }
            held.iter().for_each(|id| _ = ready.remove(id));
        }
        let job = |id: &&str| {
            let row = &self.rows[*id];
            let mut job = row.job.clone();
            job.count = self.left(row, live);
            job.depends_on.retain(|before| ready.contains(before.as_str()));
            job
        };
        ready.iter().map(job).collect()
    }

    fn left(&self, row: &Row, live: &Shares) -> u32 {
        let share = live.get(&row.job.id).copied().unwrap_or_default();
        row.job.count.saturating_sub(row.done + row.failed + share.done + share.failed + share.live)
    }

    fn may_go(&self, id: &str, ready: &BTreeSet<&str>, live: &Shares) -> bool {
        self.rows[id].job.depends_on.iter().all(|before| {
            let Some(row) = self.rows.get(before) else { return false };
            let share = live.get(before).copied().unwrap_or_default();
            let is_done = row.done + share.done >= row.job.count;
            let is_whole = ready.contains(before.as_str()) && share.live == 0 && row.failed + share.failed == 0;
            is_done || is_whole
        })
    }
}

/// The book in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Jobs.
    pub jobs: u64,
    /// Their tasks.
    pub tasks: u64,
    /// Tasks that are done.
    pub done: u64,
    /// Tasks that failed.
    pub failed: u64,
}
