//! What things cost, defined once: the bill of a node, the own cost of a task, staging, and how a
//! node's bill is split over its tasks.
//!
//! The optimizer and the check both call this module and share nothing else. Every function rounds
//! once, half to even, at its exit; the one used by bounds ([`least_rate`]) rounds down.

use crate::fallback::Behind;
use crate::job::Job;
use crate::market::{CapacityType, Market, Offer};
use crate::money::{Usd, UsdPerHour};
use crate::resources::{RESOURCE_SCALE, ResourcePrices};
use crate::size::Bytes;
use crate::time::{Millis, Time};
use crate::work::TaskLaw;

/// Expected bill of one node, by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeBill {
    /// Time in which tasks do useful work; also takes up the minimum and the free first hour.
    pub compute: Usd,
    /// Checkpoints, restores and work done twice.
    pub rework: Usd,
    /// From launch to the first task.
    pub boot: Usd,
    /// Between tasks.
    pub idle: Usd,
    /// Public address.
    pub address: Usd,
}

impl NodeBill {
    /// The whole bill.
    pub fn total(self) -> Usd {
        self.compute + self.rework + self.boot + self.idle + self.address
    }
}

/// A task on a node as planned: when it starts, how long it runs in the mean, and how much of that
/// is useful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// Planned start.
    pub start: Time,
    /// Mean time on the node.
    pub mean: Millis,
    /// Mean useful time.
    pub useful: Millis,
}

/// Length of the union of the intervals `[start, start + length)`.
fn union_length(mut spans: Vec<(Time, Time)>) -> Millis {
    spans.sort_unstable();
    let mut total = Millis::ZERO;
    let mut covered = Time::from_ms(i64::MIN);
    for (from, to) in spans {
        let from = from.max(covered);
        if to > from {
            total = total + (to - from);
            covered = to;
        }
    }
    total
}

/// Billed time of a node kept for `span`: its length, less the expected time within the cloud's
/// free window after launch, at least the billing minimum.
///
/// With interruption rate l and m = min(span, window), the first life is free with expectation
/// `(1 - e^(-l m)(1 + l m)) / l`. Later lives may be free too; they are not counted, so the bill is
/// never understated by this rule.
pub fn billed_time(market: &Market, offer: &Offer, span: Millis) -> Millis {
    let cloud = market.cloud_of(offer);
    let rate = market.hazard_per_hour(offer);
    let mut billed = span;
    if offer.capacity_type == CapacityType::Spot && rate > 0.0 {
        let m = span.min(cloud.free_if_interrupted_within).hours();
        let x = rate * m;
        let free = (-libm::expm1(-x) - x * libm::exp(-x)) / rate;
        billed = Millis::from_hours_f64(span.hours() - free);
    }
    billed.max(cloud.billing_minimum)
}

/// The expected bill of a node launched at `launch` and released at `end`.
pub fn node_bill(market: &Market, offer: &Offer, launch: Time, end: Time, busy: &[Busy]) -> NodeBill {
    let span = end - launch;
    let boot_time = market.cloud_of(offer).boot.mean().min(span);
    let busy_time = union_length(busy.iter().map(|b| (b.start, b.start + b.mean)).collect());
    let useful_time = union_length(busy.iter().map(|b| (b.start, b.start + b.useful)).collect());
    let boot = offer.price.times(boot_time);
    let idle = offer.price.times((span - boot_time - busy_time).max(Millis::ZERO));
    let rework = offer.price.times((busy_time - useful_time).max(Millis::ZERO));
    let total = offer.price.times(billed_time(market, offer, span));
    let address = market.cloud_of(offer).address.times(span);
    NodeBill { compute: total - rework - boot - idle, rework, boot, idle, address }
}

/// A rate that the bill of a node per hour of its span never falls below: its price times
/// `e^(-rate x window)` where the first hour is free if interrupted, plus the address. Rounded down.
pub fn least_rate(market: &Market, offer: &Offer) -> UsdPerHour {
    let cloud = market.cloud_of(offer);
    let rate = market.hazard_per_hour(offer);
    let price = if rate > 0.0 {
        let kept = libm::exp(-rate * cloud.free_if_interrupted_within.hours());
        libm::floor(offer.price.nanos() as f64 * kept * (1.0 - 1e-15)) as i64
    } else {
        offer.price.nanos()
    };
    UsdPerHour::from_nanos(price).plus(cloud.address)
}

/// What a task costs by itself, whatever node it shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnCost {
    /// Moving its private inputs there and its outputs back.
    pub egress: Usd,
    /// Its scratch disks.
    pub disk: Usd,
    /// Keeping its checkpoint.
    pub storage: Usd,
    /// On-demand behind it, as often as it comes to that.
    pub fallback: Usd,
}

impl OwnCost {
    /// The sum.
    pub fn total(self) -> Usd {
        self.egress + self.disk + self.storage + self.fallback
    }
}

/// The own cost of one task of `job` in region `region`, which falls back on the offer `behind` where its
/// law says that it may; `None` if a transfer price is missing.
pub fn own_cost(market: &Market, region: u16, job: &Job, law: &TaskLaw, behind: Option<Behind<'_>>) -> Option<OwnCost> {
    let cloud = &market.clouds[usize::from(market.regions[usize::from(region)].cloud)];
    let mut own = OwnCost::default();
    for input in job.inputs.iter().filter(|i| i.dataset.is_none()) {
        let from = market.region_index(&input.location)?;
        own.egress += market.transfer(from, region)?.price.times(input.size);
    }
    for output in &job.outputs {
        let to = market.region_index(&output.location)?;
        own.egress += market.transfer(region, to)?.price.times(output.size);
    }
    let disks = Bytes::new(job.disk.get() * u64::from(job.nodes));
    own.disk = cloud.disk.times(disks, law.mean);
    if let (true, Some(checkpoint)) = (law.checkpoint_interval.is_some(), &job.checkpoint) {
        own.storage = cloud.storage.times(checkpoint.size, law.mean);
    }
    own.fallback = behind.map_or(Usd::ZERO, |b| b.expected(job));
    Some(own)
}

/// What staging a shared dataset costs: moving it once, and keeping it from `start` to `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StagingCost {
    /// The transfer.
    pub egress: Usd,
    /// The copy.
    pub storage: Usd,
}

/// The cost of a staged copy in region `to`; `None` if the transfer price is missing.
pub fn staging_cost(market: &Market, from: u16, to: u16, size: Bytes, start: Time, until: Time) -> Option<StagingCost> {
    let cloud = &market.clouds[usize::from(market.regions[usize::from(to)].cloud)];
    let kept = (until - start).max(Millis::ZERO);
    Some(StagingCost { egress: market.transfer(from, to)?.price.times(size), storage: cloud.storage.times(size, kept) })
}

/// How long staging takes: bytes over the cloud's staging rate, rounded up.
pub fn staging_time(market: &Market, to: u16, size: Bytes) -> Millis {
    let cloud = &market.clouds[usize::from(market.regions[usize::from(to)].cloud)];
    let ms = (u128::from(size.get()) * 1000).div_ceil(u128::from(cloud.staging_bytes_per_second.max(1)));
    Millis::new(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// The time for which a task is billed at least, whatever it shares its node with: its mean and a
/// boot, or all of its reservation where that is shorter. On a node that others follow, a task takes its
/// capacity until its reservation ends; on one that it leaves last, the node has booted for it.
pub fn least_billed_time(market: &Market, region: u16, law: &TaskLaw) -> Millis {
    least_billed(market.clouds[usize::from(market.regions[usize::from(region)].cloud)].boot.mean(), law)
}

/// The same where the mean boot is known: to find it takes an exponential.
pub fn least_billed(boot: Millis, law: &TaskLaw) -> Millis {
    law.reserved.min(law.mean + boot)
}

/// The weight of a task in the split of its node's bill: reference price of its demand x mean time.
pub fn share_weight(reference: ResourcePrices, job: &Job, law: &TaskLaw) -> i128 {
    reference.hourly_scaled(job.demand) * i128::from(law.mean.get())
}

/// Least that a task pays for its nodes, all of them, in nano-dollars: reference prices times mean
/// time, rounded down, less two nano-dollars a node for the rounding of the bill and of
/// its split.
pub fn least_share(reference: ResourcePrices, job: &Job, law: &TaskLaw) -> i128 {
    let per_node = share_weight(reference, job, law).div_euclid(RESOURCE_SCALE * crate::money::MS_PER_HOUR) - 2;
    per_node.max(0) * i128::from(job.nodes)
}

/// Splits an amount in proportion to the weights, to the nano-dollar: the parts sum to the amount.
/// With no weight at all it is split evenly.
pub fn split(total: Usd, weights: &[i128]) -> Vec<Usd> {
    let sum: i128 = weights.iter().sum();
    let even = sum == 0;
    let sum = if even { weights.len() as i128 } else { sum };
    let (mut cumulated, mut given) = (0_i128, 0_i128);
    weights
        .iter()
        .map(|&w| {
            cumulated += if even { 1 } else { w };
            // The weights of a node stay far below 2^96, an amount below 2^63: shift out what would not fit.
            let shift = (128 - sum.leading_zeros()).saturating_sub(62);
            let upto = i128::from(total.nanos()) * (cumulated >> shift) / (sum >> shift).max(1);
            let part = upto - given;
            given = upto;
            Usd::from_nanos(part as i64)
        })
        .collect()
}

/// What is set aside for one placement beyond its expected cost, from its start until it is
/// [`TaskLaw::done`]: its share of the node's bill for the time between mean and reserved end, rounded up.
/// What [`Behind::at_risk`] says of each of its tasks comes on top.
pub fn escrow(node_share: Usd, law: &TaskLaw) -> Usd {
    let extra = i128::from((law.reserved - law.mean).get().max(0));
    let mean = i128::from(law.mean.get().max(1));
    let nanos = (i128::from(node_share.nanos()) * extra + mean - 1).div_euclid(mean);
    Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_is_exact_and_proportional() {
        let total = Usd::from_nanos(1_000_000_007);
        let parts = split(total, &[1, 1, 1]);
        assert_eq!(parts.iter().copied().sum::<Usd>(), total);
        assert!(parts.iter().all(|p| (p.nanos() - 333_333_335).abs() <= 1));
        let big = split(total, &[1 << 90, 3 << 90]);
        assert_eq!(big.iter().copied().sum::<Usd>(), total);
        assert!((big[0].nanos() - 250_000_001).abs() <= 1);
        assert_eq!(split(total, &[0, 0]).iter().copied().sum::<Usd>(), total);
    }

    #[test]
    fn unions_do_not_count_twice() {
        let t = Time::from_ms;
        let spans = vec![(t(0), t(10)), (t(5), t(12)), (t(20), t(21)), (t(6), t(7))];
        assert_eq!(union_length(spans), Millis::new(13));
    }
}
