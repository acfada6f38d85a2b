//! One job of a plan, and the whole market as it sees it: where every explanation starts.

use tradewind_core::job::Job;
use tradewind_core::market::Market;
use tradewind_core::offer_name::OfferName;
use tradewind_core::plan::{Allocation, Placement, Plan};
use tradewind_core::pool;

use super::ExplainError;
use super::desk::Desk;
use super::layout::lay_out;
use super::survey::{Survey, Surveyor};
use crate::insertion;

/// A job of a plan.
pub(super) struct Case<'c> {
    pub plan: &'c Plan,
    /// The whole market, or the rows in the plan.
    pub market: &'c Market,
    /// Index of the job.
    pub index: usize,
    pub job: &'c Job,
    /// Its placements, in the plan's order.
    pub placements: Vec<&'c Placement>,
}

impl<'c> Case<'c> {
    /// Finds the job.
    pub fn new(plan: &'c Plan, market: &'c Market, id: &str) -> Result<Self, ExplainError> {
        let unknown = || ExplainError::UnknownJob(id.to_owned());
        let index = plan.workload.index_of(id).ok_or_else(unknown)?;
        let placements = plan.placements.iter().filter(|p| p.job == id).collect();
        Ok(Self { plan, market, index, job: &plan.workload.jobs()[index], placements })
    }

    /// Its tasks that are placed.
    pub fn placed(&self) -> u32 {
        self.placements.iter().fold(0, |n, p| n.saturating_add(p.count()))
    }

    /// The allocation of a placement.
    pub fn allocation(&self, placement: &Placement) -> Option<&'c Allocation> {
        self.plan.allocations.iter().find(|a| a.id == placement.allocation)
    }

    /// The offer of a placement.
    pub fn offer(&self, placement: &Placement) -> Option<OfferName> {
        self.allocation(placement).map(OfferName::of_allocation)
    }

    /// The inputs with these offers of the market besides those the plan buys.
    pub fn desk(&self, offers: impl IntoIterator<Item = usize>) -> Result<Desk, ExplainError> {
        Desk::new(self.plan, self.market, offers).ok_or(ExplainError::Mismatch)
    }

    /// Looks at every offer of the market, and does `then` with what was seen.
    pub fn survey<T>(&self, then: impl FnOnce(&Surveyor<'_>, Survey) -> T) -> Result<T, ExplainError> {
        let desk = self.desk([])?;
        let problem = desk.problem();
        let schedule = lay_out(&problem, self.plan).ok_or(ExplainError::Mismatch)?;
        let class = problem.class_of[self.index];
        let copies =
            self.plan.stagings.iter().filter_map(|s| Some((s.dataset.as_str(), self.market.region_index(&s.region)?)));
        let homes = self.job.datasets().filter_map(|(d, i)| Some((d, self.market.region_index(&i.location)?)));
        let surveyor = Surveyor {
            market: self.market,
            pools: pool::pools(self.market, &self.plan.rules.policies),
            problem: &problem,
            class,
            job: self.job,
            // Where a predecessor is not placed, times are those of the best of worlds.
            not_before: insertion::not_before(&schedule, class).unwrap_or(0),
            copies: copies.chain(homes).collect(),
        };
        let survey = surveyor.survey();
        Ok(then(&surveyor, survey))
    }
}
