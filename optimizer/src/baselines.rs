//! Simple rules that others use, on the same input: what the plan is compared with.
//!
//! All of them place tasks one by one, largest first within a priority level, repair by the next
//! offer where quota is used up, and use what nodes already bought leave free.

use tradewind_core::job::Workload;
use tradewind_core::market::Market;
use tradewind_core::plan::Baseline;
use tradewind_core::rules::Rules;

use crate::assemble;
use crate::budgets;
use crate::insertion::{self, Manner};
use crate::problem::Problem;
use crate::schedule::Schedule;
use crate::singles::Singles;

/// The baselines by name.
pub(crate) const NAMES: [&str; 4] = ["on_demand", "cheapest_first", "cheapest_first_shifted", "first_fit_decreasing"];

/// What a simple rule makes of the inputs: `on_demand`, `cheapest_first`, `cheapest_first_shifted`, or
/// `first_fit_decreasing` for any other name. Budgets are kept.
pub fn baseline(name: &str, workload: &Workload, market: &Market, rules: &Rules) -> Baseline {
    let problem = Problem::new(workload, market, rules);
    let mut schedule = build(name, &problem, &Singles::new(&problem));
    budgets::repair(&mut schedule);
    assemble::priced(&schedule)
}

/// Builds the baseline `name`.
pub(crate) fn build<'p, 'a>(name: &str, problem: &'p Problem<'a>, singles: &Singles) -> Schedule<'p, 'a> {
    let mut schedule = Schedule::new(problem);
    let manner = match name {
        "on_demand" => Manner { shift: true, spot: false, extend: false, ..Manner::FREE },
        "cheapest_first" => Manner { shift: false, spot: true, extend: false, ..Manner::FREE },
        "cheapest_first_shifted" => Manner { shift: true, spot: true, extend: false, ..Manner::FREE },
        _ => Manner::FREE,
    };
    for k in order(problem) {
        if name == "first_fit_decreasing" {
            first_fit(&mut schedule, singles, k);
        }
        insertion::place_all(&mut schedule, singles, k, manner);
    }
    schedule
}

/// Highest priority first, then largest, then by name; successors after their predecessors.
fn order(problem: &Problem<'_>) -> Vec<usize> {
    let mut rank = vec![0_usize; problem.classes.len()];
    for (r, j) in problem.workload.topological_order().unwrap_or_default().into_iter().enumerate() {
        rank[problem.class_of[j]] = r;
    }
    let mut order: Vec<usize> = (0..problem.classes.len()).collect();
    order.sort_by_key(|&k| {
        let class = &problem.classes[k];
        let d = class.demand;
        let tied = if class.tied { rank[k] } else { 0 };
        (std::cmp::Reverse(class.priority), tied, std::cmp::Reverse((d.gpu_milli, d.vcpu_milli, d.memory_mib)), k)
    });
    order
}

/// Opens the largest node of the task's cheapest family while enough tasks wait to fill it: the
/// cheapest type per vCPU in the pool of the cheapest offer, then first fit into what is open.
fn first_fit(schedule: &mut Schedule<'_, '_>, singles: &Singles, k: usize) {
    let problem = schedule.problem;
    let class = &problem.classes[k];
    if class.nodes > 1 || class.tied {
        return;
    }
    let Some(single) = singles.of(k).first() else { return };
    let choice = class.choices[single.choice as usize];
    let pool = &problem.pools[choice.pool as usize];
    let family = &problem.market.type_of(&problem.market.offers[single.offer as usize]).family;
    while schedule.left[k] > 1 {
        let size = |o: usize| {
            let c = problem.market.type_of(&problem.market.offers[o]).capacity;
            let by = |have: u64, need: u64| have.checked_div(need).unwrap_or(u64::MAX);
            by(c.vcpu_milli, class.demand.vcpu_milli)
                .min(by(c.memory_mib, class.demand.memory_mib))
                .min(by(c.gpu_milli, class.demand.gpu_milli))
        };
        let left = schedule.left[k];
        let filled = |o: usize| size(o).min(u64::from(left)) as usize;
        let part = schedule.part(k, &choice, choice.earliest);
        let best = pool
            .offers
            .iter()
            .copied()
            .filter(|&o| &problem.market.type_of(&problem.market.offers[o]).family == family)
            .filter(|&o| (2..=u64::from(schedule.left[k])).contains(&size(o)))
            .filter(|&o| schedule.parts_allowed(o, &vec![part; filled(o)], 1))
            .max_by_key(|&o| (size(o), std::cmp::Reverse(o)));
        let Some(offer) = best else { return };
        let n = filled(offer).min(usize::try_from(schedule.cap_room(k, choice.pool)).unwrap_or(usize::MAX));
        if n == 0 {
            return;
        }
        schedule.open(offer, vec![part; n]);
        schedule.left[k] -= n as u32;
    }
}
