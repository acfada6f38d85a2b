//! A plan laid out again as the schedule it came from, so that single changes can be priced.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::plan::{Allocation, Placement, Plan};

use crate::problem::Problem;
use crate::schedule::{Part, Schedule};

/// No plan that is laid out has more tasks' parts on nodes.
const MOST_PARTS: u64 = 2_000_000;

/// The plan as a schedule of `problem`, whose market sells at least what the plan buys; `None` where
/// the two do not belong together.
pub(super) fn lay_out<'p, 'a>(problem: &'p Problem<'a>, plan: &Plan) -> Option<Schedule<'p, 'a>> {
    let mut schedule = Schedule::new(problem);
    let offers = offers(problem, plan)?;
    let mut nodes: BTreeMap<(&str, u32), Vec<Part>> = BTreeMap::new();
    let mut parts = 0;
    for placement in &plan.placements {
        let job = problem.workload.index_of(&placement.job)?;
        let class = problem.class_of[job];
        let offer = *offers.get(placement.allocation.as_str())?;
        schedule.choice_in(class, problem.pool_of[offer])?;
        let part = Part {
            class,
            start: problem.offset(placement.start),
            end: problem.offset(placement.end),
            held: problem.offset(placement.reserved_end),
            gang: None,
        };
        let width = problem.classes[class].nodes;
        parts += u64::from(placement.count()) * u64::from(width);
        if parts > MOST_PARTS {
            return None;
        }
        for first in first_nodes(placement, width)? {
            let gang = (width > 1).then(|| schedule.new_gang());
            for n in first..first.saturating_add(width) {
                nodes.entry((&placement.allocation, n)).or_default().push(Part { gang, ..part });
            }
            schedule.left[class] = schedule.left[class].checked_sub(1)?;
        }
    }
    for ((allocation, _), parts) in nodes {
        schedule.open(offers[allocation], parts);
    }
    Some(schedule)
}

/// The offer of each allocation.
fn offers<'p>(problem: &Problem<'_>, plan: &'p Plan) -> Option<HashMap<&'p str, usize>> {
    let find = |a: &'p Allocation| {
        let offer = problem.market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref())?;
        Some((a.id.as_str(), offer))
    };
    plan.allocations.iter().map(find).collect()
}

/// The first node of each task: its own nodes in order, or the same ones for all.
fn first_nodes(placement: &Placement, width: u32) -> Option<Vec<u32>> {
    let tasks = placement.tasks[1].checked_sub(placement.tasks[0])?.checked_add(1)?;
    let nodes = placement.nodes[1].checked_sub(placement.nodes[0])?.checked_add(1)?;
    let step = match nodes {
        n if n == width => 0,
        n if n == width.checked_mul(tasks)? => width,
        _ => return None,
    };
    Some((0..tasks).map(|t| placement.nodes[0] + t * step).collect())
}
