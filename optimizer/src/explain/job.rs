//! One job: where it runs, the runner-up, and why everything that looks cheaper lost.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use tradewind_core::market::Market;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::notice::OnInterruption;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::{Fallback, Plan};
use tradewind_core::rejection::Rejection;
use tradewind_core::time::Time;

use super::case::Case;
use super::force::{Forced, Question, Target, Tasks};
use super::obstacle::Obstacle;
use super::survey::{Look, Survey, Surveyor};
use super::{Change, ExplainError, dollars};
use crate::eligible::Bars;

/// Offers among which the runner-up is looked for, cheapest alone first.
const RIVALS: usize = 40;
/// Of them, those tried one by one.
const NEAREST: usize = 8;
/// Offers with nothing in the way that are priced, cheapest look first.
const FREE_LOSERS: usize = 5;
/// Sets of obstacles of which the cheapest-looking offer is priced.
const GROUPS: usize = 8;

/// Why a job runs where it does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobReport {
    /// The job.
    pub job: String,
    /// Its tasks.
    pub tasks: u32,
    /// Those placed.
    pub placed: u32,
    /// What its first task costs as planned: what looks cheaper is compared with it.
    pub first_task_usd: Usd,
    /// Offers of the market whose node holds a task.
    pub offers_that_hold: u64,
    /// Offers too small for it.
    pub offers_too_small: u64,
    /// Offers with another GPU, or with GPUs for a job without.
    pub offers_of_other_gpus: u64,
    /// Where it runs, dearest first.
    pub shares: Vec<Share>,
    /// The best other place of its first task, everything else held.
    pub runner_up: Option<Forced>,
    /// Offers that look cheaper than a task costs as planned, by what stands in the way.
    pub losers: Vec<Losers>,
}

/// Tasks of the job on one offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// The offer.
    pub offer: OfferName,
    /// Price of a node.
    pub usd_per_hour: UsdPerHour,
    /// How many tasks.
    pub tasks: u32,
    /// Start of the first.
    pub start: Time,
    /// Mean end of the last.
    pub end: Time,
    /// Expected cost of them: own cost and share of the nodes.
    pub expected_cost_usd: Usd,
    /// The largest bound on a miss among them, for jobs with a deadline.
    pub miss_probability: Option<f64>,
    /// From where a task goes on after an interruption; on spot only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_interruption: Option<OnInterruption>,
    /// Where a task goes when time runs short on spot; of all these tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
}

/// Offers that look cheaper and have the same in the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Losers {
    /// What stands in the way; nothing where they are only dearer in truth, or quota is held by others.
    pub reasons: Vec<Rejection>,
    /// How many offers.
    pub offers: u64,
    /// The cheapest-looking of them, priced.
    pub shown: Vec<Loser>,
}

/// An offer that looks cheaper, and what it would really mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loser {
    /// The offer.
    pub offer: OfferName,
    /// Price of a node.
    pub usd_per_hour: UsdPerHour,
    /// What a task seems to cost there: what an hour is charged x mean useful time x nodes.
    pub looks_usd: Usd,
    /// What stands in the way.
    pub obstacles: Vec<Obstacle>,
    /// The first task moved there, with what would have to change for it; none where nothing helps.
    pub forced: Option<Forced>,
}

/// Explains one job of a plan. `market` is the whole market of the plan, or `plan.market`, in which
/// case only the offers in the plan file are looked at.
///
/// # Errors
/// The job is not in the plan, or plan and market do not belong together.
pub fn explain_job(plan: &Plan, market: &Market, id: &str) -> Result<JobReport, ExplainError> {
    let case = Case::new(plan, market, id)?;
    let (survey, picked) = case.survey(|surveyor, survey| {
        let picked = pick(&case, surveyor, &survey);
        (survey, picked)
    })?;
    let mut report = JobReport {
        job: id.to_owned(),
        tasks: case.job.count,
        placed: case.placed(),
        first_task_usd: dollars(below(&case)),
        offers_that_hold: survey.looks.len() as u64,
        offers_too_small: survey.too_small,
        offers_of_other_gpus: survey.wrong_gpu,
        shares: shares(&case),
        runner_up: None,
        losers: Vec::new(),
    };
    let Some(first) = case.placements.first() else { return Ok(report) };
    let Some(chosen) = case.offer(first) else { return Err(ExplainError::Mismatch) };
    let rivals = rivals(&survey);
    let desk = case.desk(picked.iter().map(|p| p.look.offer).chain(rivals.iter().copied()))?;
    let base = desk.problem();
    let question = Question { desk: &desk, base: &base, plan, job: case.index };
    let tasks = Tasks::Placed(1, Some((chosen.clone(), first.start)));
    let price = |picked: &Picked| {
        let name = OfferName::of(market, picked.look.offer);
        let changes = picked.remedy.clone()?;
        question.force(&tasks, &Target::On(name), changes)
    };
    let mut others = vec![Target::Off(chosen.clone())];
    let near = rivals.iter().map(|&o| OfferName::of(market, o)).filter(|name| *name != chosen);
    others.extend(near.take(NEAREST).map(Target::On));
    let (others, forced): (Vec<Option<Forced>>, Vec<Option<Forced>>) = rayon::join(
        || others.par_iter().map(|target| question.force(&tasks, target, Vec::new())).collect(),
        || picked.par_iter().map(price).collect(),
    );
    let open = others.into_iter().chain(forced.iter().cloned()).flatten();
    let open = open.filter(|f| f.tasks > 0 && f.changes.is_empty());
    report.runner_up = open.min_by_key(|f| (f.more.total(), f.offer.clone()));
    report.losers = group(market, &survey, below(&case), picked, forced);
    Ok(report)
}

/// An offer chosen to be priced.
struct Picked {
    look: Look,
    obstacles: Vec<Obstacle>,
    remedy: Option<Vec<Change>>,
}

/// What a task of the first placement costs, dollars: what looks cheaper is below.
fn below(case: &Case<'_>) -> f64 {
    case.placements.first().map_or(0.0, |p| p.expected_cost_usd.as_f64() / f64::from(p.count()))
}

/// The cheapest-looking offers with nothing in the way, and the cheapest of each set of obstacles.
fn pick(case: &Case<'_>, surveyor: &Surveyor<'_>, survey: &Survey) -> Vec<Picked> {
    let chosen = case.placements.first().and_then(|p| case.offer(p)?.find(case.market));
    let cheaper = survey.looks.iter().take_while(|l| l.looks < below(case)).filter(|l| Some(l.offer) != chosen);
    let mut seen: BTreeMap<Bars, usize> = BTreeMap::new();
    let mut picked = Vec::new();
    for look in cheaper {
        if !seen.contains_key(&look.bars) && seen.len() > GROUPS {
            continue;
        }
        let n = seen.entry(look.bars).or_default();
        if *n < if look.bars.is_empty() { FREE_LOSERS } else { 1 } {
            *n += 1;
            picked.push(Picked { look: *look, obstacles: surveyor.obstacles(look), remedy: surveyor.remedy(look) });
        }
    }
    picked
}

/// The offers open to the job that would be cheapest alone.
fn rivals(survey: &Survey) -> Vec<usize> {
    let mut open: Vec<&Look> = survey.looks.iter().filter(|l| l.bars.is_empty()).collect();
    open.sort_by(|a, b| a.alone.total_cmp(&b.alone).then(a.offer.cmp(&b.offer)));
    open.into_iter().take(RIVALS).map(|l| l.offer).collect()
}

/// The job's placements by offer, dearest first.
fn shares(case: &Case<'_>) -> Vec<Share> {
    let mut by_offer: BTreeMap<OfferName, Share> = BTreeMap::new();
    for p in &case.placements {
        let (Some(offer), Some(a)) = (case.offer(p), case.allocation(p)) else { continue };
        let tasks = p.count();
        let share = by_offer.entry(offer.clone()).or_insert_with(|| Share {
            offer,
            usd_per_hour: a.usd_per_hour,
            tasks: 0,
            start: p.start,
            end: p.end,
            expected_cost_usd: Usd::ZERO,
            miss_probability: None,
            on_interruption: p.on_interruption,
            fallback: p.fallback.as_ref().map(|f| Fallback { expected_cost_usd: Usd::ZERO, ..f.clone() }),
        });
        share.tasks += tasks;
        share.start = share.start.min(p.start);
        share.end = share.end.max(p.end);
        share.expected_cost_usd += p.expected_cost_usd;
        if let (Some(share), Some(more)) = (&mut share.fallback, &p.fallback) {
            share.expected_cost_usd += more.expected_cost_usd;
        }
        share.miss_probability = match (share.miss_probability, p.miss_probability) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
    }
    let mut shares: Vec<Share> = by_offer.into_values().collect();
    shares.sort_by(|a, b| b.expected_cost_usd.cmp(&a.expected_cost_usd).then(a.offer.cmp(&b.offer)));
    shares
}

/// What was priced, by what stood in the way, with the number of offers alike: the largest group of
/// the fewest obstacles first.
fn group(
    market: &Market,
    survey: &Survey,
    below: f64,
    picked: Vec<Picked>,
    forced: Vec<Option<Forced>>,
) -> Vec<Losers> {
    let mut groups: BTreeMap<Bars, Losers> = BTreeMap::new();
    for (picked, forced) in picked.into_iter().zip(forced) {
        let bars = picked.look.bars;
        let group = groups.entry(bars).or_insert_with(|| {
            let alike = survey.looks.iter().take_while(|l| l.looks < below).filter(|l| l.bars == bars);
            Losers { reasons: bars.iter().collect(), offers: alike.count() as u64, shown: Vec::new() }
        });
        group.shown.push(Loser {
            offer: OfferName::of(market, picked.look.offer),
            usd_per_hour: market.offers[picked.look.offer].price,
            looks_usd: dollars(picked.look.looks),
            obstacles: picked.obstacles,
            forced,
        });
    }
    let mut groups: Vec<(Bars, Losers)> = groups.into_iter().collect();
    groups.sort_by_key(|(bars, g)| (bars.len(), std::cmp::Reverse(g.offers), *bars));
    groups.into_iter().map(|(_, g)| g).collect()
}
