//! Budgets are kept exactly: tasks that do not fit are taken out again, the dearest of the lowest
//! priority first, so that as many as possible stay.

use std::collections::BTreeMap;

use tradewind_core::cost;
use tradewind_core::money::Usd;
use tradewind_core::rejection::Rejection;

use crate::accounts::{Accounts, Entry, behind, law};
use crate::problem::Problem;
use crate::schedule::Schedule;

/// Whether anything limits spending.
pub(crate) fn any(problem: &Problem<'_>) -> bool {
    !problem.rules.budgets.is_empty() || problem.workload.jobs().iter().any(|j| j.budget.is_some())
}

/// Takes tasks out until every budget holds; by class, which kind of budget it was.
pub(crate) fn repair(schedule: &mut Schedule<'_, '_>) -> BTreeMap<usize, Rejection> {
    let mut taken_out = BTreeMap::new();
    let limits = any(schedule.problem);
    while limits {
        let accounts = Accounts::new(schedule);
        let Some((victim, reason)) =
            over_job_budget(schedule, &accounts).or_else(|| over_project_budget(schedule, &accounts))
        else {
            break;
        };
        taken_out.insert(accounts.entries[victim].class, reason);
        let (node, part) = accounts.entries[victim].at;
        schedule.unplace(node, part);
        drop_orphans(schedule);
    }
    taken_out
}

/// Tasks whose predecessors are no longer all there go too.
fn drop_orphans(schedule: &mut Schedule<'_, '_>) {
    loop {
        let orphan = schedule.living().find_map(|(i, n)| {
            let p = n.parts.iter().position(|p| {
                schedule.problem.classes[p.class].tied && crate::insertion::not_before(schedule, p.class).is_none()
            })?;
            Some((i, p))
        });
        match orphan {
            Some((node, part)) => schedule.unplace(node, part),
            None => return,
        }
    }
}

/// An entry that costs more than its job allows a task.
fn over_job_budget(schedule: &Schedule<'_, '_>, accounts: &Accounts) -> Option<(usize, Rejection)> {
    let jobs = schedule.problem.workload.jobs();
    let over = |e: &Entry| {
        let tasks = i64::from(e.tasks[1] - e.tasks[0]) + 1;
        jobs[e.job].budget.is_some_and(|b| e.cost > Usd::from_nanos(b.nanos().saturating_mul(tasks)))
    };
    accounts.entries.iter().position(over).map(|e| (e, Rejection::JobBudget))
}

/// The dearest task of the lowest priority of a project that spends too much.
fn over_project_budget(schedule: &Schedule<'_, '_>, accounts: &Accounts) -> Option<(usize, Rejection)> {
    let problem = schedule.problem;
    let jobs = problem.workload.jobs();
    for (project, limit) in &problem.rules.budgets {
        let mine = entries_of(problem, accounts, project);
        if spent(schedule, accounts, &mine) > *limit {
            let per_task = |e: &Entry| e.cost.nanos() / (i64::from(e.tasks[1] - e.tasks[0]) + 1);
            let victim = mine.into_iter().max_by_key(|&e| {
                let entry = &accounts.entries[e];
                (std::cmp::Reverse(jobs[entry.job].priority), per_task(entry), std::cmp::Reverse(e))
            })?;
            return Some((victim, Rejection::ProjectBudget));
        }
    }
    None
}

/// The entries of a project's jobs.
fn entries_of(problem: &Problem<'_>, accounts: &Accounts, project: &str) -> Vec<usize> {
    let jobs = problem.workload.jobs();
    (0..accounts.entries.len()).filter(|&e| jobs[accounts.entries[e].job].project.as_deref() == Some(project)).collect()
}

/// What these entries cost, and the most that is held in escrow for them at one time.
fn spent(schedule: &Schedule<'_, '_>, accounts: &Accounts, entries: &[usize]) -> Usd {
    let cost: Usd = entries.iter().map(|&e| accounts.entries[e].cost).sum();
    cost + largest_escrow(schedule, accounts, entries)
}

/// What every project with a budget spends, escrow included, by name.
pub(crate) fn spent_by_project(schedule: &Schedule<'_, '_>, accounts: &Accounts) -> BTreeMap<String, Usd> {
    let problem = schedule.problem;
    let of = |project: &String| (project.clone(), spent(schedule, accounts, &entries_of(problem, accounts, project)));
    problem.rules.budgets.keys().map(of).collect()
}

/// The most that one task of each job with a budget costs, by index of the job.
pub(crate) fn dearest_tasks(problem: &Problem<'_>, accounts: &Accounts) -> BTreeMap<usize, Usd> {
    let mut dearest = BTreeMap::new();
    for entry in accounts.entries.iter().filter(|e| problem.workload.jobs()[e.job].budget.is_some()) {
        let tasks = i64::from(entry.tasks[1] - entry.tasks[0]) + 1;
        let one = Usd::from_nanos(entry.cost.nanos().div_euclid(tasks) + i64::from(entry.cost.nanos() % tasks != 0));
        let most = dearest.entry(entry.job).or_insert(one);
        *most = one.max(*most);
    }
    dearest
}

/// The largest sum of escrows held at one time.
fn largest_escrow(schedule: &Schedule<'_, '_>, accounts: &Accounts, entries: &[usize]) -> Usd {
    let mut changes: Vec<(i64, bool, Usd)> = Vec::with_capacity(entries.len() * 2);
    for &e in entries {
        let entry = &accounts.entries[e];
        let Some(node) = &schedule.nodes[entry.at.0] else { continue };
        let law = law(schedule, node, &entry.part);
        let job = &schedule.problem.workload.jobs()[entry.job];
        let risked = behind(schedule, node, &entry.part).map_or(Usd::ZERO, |b| b.at_risk(job)).nanos();
        let tasks = i64::from(entry.tasks[1] - entry.tasks[0]) + 1;
        let escrow = cost::escrow(entry.share, law) + Usd::from_nanos(risked.saturating_mul(tasks));
        changes.push((entry.part.start, true, escrow));
        changes.push((entry.part.start + law.done().get(), false, -escrow));
    }
    changes.sort_unstable_by_key(|&(t, launch, usd)| (t, launch, usd));
    let (mut held, mut most) = (Usd::ZERO, Usd::ZERO);
    for (_, _, usd) in changes {
        held += usd;
        most = most.max(held);
    }
    most
}
