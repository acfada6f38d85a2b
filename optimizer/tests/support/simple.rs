//! Markets of one cloud in which every task takes an hour and all start together, so that what is left to
//! decide is a problem of the textbooks with a known optimum.

use tradewind_core::cost::{self, Busy};
use tradewind_core::job::{Arch, Job, Runtime};
use tradewind_core::market::{
    CapacityType, CloudFacts, Delay, InstanceType, Market, Offer, QuotaRow, QuotaUnit, Region,
};
use tradewind_core::money::{Usd, UsdPerGb, UsdPerGbMonth, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::tariff::TariffBasis;
use tradewind_core::time::Millis;

use super::{START, usd_per_hour};

/// A size of node in a region.
pub struct Node {
    pub region: u16,
    pub name: String,
    pub vcpus: u64,
    pub gib: u64,
    /// Nano-dollars an hour.
    pub price: i64,
}

/// From launch to start.
pub const BOOT: Millis = Millis::from_secs(60);

pub fn place(region: u16) -> RegionName {
    RegionName::new("one", &format!("r{region:02}"))
}

/// Regions with their vCPU quotas and nodes; moving a GB between two of them costs `transfer` nano-dollars.
pub fn market(quotas: &[u64], nodes: &[Node], transfer: impl Fn(u16, u16) -> i64) -> Market {
    let regions = quotas.len() as u16;
    let mut sorted: Vec<&Node> = nodes.iter().collect();
    sorted.sort_by_key(|n| (n.region, &n.name));
    let kind = |n: &&Node| InstanceType {
        cloud: 0,
        name: format!("r{:02}-{}", n.region, n.name),
        family: "m".to_owned(),
        arch: Arch::X86_64,
        capacity: demand(n.vcpus, n.gib),
        gpu: String::new(),
        burstable: false,
        speed_milli: 1000,
        counted_vcpu_milli: None,
    };
    let offer = |(t, n): (usize, &&Node)| Offer {
        instance_type: t as u32,
        region: n.region,
        capacity_type: CapacityType::OnDemand,
        price: usd_per_hour(n.price),
        hazard: None,
        quota_set: n.region + 1,
        terms: None,
    };
    let row = |from: u16| {
        let to = (0..regions).filter(|to| *to != from);
        to.map(|to| (to, (UsdPerGb::from_nanos(transfer(from, to)), TariffBasis::Pair))).collect()
    };
    let quota = |(r, &available): (usize, &u64)| QuotaRow {
        name: format!("one/r{r:02}/Standard/on_demand"),
        unit: QuotaUnit::Vcpu,
        available,
    };
    Market {
        snapshot: "test".to_owned(),
        as_of: START,
        clouds: vec![cloud()],
        regions: (0..regions).map(region).collect(),
        types: sorted.iter().map(kind).collect(),
        hazards: Vec::new(),
        quotas: quotas.iter().enumerate().map(quota).collect(),
        quota_sets: std::iter::once(vec![]).chain((0..regions).map(|r| vec![r])).collect(),
        discounts: Vec::new(),
        commitments: Vec::new(),
        offers: sorted.iter().enumerate().map(offer).collect(),
        transfers: (0..regions).map(|from| (from, row(from))).collect(),
    }
    .validated()
    .expect("a sound market")
}

/// Boots always in a minute, copies at once.
fn cloud() -> CloudFacts {
    CloudFacts {
        name: "one".to_owned(),
        boot: Delay { median: BOOT, p95: BOOT },
        billing_minimum: Millis::from_secs(60),
        free_if_interrupted_within: Millis::ZERO,
        notice: Millis::from_secs(120),
        address: UsdPerHour::from_nanos(5_000_000),
        disk: UsdPerGbMonth::from_nanos(80_000_000),
        storage: UsdPerGbMonth::from_nanos(23_000_000),
        staging_bytes_per_second: 1_000_000_000_000,
    }
}

fn region(r: u16) -> Region {
    Region {
        name: place(r),
        cloud: 0,
        continent: "Earth".to_owned(),
        country: "EU".to_owned(),
        residency: vec!["EU".to_owned()],
        zones: 3,
    }
}

pub fn demand(vcpus: u64, gib: u64) -> Resources {
    Resources { vcpu_milli: vcpus * 1000, memory_mib: gib * 1024, gpu_milli: 0 }
}

/// A task of an hour.
pub fn hour(id: &str, vcpus: u64, gib: u64) -> Job {
    Job::new(id, demand(vcpus, gib), Runtime { p50: Millis::HOUR, p95: Millis::HOUR })
}

/// A horizon so short that every task starts as soon as a node has booted.
pub fn one_start() -> Rules {
    let length = BOOT + Millis::from_secs(1);
    let horizon = Horizon { start: START, end: START + length, window: length };
    Rules::over(horizon)
}

/// The bill of a node for its boot and an hour of tasks.
pub fn bill(market: &Market, offer: usize) -> Usd {
    let start = START + BOOT;
    let busy = [Busy { start, mean: Millis::HOUR, useful: Millis::HOUR }];
    cost::node_bill(market, &market.offers[offer], START, start + Millis::HOUR, &busy).total()
}

/// How far plans are above the known optimum.
#[derive(Default)]
pub struct Excess {
    pub plans: u32,
    pub optimal: u32,
    pub worst: f64,
    sum: f64,
}

impl Excess {
    /// Counts a plan; it must not be cheaper than the optimum, nor its bound higher.
    pub fn count(&mut self, seed: u64, plan: &tradewind_core::plan::Plan, optimum: Usd) {
        let s = &plan.summary;
        let rounding = 1_000;
        assert!(s.lower_bound_usd <= optimum, "seed {seed}: bound {} above {optimum}", s.lower_bound_usd);
        assert!(s.cost_usd.nanos() >= optimum.nanos() - rounding, "seed {seed}: {} below {optimum}", s.cost_usd);
        let excess = (s.cost_usd.as_f64() / optimum.as_f64() - 1.0).max(0.0);
        self.plans += 1;
        self.optimal += u32::from(excess < 1e-9);
        self.worst = self.worst.max(excess);
        self.sum += excess;
    }

    pub fn mean(&self) -> f64 {
        self.sum / f64::from(self.plans.max(1))
    }

    pub fn print(&self, what: &str) {
        println!(
            "{what}: {} plans, {} optimal, mean {:.3} % above the optimum, worst {:.2} %",
            self.plans,
            self.optimal,
            100.0 * self.mean(),
            100.0 * self.worst
        );
    }
}
