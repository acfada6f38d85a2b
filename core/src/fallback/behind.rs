//! The on-demand capacity behind a task on spot: which offer, and what it costs.

use super::FallbackLaw;
use crate::job::Job;
use crate::market::{Market, Offer};
use crate::money::Usd;
use crate::pool::Pool;
use crate::rules::Rules;
use crate::size::Bytes;
use crate::time::Millis;

/// The offer on which a task of `job` that runs in spot `pool` falls back: the cheapest on-demand offer of
/// the same region, kind and speed that holds it and that price limits, policies and quotas admit.
/// Not against a commitment: that may be used up.
pub fn offer_behind(market: &Market, rules: &Rules, pool: &Pool, job: &Job) -> Option<usize> {
    pool.behind.iter().copied().find(|&o| {
        let offer = &market.offers[o];
        job.demand.fits_in(market.type_of(offer).capacity)
            && job.max_price.is_none_or(|most| offer.price <= most)
            && rules.policies.iter().all(|p| !p.when.concerns(job) || p.admits(market, offer))
            && market.quotas_of(offer).iter().all(|&q| {
                let row = &market.quotas[usize::from(q)];
                let taken = u128::from(market.taken_milli(row.unit, offer)) * u128::from(job.nodes);
                taken <= u128::from(row.available) * 1000
            })
    })
}

/// What stands behind a task on spot.
#[derive(Debug, Clone, Copy)]
pub struct Behind<'m> {
    /// The market.
    pub market: &'m Market,
    /// The on-demand offer.
    pub offer: &'m Offer,
    /// When and how often it comes to it.
    pub law: FallbackLaw,
}

impl Behind<'_> {
    /// Expected cost of a task's time on on-demand: nodes, addresses, disks and its checkpoint. Each move is
    /// charged a billing minimum in full, so never too little.
    pub fn expected(&self, job: &Job) -> Usd {
        let minimum = self.market.cloud_of(self.offer).billing_minimum.hours();
        let minimum = Millis::from_hours_f64_up(minimum * self.law.switch_probability);
        self.for_time(job, self.law.on_demand + minimum, self.law.on_demand)
    }

    /// What a task may cost on on-demand beyond what is expected: all its work there, boot and restore
    /// included.
    pub fn at_risk(&self, job: &Job) -> Usd {
        let all = self.law.required.max(self.market.cloud_of(self.offer).billing_minimum);
        Usd::from_nanos((self.for_time(job, all, all) - self.expected(job)).nanos().max(0))
    }

    fn for_time(&self, job: &Job, billed: Millis, kept: Millis) -> Usd {
        let cloud = self.market.cloud_of(self.offer);
        let node = self.offer.price.times(billed) + cloud.address.times(kept) + cloud.disk.times(job.disk, kept);
        let checkpoint = job.checkpoint.as_ref().map_or(Bytes::ZERO, |c| c.size);
        Usd::from_nanos(node.nanos().saturating_mul(i64::from(job.nodes))) + cloud.storage.times(checkpoint, kept)
    }
}
