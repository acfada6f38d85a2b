//! Every offer of the market as one job sees it: what it seems to cost there and what stands in the way.

use std::collections::HashMap;

use tradewind_core::cost;
use tradewind_core::fallback::{self, Behind};
use tradewind_core::job::Job;
use tradewind_core::market::{CapacityType, Market, Offer};
use tradewind_core::policy::Policy;
use tradewind_core::pool::Pool;
use tradewind_core::rejection::Rejection;
use tradewind_core::time::Millis;
use tradewind_core::work::TaskLaw;

use crate::eligible::{Bars, Kind, bars};
use crate::problem::Problem;

/// An offer whose node holds a task of the job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Index in the whole market.
    pub offer: usize,
    /// What it looks like: what an hour of the nodes is charged, in money or against a commitment, x mean
    /// running time, dollars.
    pub looks: f64,
    /// The same with boot, address, the task's own cost and copies still to be made; infinite where
    /// a transfer has no price.
    pub alone: f64,
    /// What stands in the way, whatever else is planned.
    pub bars: Bars,
    /// By how much the deadline is missed when started at once, ms; not above 0 where it is kept.
    pub late: i64,
}

/// The offers that hold the job, cheapest look first, and how many do not.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub looks: Vec<Look>,
    pub too_small: u64,
    pub wrong_gpu: u64,
}

/// What a survey is made of: the whole market, the problem that the plan is laid out on (for times and
/// predecessors), and the class of the job in it.
pub(super) struct Surveyor<'s> {
    pub market: &'s Market,
    /// Its pools.
    pub pools: Vec<Pool>,
    pub problem: &'s Problem<'s>,
    pub class: usize,
    pub job: &'s Job,
    /// No start before this, ms: the planned end of its predecessors.
    pub not_before: i64,
    /// Datasets already copied: (name, region index in the whole market).
    pub copies: Vec<(&'s str, u16)>,
}

/// What all offers of one region and law share.
#[derive(Clone, Copy)]
struct Local {
    law: Option<TaskLaw>,
    /// The law with on-demand behind it, where that law is too late.
    rescued: Option<TaskLaw>,
    /// Own cost and missing copies, dollars; infinite without a transfer price.
    own: f64,
    bars: Bars,
    late: i64,
}

/// Region, speed, hazard.
type Key = (u16, u64, u64);

impl Surveyor<'_> {
    /// Cost: offers of the market.
    pub fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        let holds: Vec<bool> = self.market.types.iter().map(|t| self.job.demand.fits_in(t.capacity)).collect();
        let speed: Vec<Option<f64>> = self.market.types.iter().map(|t| self.speed(&t.gpu, t.speed_milli)).collect();
        let hazards: Vec<f64> = self.market.hazards.iter().map(|h| h.per_hour()).collect();
        let mut locals: HashMap<Key, Local> = HashMap::new();
        for (o, offer) in self.market.offers.iter().enumerate() {
            let t = offer.instance_type as usize;
            let Some(speed) = speed[t] else {
                survey.wrong_gpu += 1;
                continue;
            };
            if !holds[t] {
                survey.too_small += 1;
                continue;
            }
            let hazard = offer.hazard.map_or(0.0, |h| hazards[usize::from(h)]);
            let key = (offer.region, speed.to_bits(), hazard.to_bits());
            let local = *locals.entry(key).or_insert_with(|| self.local(offer.region, speed, hazard));
            survey.looks.push(self.look(o, offer, &local));
        }
        survey.looks.sort_by(|a, b| a.looks.total_cmp(&b.looks).then(a.offer.cmp(&b.offer)));
        survey
    }

    /// Speed of the job on a type; `None` where the GPU is wrong.
    fn speed(&self, gpu: &str, speed_milli: u32) -> Option<f64> {
        let of_gpu = match &self.job.gpu {
            None if gpu.is_empty() => 1.0,
            Some(g) if !gpu.is_empty() => g.speed_on(gpu)?,
            _ => return None,
        };
        Some(f64::from(speed_milli) / 1000.0 * of_gpu)
    }

    fn local(&self, region: u16, speed: f64, hazard: f64) -> Local {
        let of = &self.market.regions[usize::from(region)];
        let cloud = &self.market.clouds[usize::from(of.cloud)];
        let mut bars = Bars::default();
        let Some(law) = TaskLaw::new(self.job, cloud, speed, hazard) else {
            bars.unless(false, Rejection::EndlessRework);
            return Local { law: None, rescued: None, own: f64::INFINITY, bars, late: i64::MAX };
        };
        let own = cost::own_cost(self.market, region, self.job, &law, None).map(|o| o.total().as_f64());
        let copies = self.copies_to(region);
        let own = own.zip(copies).map_or(f64::INFINITY, |(a, b)| a + b);
        bars.unless(own.is_finite(), Rejection::TransferPrice);
        let cheap = self.job.budget.is_none_or(|b| own <= b.as_f64());
        bars.unless(cheap || own.is_infinite(), Rejection::JobBudget);
        let earliest = self.earliest(cloud.boot.mean(), region);
        bars.unless(earliest < self.problem.length(), Rejection::Horizon);
        let overrun = self.problem.classes[self.class].overrun;
        let latest = self.job.deadline.map_or(i64::MAX, |deadline| {
            let deadline = self.problem.offset(deadline);
            self.problem.latest_start(&law, deadline, overrun, self.job.max_miss_probability)
        });
        let late = earliest.saturating_sub(latest);
        Local { law: Some(law), rescued: self.rescued(&law, of.cloud, earliest, late), own, bars, late }
    }

    /// The law with on-demand behind it of a job that is `late`, if it may start at once.
    fn rescued(&self, law: &TaskLaw, cloud: u16, earliest: i64, late: i64) -> Option<TaskLaw> {
        let deadline = self.job.deadline.filter(|_| late > 0 && !self.problem.classes[self.class].tied)?;
        let left = Millis::new(self.problem.offset(deadline) - earliest);
        let rescued = law.in_time(left);
        (left == self.problem.most_left(self.job, usize::from(cloud)) && rescued.fallback.is_some()).then_some(rescued)
    }

    /// Transfer of the shared datasets that a region lacks; `None` without a price.
    fn copies_to(&self, region: u16) -> Option<f64> {
        let mut total = 0.0;
        for (name, input) in self.job.datasets() {
            if !self.copies.contains(&(name, region)) {
                let home = self.market.region_index(&input.location)?;
                total += self.market.transfer(home, region)?.price.times(input.size).as_f64();
            }
        }
        Some(total)
    }

    /// The time law of the job on an offer.
    pub(super) fn law_of(&self, offer: &Offer) -> Option<TaskLaw> {
        let t = self.market.type_of(offer);
        let speed = self.speed(&t.gpu, t.speed_milli)?;
        TaskLaw::new(self.job, self.market.cloud_of(offer), speed, self.market.hazard_per_hour(offer))
    }

    /// No start in a region before this, ms.
    pub(super) fn earliest(&self, boot: Millis, region: u16) -> i64 {
        let own = self.job.earliest().map_or(0, |t| self.problem.offset(t));
        let ready = |(_, input): (&str, &tradewind_core::job::Input)| {
            let at_home = self.market.region_index(&input.location) == Some(region);
            if at_home { 0 } else { cost::staging_time(self.market, region, input.size).get() }
        };
        let staged = self.job.datasets().map(ready).max().unwrap_or(0);
        boot.get().max(own).max(self.not_before).max(staged)
    }

    fn look(&self, o: usize, offer: &Offer, local: &Local) -> Look {
        let t = self.market.type_of(offer);
        let region = self.market.region_of(offer);
        let mut bars = bars(self.job, &Kind::of_type(t, offer.capacity_type, region)).and(local.bars);
        bars.unless(self.job.max_price.is_none_or(|most| self.market.hourly(offer) <= most), Rejection::MaxPrice);
        let refuses = |p: &Policy| p.when.concerns(self.job) && !p.admits(self.market, offer);
        bars.unless(!self.problem.rules.policies.iter().any(refuses), Rejection::Policy);
        for &q in self.market.quotas_of(offer) {
            let row = &self.market.quotas[usize::from(q)];
            let taken = u128::from(self.market.taken_milli(row.unit, offer)) * u128::from(self.job.nodes);
            bars.unless(taken <= u128::from(row.available) * 1000, Rejection::Quota);
        }
        let rescue = self.rescue(o, local);
        bars.unless(local.late <= 0 || rescue.is_some(), Rejection::Deadline);
        let nodes = f64::from(self.job.nodes);
        let Some(law) = &rescue.map(|(law, _)| law).or(local.law) else {
            let looks = self.market.hourly(offer).as_f64() * self.job.runtime.p50.hours() * nodes;
            return Look { offer: o, looks, alone: f64::INFINITY, bars, late: local.late };
        };
        let cloud = self.market.cloud_of(offer);
        let span = cloud.boot.mean() + law.mean;
        let billed = match offer.capacity_type {
            CapacityType::Spot => cost::billed_time(self.market, offer, span),
            CapacityType::OnDemand => span.max(cloud.billing_minimum),
        };
        let bill = offer.price.as_f64() * billed.hours() + cloud.address.as_f64() * span.hours();
        Look {
            offer: o,
            looks: self.market.hourly(offer).as_f64() * law.useful.hours() * nodes,
            alone: bill * nodes + local.own + rescue.map_or(0.0, |(_, usd)| usd),
            bars,
            late: if rescue.is_some() { 0 } else { local.late },
        }
    }

    /// The law that keeps the deadline on an offer with on-demand behind it, and what that is expected
    /// to cost, dollars.
    fn rescue(&self, o: usize, local: &Local) -> Option<(TaskLaw, f64)> {
        let rescued = local.rescued?;
        let pool = self.pools.iter().find(|p| p.offers.contains(&o))?;
        let behind = fallback::offer_behind(self.market, self.problem.rules, pool, self.job)?;
        let behind = Behind { market: self.market, offer: &self.market.offers[behind], law: rescued.fallback? };
        Some((rescued, behind.expected(self.job).as_f64()))
    }
}
