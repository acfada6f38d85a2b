//! The loop: take what arrives, plan it beside what runs, carry it out, rest.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tradewind_core::job::Job;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::time::{Millis, Time};

use super::beside::{Beside, shares_of};
use super::book::{Book, Shares, Totals};
use super::fleet::Fleet;
use super::intake::{self, Count, IntakeError};
use super::outbox::{self, SayError};
use super::store::{Store, StoreError, Wave};
use crate::drive::{DriveError, Hands};
use crate::journal::Journal;
use crate::run::{Script, Share};

/// Where decisions are told, in the folder that is watched.
pub const DECISIONS: &str = "decisions.out";

/// Plans anew, and keeps the runs of plans: whoever calls the watcher has a solver, and files.
pub trait Planner {
    /// Why it cannot.
    type Error;
    /// How runs keep their journals.
    type Journal: Journal;

    /// Reads a line of a file: the job, or what is wrong with it, as data.
    fn read(&self, file: &str, line: u64, text: &str) -> Result<Job, Value>;

    /// Plans jobs from an instant on, beside what is held and spent. What it does not place waits for another time.
    ///
    /// # Errors
    /// The solver failed, or the jobs are no queue.
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
    unplaced: Vec<(String, u32)>,
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
        let mut watcher =
            Self { planner, store, folder, fleet, book, every, waves, planned_at: None, unplaced: Vec::new() };
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

    /// Does what is to be done now, plans where it is time, and lets time pass to what happens next.
    ///
    /// # Errors
    /// See [`WatchError`].
    pub async fn turn(&mut self) -> Result<Turn, WatchError<P::Error>> {
        for wave in self.fleet.catch_up().await? {
            self.close(wave)?;
        }
        let now = self.fleet.now();
        if self.next_tick(now) == now && self.planned_at != Some(now) {
            self.planned_at = Some(now);
            if self.plan().await? {
                return Ok(Turn::Busy);
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
        let tick = (is_new || (!waits.is_empty() && !self.fleet.is_empty())).then(|| self.next_tick(after));
        let arrival = self.book.next_arrival(now).map(|at| self.next_tick(at));
        Ok(self.fleet.next()?.into_iter().chain(tick).chain(arrival).min())
    }

    /// The first time to plan at or after an instant.
    fn next_tick(&self, at: Time) -> Time {
        let every = self.every.get();
        Time::from_ms(at.ms().div_euclid(every) * every + if at.ms().rem_euclid(every) == 0 { 0 } else { every })
    }

    /// Plans what waits, with what of the runs has not begun; whether a run came of it.
    async fn plan(&mut self) -> Result<bool, WatchError<P::Error>> {
        let now = self.fleet.now();
        let waits = sizes(&self.book.ready(now, &self.shares()));
        if waits.iter().all(|job| self.unplaced.contains(job)) {
            return Ok(false);
        }
        self.fleet.recall()?;
        for wave in self.fleet.catch_up().await? {
            self.close(wave)?;
        }
        let jobs = self.book.ready(now, &self.shares());
        let wave = self.waves + 1;
        let plan = self.planner.plan(wave, now, jobs, &self.beside()?).map_err(WatchError::Planner)?;
        self.unplaced = plan.unplaced.iter().map(|u| (u.job.clone(), u.tasks)).collect();
        if plan.placements.is_empty() {
            return Ok(false);
        }
        self.begin(wave, &plan)?;
        Ok(true)
    }

    fn begin(&mut self, number: u32, plan: &Plan) -> Result<(), WatchError<P::Error>> {
        let at = self.fleet.now();
        let run = self.planner.keep(plan).map_err(WatchError::Planner)?;
        let (script, journal) = self.planner.open(&run).map_err(WatchError::Planner)?;
        let waiting = |u: &tradewind_core::plan::Unplaced| json!({ "job": u.job, "tasks": u.tasks, "reasons": u.reasons.iter().map(|r| &r.reason).collect::<Vec<_>>() });
        let told = json!({
            "at": at, "is": "planned", "wave": number, "run": run,
            "placed": plan.summary.placed, "cost_usd": plan.summary.cost_usd,
            "lower_bound_usd": plan.summary.lower_bound_usd,
            "waiting": plan.unplaced.iter().map(waiting).collect::<Vec<_>>(),
        });
        let change = self.store.change()?;
        change.begin(&Wave { number, run, at })?;
        change.say(DECISIONS, &format!("{told}\n"))?;
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
        change.end(wave)?;
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
        Ok(beside)
    }

    /// Its time, and its jobs in figures.
    pub fn totals(&self) -> (Time, Totals) {
        (self.fleet.now(), self.book.totals())
    }

    /// Waves so far.
    pub fn waves(&self) -> u32 {
        self.waves
    }
}

/// Tasks by job.
fn sizes(jobs: &[Job]) -> Vec<(String, u32)> {
    jobs.iter().map(|job| (job.id.clone(), job.count)).collect()
}
