//! The peer oracle: 64 requests for one node, with and without Arm, each planned at exactly the
//! exhaustive cheapest price of the market (`datasets/golden/peer_oracle.csv`, made independently).

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::check;
use tradewind_core::job::{Arch, GpuRequest, Job, Runtime, Workload};
use tradewind_core::market::CapacityType;
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{
    HazardReading, MarketRequest, MarketSettings, MarketSource, MemoryBasis, QuotaChoice, Snapshot,
};
use tradewind_optimizer::{Request, allocate};

#[test]
fn every_request_is_planned_at_the_exhaustive_cheapest_price() {
    // The oracle's rules: nominal memory, no interruption, no boot, disk or address, no quota.
    let loaded = tradewind_datasets::load(&MarketRequest {
        source: MarketSource::Embedded(Snapshot::S2024),
        quotas: QuotaChoice::Unlimited,
        settings: MarketSettings {
            memory: MemoryBasis::Nominal,
            boot: false,
            disk: false,
            address: false,
            hazard: HazardReading::None,
            speed: BTreeMap::new(),
            allow_inverted: false,
        },
        ..MarketRequest::default()
    })
    .expect("the embedded market loads");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../datasets/golden/peer_oracle.csv");
    let mut reader = csv::Reader::from_path(path).expect("the oracle is in the tree");
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|r| r.expect("a row")).collect();
    let (mut equal, mut below_peer) = (0, 0);
    for row in &rows {
        let number = |key: &str| row[key].parse::<u64>().unwrap_or(0);
        let hour = Millis::HOUR;
        let gpus = number("gpu_count");
        let demand = Resources {
            vcpu_milli: number("vcpus_min") * 1000,
            memory_mib: number("memory_gib_min") * 1024,
            gpu_milli: gpus * 1000,
        };
        let mut job = Job::new(&row["id"], demand, Runtime { p50: hour, p95: hour });
        if gpus > 0 {
            job.gpu =
                Some(GpuRequest { model: row["gpu_model"].clone(), count: gpus as u32, alternatives: BTreeMap::new() });
        }
        job.arch = if row["arch"] == "any" {
            BTreeSet::from([Arch::X86_64, Arch::Arm64])
        } else {
            BTreeSet::from([Arch::X86_64])
        };
        job.interruptible = row["capacity_type"] == "spot";
        if !row["region"].is_empty() {
            job.regions = vec![RegionName::new(&row["cloud"], &row["region"])];
        } else if !row["cloud"].is_empty() {
            job.clouds = vec![row["cloud"].clone()];
        }
        let workload = Workload::new(vec![job]).expect("one job");
        // The request is for one capacity type: a market of that type alone.
        let wanted: CapacityType = row["capacity_type"].parse().expect("a capacity type");
        let market = loaded.market.subset(|_, o| o.capacity_type == wanted, &[]);
        let start = market.as_of;
        let rules = Rules::over(Horizon { start, end: start + Millis::from_hours(1), window: Millis::HOUR });
        let plan = allocate(&Request {
            workload: &workload,
            market: &market,
            rules: &rules,
            market_hash: String::new(),
            as_of: start,
            seed: Seed(0),
            gap: None,
            threads: 1,
            assumptions: Vec::new(),
            stop: &|| None,
            progress: &|_| {},
        })
        .expect("a plan");
        assert_eq!(plan.summary.placed, 1, "{row:?}");
        let report = check::check(&plan);
        assert!(report.is_clean(), "{row:?}: {:#?}", report.violations);
        let price = plan.allocations[0].usd_per_hour;
        let cheapest: UsdPerHour = row["cheapest_usd_per_hour"].parse().expect("a price");
        let peer: UsdPerHour = row["peer_usd_per_hour"].parse().expect("a price");
        if price == cheapest {
            equal += 1;
        } else {
            println!(
                "{} {}: {price} on {}, cheapest {cheapest} on {}",
                row["id"], row["arch"], plan.allocations[0].instance_type, row["cheapest"]
            );
        }
        below_peer += usize::from(price <= peer);
    }
    println!("oracle: {equal} of {} at the exhaustive cheapest price, {below_peer} at or below the peer's", rows.len());
    assert_eq!((equal, below_peer, rows.len()), (128, 128, 128));
}
