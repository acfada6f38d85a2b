//! What of a plan has begun at an instant, by the plan's own times: it stays where it is, and its quota with it.
//!
//! Moving running work throws away what is not saved yet and a launch that worked, and no plan knows how far it has
//! come; so a night plans what still waits, around what runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tradewind_core::job::{Job, Workload, WorkloadError};
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::place::RegionName;
use tradewind_core::plan::{Allocation, Plan};
use tradewind_core::rules::Rules;
use tradewind_core::time::Time;

/// Tasks of a job that have begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// The job.
    pub job: String,
    /// Whose budget pays.
    pub project: Option<String>,
    /// How many of its tasks.
    pub tasks: u32,
    /// What they were planned to cost.
    pub cost_usd: Usd,
    /// Where.
    pub region: RegionName,
    /// The vendor's type.
    pub instance_type: String,
    /// Capacity is held until then.
    pub until: Time,
    /// Whether they should have ended already.
    pub is_over: bool,
}

/// Nodes that run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// What they are, `cloud/region/type/capacity`.
    pub offer: OfferName,
    /// How many.
    pub nodes: u32,
    /// Until then at the latest.
    pub until: Time,
}

/// What runs and stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Running {
    /// The tasks.
    pub tasks: Vec<Started>,
    /// Their nodes.
    pub nodes: Vec<Held>,
}

impl Running {
    /// What of a plan has begun at `now`, of jobs that `queue` still has, with what had begun before the plan was made.
    pub fn at(now: Time, plan: &Plan, queue: &Workload, before: Option<&Self>) -> Self {
        let still = |job: &str| queue.index_of(job).is_some();
        let (tasks, nodes) = before.map_or((&[][..], &[][..]), |b| (&b.tasks, &b.nodes));
        let tasks = tasks.iter().filter(|s| still(&s.job));
        let mut tasks: Vec<Started> = tasks.map(|s| Started { is_over: s.until <= now, ..s.clone() }).collect();
        let allocations: BTreeMap<&str, &Allocation> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
        let begun = plan.placements.iter().filter(|p| p.start < now && still(&p.job));
        tasks.extend(begun.filter_map(|p| {
            let a = allocations.get(p.allocation.as_str())?;
            Some(Started {
                job: p.job.clone(),
                project: queue.jobs()[queue.index_of(&p.job)?].project.clone(),
                tasks: p.count(),
                cost_usd: p.expected_cost_usd,
                region: a.region.clone(),
                instance_type: a.instance_type.clone(),
                until: p.reserved_end,
                is_over: p.reserved_end <= now,
            })
        }));
        let mut nodes: Vec<Held> = nodes.iter().filter(|h| now < h.until).cloned().collect();
        let run = plan.allocations.iter().filter(|a| a.start < now && now < a.reserved_end);
        nodes.extend(run.map(|a| Held { offer: OfferName::of_allocation(a), nodes: a.count, until: a.reserved_end }));
        Self { tasks, nodes }
    }

    /// What is planned to be spent on it for a project.
    pub fn cost_for(&self, project: &str) -> Usd {
        self.tasks.iter().filter(|s| s.project.as_deref() == Some(project)).map(|s| s.cost_usd).sum()
    }

    /// Whether nothing has begun.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.nodes.is_empty()
    }
}

/// The queue without what has begun. A job that waits for one that has begun waits until that is over for certain.
///
/// # Errors
/// None that a sound queue can lead to: jobs and dependencies only become fewer.
pub fn still_waiting(queue: &Workload, started: &[Started]) -> Result<Workload, WorkloadError> {
    let mut begun: BTreeMap<&str, (u32, Time)> = BTreeMap::new();
    for s in started {
        let entry = begun.entry(&s.job).or_insert((0, s.until));
        *entry = (entry.0.saturating_add(s.tasks), entry.1.max(s.until));
    }
    let gone = |job: &Job| begun.get(job.id.as_str()).is_some_and(|(tasks, _)| *tasks >= job.count);
    let left = queue.jobs().iter().filter(|j| !gone(j)).map(|job| {
        let mut job = job.clone();
        job.count -= begun.get(job.id.as_str()).map_or(0, |(tasks, _)| *tasks);
        let over = job.depends_on.iter().filter_map(|d| begun.get(d.as_str())).map(|(_, until)| *until).max();
        job.earliest_start = job.earliest_start.max(over);
        job.depends_on.retain(|d| queue.index_of(d).is_none_or(|p| !gone(&queue.jobs()[p])));
        job
    });
    Workload::new(left.collect())
}

/// The rules with what runs already paid from its budgets.
pub fn left_of_budgets(rules: &Rules, running: &Running) -> Rules {
    let mut left = rules.clone();
    for (project, limit) in &mut left.budgets {
        *limit = (*limit - running.cost_for(project)).max(Usd::ZERO);
    }
    left
}

/// The market with the quota of running nodes taken off, for the whole horizon: more than they hold, never less.
pub fn set_aside(market: &Market, running: &[Held]) -> Market {
    let mut left = market.clone();
    for held in running {
        let Some(offer) = held.offer.find(market).map(|o| &market.offers[o]) else { continue };
        for &q in market.quotas_of(offer) {
            let row = &mut left.quotas[usize::from(q)];
            let taken = market.taken_milli(row.unit, offer).saturating_mul(u64::from(held.nodes)).div_ceil(1000);
            row.available = row.available.saturating_sub(taken);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewind_core::job::Runtime;
    use tradewind_core::resources::Resources;
    use tradewind_core::time::Millis;

    fn at(hour: i64) -> Time {
        Time::from_ms(0) + Millis::from_hours(hour)
    }

    fn job(id: &str, count: u32, after: &[&str]) -> Job {
        let runtime = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
        let depends_on = after.iter().map(|a| (*a).to_owned()).collect();
        Job {
            count,
            depends_on,
            ..Job::new(id, Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 }, runtime)
        }
    }

    fn begun(job: &str, tasks: u32, until: i64) -> Started {
        Started {
            job: job.to_owned(),
            project: Some("p".to_owned()),
            tasks,
            cost_usd: Usd::from_nanos(1_000),
            region: RegionName::new("c", "r"),
            instance_type: "m".to_owned(),
            until: at(until),
            is_over: false,
        }
    }

    #[test]
    fn what_has_begun_leaves_the_queue_and_holds_up_what_waits_for_it() {
        let queue = Workload::new(vec![job("a", 1, &[]), job("b", 5, &[]), job("c", 1, &["a", "b"])]).expect("a queue");
        let left = still_waiting(&queue, &[begun("a", 1, 4), begun("b", 2, 7)]).expect("a queue");
        let ids: Vec<(&str, u32)> = left.jobs().iter().map(|j| (j.id.as_str(), j.count)).collect();
        assert_eq!(ids, [("b", 3), ("c", 1)]);
        let waits = &left.jobs()[left.index_of("c").expect("there")];
        assert_eq!((waits.depends_on.as_slice(), waits.earliest_start), (&["b".to_owned()][..], Some(at(7))));
        assert_eq!(still_waiting(&queue, &[]).expect("a queue"), queue);
    }

    #[test]
    fn what_runs_is_paid_from_its_budget() {
        let horizon = tradewind_core::rules::Horizon { start: at(0), end: at(9), window: Millis::HOUR };
        let mut rules = Rules::over(horizon);
        rules.budgets = [("p", 1_500), ("q", 700)].map(|(p, n)| (p.to_owned(), Usd::from_nanos(n))).into();
        let running = Running { tasks: vec![begun("a", 1, 4), begun("b", 2, 7)], nodes: Vec::new() };
        let left: Vec<i64> = left_of_budgets(&rules, &running).budgets.values().map(|u| u.nanos()).collect();
        assert_eq!(left, [0, 700], "never below nothing");
    }
}
