//! Why a job is not placed, in words and counts.

use tradewind_core::market::QuotaUnit;
use tradewind_core::plan::Reason;
use tradewind_core::rejection::Rejection;

use crate::problem::Problem;
use crate::schedule::Schedule;

/// The reasons for the tasks of class `k` that are left, the most telling first. `budget` says that
/// tasks were taken out again for a budget's sake.
pub(crate) fn reasons(schedule: &Schedule<'_, '_>, k: usize, budget: Option<Rejection>) -> Vec<Reason> {
    let problem = schedule.problem;
    let class = &problem.classes[k];
    let job = &problem.workload.jobs()[class.jobs[0]];
    let mut reasons = Vec::new();
    if let Some(reason) = budget {
        let detail = match (reason, &job.project) {
            (Rejection::ProjectBudget, Some(project)) => {
                let limit = problem.rules.budgets.get(project).copied().unwrap_or_default();
                format!("project {project} may spend {limit} in all, escrow included")
            }
            _ => format!("a task may cost {}", job.budget.unwrap_or_default()),
        };
        reasons.push(Reason { reason, pools: 0, detail });
    }
    if reasons.is_empty() && !class.choices.is_empty() {
        let full = concentrated(schedule, k);
        if full.as_ref().is_none_or(|reason| reason.pools < class.choices.len() as u64) {
            reasons.push(blocked(schedule, k));
        }
        reasons.extend(full);
    }
    if class.choices.is_empty() {
        let mut counted: Vec<(Rejection, u64)> = class.rejections.iter().map(|(r, n)| (*r, *n)).collect();
        // What rules out the last pools is the most telling: criteria are judged in a fixed order.
        counted.sort_by_key(|&(r, n)| (std::cmp::Reverse(r), std::cmp::Reverse(n)));
        reasons.extend(counted.into_iter().map(|(reason, pools)| Reason {
            reason,
            pools,
            detail: detail(problem, k, reason),
        }));
    }
    reasons
}

/// The spot pools that may take no more of the class's deadline-critical work.
fn concentrated(schedule: &Schedule<'_, '_>, k: usize) -> Option<Reason> {
    let problem = schedule.problem;
    let share = problem.cap?.share;
    let full = problem.classes[k].choices.iter().filter(|c| schedule.cap_room(k, c.pool) == 0).count() as u64;
    let detail = format!("at most {share} of it on any one");
    (full > 0).then_some(Reason { reason: Rejection::Concentration, pools: full, detail })
}

/// A class that could run somewhere, and did not: predecessors or quota.
fn blocked(schedule: &Schedule<'_, '_>, k: usize) -> Reason {
    let problem = schedule.problem;
    let class = &problem.classes[k];
    let job = &problem.workload.jobs()[class.jobs[0]];
    let waiting = job
        .depends_on
        .iter()
        .filter_map(|d| problem.workload.index_of(d))
        .find(|&p| schedule.left[problem.class_of[p]] > 0);
    if let Some(p) = waiting {
        let detail = format!("it waits for {}, which is not placed", problem.workload.jobs()[p].id);
        return Reason { reason: Rejection::Predecessor, pools: 0, detail };
    }
    let mut rows: Vec<&str> = class
        .choices
        .iter()
        .flat_map(|c| &problem.market.quota_sets[usize::from(problem.pools[c.pool as usize].quota_set)])
        .map(|&q| &problem.market.quotas[usize::from(q)])
        // A commitment that is used up is no reason: the same nodes can be bought without it.
        .filter(|row| row.unit != QuotaUnit::MilliUsd)
        .map(|row| row.name.as_str())
        .collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        let detail = "no start within its time is free on any node".to_owned();
        return Reason { reason: Rejection::Deadline, pools: class.choices.len() as u64, detail };
    }
    let shown = rows.iter().take(4).copied().collect::<Vec<_>>().join(", ");
    let more = if rows.len() > 4 { format!(" and {} more", rows.len() - 4) } else { String::new() };
    Reason {
        reason: Rejection::Quota,
        pools: class.choices.len() as u64,
        detail: format!(
            "quota is used up in {}: {shown}{more}",
            if rows.len() == 1 { "its row" } else { "all its rows" }
        ),
    }
}

fn detail(problem: &Problem<'_>, k: usize, reason: Rejection) -> String {
    let class = &problem.classes[k];
    let job = &problem.workload.jobs()[class.jobs[0]];
    let list = |items: Vec<String>| if items.is_empty() { "any".to_owned() } else { items.join(", ") };
    match reason {
        Rejection::Arch => format!("asked for {}", list(job.arch.iter().map(ToString::to_string).collect())),
        Rejection::Gpu => match &job.gpu {
            Some(g) => format!(
                "asked for {} x {}",
                g.count,
                std::iter::once(&g.model).chain(g.alternatives.keys()).cloned().collect::<Vec<_>>().join(" or ")
            ),
            None => "GPU nodes are kept for GPU jobs".to_owned(),
        },
        Rejection::TooSmall => format!(
            "asked for {} vCPU, {} MiB and {} GPU on one node; larger work needs `nodes` > 1",
            class.demand.vcpu_milli as f64 / 1e3,
            class.demand.memory_mib,
            class.demand.gpu_milli / 1000
        ),
        Rejection::Cloud => format!("asked for {}", list(job.clouds.clone())),
        Rejection::Region => format!("asked for {}", list(job.regions.iter().map(ToString::to_string).collect())),
        Rejection::Residency => format!("asked for {}", list(job.residency.clone())),
        Rejection::MaxPrice => format!("asked for at most {} per hour", job.max_price.unwrap_or_default()),
        Rejection::JobBudget => format!("asked for at most {} a task", job.budget.unwrap_or_default()),
        Rejection::Deadline => match job.deadline {
            Some(d) if d <= problem.rules.horizon.start => format!("due {d}, before the horizon starts"),
            Some(d) => {
                let needed = class.laws.iter().map(|l| l.required).min();
                let needed =
                    needed.map_or_else(String::new, |t| format!("; the fastest choice needs {}", t.readable()));
                format!("due {d} with at most {} missed{needed}", job.max_miss_probability)
            }
            None => "no time is left".to_owned(),
        },
        Rejection::Horizon => format!("the horizon ends {}", problem.rules.horizon.end),
        Rejection::EndlessRework => format!("runtime p50 {}, p95 {}", job.runtime.p50, job.runtime.p95),
        Rejection::Concentration => {
            let share = problem.cap.map_or_else(String::new, |cap| format!("{} ", cap.share));
            format!("one task alone is more than the {share}that a spot pool may hold")
        }
        Rejection::Quota => "the account's whole quota is smaller than one task".to_owned(),
        Rejection::Policy => {
            let rules = problem.rules.concerning(job).into_iter().map(|p| &problem.rules.policies[usize::from(p)]);
            list(rules.map(|p| format!("{} ({})", p.id, p.text)).collect())
        }
        Rejection::Predecessor => format!("it waits for {}", job.depends_on.join(", ")),
        _ => reason.sentence().to_owned(),
    }
}
