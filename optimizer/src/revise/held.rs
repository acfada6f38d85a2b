//! An earlier plan under today's inputs: whatever can stay where it was.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::plan::{Placement, Plan};

use crate::insertion::not_before;
use crate::problem::Problem;
use crate::schedule::{Part, Schedule};

/// A task of the earlier plan.
struct Task<'e> {
    class: usize,
    start: i64,
    offer: usize,
    allocation: &'e str,
    /// First of its nodes.
    node: u32,
}

/// Nodes that are open already, by allocation and number.
type Open<'e> = HashMap<(&'e str, u32), usize>;

/// The tasks that can stay, on the nodes they had, by today's laws; and how many of the queue's cannot.
///
/// A task cannot where its machine is no longer sold or allowed, where it would start before the horizon or too late,
/// or where a quota, the node or its predecessors leave no room.
pub(super) fn stand<'p, 'a>(problem: &'p Problem<'a>, plan: &Plan) -> (Schedule<'p, 'a>, u64) {
    let mut schedule = Schedule::new(problem);
    let (tasks, mut lost) = tasks(problem, plan);
    let mut open = Open::new();
    for task in tasks {
        if schedule.left[task.class] == 0 {
            continue;
        }
        let stays = if problem.classes[task.class].nodes > 1 {
            gang(&mut schedule, &task, &mut open)
        } else {
            single(&mut schedule, &task, &mut open)
        };
        lost += u64::from(!stays);
    }
    (schedule, lost)
}

/// The earlier tasks that the queue still has, first starts first, and how many have no machine any more.
fn tasks<'e>(problem: &Problem<'_>, plan: &'e Plan) -> (Vec<Task<'e>>, u64) {
    let offers: BTreeMap<&str, usize> = plan
        .allocations
        .iter()
        .filter_map(|a| {
            let found =
                problem.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref())?;
            Some((a.id.as_str(), found))
        })
        .collect();
    let (mut all, mut lost) = (Vec::new(), 0);
    for p in &plan.placements {
        let Some(job) = problem.workload.index_of(&p.job) else { continue };
        let count = p.count().min(problem.workload.jobs()[job].count);
        let Some(&offer) = offers.get(p.allocation.as_str()) else {
            lost += u64::from(count);
            continue;
        };
        let class = problem.class_of[job];
        let (start, step) = (problem.offset(p.start), step(p, problem.classes[class].nodes));
        all.extend((0..count).map(|t| {
            let node = p.nodes[0].saturating_add(t.saturating_mul(step));
            Task { class, start, offer, allocation: &p.allocation, node }
        }));
    }
    all.sort_by_key(|t| (t.start, t.allocation, t.node, t.class));
    (all, lost)
}

/// From the first node of a task to that of the next: nothing where all share the same nodes.
fn step(p: &Placement, width: u32) -> u32 {
    if p.nodes[1].saturating_sub(p.nodes[0]).saturating_add(1) == width { 0 } else { width }
}

/// The task's part by today's law, if it may start then and the cap has room.
fn part(schedule: &Schedule<'_, '_>, task: &Task<'_>) -> Option<Part> {
    let choice = schedule.choice_in(task.class, schedule.problem.pool_of[task.offer])?;
    let may_start = (choice.earliest..=choice.latest).contains(&task.start);
    let follows = not_before(schedule, task.class).is_some_and(|from| from <= task.start);
    let has_room = schedule.cap_room(task.class, choice.pool) > 0;
    (may_start && follows && has_room).then(|| schedule.part(task.class, choice, task.start))
}

/// Puts the task on its node, opening that; whether it could.
fn single<'e>(schedule: &mut Schedule<'_, '_>, task: &Task<'e>, open: &mut Open<'e>) -> bool {
    let Some(part) = part(schedule, task) else { return false };
    let key = (task.allocation, task.node);
    match open.get(&key).copied() {
        Some(at) => {
            let has_room = schedule.nodes[at].as_ref().is_some_and(|n| schedule.capacity_allows(n, &part));
            let boot = schedule.boot(task.offer);
            let fits = has_room
                && schedule.behind_allowed(task.offer, &[part], 1)
                && schedule.may_span(at, part.start - boot, part.held);
            if fits {
                schedule.insert(at, part);
            }
            schedule.left[task.class] -= u32::from(fits);
            fits
        }
        None => {
            let fits = schedule.parts_allowed(task.offer, &[part], 1);
            if fits {
                open.insert(key, schedule.open(task.offer, vec![part]));
            }
            schedule.left[task.class] -= u32::from(fits);
            fits
        }
    }
}

/// Opens the nodes of a gang, which are its own; whether it could.
fn gang<'e>(schedule: &mut Schedule<'_, '_>, task: &Task<'e>, open: &mut Open<'e>) -> bool {
    let width = schedule.problem.classes[task.class].nodes;
    let Some(part) = part(schedule, task) else { return false };
    let is_taken = (0..width).any(|n| open.contains_key(&(task.allocation, task.node.saturating_add(n))));
    if is_taken || !schedule.parts_allowed(task.offer, &[part], i64::from(width)) {
        return false;
    }
    let gang = Some(schedule.new_gang());
    for n in 0..width {
        let at = schedule.open(task.offer, vec![Part { gang, ..part }]);
        open.insert((task.allocation, task.node.saturating_add(n)), at);
    }
    schedule.left[task.class] -= 1;
    true
}
