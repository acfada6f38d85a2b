//! Tables with a few cells and bytes changed: read or refused, never a panic. The readers of queues
//! and plans are fuzzed (datasets/queue/fuzz); these need polars at build time, which a fuzzer's flags
//! would compile anew, so that a fixed number of cases stands in.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng, seq::IndexedRandom};

use crate::facts::Facts;
use crate::hazards::Hazards;
use crate::quotas::{Limits, Membership};
use crate::request::MarketSettings;
use crate::tariffs::Tariffs;
use crate::{offers_csv, quarantine, regions};

/// Cases of each table: about a second in all.
const CASES: usize = 4000;

/// Cells at which readers and arithmetic break.
const CELLS: [&str; 24] = [
    "",
    "0",
    "-1",
    "1e308",
    "1e999",
    "NaN",
    "-inf",
    "9223372036854775807",
    "-0.0",
    "1e-300",
    "0.1",
    "34.36",
    "\"",
    "\"\"",
    "\u{feff}",
    "*",
    "global",
    "aws",
    "us-east-1",
    "per_launch",
    "2024-02-30",
    "9999-12-31",
    "=1+1",
    "x,y",
];

const OFFERS: &str = "cloud,region,instance_type,family,arch,vcpus,memory_gib,gpu_name,gpu_count,burstable,\
quota_family,ondemand_usd_per_hour,spot_usd_per_hour,price_date,currency
aws,us-east-1,m5.large,m5,x86_64,2,8,,0,false,Standard,0.096,0.035,2024-03-31,USD
aws,us-east-1,m5.xlarge,m5,x86_64,4,16,,0,false,Standard,0.192,0.07,2024-03-31,
aws,eu-west-1,m5.large,m5,x86_64,2,8,,0,false,Standard,0.107,0.04,2024-03-31,
gcp,us-central1,g2-standard-4,g2,x86_64,4,16,L4,1,false,G2_CPUS,0.7,0.25,2024-03-30,
";
const HAZARDS: &str = "cloud,region,instance_type,value,unit,window_hours,source
aws,us-east-1,m5.large,0.15,per_month,,me
gcp,us-central1,g2-standard-4,0.1,per_launch,24,
";
const BANDS: &str = "cloud,region,instance_type,monthly_rate_pct_low,monthly_rate_pct_high
aws,us-east-1,m5.large,5,10
aws,us-east-1,m5.xlarge,20,100
";
const LIMITS: &str = "cloud,scope,quota,market,unit,limit,usage
aws,*,Standard,on_demand,vcpu,64,0
gcp,global,GPUS_ALL_REGIONS,on_demand,gpu,2,1
";
const PAIRS: &str = "src_cloud,src_region,dst_cloud,dst_region,usd_per_gb
aws,us-east-1,gcp,us-central1,0.09
gcp,us-central1,aws,us-east-1,0.12
";
const CONTINENTS: &str = "src_cloud,src_continent,dst_cloud,dst_continent,median_usd_per_gb
aws,Europe,gcp,Asia,0.09
aws,Asia,gcp,Europe,0.11
";
const INTERNET: &str = "cloud,region,start_gb,usd_per_gb,as_of
aws,us-east-1,0,0,2024-08-09
aws,us-east-1,100,0.09,2024-08-09
";

/// A table with one to three changes.
fn changed(table: &str, rng: &mut StdRng) -> Vec<u8> {
    let mut rows: Vec<Vec<&str>> = table.lines().map(|l| l.split(',').collect()).collect();
    for _ in 0..rng.random_range(1..=3) {
        // The header seldom: a table without a column is refused at once.
        let first = usize::from(rng.random_range(0..10) > 0);
        let row = rng.random_range(first.min(rows.len() - 1)..rows.len());
        let cell = rng.random_range(0..rows[row].len());
        match rng.random_range(0..8) {
            0 => rows.insert(row, rows[row].clone()),
            1 if rows[row].len() > 1 => drop(rows[row].remove(cell)),
            _ => rows[row][cell] = CELLS.choose(rng).expect("a cell"),
        }
    }
    let mut bytes = rows.iter().map(|r| r.join(",")).collect::<Vec<_>>().join("\n").into_bytes();
    if rng.random_range(0..8) == 0 {
        let at = rng.random_range(0..bytes.len());
        bytes[at] = rng.random();
    }
    bytes
}

/// Reads many changed tables; some are still read, some are refused.
fn survives(table: &str, seed: u64, read: impl Fn(&[u8]) -> bool) {
    let mut rng = StdRng::seed_from_u64(seed);
    let passed = (0..CASES).filter(|_| read(&changed(table, &mut rng))).count();
    println!("{passed} of {CASES} read");
    assert!((CASES / 20..CASES).contains(&passed), "{passed} of {CASES} were read");
}

#[test]
fn changed_offers() {
    survives(OFFERS, 1, |bytes| {
        let Ok((offers, _)) = offers_csv::read("t", bytes) else { return false };
        let prices = offers.rows.iter().map(|r| usize::from(r.on_demand.is_some()) + usize::from(r.spot.is_some()));
        let stated = prices.sum::<usize>() + offers.unreadable.len();
        let (rows, quarantine) = quarantine::sift(&offers, &MarketSettings::default());
        let believed = rows.iter().map(|r| usize::from(r.on_demand.is_some()) + usize::from(r.spot.is_some()));
        assert_eq!(believed.sum::<usize>() + quarantine.len(), stated, "each price is believed or listed");
        assert!(rows.iter().all(|r| r.on_demand.unwrap_or(1) > 0 && r.spot.unwrap_or(1) > 0));
        true
    });
}

#[test]
fn changed_tables_around_the_offers() {
    survives(HAZARDS, 2, |bytes| Hazards::read("t", bytes).is_ok());
    survives(BANDS, 3, |bytes| Hazards::read_bands("t", bytes).is_ok());
    survives(LIMITS, 4, |bytes| Limits::read("t", bytes).is_ok());
    let embedded = |table: &[u8]| String::from_utf8_lossy(table).lines().take(12).collect::<Vec<_>>().join("\n");
    survives(&embedded(include_bytes!("../embedded/regions.csv")), 5, |bytes| regions::read("t", bytes).is_ok());
    survives(&embedded(include_bytes!("../embedded/facts.csv")), 6, |bytes| Facts::read("t", bytes).is_ok());
    let membership = include_bytes!("../embedded/quota_membership.csv");
    survives(&embedded(membership), 7, |bytes| Membership::read("t", bytes).is_ok());
}

#[test]
fn changed_tariffs() {
    survives(PAIRS, 8, |bytes| Tariffs::default().read_pairs("t", bytes).is_ok());
    survives(CONTINENTS, 9, |bytes| Tariffs::default().read_continents("t", bytes).is_ok());
    survives(INTERNET, 10, |bytes| Tariffs::default().read_internet("t", bytes).is_ok());
}
