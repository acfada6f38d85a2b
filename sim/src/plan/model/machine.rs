//! What a node of an offer does and costs, in a world.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tradewind_core::market::{CapacityType, Market, Offer};
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;
use tradewind_core::time::Millis;
use tradewind_core::work::Spread;

use crate::plan::process::Life;
use crate::plan::world::World;

/// What a node of an offer does and costs.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Machine {
    pub price: UsdPerHour,
    pub address: UsdPerHour,
    /// How long the cloud leaves it to its user; none is for ever.
    pub life: Option<Life>,
    /// Boot in hours.
    pub boot: Spread,
    /// Its mean.
    pub mean_boot: Millis,
    /// Least billed time, ms.
    pub minimum: i64,
    /// Not billed when interrupted within so much time of its launch, ms.
    pub free_within: i64,
    pub capacity: Resources,
    /// Thousandths of a vCPU that quotas count.
    pub quota_vcpu_milli: u64,
    /// Index of the region.
    pub region: u16,
    /// Index of its pool in the shares of cost.
    pub pool: u32,
}

/// Machines of one series in one region, bought one way: whose cost and risk are told together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct PoolName {
    pub region: RegionName,
    pub family: String,
    pub capacity_type: CapacityType,
}

impl PoolName {
    fn of(market: &Market, offer: &Offer) -> Self {
        Self {
            region: market.region_of(offer).name.clone(),
            family: market.type_of(offer).family.clone(),
            capacity_type: offer.capacity_type,
        }
    }
}

/// The pools of a market, in order of their names.
pub(in crate::plan) fn pools(market: &Market) -> Vec<PoolName> {
    let names: BTreeSet<PoolName> = market.offers.iter().map(|o| PoolName::of(market, o)).collect();
    names.into_iter().collect()
}

/// Which pool each offer of a market belongs to: the same in every world, so that it is found out once for many.
#[derive(Debug, Clone)]
pub(crate) struct PoolOf {
    /// By index of the offer.
    pool: Arc<[u32]>,
    /// How many pools there are.
    pub count: usize,
}

impl PoolOf {
    /// The offers of a market.
    pub fn new(market: &Market) -> Self {
        let pools = pools(market);
        let pool = |offer: &Offer| pools.binary_search(&PoolName::of(market, offer)).unwrap_or_default() as u32;
        Self { pool: market.offers.iter().map(pool).collect(), count: pools.len() }
    }
}

/// The offers that a plan launches nodes of, or may.
pub(in crate::plan) fn in_use(plan: &Plan) -> HashSet<usize> {
    let market = &plan.market;
    let regions: HashMap<&str, &RegionName> = plan.allocations.iter().map(|a| (a.id.as_str(), &a.region)).collect();
    let launched = plan
        .allocations
        .iter()
        .filter_map(|a| market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref()));
    let behind = plan.placements.iter().filter_map(|p| {
        let (fallback, region) = (p.fallback.as_ref()?, regions.get(p.allocation.as_str())?);
        market.find_offer(region, &fallback.instance_type, CapacityType::OnDemand, None)
    });
    launched.chain(behind).collect()
}

/// The machines of a market, each in its pool.
pub(in crate::plan) fn machines(market: &Market, world: &World, pools: &PoolOf) -> Vec<Machine> {
    market.offers.iter().zip(&*pools.pool).map(|(offer, &pool)| machine(market, offer, world, pool)).collect()
}

/// The machine of an offer in a world.
fn machine(market: &Market, offer: &Offer, world: &World, pool: u32) -> Machine {
    let cloud = market.cloud_of(offer);
    let spot = offer.capacity_type == CapacityType::Spot;
    let factor = if spot { world.spot_price_factor } else { world.on_demand_price_factor };
    let hazard = market.hazard_per_hour(offer) * world.hazard_factor;
    let boot = cloud.boot.spread();
    let boot = Spread { median: boot.median * world.boot_factor, ..boot };
    Machine {
        price: UsdPerHour::from_nanos(libm::rint(offer.price.nanos() as f64 * factor) as i64),
        address: if world.billing.address { cloud.address } else { UsdPerHour::ZERO },
        life: (spot && hazard > 0.0).then(|| Life::new(1.0 / hazard, world.life_shape)),
        boot,
        mean_boot: Millis::from_hours_f64(boot.mean()),
        minimum: if world.billing.minimum { cloud.billing_minimum.get() } else { 0 },
        free_within: if spot && world.billing.free_if_interrupted { cloud.free_if_interrupted_within.get() } else { 0 },
        capacity: market.type_of(offer).capacity,
        quota_vcpu_milli: market.type_of(offer).quota_vcpu_milli(),
        region: offer.region,
        pool,
    }
}
