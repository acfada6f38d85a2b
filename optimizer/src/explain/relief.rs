//! Jobs that are not placed: the smallest changes that would place them, each tried out and priced.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use tradewind_core::market::Market;
use tradewind_core::money::Usd;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::Plan;
use tradewind_core::rejection::Rejection;
use tradewind_core::time::Time;

use super::case::Case;
use super::force::{Forced, Question, Target, Tasks};
use super::layout::lay_out;
use super::survey::{Look, Survey, Surveyor};
use super::{Change, ExplainError};
use crate::eligible::Bars;
use crate::insertion;

/// Offers tried for each set of obstacles.
const PER_SET: usize = 2;
/// Offers tried that only lack quota when the job could run: one a quota set.
const QUOTA_SETS: usize = 8;
/// Sets of obstacles tried.
const SETS: usize = 8;
/// Ways kept.
const WAYS: usize = 6;

/// What would place the tasks of a job that are not placed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Relief {
    /// The job.
    pub job: String,
    /// Tasks not placed.
    pub tasks: u32,
    /// A predecessor that is not placed either: it comes first, and nothing else is tried.
    pub waits_for: Option<String>,
    /// A deadline before the plan even starts: queue and plan are of different dates, and nothing else is
    /// tried.
    pub past_deadline: Option<Time>,
    /// Ways to place them, each with its changes and its exact price while everything else stays:
    /// fewest changes first, then most tasks placed, then least cost.
    pub ways: Vec<Forced>,
}

/// Finds what would place the tasks of a job that are not placed; `None` where all are.
///
/// # Errors
/// The job is not in the plan, or plan and market do not belong together.
pub fn explain_unplaced(plan: &Plan, market: &Market, id: &str) -> Result<Option<Relief>, ExplainError> {
    let case = Case::new(plan, market, id)?;
    let tasks = case.job.count.saturating_sub(case.placed());
    if tasks == 0 {
        return Ok(None);
    }
    let past_deadline = case.job.deadline.filter(|d| *d <= plan.rules.horizon.start);
    let waits_for = waits_for(&case)?;
    let mut relief = Relief { job: id.to_owned(), tasks, waits_for, past_deadline, ways: Vec::new() };
    if relief.waits_for.is_some() || past_deadline.is_some() {
        return Ok(Some(relief));
    }
    let tried = case.survey(|surveyor, survey| candidates(surveyor, &survey))?;
    let desk = case.desk(tried.iter().map(|(offer, _)| *offer))?;
    let base = desk.problem();
    let question = Question { desk: &desk, base: &base, plan, job: case.index };
    let force = |(offer, changes): &(usize, Vec<Change>)| {
        let target = Target::AnywhereWith(OfferName::of(market, *offer));
        question.force(&Tasks::Unplaced(tasks), &target, changes.clone())
    };
    let ways: Vec<Forced> = tried.par_iter().filter_map(force).collect();
    relief.ways = best(ways);
    Ok(Some(relief))
}

/// The predecessor that keeps the job from starting at all.
fn waits_for(case: &Case<'_>) -> Result<Option<String>, ExplainError> {
    let desk = case.desk([])?;
    let problem = desk.problem();
    let schedule = lay_out(&problem, case.plan).ok_or(ExplainError::Mismatch)?;
    if insertion::not_before(&schedule, problem.class_of[case.index]).is_some() {
        return Ok(None);
    }
    let unfinished = |id: &&String| case.plan.unplaced.iter().any(|u| u.job == **id);
    Ok(case.job.depends_on.iter().find(unfinished).cloned())
}

/// Offers and the changes that open them: of each small set of obstacles the cheapest-looking, and,
/// where only quota lacks, one of each quota set.
fn candidates(surveyor: &Surveyor<'_>, survey: &Survey) -> Vec<(usize, Vec<Change>)> {
    let mut sets: BTreeMap<(u32, Bars), Vec<&Look>> = BTreeMap::new();
    let mut quota_sets: BTreeMap<u16, Vec<&Look>> = BTreeMap::new();
    for look in &survey.looks {
        if look.bars.is_empty() {
            quota_sets.entry(surveyor.market.offers[look.offer].quota_set).or_default().push(look);
        } else {
            sets.entry((look.bars.len(), look.bars)).or_default().push(look);
        }
    }
    let least = |look: &&Look| (size(surveyor, look), look.offer);
    let free = quota_sets.values().filter_map(|looks| looks.iter().min_by_key(|l| least(l)).copied());
    let mut free: Vec<&Look> = free.collect();
    free.sort_by(|a, b| a.alone.total_cmp(&b.alone).then(a.offer.cmp(&b.offer)));
    let barred = sets.into_iter().take(SETS).flat_map(|((_, bars), mut looks)| {
        // The least extension is on the fastest, the least quota on the smallest; else the cheapest.
        if bars.has(Rejection::Deadline) {
            looks.sort_by_key(|l| (l.late, l.offer));
        } else if bars.has(Rejection::Quota) {
            looks.sort_by_key(least);
        }
        looks.into_iter().take(PER_SET)
    });
    let mut tried: Vec<(usize, Vec<Change>)> = Vec::new();
    for look in free.into_iter().take(QUOTA_SETS).chain(barred) {
        if let Some(changes) = surveyor.remedy(look) {
            tried.push((look.offer, changes));
        }
        if look.bars.is_empty() {
            tried.extend(surveyor.later_deadline(look).map(|c| (look.offer, vec![c])));
        }
    }
    tried
}

/// vCPUs of a node in thousandths: what most quotas count.
fn size(surveyor: &Surveyor<'_>, look: &Look) -> u64 {
    surveyor.market.type_of(&surveyor.market.offers[look.offer]).capacity.vcpu_milli
}

/// Of each set of things to change the smallest amount that places most, then the few best ways.
fn best(ways: Vec<Forced>) -> Vec<Forced> {
    let mut by_keys: BTreeMap<Vec<String>, Forced> = BTreeMap::new();
    for way in ways.into_iter().filter(|w| w.tasks > 0) {
        let keys: Vec<String> = way.changes.iter().map(Change::key).collect();
        match by_keys.get(&keys) {
            Some(known) if size_of(known) <= size_of(&way) => {}
            _ => {
                by_keys.insert(keys, way);
            }
        }
    }
    let mut ways: Vec<Forced> = by_keys.into_values().collect();
    ways.sort_by_key(|w| (w.changes.len(), std::cmp::Reverse(w.tasks), w.more.total()));
    // More changes are not wanted where fewer place as many.
    let mut kept: Vec<Forced> = Vec::new();
    for way in ways {
        let no_better = |k: &Forced| k.changes.len() < way.changes.len() && k.tasks >= way.tasks;
        if !kept.iter().any(no_better) {
            kept.push(way);
        }
    }
    kept.truncate(WAYS);
    kept
}

/// How large the changes of a way are, among ways that change the same things: most tasks first, then
/// the smallest amount, then the least cost.
fn size_of(way: &Forced) -> (std::cmp::Reverse<u32>, i64, Usd) {
    let amount = way.changes.iter().map(Change::amount).fold(0, i64::saturating_add);
    (std::cmp::Reverse(way.tasks), amount, way.more.total())
}
