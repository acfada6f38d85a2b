//! The driver: it tells a run what happens, writes it down, sends what follows, and lets time pass.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tradewind_core::time::{Millis, Time};
use tradewind_mcp::refusal::{Class, Refusal};
use tradewind_mcp::tools::{Reply, Request, get_health};

use super::hands::Hands;
use super::told::{Recovered, recover};
use crate::journal::{Chain, Entry, Journal, JournalError, Snapshot};
use crate::run::{Call, Event, Run, Script, Step, Told};

/// Why a run does not go on.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// Its journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another leader took over.
    #[error("another leader took over: {0}")]
    Fenced(String),
    /// Whoever watches wants it to stop here.
    #[error("stopped from outside")]
    Stopped,
    /// Nothing will happen any more, and not everything is done.
    #[error("nothing is left to happen, and {0} tasks are not done")]
    Stuck(u32),
    /// The journal does not lead to the calls that it tells of.
    #[error("entry {0} of the journal does not follow from those before: it was written by another version")]
    Unlike(u64),
}

/// Places between two effects, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// An event is there, and what follows from it; not written down.
    BeforeNote,
    /// It is written down, nobody was told.
    Recorded,
    /// Whoever watches was told; it is not synced.
    Noted,
    /// What was written down is to be synced before a call.
    BeforeSync,
    /// It is synced, the call is not sent.
    BeforeCall,
    /// A call was done, its answer not received.
    Called,
    /// The answer is there, not written down.
    Received,
    /// All that was to be done now is done.
    Settled,
}

/// Where a driver is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Between which effects.
    pub point: Point,
    /// What it is about: the calls that are to be written down, or the one that is on its way or answered.
    pub calls: &'a [Call],
}

/// Watches a driver; it may stop it anywhere.
pub trait Watch {
    /// At a place between two effects; whether to go on.
    fn at(&mut self, place: Place<'_>, run: &Run) -> bool {
        let _ = (place, run);
        true
    }

    /// An event was written down.
    fn noted(&mut self, entry: &Entry, run: &Run) {
        let _ = (entry, run);
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct NoWatch;

impl Watch for NoWatch {}

/// Events of a cloud in one look.
const MOST_EVENTS: u32 = 1000;
/// When a look that was refused is tried again, if the server does not say.
const LOOK_AGAIN: Millis = Millis::from_secs(1);
/// How often a cloud is looked at on which a launch that was given up may still come: a look every five minutes, as R4 has it.
const LOOK_FOR_LATE: Millis = Millis::from_secs(5 * 60);
/// Entries between two snapshots at the least: fewer are told again faster than a process starts.
const LEAST_BETWEEN: u64 = 10_000;
/// A snapshot is as large as the run has tasks: the next one comes after a fourth as many entries. A task leads to about
/// three, so all snapshots of a run together are a dozen times the last.
const TASKS_A_SNAPSHOT: u64 = 4;
/// A run that is over keeps a last one where so many entries would have to be told by whoever looks at it.
const LEAST_AT_THE_END: u64 = 1_000;

/// A run with its journal and hands on the clouds.
pub struct Driver<'w, H, J> {
    run: Run,
    journal: J,
    chain: Chain,
    /// Entries before the last snapshot, and between two of them.
    kept: u64,
    between: u64,
    hands: H,
    watch: &'w mut dyn Watch,
    now: Time,
    outbox: VecDeque<u64>,
    /// The event of each cloud up to which all were read.
    read: BTreeMap<String, u64>,
    /// Events beyond that were told; whether it was known what they are about.
    told: BTreeSet<(String, u64, bool)>,
    /// When something happens next on each cloud.
    next: BTreeMap<String, Option<Time>>,
    /// Clouds that were called since the last look.
    touched: BTreeSet<String>,
}

impl<'w, H: Hands, J: Journal> Driver<'w, H, J> {
    /// Takes a run over where its journal ends, in a new term.
    ///
    /// # Errors
    /// The journal cannot be used.
    pub fn open(script: Arc<Script>, journal: J, hands: H, watch: &'w mut dyn Watch) -> Result<Self, DriveError> {
        let between = (script.tasks().len() as u64 / TASKS_A_SNAPSHOT).max(LEAST_BETWEEN);
        Self::open_with_snapshots(script, journal, hands, watch, between)
    }

    /// The same, with so many entries between two snapshots; at least one.
    ///
    /// # Errors
    /// The journal cannot be used.
    pub fn open_with_snapshots(
        script: Arc<Script>,
        journal: J,
        hands: H,
        watch: &'w mut dyn Watch,
        between: u64,
    ) -> Result<Self, DriveError> {
        let Recovered { run, chain, kept } = recover(script, &journal)?;
        let (now, mut read) = (run.state().now, run.state().cursors.clone());
        // Events that were told again change nothing; those of what nobody knew the name of would be missed.
        read.retain(|cloud, _| !run.awaits_names(cloud));
        let touched = run.script().clouds().iter().cloned().collect();
        let (outbox, next) = (VecDeque::new(), BTreeMap::new());
        let told = BTreeSet::new();
        let mut driver =
            Self { run, journal, chain, kept, between, hands, watch, now, outbox, read, told, next, touched };
        if !driver.run.is_over() {
            driver.tell(Event::Opened(driver.run.state().epoch + 1))?;
        }
        Ok(driver)
    }

    /// The run.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The journal, for whoever opens it again.
    pub fn into_journal(self) -> J {
        self.journal
    }

    /// Its owner does not want the run any more.
    ///
    /// # Errors
    /// The journal cannot be used.
    pub fn cancel(&mut self) -> Result<(), DriveError> {
        if self.run.is_over() || self.run.state().cancelled {
            return Ok(());
        }
        self.tell(Event::Cancelled)
    }

    /// Its owner takes back what has not begun.
    ///
    /// # Errors
    /// The journal cannot be used.
    pub fn recall(&mut self) -> Result<(), DriveError> {
        if self.run.is_over() { Ok(()) } else { self.tell(Event::Recalled) }
    }

    /// A cloud tells that a place is out; whether launches there were given up.
    ///
    /// # Errors
    /// The journal cannot be used.
    pub fn lose(&mut self, place: &str) -> Result<bool, DriveError> {
        let is_stuck = self.run.is_stuck_in(place);
        if is_stuck {
            self.tell(Event::Lost(place.to_owned()))?;
        }
        Ok(is_stuck)
    }

    /// Goes on until nothing is left to do.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub async fn finish(&mut self) -> Result<(), DriveError> {
        while self.step().await? {}
        Ok(())
    }

    /// Does all that is to be done now, then lets time pass to the next event; whether there is more to do.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub async fn step(&mut self) -> Result<bool, DriveError> {
        if !self.catch_up().await? {
            return Ok(false);
        }
        let next = self.next().ok_or(DriveError::Stuck(self.run.state().undone))?;
        self.pass_to(next)?;
        Ok(true)
    }

    /// Does all that is to be done now; whether anything is left for later.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub async fn catch_up(&mut self) -> Result<bool, DriveError> {
        self.settle().await?;
        self.pass(Point::Settled, &[])?;
        if self.run.is_over() {
            self.keep_after(LEAST_AT_THE_END)?;
            self.journal.sync()?;
        }
        Ok(!self.run.is_over())
    }

    /// When something happens next: on a cloud, or because the run wanted to be woken.
    pub fn next(&self) -> Option<Time> {
        self.next.values().flatten().copied().chain(self.run.next_wake()).min()
    }

    /// Its time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Lets time pass; it never goes back.
    ///
    /// # Errors
    /// See [`DriveError`].
    pub fn pass_to(&mut self, at: Time) -> Result<(), DriveError> {
        self.now = self.now.max(at);
        if self.run.next_wake().is_some_and(|at| at <= self.now) {
            self.tell(Event::Woke)?;
        }
        let now = self.now;
        let due = self.next.iter().filter(|(_, at)| at.is_some_and(|at| at <= now)).map(|(cloud, _)| cloud.clone());
        self.touched.extend(due.collect::<Vec<_>>());
        Ok(())
    }

    /// Sends what is to be sent and looks at the clouds that were touched, until both are done.
    async fn settle(&mut self) -> Result<(), DriveError> {
        loop {
            if let Some(id) = self.outbox.pop_front() {
                self.send(id).await?;
            } else if let Some(cloud) = self.touched.pop_first() {
                self.look(&cloud).await?;
            } else {
                return Ok(());
            }
        }
    }

    /// Sends a call, once it is on disk that it will be sent.
    async fn send(&mut self, id: u64) -> Result<(), DriveError> {
        let Some((call, request, control)) = self.run.request(id) else { return Ok(()) };
        let (call, cloud) = ([call.clone()], call.cloud.clone());
        self.pass(Point::BeforeSync, &call)?;
        self.journal.sync()?;
        self.pass(Point::BeforeCall, &call)?;
        let outcome = self.hands.call(&cloud, self.now, request, control).await;
        self.pass(Point::Called, &call)?;
        if let Err(Refusal { class: Class::Fenced, message, .. }) = &outcome {
            return Err(DriveError::Fenced(message.clone()));
        }
        self.touched.insert(cloud);
        self.pass(Point::Received, &call)?;
        let event = match outcome {
            Ok(reply) => Event::Answered(id, reply),
            Err(refusal) => Event::Refused(id, refusal),
        };
        self.tell_about(event, &call)
    }

    /// Reads what happened on a cloud, and when something happens next.
    ///
    /// While an answer is awaited that will name what it made, events of unknown ids may be about that: they are read
    /// again until it is there. Each is told once; one that may be about a late launch is told once more when what it is
    /// about has a name.
    async fn look(&mut self, cloud: &str) -> Result<(), DriveError> {
        let mut since = self.read.get(cloud).copied().unwrap_or(0);
        loop {
            let request = get_health::Request { since, limit: MOST_EVENTS, events_only: true, ..Default::default() };
            let told = self.hands.call(cloud, self.now, Request::GetHealth(request), None).await;
            let health = match told {
                Ok(Reply::GetHealth(health)) => health,
                Ok(_) => return Ok(()),
                Err(refusal) => {
                    let wait = Millis::new(refusal.retry_after_ms.unwrap_or(0) as i64).max(LOOK_AGAIN);
                    self.next.insert(cloud.to_owned(), Some(self.now + wait));
                    return Ok(());
                }
            };
            let is_last = health.events.len() < MOST_EVENTS as usize;
            for event in health.events {
                since = event.cursor;
                let is_known = self.run.knows(cloud, &event.id);
                let may_be_ours = self.run.doubts(cloud) && event.what == "ready";
                if (is_known || may_be_ours) && self.told.insert((cloud.to_owned(), event.cursor, is_known)) {
                    self.tell(Event::Happened(cloud.to_owned(), event))?;
                }
            }
            if is_last {
                // No cloud foretells a launch that comes late.
                let again = self.run.doubts(cloud).then(|| self.now + LOOK_FOR_LATE);
                self.next.insert(cloud.to_owned(), health.next_event_at.into_iter().chain(again).min());
                if !self.run.awaits_names(cloud) {
                    self.read.insert(cloud.to_owned(), since);
                    self.told.retain(|(other, ..)| other != cloud);
                }
                return Ok(());
            }
        }
    }

    fn tell(&mut self, event: Event) -> Result<(), DriveError> {
        self.tell_about(event, &[])
    }

    /// Tells the run an event, and writes both down: the event, and what follows from it.
    fn tell_about(&mut self, event: Event, calls: &[Call]) -> Result<(), DriveError> {
        let told = Told { at: self.now, event };
        let step: Step = self.run.tell(&told);
        self.pass(Point::BeforeNote, &step.calls)?;
        let entry = self.chain.next(&told, &step);
        self.journal.append(&entry)?;
        self.pass(Point::Recorded, calls)?;
        self.watch.noted(&entry, &self.run);
        self.outbox.extend(step.calls.iter().map(|call| call.id));
        self.keep_after(self.between)?;
        self.pass(Point::Noted, calls)
    }

    /// Keeps a snapshot where so many entries, or more, stand behind the last one. It is synced with the next entries.
    fn keep_after(&mut self, entries: u64) -> Result<(), DriveError> {
        if self.chain.len() >= self.kept + entries {
            self.journal.keep(&Snapshot::of(&self.run, &self.chain))?;
            self.kept = self.chain.len();
        }
        Ok(())
    }

    fn pass(&mut self, point: Point, calls: &[Call]) -> Result<(), DriveError> {
        if self.watch.at(Place { point, calls }, &self.run) { Ok(()) } else { Err(DriveError::Stopped) }
    }
}
