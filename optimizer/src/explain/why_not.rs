//! One job and one offer: what stands in the way, and what forcing it costs.

use serde::Serialize;
use tradewind_core::market::Market;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;

use super::case::Case;
use super::force::{Forced, Question, Target, Tasks};
use super::obstacle::Obstacle;
use super::{ExplainError, dollars};

/// Why a job does not run on an offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyNot {
    /// The job.
    pub job: String,
    /// The offer asked about.
    pub offer: OfferName,
    /// Price of a node.
    pub usd_per_hour: UsdPerHour,
    /// Tasks of the job that the plan puts there anyway.
    pub there: u32,
    /// Whether a node holds a task; if not, nothing else matters.
    pub holds: bool,
    /// What a task needs of a node.
    pub demand: Resources,
    /// What a node has.
    pub capacity: Resources,
    /// GPU model of the node; empty is none.
    pub gpu: String,
    /// What a task seems to cost there: what an hour is charged x mean useful time x nodes.
    pub looks_usd: Option<Usd>,
    /// What a task costs as planned, on average; none where no task is placed.
    pub planned_usd: Option<Usd>,
    /// What stands in the way whatever else is planned.
    pub obstacles: Vec<Obstacle>,
    /// All its placed tasks moved there (or, where none is placed, all its tasks put there), everything
    /// else held, with what has to change; none where nothing helps.
    pub forced: Option<Forced>,
}

/// Explains why a job does not run on an offer of `market`.
///
/// # Errors
/// The job or the offer is unknown, or plan and market do not belong together.
pub fn why_not(plan: &Plan, market: &Market, id: &str, offer: &OfferName) -> Result<WhyNot, ExplainError> {
    let case = Case::new(plan, market, id)?;
    let index = offer.find(market).ok_or_else(|| ExplainError::UnknownOffer(offer.to_string()))?;
    let (of, placed) = (market.type_of(&market.offers[index]), case.placed());
    let cost: Usd = case.placements.iter().map(|p| p.expected_cost_usd).sum();
    let there = case.placements.iter().filter(|p| case.offer(p).as_ref() == Some(offer));
    let mut answer = WhyNot {
        job: id.to_owned(),
        offer: offer.clone(),
        usd_per_hour: market.offers[index].price,
        there: there.map(|p| p.count()).sum(),
        holds: false,
        demand: case.job.demand,
        capacity: of.capacity,
        gpu: of.gpu.clone(),
        looks_usd: None,
        planned_usd: (placed > 0).then(|| Usd::from_nanos(cost.nanos() / i64::from(placed))),
        obstacles: Vec::new(),
        forced: None,
    };
    let seen = case.survey(|surveyor, survey| {
        let look = survey.looks.iter().find(|l| l.offer == index)?;
        Some((look.looks, surveyor.obstacles(look), surveyor.remedy(look)))
    })?;
    let Some((looks, obstacles, remedy)) = seen else { return Ok(answer) };
    answer.holds = true;
    answer.looks_usd = Some(dollars(looks));
    answer.obstacles = obstacles;
    if let Some(changes) = remedy {
        let desk = case.desk([index])?;
        let base = desk.problem();
        let question = Question { desk: &desk, base: &base, plan, job: case.index };
        let tasks = if placed > 0 { Tasks::Placed(placed, None) } else { Tasks::Unplaced(case.job.count) };
        answer.forced = question.force(&tasks, &Target::On(offer.clone()), changes);
    }
    Ok(answer)
}
