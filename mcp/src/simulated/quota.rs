//! The account's limits: what is used of them, and whether more fits.

use tradewind_core::market::{CapacityType, Offer};

use super::cloud::{Cloud, Found};
use super::traits::Reason;
use crate::refusal::Refusal;
use crate::tools::get_quotas::{Quota, Reply, Request};

impl Cloud<'_> {
    /// Refuses what would pass a limit of the account.
    pub fn check_quota(&self, found: Found<'_>, nodes: u32) -> Result<(), Refusal> {
        for &row in self.market.quotas_of(found.offer) {
            let quota = &self.market.quotas[usize::from(row)];
            let each = self.market.taken_milli(quota.unit, found.offer);
            let (used, asked) = (self.used_milli(row), each.saturating_mul(u64::from(nodes)));
            if used.saturating_add(asked) > quota.available.saturating_mul(1000) {
                let reason = match found.offer.capacity_type {
                    CapacityType::OnDemand => Reason::QuotaOnDemand,
                    CapacityType::Spot => Reason::QuotaSpot,
                };
                let message =
                    format!("{}: limit {}, used {}, asked {}", quota.name, quota.available, whole(used), whole(asked));
                return Err(self.traits.refuse(reason, message));
            }
        }
        Ok(())
    }

    /// What is used of a limit, in thousandths of its unit.
    fn used_milli(&self, row: u16) -> u64 {
        let unit = self.market.quotas[usize::from(row)].unit;
        let holds = |offer: &Offer| self.market.quotas_of(offer).binary_search(&row).is_ok();
        let nodes = self.world.nodes.values().filter(|n| n.holds_quota()).map(|n| self.offer(n.offer));
        nodes.filter(|offer| holds(offer)).map(|offer| self.market.taken_milli(unit, offer)).sum()
    }

    /// `get_quotas`.
    pub fn get_quotas(&self, request: &Request) -> Reply {
        let wanted = |name: &str| request.region.as_deref().is_none_or(|r| name.split('/').any(|part| part == r));
        let rows = self.market.quotas.iter().enumerate().filter(|(_, q)| wanted(&q.name));
        let mut quotas: Vec<Quota> = rows
            .map(|(row, q)| Quota {
                name: q.name.clone(),
                unit: q.unit,
                limit: q.available,
                used_milli: self.used_milli(row as u16),
            })
            .collect();
        quotas.sort_by(|a, b| a.name.cmp(&b.name));
        Reply { quotas }
    }
}

/// Thousandths as a number of units.
fn whole(milli: u64) -> String {
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{:.3}", milli as f64 / 1000.0) }
}
