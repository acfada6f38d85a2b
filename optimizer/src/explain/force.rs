//! Putting tasks of a job on a named offer, whatever it takes, while everything else stays: the exact
//! price of a road not taken.

use std::collections::BTreeMap;

use serde::Serialize;
use tradewind_core::market::QuotaUnit;
use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::{CostBreakdown, Plan};
use tradewind_core::share::Share;
use tradewind_core::time::{Millis, Time};

use super::Change;
use super::cap;
use super::desk::Desk;
use super::layout::lay_out;
use super::obstacle::{cents_up, minutes_up};
use crate::accounts::Accounts;
use crate::budgets;
use crate::insertion::{self, Manner, Only, Place};
use crate::problem::Problem;
use crate::schedule::{Node, Part, Schedule, limit_milli};
use crate::singles::Singles;

/// Rounds of raising quotas by what the next tasks lack, each for twice as many tasks as the last.
const ROUNDS: u32 = 21;
/// Starts looked at for the least lack of quota.
const STARTS: usize = 256;

/// Tasks of a job on other nodes than planned, with all other tasks where they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forced {
    /// What has to change for it; nothing if it would be allowed as things are.
    pub changes: Vec<Change>,
    /// Tasks moved or placed.
    pub tasks: u32,
    /// Tasks asked for.
    pub wanted: u32,
    /// What the whole plan costs more by cause; negative is less.
    pub more: CostBreakdown,
    /// Start of the first of them.
    pub start: Time,
    /// Where the first of them went.
    pub offer: OfferName,
    /// Whether it shares a node with others.
    pub shares: bool,
}

/// Which tasks are put somewhere.
#[derive(Debug, Clone)]
pub(super) enum Tasks {
    /// Placed ones, taken off first: how many, by preference from this offer and start.
    Placed(u32, Option<(OfferName, Time)>),
    /// Ones that are not placed.
    Unplaced(u32),
}

/// Where they may go.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// On nodes of this offer only.
    On(OfferName),
    /// Anywhere but there.
    Off(OfferName),
    /// Anywhere; where quota lacks, that of this offer is raised.
    AnywhereWith(OfferName),
}

/// A question: tasks of a job of a plan, on inputs cut down.
pub(super) struct Question<'q> {
    pub desk: &'q Desk,
    /// The problem of the desk as it is: made once, for every road that needs no change.
    pub base: &'q Problem<'q>,
    pub plan: &'q Plan,
    /// Index of the job.
    pub job: usize,
}

impl Question<'_> {
    /// Puts the tasks there with the changes given and those that turn out to be needed. `None` where
    /// no raise of a quota or a budget helps.
    pub fn force(&self, tasks: &Tasks, target: &Target, changes: Vec<Change>) -> Option<Forced> {
        let mut changes = changes;
        for round in 0..ROUNDS {
            let attempt = if changes.is_empty() {
                Attempt::make(self, self.base, tasks, target, 1 << round)?
            } else {
                let desk = self.desk.with(self.job, &changes);
                Attempt::make(self, &desk.problem(), tasks, target, 1 << round)?
            };
            if attempt.raises.is_empty() {
                let forced = attempt.forced?;
                changes.iter_mut().for_each(|c| attempt.used.trim(c));
                return Some(Forced { changes, ..forced });
            }
            attempt.raises.into_iter().for_each(|r| merge(&mut changes, r));
        }
        None
    }
}

/// How much of what may have been raised too far is used.
struct Used {
    /// The most that is held of each quota row, in whole units.
    peaks: BTreeMap<String, u64>,
    /// The earliest deadline of the job that its tasks keep.
    deadline: Option<Time>,
    /// The least share that keeps the concentration cap.
    share: Option<Share>,
}

impl Used {
    fn of(schedule: &Schedule<'_, '_>, k: usize) -> Self {
        let problem = schedule.problem;
        let rows = problem.market.quotas.iter().enumerate();
        let class = &problem.classes[k];
        let allowed = problem.workload.jobs()[class.jobs[0]].max_miss_probability;
        let needed = |node: &Node, part: &Part| {
            let law = &class.laws[usize::from(schedule.choice_in(k, problem.pool_of[node.offer])?.law)];
            Some(part.start - problem.latest_start(law, 0, class.overrun, allowed))
        };
        let parts = schedule.living().flat_map(|(_, n)| n.parts.iter().filter(|p| p.class == k).map(move |p| (n, p)));
        Self {
            peaks: rows.map(|(q, row)| (row.name.clone(), (schedule.quota_peak(q) as u64).div_ceil(1000))).collect(),
            deadline: parts.filter_map(|(n, p)| needed(n, p)).max().map(|ms| problem.time(ms)),
            share: cap::used(schedule),
        }
    }

    /// Cuts a change down to what is used.
    fn trim(&self, change: &mut Change) {
        match change {
            Change::RaiseQuota { row, from, to, .. } => {
                let peak = self.peaks.get(row).copied().unwrap_or(*to);
                *to = (*to).min(peak).max(*from);
            }
            Change::MoveDeadline { from, to } => {
                let later =
                    self.deadline.map_or(*to - *from, |d| minutes_up(d - *from).max(minutes_up(Millis::new(1))));
                *to = (*to).min(*from + later);
            }
            Change::RaiseConcentration { from, to } => *to = self.share.map_or(*to, |s| s.min(*to)).max(*from),
            _ => {}
        }
    }
}

/// Adds a change, or replaces one of the same thing by a larger amount; what held before stays known.
fn merge(changes: &mut Vec<Change>, new: Change) {
    let Some(old) = changes.iter_mut().find(|c| c.key() == new.key()) else { return changes.push(new) };
    *old = match (&*old, new) {
        (Change::RaiseQuota { from, .. }, Change::RaiseQuota { row, unit, to, .. }) => {
            Change::RaiseQuota { row, unit, from: *from, to }
        }
        (Change::RaiseJobBudget { from, .. }, Change::RaiseJobBudget { to, .. }) => {
            Change::RaiseJobBudget { from: *from, to }
        }
        (Change::RaiseProjectBudget { from, .. }, Change::RaiseProjectBudget { project, to, .. }) => {
            Change::RaiseProjectBudget { project, from: *from, to }
        }
        (Change::RaiseConcentration { from, .. }, Change::RaiseConcentration { to, .. }) => {
            Change::RaiseConcentration { from: *from, to }
        }
        (_, new) => new,
    };
}

/// One try with fixed inputs.
struct Attempt {
    /// What was placed, if anything.
    forced: Option<Forced>,
    /// Raises that the next tasks, or a budget, need; empty where all is well or nothing helps.
    raises: Vec<Change>,
    /// What of the raises so far is used.
    used: Used,
}

impl Attempt {
    /// `None` where the plan does not belong to the problem, nothing could be taken off, or another
    /// job's budget would break. `batch` is how many tasks a raise of a quota is made for.
    fn make(
        question: &Question<'_>,
        problem: &Problem<'_>,
        tasks: &Tasks,
        target: &Target,
        batch: u32,
    ) -> Option<Self> {
        let mut schedule = lay_out(problem, question.plan)?;
        let before = Accounts::new(&schedule);
        let k = problem.class_of[question.job];
        let wanted = take_all_off(&mut schedule, k, tasks)?;
        let (done, first) = put_all(&mut schedule, k, target, wanted)?;
        let after = Accounts::new(&schedule);
        let raises = match target {
            Target::On(name) | Target::AnywhereWith(name) if done < wanted => {
                let (offer, batch) = (name.find(problem.market)?, batch.min(wanted - done));
                let raises = least_raises(&schedule, k, offer, batch).into_iter();
                raises.chain(cap::raise(&schedule, k, offer, batch)).collect()
            }
            _ => budget_raises(question, &schedule, &before, &after)?,
        };
        let forced = first.map(|(offer, start, shares)| Forced {
            changes: Vec::new(),
            tasks: done,
            wanted,
            more: difference(&after.cost, &before.cost),
            start,
            offer,
            shares,
        });
        Some(Self { forced, raises, used: Used::of(&schedule, k) })
    }
}

/// A place in words: its offer, start, and whether the node is shared.
type Described = (OfferName, Time, bool);

/// Puts as many of the tasks as the target takes, each where it adds least; how many, and where the
/// first went.
fn put_all(
    schedule: &mut Schedule<'_, '_>,
    k: usize,
    target: &Target,
    wanted: u32,
) -> Option<(u32, Option<Described>)> {
    let market = schedule.problem.market;
    let only = match target {
        Target::On(name) => Only::Offer(name.find(market)?),
        Target::Off(name) => Only::Not(name.find(market)?),
        Target::AnywhereWith(_) => Only::Any,
    };
    let singles = Singles::only(schedule.problem, k);
    let (mut done, mut first) = (0, None);
    while done < wanted {
        let Some(place) = insertion::find(schedule, &singles, k, Manner { only, ..Manner::FREE }) else { break };
        first.get_or_insert_with(|| describe(schedule, &place));
        insertion::put(schedule, k, place);
        done += 1;
    }
    Some((done, first))
}

/// Takes the placed tasks off, if they are; how many are to be put somewhere.
fn take_all_off(schedule: &mut Schedule<'_, '_>, k: usize, tasks: &Tasks) -> Option<u32> {
    match tasks {
        Tasks::Unplaced(n) => Some(*n),
        Tasks::Placed(n, from) => {
            let problem = schedule.problem;
            let offer = from.as_ref().and_then(|(name, _)| name.find(problem.market));
            let start = from.as_ref().map(|(_, start)| problem.offset(*start));
            let wished = |n: &Node, p: &Part| {
                p.class == k && offer.is_none_or(|o| o == n.offer) && start.is_none_or(|s| s == p.start)
            };
            let one =
                |schedule: &mut Schedule<'_, '_>| schedule.take_off(wished) || schedule.take_off(|_, p| p.class == k);
            (0..*n).all(|_| one(schedule)).then_some(*n)
        }
    }
}

fn describe(schedule: &Schedule<'_, '_>, place: &Place) -> Described {
    let problem = schedule.problem;
    let (offer, start, shares) = match place {
        Place::Inside { node, part } => (schedule.nodes[*node].as_ref().map_or(0, |n| n.offer), part.start, true),
        Place::New { offer, start, .. } => (*offer, *start, false),
    };
    (OfferName::of(problem.market, offer), problem.time(start), shares)
}

/// The raises of quota that let `batch` more tasks of class `k` start together on new nodes of `offer`:
/// fewest units over all its starts, the earliest of equals. Empty where quota is not what lacks,
/// or where it is a commitment, which is not raised for the asking.
fn least_raises(schedule: &Schedule<'_, '_>, k: usize, offer: usize, batch: u32) -> Vec<Change> {
    let problem = schedule.problem;
    let Some(choice) = schedule.choice_in(k, problem.pool_of[offer]) else { return Vec::new() };
    let Some(not_before) = insertion::not_before(schedule, k) else { return Vec::new() };
    let boot = schedule.boot(offer);
    let first = choice.earliest.max(not_before);
    let later = schedule.quota_instants(offer, first - boot).into_iter().map(|t| t + boot);
    let starts = std::iter::once(first).chain(later.take(STARTS)).take_while(|&s| s <= choice.latest);
    let nodes = i64::from(problem.classes[k].nodes) * i64::from(batch);
    let lacking = |start: i64| {
        let part = schedule.part(k, choice, start);
        let rows = schedule.quota_lacking(offer, start - boot, part.held, nodes);
        let excess =
            |(q, most, taken): &(u16, i64, i64)| most + taken - limit_milli(&problem.market.quotas[usize::from(*q)]);
        (rows.iter().map(excess).sum::<i64>(), rows)
    };
    let owed = |(q, _, _): &(u16, i64, i64)| problem.market.quotas[usize::from(*q)].unit == QuotaUnit::MilliUsd;
    let least = starts.map(lacking).filter(|(_, rows)| !rows.iter().any(owed)).min_by_key(|(sum, _)| *sum);
    let raise = |(q, most, taken): (u16, i64, i64)| {
        let row = &problem.market.quotas[usize::from(q)];
        let to = ((most + taken) as u64).div_ceil(1000);
        Change::RaiseQuota { row: row.name.clone(), unit: row.unit, from: row.available, to }
    };
    least.map(|(_, rows)| rows.into_iter().map(raise).collect()).unwrap_or_default()
}

/// The raises of budgets that the schedule needs; `None` where it breaks the budget of another job.
fn budget_raises(
    question: &Question<'_>,
    schedule: &Schedule<'_, '_>,
    before: &Accounts,
    after: &Accounts,
) -> Option<Vec<Change>> {
    let problem = schedule.problem;
    let mut raises = Vec::new();
    let was: BTreeMap<usize, Usd> = budgets::dearest_tasks(problem, before);
    for (job, cost) in budgets::dearest_tasks(problem, after) {
        let Some(from) = problem.workload.jobs()[job].budget.filter(|b| cost > *b) else { continue };
        if job == question.job {
            raises.push(Change::RaiseJobBudget { from, to: cents_up(cost) });
        } else if was.get(&job).is_none_or(|w| cost > *w) {
            return None;
        }
    }
    for (project, spent) in budgets::spent_by_project(schedule, after) {
        let from = problem.rules.budgets[&project];
        if spent > from {
            raises.push(Change::RaiseProjectBudget { project, from, to: cents_up(spent) });
        }
    }
    Some(raises)
}

/// Line by line, what `after` costs more.
fn difference(after: &CostBreakdown, before: &CostBreakdown) -> CostBreakdown {
    CostBreakdown {
        compute_usd: after.compute_usd - before.compute_usd,
        rework_usd: after.rework_usd - before.rework_usd,
        boot_usd: after.boot_usd - before.boot_usd,
        idle_usd: after.idle_usd - before.idle_usd,
        disk_usd: after.disk_usd - before.disk_usd,
        address_usd: after.address_usd - before.address_usd,
        egress_usd: after.egress_usd - before.egress_usd,
        storage_usd: after.storage_usd - before.storage_usd,
        commitment_usd: after.commitment_usd - before.commitment_usd,
        fallback_usd: after.fallback_usd - before.fallback_usd,
    }
}
