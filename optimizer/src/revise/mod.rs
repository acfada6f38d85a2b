//! Planning again where an earlier plan stands: what it placed stays where it is unless moving saves more than
//! the caller charges for it.
//!
//! Three schedules over the same inputs: `held`, the earlier plan with what newly fits; the fresh one, as if there
//! were no earlier plan; and a mix, which starts from the first and takes a part of the second wherever that part
//! saves more than its charge. A plan that places more, the highest priority first, is always taken.

mod held;
mod mix;

use serde::{Deserialize, Serialize};
use tradewind_core::money::Usd;
use tradewind_core::plan::{Plan, Termination};

use crate::accounts::Accounts;
use crate::assemble::{self, Search};
use crate::budgets;
use crate::request::{Found, OptimizerError, Request, fill_up, in_pool};
use crate::schedule::Schedule;

/// What is planned already, and what leaving it costs.
pub struct Earlier<'a> {
    /// The earlier plan: its queue and market may be others than those of the request.
    pub plan: &'a Plan,
    /// What a shift is charged: it is taken where it saves more.
    pub charge: &'a (dyn Fn(&Shift) -> Usd + Sync),
}

/// Work that the fresh plan puts elsewhere: the least part of it that can be taken alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The jobs, by id.
    pub jobs: Vec<String>,
    /// Tasks that leave the place or the start they had.
    pub tasks: u64,
    /// Nodes that are given up.
    pub leaves: u64,
    /// Nodes that are taken instead.
    pub takes: u64,
    /// What the work costs where it is: the bills of the nodes given up.
    pub held_usd: Usd,
    /// What the whole plan costs less with it; negative is more.
    pub saves_usd: Usd,
    /// Whether more is placed with it.
    pub places_more: bool,
}

/// A shift, and whether it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// The shift.
    pub shift: Shift,
    /// What it was charged.
    pub charge_usd: Usd,
    /// Whether it is made.
    pub taken: bool,
}

/// The plans that an earlier one leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// What to do.
    pub plan: Plan,
    /// What of the earlier plan can stay, under today's inputs.
    pub stood: Plan,
    /// The same, and what newly fits beside it.
    pub held: Plan,
    /// Tasks of the earlier plan that cannot stay where they were.
    pub lost: u64,
    /// What the fresh plan would shift, the largest saving first.
    pub shifts: Vec<Judged>,
}

/// Plans the queue again, given an earlier plan.
///
/// The result costs no more than the earlier plan under today's inputs, and is it where every charge is beyond all
/// savings. Where nothing is charged it costs no more than the fresh plan of [`allocate`](crate::allocate).
///
/// # Errors
/// As [`allocate`](crate::allocate).
pub fn revise(request: &Request<'_>, earlier: &Earlier<'_>) -> Result<Revision, OptimizerError> {
    in_pool(request, |found| revised(&found, earlier))
}

fn revised(found: &Found<'_, '_, '_>, earlier: &Earlier<'_>) -> Revision {
    let stopped = || (found.request.stop)().is_some();
    let (mut held, lost) = held::stand(found.schedule.problem, earlier.plan);
    let mut taken_out = budgets::repair(&mut held);
    let stood = held.clone();
    fill_up(&mut held, found.singles, &mut taken_out, &stopped);
    let search = Search {
        baselines: found.search.baselines.clone(),
        taken_out,
        termination: Termination::WorkLimit,
        one_more_fits: false,
        column_gap: None,
    };
    let (mixed, shifts) = mix::mix(&held, &found.schedule, earlier.charge);
    let plan = |schedule: &Schedule<'_, '_>| {
        assemble::plan(found.request, schedule, found.relaxation, found.placement.clone(), &search)
    };
    Revision { plan: plan(&mixed), stood: plan(&stood), held: plan(&held), lost, shifts }
}

/// What a schedule costs, to the nano-dollar.
fn exact(schedule: &Schedule<'_, '_>) -> Usd {
    Accounts::new(schedule).cost.total()
}
