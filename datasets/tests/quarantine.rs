//! What the quarantine catches, in counts. The figures are printed; run with `--no-capture`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tradewind_core::market::CapacityType;
use tradewind_core::place::RegionName;
use tradewind_datasets::columnar::TableFile;
use tradewind_datasets::offers::Offers;
use tradewind_datasets::{LoadedMarket, MarketRequest, MarketSource, QuotaChoice, Snapshot, load};

/// (region, instance type)
type Key = (RegionName, String);

/// A row of `offers.csv` that the tests may spoil.
#[derive(Clone)]
struct OfferLine {
    region: RegionName,
    instance_type: String,
    description: String,
    on_demand: f64,
    spot: Option<f64>,
}

impl OfferLine {
    fn key(&self) -> Key {
        (self.region.clone(), self.instance_type.clone())
    }
}

const HEADER: &str = "cloud,region,instance_type,family,arch,vcpus,memory_gib,gpu_name,gpu_count,burstable,\
                      quota_family,ondemand_usd_per_hour,spot_usd_per_hour,price_date";

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The 46,574 sound rows, before any quarantine.
fn sound_rows() -> Vec<OfferLine> {
    let name = "embedded/offers-2024-03-31.twd";
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let offers = Offers::from_tables(&TableFile::decode(name, &bytes).unwrap(), name).unwrap();
    let line = |row: &tradewind_datasets::offers::PriceRow| {
        let t = &offers.types[row.kind as usize];
        OfferLine {
            region: offers.regions[usize::from(row.region)].clone(),
            instance_type: t.name.clone(),
            description: format!(
                "{},{},{},{},{},{},{},{}",
                t.family,
                t.arch,
                t.vcpu_milli as f64 / 1e3,
                t.memory_mib as f64 / 1024.0,
                t.gpu,
                t.gpu_milli as f64 / 1e3,
                t.burstable,
                t.quota_family
            ),
            on_demand: row.on_demand.unwrap() as f64 / 1e9,
            spot: row.spot.map(|p| p as f64 / 1e9),
        }
    };
    offers.rows.iter().map(line).collect()
}

/// The 413 rows whose price contradicts their siblings.
fn suspect_rows() -> Vec<OfferLine> {
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/offers_suspect.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let line = |r: &BTreeMap<String, String>| {
        // As the other table writes them: memory through whole MiB.
        let memory = (r["memory_gib"].parse::<f64>().unwrap() * 1024.0).round() / 1024.0;
        let number = |c: &str| r[c].parse::<f64>().unwrap();
        OfferLine {
            region: RegionName::new(&r["cloud"], &r["region"]),
            instance_type: r["instance_type"].clone(),
            description: format!(
                "{},{},{},{memory},{},{},{},{}",
                r["family"],
                r["arch"],
                number("vcpus"),
                r["gpu_name"],
                number("gpu_count"),
                r["burstable"],
                r["quota_family"]
            ),
            on_demand: number("ondemand_usd_per_hour"),
            spot: r["spot_usd_per_hour"].parse().ok(),
        }
    };
    rows.iter().map(line).collect()
}

/// `date` near the embedded snapshot: its prices before are used for the jump rule.
fn load_rows(folder: &str, date: &str, rows: &[OfferLine]) -> LoadedMarket {
    let folder = scratch(folder);
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join("offers.csv")).unwrap());
    writeln!(file, "{HEADER}").unwrap();
    for r in rows {
        let spot = r.spot.map_or_else(String::new, |s| format!("{s:.9}"));
        let (cloud, region) = (r.region.cloud(), r.region.region());
        writeln!(file, "{cloud},{region},{},{},{:.9},{spot},{date}", r.instance_type, r.description, r.on_demand)
            .unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    load(&MarketRequest {
        source: MarketSource::Folder(folder),
        quotas: QuotaChoice::Unlimited,
        ..MarketRequest::default()
    })
    .unwrap()
}

fn quarantined_keys(loaded: &LoadedMarket) -> BTreeSet<Key> {
    loaded.quarantine.iter().map(|q| (q.region.clone(), q.instance_type.clone())).collect()
}

fn by_rule(loaded: &LoadedMarket) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for q in &loaded.quarantine {
        *counts.entry(format!("{} {} {}", q.region.cloud(), q.rule, q.price)).or_default() += 1;
    }
    counts
}

#[test]
fn every_suspect_is_caught_and_few_sound_rows() {
    let (sound, suspects) = (sound_rows(), suspect_rows());
    assert_eq!((sound.len(), suspects.len()), (46_574, 413));
    let all: Vec<OfferLine> = sound.iter().chain(&suspects).cloned().collect();
    for date in ["2024-03-31", "2025-03-31"] {
        judge_suspects(date, &sound, &suspects, &load_rows(&format!("suspects-{date}"), date, &all));
    }
}

fn judge_suspects(date: &str, sound: &[OfferLine], suspects: &[OfferLine], loaded: &LoadedMarket) {
    let caught = quarantined_keys(loaded);
    let of = |rows: &[OfferLine]| rows.iter().filter(|r| caught.contains(&r.key())).count();
    let (suspects_caught, sound_caught) = (of(suspects), of(sound));
    let share = sound_caught as f64 / sound.len() as f64;
    println!("{date}: suspects {suspects_caught} of 413; sound rows {sound_caught} of 46574 ({:.3} %)", share * 100.0);
    println!("{:#?}", by_rule(loaded));
    assert_eq!(suspects_caught, 413);
    assert!(share <= 0.002);
}

#[test]
fn nearly_every_spoiled_row_is_caught() {
    let sound = sound_rows();
    for seed in [1, 2, 3] {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut rows = sound.clone();
        let mut spoiled: BTreeMap<Key, String> = BTreeMap::new();
        let mut by_cloud: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, r)| r.spot.is_some()) {
            by_cloud.entry(row.region.cloud().to_owned()).or_default().push(at);
        }
        let clouds: Vec<&Vec<usize>> = by_cloud.values().collect();
        while spoiled.len() < 1000 {
            let at = *clouds[spoiled.len() % clouds.len()].choose(&mut rng).unwrap();
            if spoiled.contains_key(&rows[at].key()) {
                continue;
            }
            let factor = [0.1, 1.5, 730.0, 0.0][rng.random_range(0..4)];
            let row = &mut rows[at];
            let spot = row.spot.unwrap();
            let what = if factor == 0.0 {
                row.spot = Some(row.on_demand);
                row.on_demand = spot;
                "swapped".to_owned()
            } else if rng.random_bool(0.5) {
                row.on_demand *= factor;
                format!("on-demand x{factor}")
            } else {
                row.spot = Some(spot * factor);
                format!("spot x{factor}")
            };
            let what = format!("{} {what}", row.region.cloud());
            spoiled.insert(row.key(), what);
        }
        // Without prices before, a spot price of AWS that is 1.5 times too high looks like any other.
        for (date, least) in [("2024-03-31", 950), ("2025-03-31", 900)] {
            let caught = quarantined_keys(&load_rows(&format!("spoiled-{seed}-{date}"), date, &rows));
            let mut missed: BTreeMap<&str, usize> = BTreeMap::new();
            for (_, what) in spoiled.iter().filter(|(key, _)| !caught.contains(key)) {
                *missed.entry(what).or_default() += 1;
            }
            let hits = 1000 - missed.values().sum::<usize>();
            let others = caught.iter().filter(|k| !spoiled.contains_key(k)).count();
            println!("{date} seed {seed}: {hits} of 1000 spoiled rows caught, {others} others; missed {missed:?}");
            assert!(hits >= least);
        }
    }
}

#[test]
fn the_embedded_snapshots_lose_little() {
    for (snapshot, rows) in [(Snapshot::S2024, 46_574), (Snapshot::S2026, 54_589)] {
        let loaded =
            load(&MarketRequest { source: MarketSource::Embedded(snapshot), ..MarketRequest::default() }).unwrap();
        let lost = quarantined_keys(&loaded).len();
        println!("{}: {lost} of {rows} rows ({:.3} %)", loaded.market.snapshot, lost as f64 * 100.0 / rows as f64);
        println!("{:#?}", by_rule(&loaded));
        assert_eq!(loaded.rows_read, rows);
        assert!(lost * 25 <= rows, "at most 4 %");
    }
}

#[test]
fn the_cheapest_offers_are_not_quarantined_for_being_cheap() {
    let market = load(&MarketRequest::default()).unwrap().market;
    let mut reader =
        csv::Reader::from_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/peer_oracle.csv")).unwrap();
    let mut checked = 0;
    for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let (region, instance_type) = row["cheapest"].rsplit_once('/').unwrap();
        let capacity: CapacityType = row["capacity_type"].parse().unwrap();
        let offer = market.find_offer(&region.parse().unwrap(), instance_type, capacity, None);
        let offer = offer.unwrap_or_else(|| panic!("{} {capacity} is in the market", row["cheapest"]));
        let price: f64 = row["cheapest_usd_per_hour"].parse().unwrap();
        assert!((market.offers[offer].price.as_f64() / price - 1.0).abs() < 1e-6, "{}", row["cheapest"]);
        checked += 1;
    }
    println!("{checked} cheapest offers of the oracle are in the market");
    assert_eq!(checked, 128);
}
