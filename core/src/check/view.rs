//! The plan's inputs, validated and indexed for the check.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Report, alike};
use crate::fallback::{self, Behind};
use crate::job::{Job, Workload};
use crate::market::Market;
use crate::plan::Plan;
use crate::pool::{self, Pool};
use crate::rules::{MOST_WINDOWS, Rules};
use crate::time::Millis;
use crate::work::TaskLaw;

/// No plan has more tasks.
const MOST_TASKS: u64 = 1_000_000;

/// Workload, market and rules with the pools made; what bounds and constraints are judged against.
pub struct View<'a> {
    /// The queue.
    pub workload: &'a Workload,
    /// The market rows.
    pub market: &'a Market,
    /// Horizon, budgets and policies.
    pub rules: &'a Rules,
    /// The pools of the market, in their fixed order.
    pub pools: Vec<Pool>,
    /// The pool of each offer.
    pub pool_of: Vec<usize>,
    /// For each job the first that is equal in everything that a constraint or a cost rests on, and tied as it is.
    pub class_of: Vec<usize>,
    /// Whether a job waits for others or others wait for it.
    pub tied: Vec<bool>,
    laws: RefCell<HashMap<LawKey, Option<TaskLaw>>>,
    in_time: RefCell<HashMap<LawKey, TaskLaw>>,
}

/// Class of the job, cloud, speed and hazard: what a time law depends on.
type LawKey = (usize, u16, u64, u64);

impl<'a> View<'a> {
    /// Indexes inputs that are known to be sound.
    pub fn of(workload: &'a Workload, market: &'a Market, rules: &'a Rules) -> Self {
        let pools = pool::pools(market, &rules.policies);
        let mut pool_of = vec![0; market.offers.len()];
        for (p, pool) in pools.iter().enumerate() {
            pool.offers.iter().for_each(|&o| pool_of[o] = p);
        }
        let mut tied = vec![false; workload.jobs().len()];
        for (k, job) in workload.jobs().iter().enumerate() {
            for before in job.depends_on.iter().filter_map(|id| workload.index_of(id)) {
                (tied[k], tied[before]) = (true, true);
            }
        }
        let mut first = HashMap::new();
        let alike = alike::classes(workload.jobs()).into_iter().zip(&tied).enumerate();
        let class_of = alike.map(|(k, (class, &tied))| *first.entry((class, tied)).or_insert(k)).collect();
        let (laws, in_time) = Default::default();
        Self { workload, market, rules, pools, pool_of, class_of, tied, laws, in_time }
    }

    /// Checks the plan's inputs and indexes them; `None` (with violations) if they do not hold
    /// together, for then nothing else can be judged.
    pub(super) fn new(plan: &'a Plan, report: &mut Report) -> Option<Self> {
        let market = plan.market.clone().validated();
        let sound = report.expect(
            "market",
            market.is_ok(),
            || "/market".to_owned(),
            || market.as_ref().err().map(ToString::to_string).unwrap_or_default(),
            || "consistent tables".to_owned(),
        );
        let error = workload_error(&plan.workload);
        let counted = plan.workload.tasks() <= MOST_TASKS;
        let sound = sound
            & report.expect(
                "workload",
                error.is_none() && counted,
                || "/workload".to_owned(),
                || error.unwrap_or_else(|| format!("{} tasks", plan.workload.tasks())),
                || format!("a consistent queue of at most {MOST_TASKS} tasks"),
            );
        let h = plan.rules.horizon;
        let windows_ok = h.window > Millis::ZERO && h.end > h.start && h.windows() <= MOST_WINDOWS;
        let sound = sound
            & report.expect(
                "rules",
                windows_ok && plan.rules.budgets.values().all(|b| b.nanos() >= 0),
                || "/rules".to_owned(),
                || format!("horizon {} to {} by {}", h.start, h.end, h.window),
                || format!("a horizon of 1 to {MOST_WINDOWS} windows, budgets not negative"),
            );
        sound.then(|| Self::of(&plan.workload, &plan.market, &plan.rules))
    }

    /// The time law of a job on a pool it could use, with on-demand behind it where spot alone would be
    /// late; `None` if rework is endless or the GPU is wrong.
    pub fn law(&self, job: usize, pool: &Pool) -> Option<TaskLaw> {
        let wanted = &self.workload.jobs()[job];
        let speed =
            f64::from(pool.speed_milli) / 1000.0 * wanted.gpu.as_ref().map_or(Some(1.0), |g| g.speed_on(&pool.gpu))?;
        let hazard = pool.hazard.map_or(0.0, |h| self.market.hazards[usize::from(h)].per_hour());
        let cloud = self.market.regions[usize::from(pool.region)].cloud;
        let facts = &self.market.clouds[usize::from(cloud)];
        let key = (self.class_of[job], cloud, speed.to_bits(), hazard.to_bits());
        let alone = *self.laws.borrow_mut().entry(key).or_insert_with(|| TaskLaw::new(wanted, facts, speed, hazard));
        let law = alone?;
        let Some(deadline) = wanted.deadline.filter(|_| law.hazard > 0.0 && !self.tied[job]) else { return alone };
        let boot = facts.boot.mean();
        let start = self.rules.horizon.start + boot;
        let left = deadline - start.max(wanted.earliest().unwrap_or(start));
        if law.required <= left || fallback::offer_behind(self.market, self.rules, pool, wanted).is_none() {
            return alone;
        }
        Some(*self.in_time.borrow_mut().entry(key).or_insert_with(|| law.in_time(left)))
    }

    /// What stands behind a job on a pool where its `law` says that it may fall back.
    pub fn behind(&self, job: usize, pool: &Pool, law: &TaskLaw) -> Option<Behind<'a>> {
        let law = law.fallback?;
        let o = fallback::offer_behind(self.market, self.rules, pool, &self.workload.jobs()[job])?;
        Some(Behind { market: self.market, offer: &self.market.offers[o], law })
    }
}

/// What no queue may be, whatever wrote the file.
fn workload_error(workload: &Workload) -> Option<String> {
    let jobs = workload.jobs();
    if !jobs.is_sorted_by(|a, b| a.id < b.id) {
        let unsorted = || "jobs are not sorted by id".to_owned();
        return Some(Workload::new(jobs.to_vec()).map_or_else(|e| e.to_string(), |_| unsorted()));
    }
    match workload.validate() {
        Ok(()) => jobs.iter().find_map(job_error),
        Err(error) => Some(error.to_string()),
    }
}

/// What no job may be, whatever wrote the file.
fn job_error(job: &Job) -> Option<String> {
    let says = |what: &str| Some(format!("job {:?}: {what}", job.id));
    if job.count == 0 || job.nodes == 0 || job.nodes > 10_000 {
        return says("no tasks, or not 1 to 10,000 nodes");
    }
    if job.demand.vcpu_milli == 0 || job.demand.memory_mib == 0 {
        return says("no vCPU or no memory");
    }
    if job.demand.vcpu_milli > 1 << 40 || job.demand.memory_mib > 1 << 40 || job.demand.gpu_milli > 1 << 40 {
        return says("a demand beyond any node");
    }
    if job.gpu.as_ref().map_or(0, |g| u64::from(g.count) * 1000) != job.demand.gpu_milli {
        return says("gpu and demand disagree");
    }
    if job.runtime.p50 <= Millis::ZERO || job.runtime.p95 < job.runtime.p50 {
        return says("runtime needs 0 < p50 <= p95");
    }
    if !(job.max_miss_probability > 0.0 && job.max_miss_probability < 1.0) {
        return says("max_miss_probability outside (0, 1)");
    }
    if job.gpu.iter().flat_map(|g| g.alternatives.values()).any(|s| !(*s > 0.0 && s.is_finite())) {
        return says("a GPU speed that is not positive");
    }
    let checkpoint_ok = job.checkpoint.as_ref().is_none_or(|c| {
        c.save >= Millis::ZERO && c.restore >= Millis::ZERO && c.interval.is_none_or(|i| i > Millis::ZERO)
    });
    if !checkpoint_ok { says("a checkpoint time that is negative") } else { None }
}
