//! A small market of one cloud: two regions, three machines, limits in that cloud's shape.

use std::collections::BTreeMap;

use tradewind_core::job::Arch;
use tradewind_core::market::{
    CapacityType, CloudFacts, Delay, Hazard, HazardUnit, InstanceType, Market, Offer, QuotaRow, QuotaUnit, Region,
};
use tradewind_core::money::{UsdPerGb, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::tariff::TariffBasis;
use tradewind_core::time::{Millis, Time};

/// The names of one cloud that the cases use.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Of the cloud.
    pub cloud: &'static str,
    /// Where the cases are.
    pub region: &'static str,
    /// Another one.
    pub elsewhere: &'static str,
    /// 2 vCPUs.
    pub small: &'static str,
    /// 8 vCPUs.
    pub large: &'static str,
    /// 2 shared vCPUs.
    pub burstable: &'static str,
    notice_s: i64,
    free_s: i64,
    /// Quota set of nodes on demand: one tier, or two that must both hold.
    on_demand_set: u16,
}

const NAMES: [Names; 3] = [
    Names {
        cloud: "aws",
        region: "us-east-1",
        elsewhere: "us-west-2",
        small: "m5.large",
        large: "m5.2xlarge",
        burstable: "t3.large",
        notice_s: 120,
        free_s: 3600,
        on_demand_set: 1,
    },
    Names {
        cloud: "azure",
        region: "eastus",
        elsewhere: "westus2",
        small: "D2s_v5",
        large: "D8s_v5",
        burstable: "B2s",
        notice_s: 30,
        free_s: 0,
        on_demand_set: 2,
    },
    Names {
        cloud: "gcp",
        region: "us-central1",
        elsewhere: "us-west1",
        small: "n2-standard-2",
        large: "n2-standard-8",
        burstable: "e2-medium",
        notice_s: 30,
        free_s: 60,
        on_demand_set: 1,
    },
];

impl Names {
    /// Of a cloud; `None` if the cases do not know it.
    pub fn of(cloud: &str) -> Option<Self> {
        NAMES.into_iter().find(|n| n.cloud == cloud)
    }

    /// Of all clouds that the cases know.
    pub fn all() -> [Self; 3] {
        NAMES
    }

    /// How long before an interruption it is announced.
    pub fn notice(&self) -> Millis {
        Millis::from_secs(self.notice_s)
    }

    /// Within which time of its launch an interrupted node is free.
    pub fn free(&self) -> Millis {
        Millis::from_secs(self.free_s)
    }

    /// A market with these names. Limits: 64 vCPUs on demand, 16 on spot, in the first region; of a cloud with two
    /// tiers both hold the nodes on demand.
    pub fn market(&self) -> Market {
        let mut regions = [self.region, self.elsewhere].map(|name| Region {
            name: RegionName::new(self.cloud, name),
            cloud: 0,
            continent: "North America".to_owned(),
            country: "US".to_owned(),
            residency: vec!["US".to_owned()],
            zones: 3,
        });
        regions.sort_by(|a, b| a.name.cmp(&b.name));
        let here = regions.iter().position(|r| r.name.region() == self.region).unwrap_or_default() as u16;
        let market = Market {
            snapshot: "conformance".to_owned(),
            as_of: AS_OF,
            clouds: vec![self.facts()],
            regions: regions.to_vec(),
            types: self.types(),
            hazards: vec![Hazard {
                value: 0.5,
                unit: HazardUnit::PerDay,
                window: Millis::from_hours(24),
                source: "conformance".to_owned(),
            }],
            quotas: self.quotas(),
            quota_sets: vec![vec![], vec![0], vec![0, 2], vec![1]],
            discounts: vec![],
            commitments: vec![],
            offers: self.offers(here),
            transfers: BTreeMap::from([(1 - here, BTreeMap::from([(here, (cents_per_gb(2), TariffBasis::Pair))]))]),
        };
        market.validated().expect("the market of the cases holds together")
    }

    fn facts(&self) -> CloudFacts {
        CloudFacts {
            name: self.cloud.to_owned(),
            boot: Delay { median: Millis::from_secs(30), p95: Millis::from_secs(80) },
            billing_minimum: Millis::from_secs(60),
            free_if_interrupted_within: Millis::from_secs(self.free_s),
            notice: Millis::from_secs(self.notice_s),
            address: UsdPerHour::from_nanos(5_000_000),
            disk: "0.08".parse().expect("a price"),
            storage: "0.023".parse().expect("a price"),
            staging_bytes_per_second: 1_000_000_000,
        }
    }

    fn types(&self) -> Vec<InstanceType> {
        let machine = |name: &str, vcpus: u64, burstable| InstanceType {
            cloud: 0,
            name: name.to_owned(),
            family: name[..2].to_owned(),
            arch: Arch::X86_64,
            capacity: Resources { vcpu_milli: vcpus * 1000, memory_mib: vcpus * 4096, gpu_milli: 0 },
            gpu: String::new(),
            burstable,
            speed_milli: 1000,
            counted_vcpu_milli: None,
        };
        let mut types =
            vec![machine(self.small, 2, false), machine(self.large, 8, false), machine(self.burstable, 2, true)];
        types.sort_by(|a, b| a.name.cmp(&b.name));
        types
    }

    fn quotas(&self) -> Vec<QuotaRow> {
        let row = |name: &str, available| QuotaRow {
            name: format!("{}/{}/{name}", self.cloud, self.region),
            unit: QuotaUnit::Vcpu,
            available,
        };
        vec![row("standard/on_demand", 64), row("standard/spot", 16), row("total/on_demand", 64)]
    }

    fn offers(&self, here: u16) -> Vec<Offer> {
        let types = self.types();
        let mut offers = Vec::new();
        for region in 0..2 {
            for (t, machine) in types.iter().enumerate() {
                let nanos = machine.capacity.vcpu_milli as i64 * 50_000;
                for (capacity_type, share) in [(CapacityType::OnDemand, 10), (CapacityType::Spot, 3)] {
                    let spot = capacity_type == CapacityType::Spot;
                    let set = if spot { 3 } else { self.on_demand_set };
                    offers.push(Offer {
                        instance_type: t as u32,
                        region,
                        capacity_type,
                        price: UsdPerHour::from_nanos(nanos * share / 10),
                        hazard: spot.then_some(0),
                        quota_set: if region == here { set } else { 0 },
                        terms: None,
                    });
                }
            }
        }
        offers
    }
}

/// The instant of the cases: 2026-11-22T00:00:00Z.
const AS_OF: Time = Time::from_ms(1_795_305_600_000);

fn cents_per_gb(cents: i64) -> UsdPerGb {
    UsdPerGb::from_nanos(cents * 10_000_000)
}
