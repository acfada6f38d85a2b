//! Pools: offers that are interchangeable for a task.
//!
//! Offers of one region bought one way, with one architecture, GPU model, speed, interruption rate
//! and quota membership, differ only in size and price. A node belongs to one pool; what a task
//! needs of time, quota and own cost is the same on every node of it. The quota row of a commitment
//! and the policies that refuse an offer are part of what a pool shares.

use std::collections::BTreeMap;

use crate::cost::least_rate;
use crate::job::Arch;
use crate::market::{CapacityType, InstanceType, Market, Offer, QuotaUnit};
use crate::node_price;
use crate::policy::Policy;
use crate::resources::{RESOURCE_SCALE, ResourcePrices, Resources};
use crate::time::Millis;

/// A set of interchangeable offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Readable and unique: `region/market/arch/gpu/...`; the key of its duals.
    pub key: String,
    /// Index of the region.
    pub region: u16,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// Architecture.
    pub arch: Arch,
    /// GPU model; empty is none.
    pub gpu: String,
    /// Shared-core.
    pub burstable: bool,
    /// Index of the interruption rate.
    pub hazard: Option<u16>,
    /// Thousandths of speed 1.
    pub speed_milli: u32,
    /// Index of the quota set.
    pub quota_set: u16,
    /// Index of the commitment that its nodes are charged against.
    pub commitment: Option<u16>,
    /// Indices of the policies that refuse its offers to the jobs they concern.
    pub refused_by: Vec<u16>,
    /// Indices of its offers, in market order.
    pub offers: Vec<usize>,
    /// Of a spot pool the on-demand offers of the same region, kind and speed on which its tasks may fall
    /// back, cheapest first; none that is dearer than another and holds no more.
    pub behind: Vec<usize>,
    /// Reference prices mu0: the split of a node's bill, and a valid dual of the pool.
    pub reference: ResourcePrices,
    /// Fewest thousandths of a vCPU that come with a GPU in this pool, times 1000; 0 without GPUs.
    vcpu_per_gpu_milli: u64,
    /// Prices at which no node is charged less against the commitment than its resources are worth.
    covered: ResourcePrices,
}

/// Relative values of a vCPU-hour, a GiB-hour and a GPU-hour in [`Pool::reference`]: a direction
/// only, scaled to each pool's own prices. One vCPU is worth about eight GiB in all three clouds'
/// price lists (GCP N2, 2024-03: 0.0316 against 0.0042 $/h); a GPU far more than its host.
const DIRECTION: ResourcePrices = ResourcePrices { vcpu: 8, gib: 1, gpu: 0 };
const GPU_DIRECTION: ResourcePrices = ResourcePrices { vcpu: 8, gib: 1, gpu: 1000 };

fn direction(gpu: &str) -> ResourcePrices {
    if gpu.is_empty() { DIRECTION } else { GPU_DIRECTION }
}

/// Nano-dollars in a micro-dollar, the thousandth of a commitment's unit.
const NANOS_PER_MICRO: i128 = 1000;

impl Pool {
    /// Whether some node of the pool holds the demand.
    pub fn fits(&self, market: &Market, demand: Resources) -> bool {
        self.offers.iter().any(|&o| demand.fits_in(market.type_of(&market.offers[o]).capacity))
    }

    /// Least of a quota's unit, in thousandths, that one node's demand takes in this pool, however
    /// it shares: its vCPUs, or on GPU nodes those that come with its GPUs; of a commitment its demand at
    /// the pool's least covered prices. One direction a pool, so that the sum over the tasks of a node
    /// never exceeds what the node takes. Instances are not bounded this way (0).
    pub fn least_quota_milli(&self, unit: QuotaUnit, demand: Resources) -> u64 {
        match unit {
            QuotaUnit::Gpu => demand.gpu_milli,
            QuotaUnit::Vcpu if self.gpu.is_empty() => demand.vcpu_milli,
            QuotaUnit::Vcpu => demand.gpu_milli * self.vcpu_per_gpu_milli / 1000,
            QuotaUnit::Instance => 0,
            QuotaUnit::MilliUsd => {
                let micros = self.covered.hourly_scaled(demand) / (RESOURCE_SCALE * NANOS_PER_MICRO);
                u64::try_from(micros).unwrap_or(0)
            }
        }
    }

    /// The prices of a node of offer `o` in the pool's direction: the highest at which it is not worth
    /// more than its [`least_rate`]. A feasible dual of its capacity.
    pub fn own_prices(&self, market: &Market, o: usize) -> ResourcePrices {
        self.worth_at_most(market, &[o], |o| least_rate(market, o).nanos())
    }

    /// The same on nodes of offer `o`: on GPU nodes the vCPUs that come with the demand's GPUs there.
    pub fn least_quota_milli_on(&self, market: &Market, o: usize, unit: QuotaUnit, demand: Resources) -> u64 {
        let capacity = market.type_of(&market.offers[o]).capacity;
        match (unit, (capacity.vcpu_milli * 1000).checked_div(capacity.gpu_milli)) {
            (QuotaUnit::Vcpu, Some(per_gpu)) => demand.gpu_milli * per_gpu / 1000,
            _ => self.least_quota_milli(unit, demand),
        }
    }

    fn new(market: &Market, key: String, refused_by: Vec<u16>, offers: Vec<usize>) -> Self {
        let first = &market.offers[offers[0]];
        let of_type = market.type_of(first);
        let ratio = |o: &usize| {
            let c = market.type_of(&market.offers[*o]).capacity;
            (c.gpu_milli > 0).then(|| c.vcpu_milli * 1000 / c.gpu_milli)
        };
        let mut pool = Self {
            key,
            region: first.region,
            capacity_type: first.capacity_type,
            arch: of_type.arch,
            gpu: of_type.gpu.clone(),
            burstable: of_type.burstable,
            hazard: first.hazard,
            speed_milli: of_type.speed_milli,
            quota_set: first.quota_set,
            vcpu_per_gpu_milli: offers.iter().filter_map(ratio).min().unwrap_or(0),
            commitment: first.commitment(),
            refused_by,
            offers,
            behind: Vec::new(),
            reference: ResourcePrices::default(),
            covered: ResourcePrices::default(),
        };
        pool.reference = pool.worth_at_most(market, &pool.offers, |o| least_rate(market, o).nanos());
        pool.covered = pool.worth_at_most(market, &pool.offers, |o| match o.commitment() {
            Some(_) => (market.taken_milli(QuotaUnit::MilliUsd, o) as i64).saturating_mul(NANOS_PER_MICRO as i64),
            None => 0,
        });
        pool
    }

    /// The highest prices in the pool's direction at which no node of these offers is worth more than
    /// its `rate`.
    fn worth_at_most(&self, market: &Market, offers: &[usize], rate: impl Fn(&Offer) -> i64) -> ResourcePrices {
        let direction = direction(&self.gpu);
        let unit = |o: &usize| {
            let offer = &market.offers[*o];
            let value = direction.hourly_scaled(market.type_of(offer).capacity).max(1);
            i128::from(rate(offer)) * RESOURCE_SCALE / value
        };
        let k = offers.iter().map(unit).min().unwrap_or(0).max(0) as i64;
        ResourcePrices { vcpu: direction.vcpu * k, gib: direction.gib * k, gpu: direction.gpu * k }
    }
}

/// What offers of one pool share.
/// The GPU model by its rank among the market's models: comparing numbers is cheaper than names.
/// Last the policies that refuse it.
type Kind = (u16, CapacityType, Arch, u16, bool, Option<(u64, Millis)>, u32, u16, Vec<u16>);

/// Equal interruption rates are one kind, whatever source states them. The bits of non-negative
/// floats are ordered as the floats are.
fn kind(market: &Market, policies: &[Policy], offer: &Offer, t: &InstanceType, gpu: u16) -> Kind {
    let hazard = offer.hazard.map(|h| &market.hazards[usize::from(h)]).map(|h| (h.value.to_bits(), h.window));
    let refused = |(i, p): (usize, &Policy)| (!p.admits(market, offer)).then_some(i as u16);
    let refused_by = policies.iter().enumerate().filter_map(refused).collect();
    (offer.region, offer.capacity_type, t.arch, gpu, t.burstable, hazard, t.speed_milli, offer.quota_set, refused_by)
}

/// The pools of a market under the policies, in a fixed order.
pub fn pools(market: &Market, policies: &[Policy]) -> Vec<Pool> {
    let models: std::collections::BTreeSet<&str> = market.types.iter().map(|t| t.gpu.as_str()).collect();
    let models: Vec<&str> = models.into_iter().collect();
    let rank = |t: &InstanceType| models.binary_search(&t.gpu.as_str()).unwrap_or(0) as u16;
    let ranks: Vec<u16> = market.types.iter().map(rank).collect();
    let mut groups: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    for (i, offer) in market.offers.iter().enumerate() {
        let gpu = ranks[offer.instance_type as usize];
        groups.entry(kind(market, policies, offer, market.type_of(offer), gpu)).or_default().push(i);
    }
    let pool = |(kind, offers): (Kind, Vec<usize>)| {
        let key = key(market, policies, &kind, models[usize::from(kind.3)]);
        Pool::new(market, key, kind.8, offers)
    };
    let mut pools: Vec<Pool> = groups.into_iter().map(pool).collect();
    stand_behind(market, &mut pools);
    pools
}

/// What a fallback must share with the pool on spot: region, architecture, GPU model, shared cores, speed.
type Like = (u16, Arch, String, bool, u32);

/// Gives each spot pool the on-demand offers behind it.
fn stand_behind(market: &Market, pools: &mut [Pool]) {
    let like = |p: &Pool| -> Like { (p.region, p.arch, p.gpu.clone(), p.burstable, p.speed_milli) };
    let mut offers: BTreeMap<Like, Vec<usize>> = BTreeMap::new();
    for pool in pools.iter().filter(|p| p.capacity_type == CapacityType::OnDemand && p.commitment.is_none()) {
        offers.entry(like(pool)).or_default().extend(&pool.offers);
    }
    offers.values_mut().for_each(|list| keep_worthwhile(market, list));
    for pool in pools.iter_mut().filter(|p| p.capacity_type == CapacityType::Spot) {
        pool.behind = offers.get(&like(pool)).cloned().unwrap_or_default();
    }
}

/// Sorts offers by price and drops those that hold no more than a cheaper one.
fn keep_worthwhile(market: &Market, offers: &mut Vec<usize>) {
    offers.sort_unstable_by_key(|&o| (market.offers[o].price, o));
    let mut kept: Vec<Resources> = Vec::new();
    offers.retain(|&o| {
        let size = market.type_of(&market.offers[o]).capacity;
        let more = !kept.iter().any(|k| size.fits_in(*k));
        if more {
            kept.push(size);
        }
        more
    });
}

/// What stands behind the pool of a spot offer ([`Pool::behind`]), without making all pools; nothing behind
/// an on-demand one.
pub fn behind(market: &Market, offer: &Offer) -> Vec<usize> {
    if offer.capacity_type == CapacityType::OnDemand {
        return Vec::new();
    }
    let like = |o: &Offer| {
        let t = market.type_of(o);
        (o.region, t.arch, t.gpu.as_str(), t.burstable, t.speed_milli)
    };
    let (wanted, all) = (like(offer), market.offers.iter().enumerate());
    let stands = |o: &Offer| o.capacity_type == CapacityType::OnDemand && o.commitment().is_none() && like(o) == wanted;
    let mut offers = all.filter(|(_, o)| stands(o)).map(|(i, _)| i).collect();
    keep_worthwhile(market, &mut offers);
    offers
}

/// `aws/us-east-1/spot/x86_64` and, where they differ from the plain case, GPU, burstable, rate,
/// speed, the quota rows and the policies that refuse it.
fn key(market: &Market, policies: &[Policy], kind: &Kind, gpu: &str) -> String {
    let &(region, capacity_type, arch, _, burstable, hazard, speed, quota_set, ref refused_by) = kind;
    let mut key = format!("{}/{capacity_type}/{arch}", market.regions[usize::from(region)].name);
    if !gpu.is_empty() {
        key.push_str(&format!("/{gpu}"));
    }
    if burstable {
        key.push_str("/burstable");
    }
    if let Some((value, window)) = hazard {
        key.push_str(&format!("/{}% per {window}", f64::from_bits(value) * 100.0));
    }
    if speed != 1000 {
        key.push_str(&format!("/speed {speed}"));
    }
    let rows = &market.quota_sets[usize::from(quota_set)];
    for &q in rows {
        let name = &market.quotas[usize::from(q)].name;
        key.push_str(&format!("/{}", name.split('/').nth(2).unwrap_or(name)));
    }
    for &p in refused_by {
        key.push_str(&format!("/not by {}", policies[usize::from(p)].id));
    }
    key
}

/// The offers that a bound over the market needs: `frontier[i]` is false where quota lets not one node of offer
/// `i` be launched ([`Market::most_nodes`]), or where prices that are feasible on the nodes of another offer of the
/// pool are so on those of offer `i` ([`node_price::covers`]), and its quota and commitment ask no less.
pub fn frontier(market: &Market, pools: &[Pool]) -> Vec<bool> {
    let mut keep = vec![false; market.offers.len()];
    for pool in pools {
        let launched = |&o: &usize| market.most_nodes(&market.offers[o]) > 0;
        let mut order: Vec<usize> = pool.offers.iter().copied().filter(launched).collect();
        let size = |o: usize| market.type_of(&market.offers[o]).capacity;
        order.sort_by_key(|&o| {
            let c = size(o);
            (std::cmp::Reverse((c.gpu_milli, c.vcpu_milli, c.memory_mib)), market.hourly(&market.offers[o]), o)
        });
        let mut kept: Vec<usize> = Vec::new();
        for o in order {
            if !kept.iter().any(|&k| dominates(market, k, o)) {
                kept.push(o);
                keep[o] = true;
            }
        }
    }
    keep
}

/// Whether `big` makes `small` redundant in every bound.
fn dominates(market: &Market, big: usize, small: usize) -> bool {
    let (a, b) = (&market.offers[big], &market.offers[small]);
    let (x, y) = (market.type_of(a).capacity, market.type_of(b).capacity);
    // Quota per GPU must not be smaller on the small one.
    if x.gpu_milli > 0 && y.vcpu_milli * x.gpu_milli < x.vcpu_milli * y.gpu_milli {
        return false;
    }
    // Nor what it is charged against a commitment per worth in the pool's direction: the least such
    // figure of the pool must be the same without it.
    if a.commitment().is_some() {
        let of = |offer: &Offer| i128::from(market.taken_milli(QuotaUnit::MilliUsd, offer));
        let worth = |c: Resources| direction(&market.type_of(a).gpu).hourly_scaled(c);
        if of(b) * worth(x) < of(a) * worth(y) {
            return false;
        }
    }
    let rate = |offer| least_rate(market, offer).nanos();
    node_price::covers((x, rate(a)), (y, rate(b)))
}
