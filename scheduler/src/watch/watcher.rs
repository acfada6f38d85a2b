//! The loop: take what arrives, plan it beside what runs, carry it out, rest.
//!
//! Plans are made on a thread of their own. The time of the clouds stands still meanwhile, so that how long a plan takes
//! changes nothing; what arrives is taken and acknowledged, and stands in the plan after.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tradewind_core::job::Job;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::time::{Millis, Time};

use super::beside::{Beside, shares_of};
use super::book::{Book, Shares, Totals};
use super::closed::{Closed, Memory};
use super::decision::Told;
use super::fleet::Fleet;
use super::intake::{self, Count, IntakeError};
use super::moves::Homes;
use super::outbox::{self, SayError};
use super::pending::{Pending, Sizes};
use super::planner::{Ask, Planner};
use super::store::{Store, StoreError, Wave};
use crate::drive::{DriveError, Hands};
use crate::run::{Run, Share};

/// Where decisions are told, in the folder that is watched.
pub const DECISIONS: &str = "decisions.out";
/// So long a turn waits for a plan before whoever calls it takes what has arrived.
const PATIENCE: Duration = Duration::from_millis(10);

/// Why watching ends.
#[derive(Debug, thiserror::Error)]
pub enum WatchError<E> {
    /// What arrived could not be taken.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A decision could not be told.
    #[error(transparent)]
    Say(#[from] SayError),
    /// A run does not go on.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// Nothing could be planned.
    #[error("planning failed")]
    Planner(E),
}

/// Where a watcher is after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// There is more to do at once.
    Busy,
    /// A plan is being made: time to take what arrives.
    Planning,
    /// Nothing happens until something arrives.
    Idle,
}

/// Watches a folder.
pub struct Watcher<P: Planner, H> {
    planner: P,
    store: Store,
    folder: PathBuf,
    fleet: Fleet<H, P::Journal>,
    book: Book,
    /// How long arrivals are gathered before they are planned.
    every: Millis,
    waves: u32,
    /// When it was planned last, and what could not be placed then.
    planned_at: Option<Time>,
    unplaced: Sizes,
    /// The plan that is being made.
    pending: Option<Pending<P::Error>>,
    /// Where nothing could be launched then, and what is remembered of that.
    closed: Closed,
    memory: Memory,
}

impl<P: Planner, H: Hands> Watcher<P, H> {
    /// Goes on from what the store holds; `begins` is the time of a new one.
    ///
    /// # Errors
    /// See [`WatchError`].
    pub fn open(
        planner: P,
        store: Store,
        folder: PathBuf,
        hands: H,
        begins: Time,
        every: Millis,
    ) -> Result<Self, WatchError<P::Error>> {
        let now = store.now()?.unwrap_or(begins);
        let (waves, open) = store.waves()?;
        let mut fleet = Fleet::new(hands, now);
        for wave in open {
            let (script, journal) = planner.open(&wave.run).map_err(WatchError::Planner)?;
            fleet.add(wave.number, script, journal)?;
        }
        let mut book = Book::default();
        book.read(&store)?;
        let (planned_at, unplaced, pending) = (None, Vec::new(), None);
        let (closed, memory) = (Closed::default(), Memory::default());
        let mut watcher =
            Self { planner, store, folder, fleet, book, every, waves, planned_at, unplaced, pending, closed, memory };
        outbox::deliver(&mut watcher.store, &watcher.folder)?;
        Ok(watcher)
    }

    /// Takes what has arrived.
    ///
    /// # Errors
    /// See [`IntakeError`].
    pub fn take(&mut self) -> Result<Count, IntakeError> {
        let planner = &self.planner;
        let reader = |file: &str, line: u64, text: &str| planner.read(file, line, text);
        let count = intake::take(&mut self.store, &self.folder, self.fleet.now(), &reader)?;
        self.book.read(&self.store)?;
        Ok(count)
    }

    /// Does what is to be done now, begins to plan where it is time, and lets time pass to what happens next. On a
    /// runtime with timers.
    ///
    /// # Errors
    /// See [`WatchError`].
    pub async fn turn(&mut self) -> Result<Turn, WatchError<P::Error>> {
        if let Some(pending) = &mut self.pending {
            let Some(plan) = pending.wait(PATIENCE).await else { return Ok(Turn::Planning) };
            let plan = plan.map_err(WatchError::Planner)?;
            if let Some(pending) = self.pending.take() {
                self.carry_out(pending, &plan)?;
            }
            return Ok(Turn::Busy);
        }
        for wave in self.fleet.catch_up().await? {
            self.close(wave)?;
        }
        let now = self.fleet.now();
        if self.next_tick(now) == now && self.planned_at != Some(now) {
            self.planned_at = Some(now);
            if self.begin_to_plan().await? {
                return Ok(Turn::Planning);
            }
        }
        match self.next()? {
            Some(at) => {
                self.fleet.pass_to(at)?;
                Ok(Turn::Busy)
            }
            None => Ok(Turn::Idle),
        }
    }

    /// When something happens next: in a run, by an arrival, or because it is time to plan what waits.
    fn next(&self) -> Result<Option<Time>, DriveError> {
        let now = self.fleet.now();
        let after = now + Millis::new(1);
        let waits = sizes(&self.book.ready(now, &self.shares()));
        let is_new = waits.iter().any(|job| !self.unplaced.contains(job));
        let may_go_on = !self.fleet.is_empty() || !self.closed.0.is_empty();
        let is_held_up = self.fleet.runs().any(Run::is_held_up);
        let tick = (is_new || is_held_up || (!waits.is_empty() && may_go_on)).then(|| self.next_tick(after));
        let arrival = self.book.next_arrival(now).map(|at| self.next_tick(at));
        Ok(self.fleet.next()?.into_iter().chain(tick).chain(arrival).min())
    }

    /// The first time to plan at or after an instant.
    fn next_tick(&self, at: Time) -> Time {
        let every = self.every.get();
        Time::from_ms(at.ms().div_euclid(every) * every + if at.ms().rem_euclid(every) == 0 { 0 } else { every })
    }

    /// Whether there is something to plan: jobs that arrived, or a place that closed or opened where that matters. Looks
    /// at the clouds where it may be so.
    async fn has_news(&mut self, waits: &[(String, u32)]) -> bool {
        let arrived = waits.iter().any(|job| !self.unplaced.contains(job));
        if waits.is_empty() && !self.fleet.runs().any(Run::is_held_up) {
            return false;
        }
        let closed = self.memory.look(self.fleet.runs(), self.fleet.hands(), self.fleet.now()).await;
        let could_leave = |place: &str| self.fleet.runs().any(|run| run.could_leave(place));
        let has_opened = !self.unplaced.is_empty() && self.closed.any_open_in(&closed);
        let is_left = closed.places().any(could_leave);
        self.closed = closed;
        arrived || has_opened || is_left
    }

    /// Begins to plan what waits, with what of the runs has not begun; whether there was anything to plan.
    async fn begin_to_plan(&mut self) -> Result<bool, WatchError<P::Error>> {
        let now = self.fleet.now();
        let waits = sizes(&self.book.ready(now, &self.shares()));
        if !self.has_news(&waits).await {
            return Ok(false);
        }
        let mut homes = Homes::default();
        self.fleet.runs().for_each(|run| homes.add(&run.script().plan));
        self.fleet.lose(self.closed.places())?;
        self.fleet.recall()?;
        for wave in self.fleet.catch_up().await? {
            self.close(wave)?;
        }
        let jobs = self.book.ready(now, &self.shares());
        let ask = Ask { wave: self.waves + 1, at: now, jobs, beside: self.beside()? };
        self.pending = Some(Pending::new(&self.planner, ask, waits, homes));
        Ok(true)
    }

    /// A plan is made: it begins as a run of its own, unless nothing could be placed.
    fn carry_out(&mut self, pending: Pending<P::Error>, plan: &Plan) -> Result<(), WatchError<P::Error>> {
        let Pending { wave, jobs, waits, homes, .. } = pending;
        let now = self.fleet.now();
        let moves = homes.moves(&jobs, &waits, plan);
        let told = Told { at: now, plan, jobs: &jobs, closed: &self.closed, moves: &moves };
        if plan.placements.is_empty() {
            let said = told.line(None);
            let change = self.store.change()?;
            change.say(DECISIONS, &said)?;
            change.commit()?;
            outbox::deliver(&mut self.store, &self.folder)?;
        } else {
            let run = self.planner.keep(plan).map_err(WatchError::Planner)?;
            let said = told.line(Some((wave, &run)));
            self.begin(wave, run, &said)?;
        }
        // What arrived meanwhile is not in it: that is news at the next tick.
        let asked: BTreeSet<&str> = jobs.iter().map(|job| job.id.as_str()).collect();
        self.unplaced = sizes(&self.book.ready(now, &self.shares()));
        self.unplaced.retain(|(id, _)| asked.contains(id.as_str()));
        Ok(())
    }

    fn begin(&mut self, number: u32, run: String, said: &str) -> Result<(), WatchError<P::Error>> {
        let at = self.fleet.now();
        let (script, journal) = self.planner.open(&run).map_err(WatchError::Planner)?;
        let change = self.store.change()?;
        change.say(DECISIONS, said)?;
        change.begin(&Wave { number, run, at })?;
        change.note_time(at)?;
        change.commit()?;
        self.waves = number;
        self.fleet.add(number, script, journal)?;
        Ok(outbox::deliver(&mut self.store, &self.folder)?)
    }

    /// A run is over: its tasks are counted, its cost is paid.
    fn close(&mut self, wave: u32) -> Result<(), WatchError<P::Error>> {
        let Some(run) = self.fleet.run(wave) else { return Ok(()) };
        let (at, shares, figures) = (self.fleet.now(), shares_of(run), run.figures());
        let mut paid = Beside::default();
        paid.spend(&run.script().plan, &shares);
        let mut told = String::new();
        let change = self.store.change()?;
        for (job, Share { done, failed, .. }) in &shares {
            change.count(job, *done, *failed)?;
            if done + failed > 0 {
                let line = json!({ "at": at, "is": "over", "wave": wave, "job": job, "done": done, "failed": failed });
                told.push_str(&format!("{line}\n"));
            }
        }
        let recalled: u32 = shares.values().map(|s| s.recalled).sum();
        let line = json!({
            "at": at, "is": "ended", "wave": wave, "run": run.script().owner, "tasks": figures.tasks.done,
            "recalled": recalled, "cost_usd": figures.cost_usd, "interruptions": figures.interruptions,
        });
        told.push_str(&format!("{line}\n"));
        for (project, usd) in paid.spent {
            change.pay(&project, usd.nanos())?;
        }
        change.say(DECISIONS, &told)?;
        change.end(wave, figures.cost_usd.nanos())?;
        change.note_time(at)?;
        change.commit()?;
        for (job, share) in &shares {
            self.book.count(job, share.done, share.failed);
        }
        self.fleet.remove(wave);
        // There is room now.
        self.unplaced.clear();
        Ok(outbox::deliver(&mut self.store, &self.folder)?)
    }

    /// Tasks by job in all runs that are not over.
    fn shares(&self) -> Shares {
        let mut all = Shares::new();
        for run in self.fleet.runs() {
            for (job, share) in shares_of(run) {
                let sum = all.entry(job).or_default();
                sum.done += share.done;
                sum.failed += share.failed;
                sum.live += share.live;
            }
        }
        for placement in self.fleet.plans_ahead().flat_map(|script| &script.plan.placements) {
            all.entry(placement.job.clone()).or_default().live += placement.count();
        }
        all
    }

    fn beside(&self) -> Result<Beside, StoreError> {
        let mut beside = Beside::default();
        beside.spent = self.store.paid()?.into_iter().map(|(p, nanos)| (p, Usd::from_nanos(nanos))).collect();
        self.fleet.runs().for_each(|run| beside.add_run(run));
        self.fleet.plans_ahead().for_each(|script| beside.add_ahead(script));
        beside.closed = self.closed.clone();
        Ok(beside)
    }

    /// How far it is.
    ///
    /// # Errors
    /// The store failed.
    pub fn status(&self) -> Result<Status, StoreError> {
        let running: Usd = self.fleet.runs().map(|run| run.figures().cost_usd).sum();
        let cost_usd = Usd::from_nanos(self.store.cost()?) + running;
        Ok(Status { at: self.fleet.now(), waves: self.waves, jobs: self.book.totals(), cost_usd })
    }
}

/// How far a watcher is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its time.
    pub at: Time,
    /// Runs so far.
    pub waves: u32,
    /// What was submitted, and what became of it.
    #[serde(flatten)]
    pub jobs: Totals,
    /// What it cost so far.
    pub cost_usd: Usd,
}

/// Tasks by job.
fn sizes(jobs: &[Job]) -> Sizes {
    jobs.iter().map(|job| (job.id.clone(), job.count)).collect()
}
