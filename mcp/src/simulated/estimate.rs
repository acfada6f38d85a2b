//! `get_cost_estimate`: the same closed form as the plan's.

use tradewind_core::cost::billed_time;
use tradewind_core::market::CapacityType;
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::time::Millis;

use super::cloud::Cloud;
use crate::refusal::Refusal;
use crate::tools::get_cost_estimate::{Reply, Request};

impl Cloud<'_> {
    /// `get_cost_estimate`.
    pub fn get_cost_estimate(&self, request: &Request) -> Result<Reply, Refusal> {
        let bought: CapacityType = request.capacity_type.into();
        let found = self.find(&request.region, &request.instance_type, bought)?;
        let (price, facts) = (self.price(found), self.facts(found.offer));
        let span = Millis::from_secs(i64::from(request.duration_s));
        let of_all = |each: Usd| Usd::from_nanos(each.nanos().saturating_mul(i64::from(request.count)));
        let address = facts.address.times(span);
        let highest = self.on_demand_price(request).map_or(price, |p| p.max(price));
        Ok(Reply {
            usd_per_hour: price,
            expected_usd: of_all(price.times(billed_time(self.market, found.offer, span)) + address),
            worst_case_usd: of_all(highest.times(span.max(facts.billing_minimum)) + address),
            currency: "USD".to_owned(),
            source: format!("market snapshot {}", self.market.snapshot),
            as_of: self.market.as_of,
            interruptions_per_hour: self.market.hazard_per_hour(found.offer),
        })
    }

    /// What the same machine costs on demand: a spot price does not rise above it.
    fn on_demand_price(&self, request: &Request) -> Option<UsdPerHour> {
        self.find(&request.region, &request.instance_type, CapacityType::OnDemand).ok().map(|f| self.price(f))
    }
}
