//! `submit_ml_job`: work that takes its time, on nodes or on the managed service.

use serde::{Deserialize, Serialize};
use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::stint::{Progress, Rhythm};
use tradewind_core::time::{Millis, Time};
use tradewind_core::work::Spread;

use super::agenda::{Due, Kind};
use super::cloud::Cloud;
use super::luck;
use super::meter::Meter;
use super::tag::Tag;
use super::traits::{JobNames, Reason};
use crate::control::Control;
use crate::refusal::{Class, Refusal};
use crate::tools::node::NodeState;
use crate::tools::submit_ml_job::{JobState, Managed, Reply, Request};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub(super) tag: Tag,
    pub(super) name: String,
    pub(super) state: JobState,
    pub(super) nodes: Vec<String>,
    /// Of the managed service: the offer of its machines, how many, and their meter.
    pub(super) managed: Option<(u32, u32, Meter)>,
    /// All of its work.
    pub(super) work: Millis,
    /// Work that was saved before this run.
    pub(super) saved: Millis,
    /// How it saves.
    pub(super) rhythm: Rhythm,
    pub(super) started_at: Option<Time>,
    pub(super) ended_at: Option<Time>,
    pub(super) billed: Option<Usd>,
}

impl Job {
    /// Whether it may still do something.
    pub fn is_open(&self) -> bool {
        matches!(self.state, JobState::Waiting | JobState::Running)
    }

    /// Work that another attempt can go on from, at an instant.
    fn saved_at(&self, now: Time) -> Millis {
        let Some(started) = self.started_at else { return self.saved };
        let ran = self.ended_at.unwrap_or(now) - started;
        self.saved + self.rhythm.newly_saved(ran, self.progress())
    }

    /// Work that another attempt can go on from, whether it is over or not.
    pub(super) fn saved(&self, now: Time) -> Millis {
        if self.is_open() { self.saved_at(now) } else { self.saved }
    }

    /// How far it had come before this run.
    fn progress(&self) -> Progress {
        Progress { work: self.work, saved: self.saved.min(self.work) }
    }
}

impl Cloud<'_> {
    /// `submit_ml_job`.
    pub fn submit_ml_job(&mut self, request: &Request, control: &Control) -> Result<Reply, Refusal> {
        if control.wants_absent() {
            return self.cancel_job(&request.name, control);
        }
        let token = self.token(control, &request.name);
        if let Some(id) = self.world.jobs.of_token(&token) {
            return Ok(self.told_job(id));
        }
        if self.traits.job_names == JobNames::Unique && self.world.jobs.of_name(&request.name).next().is_some() {
            let message = format!("a job {:?} was submitted before", request.name);
            return Err(self.traits.refuse(Reason::JobExists, message));
        }
        if request.node_ids.is_empty() == request.managed.is_none() {
            let help = "name the nodes, or the machines of the managed service";
            return Err(Refusal::new("TW5014", Class::Invalid, "either node_ids or managed", help));
        }
        if let Some(id) = request.node_ids.iter().find(|id| !self.is_up(id)) {
            return Err(self.traits.refuse(Reason::NoSuchNode, format!("no node {id:?} that runs")));
        }
        let managed = request.managed.as_ref().map(|m| self.machines(m)).transpose()?;
        let id = format!("j-{}", self.world.number());
        let job = self.new_job(request, managed, Tag::new(control, &token, self.now()));
        self.world.agenda.note(job.tag.expires_at, Due::Expired(Kind::Job, id.clone()));
        self.world.jobs.insert(id.clone(), job);
        self.start_job(&id);
        Ok(self.told_job(&id))
    }

    /// Machines of the managed service, within the account's limits.
    fn machines(&self, managed: &Managed) -> Result<(u32, u32, Meter), Refusal> {
        let found = self.find(&managed.region, &managed.instance_type, CapacityType::OnDemand)?;
        self.check_quota(found, managed.count)?;
        Ok((found.index, managed.count, Meter::start(self.now(), self.price(found))))
    }

    fn new_job(&self, request: &Request, managed: Option<(u32, u32, Meter)>, tag: Tag) -> Job {
        let (law, rhythm) = law_of(request);
        // A task has the luck it has in the simulator: of its index in its job.
        let luck = tradewind_core::seed::Seed(u64::from(tag.decision.node)).bits(&tag.decision.allocation, 1);
        Job {
            tag,
            name: request.name.clone(),
            state: JobState::Waiting,
            nodes: request.node_ids.clone(),
            managed,
            work: luck::runtime(&self.draws, law, luck),
            saved: Millis::new(request.resume_from_ms.min(i64::MAX as u64) as i64),
            rhythm,
            started_at: None,
            ended_at: None,
            billed: None,
        }
    }

    /// Starts a job if all its nodes are usable.
    fn start_job(&mut self, id: &str) {
        let now = self.now();
        let Some(job) = self.world.jobs.get(id).filter(|j| j.state == JobState::Waiting) else { return };
        let is_running = |n: &String| self.world.nodes.get(n).is_some_and(|n| n.state == NodeState::Running);
        if !job.nodes.iter().all(is_running) {
            return;
        }
        let (rhythm, progress) = (job.rhythm, job.progress());
        let ends = now + rhythm.restoring(progress.saved) + rhythm.takes(progress.left());
        self.world.agenda.note(ends, Due::Done(id.to_owned()));
        if let Some(job) = self.world.jobs.get_mut(id) {
            (job.state, job.started_at) = (JobState::Running, Some(now));
        }
        self.world.tell(now, id, "started", "");
    }

    /// A node is usable: what waits for it may start.
    pub(super) fn start_jobs_on(&mut self, node: &str) {
        for id in self.open_jobs_on(node) {
            self.start_job(&id);
        }
    }

    /// A node is gone: what ran on it is over.
    pub(super) fn interrupt_jobs_on(&mut self, node: &str) {
        for id in self.open_jobs_on(node) {
            self.end_job(&id, JobState::Interrupted, "interrupted");
        }
    }

    fn open_jobs_on(&self, node: &str) -> Vec<String> {
        self.world.jobs.on_node(node).filter(|(_, j)| j.is_open()).map(|(id, _)| id.clone()).collect()
    }

    /// A job has run its time.
    pub(super) fn job_done(&mut self, id: &str) {
        if self.world.jobs.get(id).is_some_and(|j| j.state == JobState::Running) {
            self.end_job(id, JobState::Succeeded, "succeeded");
        }
    }

    pub(super) fn expire_job(&mut self, id: &str) {
        if self.world.jobs.get(id).is_some_and(Job::is_open) {
            self.end_job(id, JobState::Cancelled, "expired");
        }
    }

    fn cancel_job(&mut self, name: &str, control: &Control) -> Result<Reply, Refusal> {
        let mine = |(_, j): &(&String, &Job)| j.tag.owner == control.owner;
        let Some(id) = self.world.jobs.of_name(name).filter(mine).map(|(id, _)| id.clone()).next_back() else {
            return Err(self.traits.refuse(Reason::NoSuchThing, format!("no job {name:?}")));
        };
        if self.world.jobs.get(&id).is_some_and(Job::is_open) {
            self.end_job(&id, JobState::Cancelled, "cancelled");
        }
        Ok(self.told_job(&id))
    }

    fn end_job(&mut self, id: &str, state: JobState, what: &str) {
        let (now, market) = (self.now(), self.market);
        let Some(job) = self.world.jobs.get_mut(id) else { return };
        job.ended_at = Some(now);
        job.saved = if state == JobState::Succeeded { job.work } else { job.saved_at(now) };
        job.state = state;
        if let Some((offer, count, meter)) = job.managed {
            let each = meter.bill(now, market.cloud_of(&market.offers[offer as usize]), false);
            job.billed = Some((0..count).map(|_| each).sum());
        }
        self.world.tell(now, id, what, "");
    }

    fn told_job(&self, id: &str) -> Reply {
        let job = &self.world.jobs[id];
        let saved = job.saved(self.now());
        Reply {
            job_id: id.to_owned(),
            state: job.state,
            started_at: job.started_at,
            ended_at: job.ended_at,
            saved_ms: saved.get().unsigned_abs(),
            remaining_ms: Some((job.work - saved).max(Millis::ZERO).get().unsigned_abs()),
            billed_usd: job.billed,
        }
    }
}

/// How long a job takes and how it saves: by the law that is told, else by the figures that live clouds are told too.
fn law_of(request: &Request) -> (Spread, Rhythm) {
    let every = |interval: Millis| if interval == Millis::ZERO { Rhythm::NEVER } else { interval };
    if let Some(law) = request.law {
        let ms = |ms: u64| Millis::new(i64::try_from(ms).unwrap_or(i64::MAX));
        let rhythm =
            Rhythm { interval: every(ms(law.interval_ms)), save: ms(law.save_ms), restore: ms(law.restore_ms) };
        return (Spread { median: law.median_h, sigma: law.sigma }, rhythm);
    }
    let seconds = |s: u32| Millis::from_secs(i64::from(s));
    let median = seconds(request.runtime_p50_s);
    let p95 = request.runtime_p95_s.map_or(median, seconds).max(median);
    let interval = every(seconds(request.checkpoint_interval_s));
    let law = tradewind_core::market::Delay { median, p95 }.spread();
    (law, Rhythm { interval, save: Millis::ZERO, restore: Millis::ZERO })
}
