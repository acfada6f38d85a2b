//! The embedded snapshots: complete, deterministic, quick.

use std::time::Instant;

use tradewind_core::market::CapacityType;
use tradewind_core::tariff::TariffBasis;
use tradewind_datasets::columnar::{TableFile, encode};
use tradewind_datasets::offers::Offers;
use tradewind_datasets::{
    HazardReading, LoadedMarket, MarketRequest, MarketSettings, MarketSource, MemoryBasis, QuotaChoice, Snapshot, load,
};

fn embedded(snapshot: Snapshot) -> LoadedMarket {
    load(&MarketRequest { source: MarketSource::Embedded(snapshot), ..MarketRequest::default() }).unwrap()
}

fn with(settings: MarketSettings) -> LoadedMarket {
    load(&MarketRequest { settings, ..MarketRequest::default() }).unwrap()
}

#[test]
fn both_snapshots_load_and_are_whole() {
    for snapshot in [Snapshot::S2024, Snapshot::S2026] {
        embedded(snapshot);
        let begin = Instant::now();
        let loaded = embedded(snapshot);
        let market = &loaded.market;
        println!(
            "{}: {} rows, {} offers, {} types, {} regions, {} quarantined, {} quota rows, {} sets, {} hazards, {:?}",
            market.snapshot,
            loaded.rows_read,
            market.offers.len(),
            market.types.len(),
            market.regions.len(),
            loaded.quarantine.len(),
            market.quotas.len(),
            market.quota_sets.len(),
            market.hazards.len(),
            begin.elapsed(),
        );
        println!("{:#?}\n{:#?}", loaded.warnings, loaded.assumptions);
        assert_eq!(market.regions.len(), 123);
        for offer in &market.offers {
            assert_eq!(offer.hazard.is_some(), offer.capacity_type == CapacityType::Spot);
            assert!(!market.quotas_of(offer).is_empty(), "every offer counts against a limit");
        }
        assert!(loaded.warnings.iter().all(|w| !w.contains("quota row")), "the scenario is complete");
    }
}

#[test]
fn the_binary_tables_are_read_quickly_and_written_back_alike() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("embedded");
    for name in ["offers-2024-03-31.twd", "offers-2026-07-20.twd"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let begin = Instant::now();
        let offers = Offers::from_tables(&TableFile::decode(name, &bytes).unwrap(), name).unwrap();
        println!("{name}: {} bytes read in {:?}", bytes.len(), begin.elapsed());
        assert!(encode(&offers.to_tables()) == bytes, "{name} is written back byte for byte");
    }
}

#[test]
fn the_hash_is_stable_and_depends_on_settings() {
    let first = with(MarketSettings::default());
    let again = with(MarketSettings::default());
    assert_eq!(first.hash, again.hash);
    assert_eq!(first.market, again.market);
    assert_eq!(first.quarantine, again.quarantine);
    let other = with(MarketSettings { memory: MemoryBasis::Nominal, ..MarketSettings::default() });
    assert_ne!(first.hash, other.hash);
}

#[test]
fn every_ordered_pair_has_a_price_or_is_listed() {
    let loaded = embedded(Snapshot::S2024);
    let market = &loaded.market;
    let (mut by_basis, mut missing) = ([0; 4], 0);
    for from in 0..market.regions.len() as u16 {
        for to in 0..market.regions.len() as u16 {
            match market.transfer(from, to) {
                Some(rate) => {
                    by_basis[rate.basis as usize] += 1;
                    assert!(from == to || rate.price.nanos() > 0, "{from} to {to} is never free for want of a row");
                }
                None => {
                    missing += 1;
                    let name = market.regions[usize::from(from)].name.to_string();
                    assert!(
                        loaded.warnings.iter().any(|w| w.contains("TW2009") && w.contains(&name)),
                        "{name} is named"
                    );
                }
            }
        }
    }
    println!("same, pair, continent, internet: {by_basis:?}; missing {missing}");
    assert!(by_basis[TariffBasis::Pair as usize] > 4000);
}

#[test]
fn settings_are_honoured() {
    let default = with(MarketSettings::default()).market;
    let plain = with(MarketSettings {
        memory: MemoryBasis::Nominal,
        boot: false,
        disk: false,
        address: false,
        hazard: HazardReading::None,
        speed: [("m6i".to_owned(), 1.25)].into(),
        ..MarketSettings::default()
    })
    .market;
    let find =
        |m: &tradewind_core::market::Market, name: &str| m.types.iter().find(|t| t.name == name).unwrap().clone();
    assert_eq!(find(&plain, "m6i.2xlarge").capacity.memory_mib, 32 * 1024);
    assert_eq!(find(&default, "m6i.2xlarge").capacity.memory_mib, 31_431, "the one observed figure");
    assert_eq!(find(&plain, "m6i.2xlarge").speed_milli, 1250);
    assert_eq!(find(&plain, "m5.2xlarge").speed_milli, 1000);
    assert!(plain.clouds.iter().all(|c| c.boot.p95.get() == 0 && c.disk.nanos() == 0 && c.address.nanos() == 0));
    assert!(plain.hazards.iter().all(|h| h.per_hour() == 0.0));
    assert!(default.clouds.iter().all(|c| c.boot.median.get() > 0));
}

#[test]
fn hazards_are_read_as_asked() {
    let rate = |reading: HazardReading, cloud: &str| {
        let market = with(MarketSettings { hazard: reading, ..MarketSettings::default() }).market;
        let spot = |o: &&tradewind_core::market::Offer| {
            o.capacity_type == CapacityType::Spot && market.region_of(o).name.cloud() == cloud
        };
        let rates: Vec<f64> = market.offers.iter().filter(spot).map(|o| market.hazard_per_hour(o)).collect();
        rates.iter().sum::<f64>() / rates.len() as f64
    };
    let month = -(0.9_f64).ln() / 730.0;
    assert!((rate(HazardReading::Default, "azure") - month).abs() < 1e-9);
    assert!((rate(HazardReading::Default, "gcp") - -(0.9_f64).ln() / 24.0).abs() < 1e-9);
    assert!((rate(HazardReading::AzurePerHour, "azure") - month * 730.0).abs() < 1e-9);
    assert!(rate(HazardReading::AwsPerLaunch, "aws") > 20.0 * rate(HazardReading::Default, "aws"));
}

#[test]
fn unlimited_means_no_rows() {
    let request = MarketRequest { quotas: QuotaChoice::Unlimited, ..MarketRequest::default() };
    let market = load(&request).unwrap().market;
    assert!(market.quotas.is_empty());
    assert_eq!(market.quota_sets, [Vec::<u16>::new()]);
}

#[test]
fn quota_rows_have_the_three_shapes() {
    let market = embedded(Snapshot::S2024).market;
    let rows = |region: &str, kind: &str, capacity: CapacityType| {
        let offer = market.find_offer(&region.parse().unwrap(), kind, capacity, None).unwrap();
        let rows = market.quotas_of(&market.offers[offer]);
        rows.iter().map(|&q| market.quotas[usize::from(q)].name.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<std::collections::BTreeSet<_>>();
    let (od, spot) = (CapacityType::OnDemand, CapacityType::Spot);
    assert_eq!(rows("aws/us-east-1", "m6i.large", od), set(&["aws/us-east-1/Standard/on_demand"]));
    assert_eq!(rows("aws/us-east-1", "m6i.large", spot), set(&["aws/us-east-1/Standard/spot"]));
    assert_eq!(
        rows("azure/eastus", "Standard_D4s_v5", od),
        set(&["azure/eastus/standardDSv5Family/on_demand", "azure/eastus/cores/on_demand"])
    );
    assert_eq!(rows("azure/eastus", "Standard_D4s_v5", spot), set(&["azure/eastus/lowPriorityCores/spot"]));
    assert_eq!(
        rows("gcp/us-central1", "g2-standard-4", od),
        set(&[
            "gcp/us-central1/G2_CPUS/on_demand",
            "gcp/us-central1/NVIDIA_L4_GPUS/on_demand",
            "gcp/global/GPUS_ALL_REGIONS/on_demand"
        ])
    );
    assert_eq!(
        rows("gcp/us-central1", "g2-standard-4", spot),
        set(&["gcp/us-central1/PREEMPTIBLE_CPUS/spot", "gcp/us-central1/PREEMPTIBLE_NVIDIA_L4_GPUS/spot"])
    );
}
