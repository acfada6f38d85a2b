//! What the watcher plans with: the market, the rules, the allocator; and where its runs are kept.

use std::sync::Arc;

use serde_json::Value;
use tradewind_core::hash;
use tradewind_core::job::{Job, Workload, WorkloadError};
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::Plan;
use tradewind_core::rules::Rules;
use tradewind_core::seed::Seed;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::LoadedMarket;
use tradewind_datasets::queue::{self, Format, Options};
use tradewind_optimizer::{Request, allocate};
use tradewind_scheduler::drive::Trouble;
use tradewind_scheduler::journal::Sqlite;
use tradewind_scheduler::nightly::started::set_aside;
use tradewind_scheduler::run::Script;
use tradewind_scheduler::watch::beside::Beside;
use tradewind_scheduler::watch::closed::Closed;
use tradewind_scheduler::watch::planner::{Ask, Planner, Planning};

use super::RunArgs;
use super::state::WatchFolder;
use crate::commands::plan::threads;
use crate::config::Config;
use crate::failure::Failure;
use crate::inputs::{self, Times, queue_options};
use crate::run_folder::{Record, RunFolder, StateArgs};
use crate::stop::Stopper;

/// From planning to the first start: nodes boot before it.
const LEAD: Millis = Millis::from_secs(15 * 60);
/// A predecessor may be in another file.
const ELSEWHERE: &str = "TW1019";

/// What is planned from: plans are made on a thread of their own.
struct Ground {
    config: Config,
    loaded: LoadedMarket,
    seed: Seed,
    threads: usize,
    /// Ends a search early, when nobody waits for it any more.
    stopper: Arc<Stopper>,
}

/// Everything that the watcher needs.
pub struct House {
    ground: Arc<Ground>,
    options: Options,
    troubles: Vec<Trouble>,
    runs: StateArgs,
}

impl House {
    /// Of the arguments.
    pub fn new(
        args: &RunArgs,
        config: Config,
        loaded: LoadedMarket,
        troubles: Vec<Trouble>,
        folder: &WatchFolder,
        stopper: Arc<Stopper>,
    ) -> Self {
        let options = queue_options(&config, &args.read);
        let runs = StateArgs { state: Some(folder.runs()) };
        let ground = Ground { config, loaded, seed: Seed(args.seed), threads: threads(args.threads), stopper };
        Self { ground: Arc::new(ground), options, troubles, runs }
    }
}

impl Ground {
    fn plan(&self, ask: Ask) -> Result<Plan, Failure> {
        let Ask { wave, at, jobs, beside } = ask;
        let workload = queue_of(jobs);
        let rules = self.rules(at, &beside)?;
        let market = open_part(set_aside(&self.loaded.market, &beside.nodes), &beside.closed);
        let stopper: &Stopper = &self.stopper;
        let plan = allocate(&Request {
            workload: &workload,
            market: &market,
            rules: &rules,
            market_hash: hash::of(&(&self.loaded.hash, &beside.nodes, &beside.closed)),
            as_of: at,
            seed: self.seed,
            gap: None,
            threads: self.threads,
            assumptions: self.loaded.assumptions.clone(),
            stop: &|| stopper.poll(),
            progress: &|_| {},
        })?;
        Ok(named(plan, wave))
    }

    fn rules(&self, at: Time, beside: &Beside) -> Result<Rules, Failure> {
        let horizon = inputs::horizon(at + LEAD, &self.config, Times::default())?;
        let mut rules = self.config.rules(horizon);
        for (project, limit) in &mut rules.budgets {
            let spent = beside.spent.get(project).copied().unwrap_or_default();
            *limit = (*limit - spent).max(Usd::ZERO);
        }
        Ok(rules)
    }
}

impl Planner for House {
    type Error = Failure;
    type Journal = Sqlite;

    fn read(&self, file: &str, line: u64, text: &str) -> Result<Job, Value> {
        let mut read = None;
        let mut keep = |job: Job, _: u64| read = Some(job);
        let scanned = queue::scan(file, text.as_bytes(), Format::JsonLines, &self.options, &mut keep);
        let Err(mut problems) = scanned else { return read.ok_or(Value::Null) };
        match read {
            Some(job) if problems.shown.iter().all(|p| p.code == ELSEWHERE) => Ok(job),
            _ => {
                problems.shown.iter_mut().for_each(|p| p.line = Some(line));
                Err(serde_json::to_value(problems.shown).unwrap_or_default())
            }
        }
    }

    fn planning(&self, ask: Ask) -> Planning<Failure> {
        let ground = Arc::clone(&self.ground);
        Box::new(move || ground.plan(ask))
    }

    fn keep(&self, plan: &Plan) -> Result<String, Failure> {
        let record = Record::new(plan, self.ground.seed, None, self.troubles.clone());
        Ok(RunFolder::begin(&self.runs, record, plan)?.record.run)
    }

    fn open(&self, run: &str) -> Result<(Arc<Script>, Sqlite), Failure> {
        let folder = RunFolder::find(&self.runs, run)?;
        Ok((folder.script()?, folder.journal()?))
    }
}

/// The market without what is closed.
fn open_part(market: Market, closed: &Closed) -> Market {
    let regions: Vec<u16> = (0..market.regions.len() as u16).collect();
    let is_closed = |offer: usize| closed.holds(&OfferName::of(&market, offer));
    if closed.0.is_empty() { market } else { market.subset(|offer, _| !is_closed(offer), &regions) }
}

/// The jobs that are a queue together: those that wait for each other, or know a dataset otherwise, are left out.
fn queue_of(mut jobs: Vec<Job>) -> Workload {
    loop {
        let left_out = match Workload::new(jobs.clone()) {
            Ok(workload) => return workload,
            Err(WorkloadError::Cycle(ids)) => ids,
            Err(WorkloadError::DuplicateId(id)) => vec![id],
            Err(WorkloadError::UnknownDependency { job, .. } | WorkloadError::Dataset { job, .. }) => vec![job],
        };
        jobs.retain(|job| !left_out.contains(&job.id));
    }
}

/// Allocations of a wave have names of their own: the clouds draw their chance by them.
fn named(mut plan: Plan, wave: u32) -> Plan {
    let name = |id: &str| format!("w{wave}-{id}");
    plan.allocations.iter_mut().for_each(|a| a.id = name(&a.id));
    plan.placements.iter_mut().for_each(|p| p.allocation = name(&p.allocation));
    plan.sealed()
}
