//! Who may run where, and when: the check's own answer.

use super::view::View;
use crate::cost;
use crate::job::Job;
use crate::market::{CapacityType, Region};
use crate::pool::Pool;
use crate::rules::Rules;
use crate::time::{Millis, Time};
use crate::work::TaskLaw;

/// What a task of a job would take and cost on a pool.
pub(super) struct Chance {
    /// Its time law there.
    pub law: TaskLaw,
    /// What it costs by itself.
    pub own: cost::OwnCost,
    /// Earliest start, by its own fields, the horizon and the boot of a node.
    pub earliest: Time,
    /// Latest start, by its deadline and the horizon; not before `earliest`.
    pub latest: Time,
}

/// Whether the static rules let `job` use `pool`: everything but size, time and money.
pub(super) fn allowed(job: &Job, rules: &Rules, pool: &Pool, region: &Region) -> bool {
    let refused = |&p: &u16| rules.policies[usize::from(p)].when.concerns(job);
    !pool.refused_by.iter().any(refused)
        && job.arch.contains(&pool.arch)
        && (job.burstable || !pool.burstable)
        && (job.interruptible || pool.capacity_type == CapacityType::OnDemand)
        && match &job.gpu {
            None => pool.gpu.is_empty(),
            Some(gpu) => !pool.gpu.is_empty() && gpu.speed_on(&pool.gpu).is_some(),
        }
        && (job.clouds.is_empty() || job.clouds.iter().any(|c| c == region.name.cloud()))
        && (job.regions.is_empty() || job.regions.contains(&region.name))
        && (job.residency.is_empty() || job.residency.iter().any(|g| region.residency.contains(g)))
}

/// What a task of job number `k` would take on `pool`; `None` if it cannot run there at all.
/// `not_before` is what its predecessors impose.
pub(super) fn chance(view: &View<'_>, k: usize, pool: &Pool, not_before: Time) -> Option<Chance> {
    let job = &view.workload.jobs()[k];
    let region = &view.market.regions[usize::from(pool.region)];
    if !allowed(job, view.rules, pool, region) || !pool.fits(view.market, job.demand) {
        return None;
    }
    let rows = &view.market.quota_sets[usize::from(pool.quota_set)];
    let beyond = rows.iter().map(|&q| &view.market.quotas[usize::from(q)]).any(|row| {
        let taken = pool.least_quota_milli(row.unit, job.demand) * u64::from(job.nodes);
        u128::from(taken) > u128::from(row.available) * 1000
    });
    if beyond {
        return None;
    }
    let law = view.law(k, pool)?;
    for (_, input) in job.datasets() {
        view.market.transfer(view.market.region_index(&input.location)?, pool.region)?;
    }
    let boot = view.market.clouds[usize::from(region.cloud)].boot.mean();
    let horizon = view.rules.horizon;
    let earliest = (horizon.start + boot).max(not_before).max(job.earliest().unwrap_or(not_before));
    let last = horizon.end - Millis::new(1);
    let latest = job.deadline.map_or(last, |d| (d - law.required).min(last));
    let (opens, closes) = in_force(view, pool.commitment, boot, law.reserved);
    let (earliest, latest) = (earliest.max(opens), latest.min(closes));
    if latest < earliest {
        return None;
    }
    let own = cost::own_cost(view.market, pool.region, job, &law, view.behind(k, pool, &law))?;
    Some(Chance { law, own, earliest, latest })
}

/// First and last start at which a node, from its launch to the reserved end of the task, lies within
/// the time that its commitment is in force.
pub(super) fn in_force(view: &View<'_>, commitment: Option<u16>, boot: Millis, reserved: Millis) -> (Time, Time) {
    let commitment = commitment.map(|c| &view.market.commitments[usize::from(c)]);
    let opens = commitment.and_then(|c| c.starts).map_or(Time::from_ms(i64::MIN), |s| s + boot);
    let closes = commitment.and_then(|c| c.ends).map_or(Time::from_ms(i64::MAX), |e| e - reserved);
    (opens, closes)
}

/// For each job, no start before this because of its predecessors, in the best of worlds; `None`
/// where a predecessor cannot run at all.
pub(super) fn chain_starts(view: &View<'_>) -> Vec<Option<Time>> {
    let jobs = view.workload.jobs();
    let start = view.rules.horizon.start;
    let mut earliest: Vec<Option<Time>> = vec![Some(start); jobs.len()];
    if jobs.iter().all(|j| j.depends_on.is_empty()) {
        return earliest;
    }
    let mut waited_for = vec![false; jobs.len()];
    (0..jobs.len()).for_each(|k| predecessors(view, k).for_each(|p| waited_for[p] = true));
    let mut end: Vec<Option<Time>> = vec![None; jobs.len()];
    for k in view.workload.topological_order().unwrap_or_default() {
        let before: Option<Vec<Time>> = predecessors(view, k).map(|p| end[p]).collect();
        earliest[k] = before.map(|ends| ends.into_iter().fold(start, Time::max));
        if let (Some(from), true) = (earliest[k], waited_for[k]) {
            let ends = view.pools.iter().filter_map(|p| chance(view, k, p, from).map(|c| c.earliest + c.law.reserved));
            end[k] = ends.min();
        }
    }
    earliest
}

/// Indices of the jobs that `k` waits for.
pub(super) fn predecessors<'v>(view: &'v View<'_>, k: usize) -> impl Iterator<Item = usize> + 'v {
    view.workload.jobs()[k].depends_on.iter().filter_map(|id| view.workload.index_of(id))
}

/// For each job, the probability that some task it waits for, directly or not, outlives its
/// reservation (union bound).
pub(super) fn overruns(view: &View<'_>) -> Vec<f64> {
    let jobs = view.workload.jobs();
    let mut ancestors: Vec<std::collections::BTreeSet<usize>> = vec![Default::default(); jobs.len()];
    for k in view.workload.topological_order().unwrap_or_default() {
        let mut mine = std::collections::BTreeSet::new();
        for p in predecessors(view, k) {
            mine.insert(p);
            mine.extend(ancestors[p].iter().copied());
        }
        ancestors[k] = mine;
    }
    let sum = |a: &std::collections::BTreeSet<usize>| {
        a.iter().map(|&p| f64::from(jobs[p].count) * TaskLaw::overrun_probability(&jobs[p])).sum()
    };
    ancestors.iter().map(sum).collect()
}
