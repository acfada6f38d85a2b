//! A user's own market: the happy path, the fall-backs, and what is refused.

use std::path::{Path, PathBuf};

use tradewind_core::market::{CapacityType, HazardUnit};
use tradewind_core::time::Time;
use tradewind_datasets::{
    DataError, LoadedMarket, MarketRequest, MarketSettings, MarketSource, QuotaChoice, Rule, load,
};

const HEADER: &str = "cloud,region,instance_type,family,arch,vcpus,memory_gib,gpu_name,gpu_count,burstable,\
                      quota_family,ondemand_usd_per_hour,spot_usd_per_hour,price_date";
const OFFERS: &str = "aws,us-east-1,m6i.large,m6i,x86_64,2,8,,0,false,Standard,0.096,0.035,2026-11-20
aws,us-east-1,m6i.xlarge,m6i,x86_64,4,16,,0,false,Standard,0.192,0.070,2026-11-21
gcp,us-central1,g2-standard-4,g2,x86_64,4,16,L4,1,false,G2_CPUS,0.70,0.25,2026-11-21
";

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("folder-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.join(file), text).unwrap();
        self
    }

    fn with_offers(self, rows: &str) -> Self {
        self.with("offers.csv", format!("{HEADER}\n{rows}"))
    }

    fn load_with(&self, quotas: QuotaChoice) -> Result<LoadedMarket, DataError> {
        let source = MarketSource::Folder(self.0.clone());
        load(&MarketRequest { source, quotas, settings: MarketSettings::default(), ..MarketRequest::default() })
    }

    fn load(&self) -> Result<LoadedMarket, DataError> {
        self.load_with(QuotaChoice::Unlimited)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The error as people see it, without the folder's own path.
    fn error(&self) -> String {
        self.shown(&self.load().unwrap_err())
    }

    fn shown(&self, e: &DataError) -> String {
        let place = e.place().to_string().replace(&format!("{}/", self.0.display()), "");
        let place = place.replace(&self.0.display().to_string(), "FOLDER");
        format!("{} {place}: {} | {} | {}", e.code(), e.got(), e.accepted(), e.help())
    }
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn offers_alone_are_enough_and_every_fall_back_is_named() {
    let folder = Folder::new("alone").with_offers(OFFERS);
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.market.offers.len(), 6);
    assert_eq!(loaded.market.as_of, "2026-11-21T00:00:00Z".parse::<Time>().unwrap());
    assert_eq!(loaded.quarantine, []);
    for table in [
        "regions",
        "facts",
        "hazards",
        "egress_pairs",
        "egress_continent_matrix",
        "egress_internet_tiers",
        "previous_offers",
    ] {
        assert!(loaded.warnings.iter().any(|w| w.contains(table)), "{table}: {:#?}", loaded.warnings);
    }
    let m6i =
        loaded.market.find_offer(&"aws/us-east-1".parse().unwrap(), "m6i.large", CapacityType::Spot, None).unwrap();
    assert_eq!(loaded.market.offers[m6i].price.to_string(), "0.035");
}

#[test]
fn gzip_parquet_and_csv_are_the_same_market() {
    let text = format!("{HEADER}\n{OFFERS}");
    let plain = Folder::new("plain").with_offers(OFFERS).load().unwrap();
    let packed = Folder::new("packed").with("offers.csv.gz", gzip(&text)).load().unwrap();
    assert_eq!(plain.market.offers, packed.market.offers);
    assert_eq!(plain.hash, packed.hash, "the hash is of the content, not of its packing");
    let parquet = Folder::new("parquet").with("offers.parquet", parquet(&text)).load().unwrap();
    assert_eq!(plain.market.offers, parquet.market.offers);
    assert_eq!(plain.market.types, parquet.market.types);
    let broken = Folder::new("broken").with("offers.parquet", b"PAR1 but no more").error();
    assert!(broken.starts_with("TW2014 offers.parquet"), "{broken}");
}

fn parquet(csv: &str) -> Vec<u8> {
    use polars::prelude::*;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |(i, name): (usize, &String)| {
        let texts: Vec<Option<&str>> = rows.iter().map(|r| r.get(i).filter(|t| !t.is_empty())).collect();
        let texts = Column::new(name.as_str().into(), texts);
        let numeric = ["vcpus", "memory_gib", "gpu_count"].contains(&name.as_str()) || name.ends_with("_per_hour");
        if numeric { texts.cast(&DataType::Float64).unwrap() } else { texts }
    };
    let columns = names.iter().enumerate().map(column).collect();
    let mut frame = DataFrame::new(rows.len(), columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let mut rows: Vec<&str> = OFFERS.lines().collect();
    let one = Folder::new("order-1").with_offers(&rows.join("\n")).load().unwrap();
    rows.reverse();
    let other = Folder::new("order-2").with_offers(&rows.join("\n")).load().unwrap();
    assert_eq!(one.market.offers, other.market.offers);
    assert_eq!(one.market.types, other.market.types);
}

#[test]
fn a_fourth_cloud_brings_its_own_rows() {
    let rows = "lab,cellar,big,big,x86_64,64,256,,0,false,,0.5,0.2,2026-11-21\n";
    let bare = Folder::new("lab-bare").with_offers(rows).error();
    assert_eq!(
        bare,
        "TW2016 regions.csv: no row for the region lab/cellar | a row for every region of the offers | \
         add a row to regions.csv of the folder: cloud,region,continent,country"
    );
    let regions = "cloud,region,continent,country,residency,zones\nlab,cellar,Europe,DE,EU;EEA;DE,1\n";
    let no_facts = Folder::new("lab-facts").with_offers(rows).with("regions.csv", regions).error();
    assert!(no_facts.starts_with("TW2016 facts.csv: no fact \"boot_median\" for cloud \"lab\""), "{no_facts}");
    let facts = "cloud,fact,value,unit,source
lab,boot_median,10,s,measured
lab,boot_p95,20,s,measured
lab,billing_minimum,0,s,ours
lab,free_if_interrupted_within,0,s,ours
lab,notice,600,s,ours
lab,address,0,usd_per_hour,ours
lab,disk,0.01,usd_per_gb_month,ours
lab,object_storage,0.01,usd_per_gb_month,ours
";
    let hazards = "cloud,region,instance_type,value,unit,source\nlab,cellar,big,0.02,per_day,our log\n";
    let folder = Folder::new("lab").with_offers(rows).with("regions.csv", regions).with("facts.csv", facts);
    let loaded = folder.with("hazards.csv", hazards).load_with(QuotaChoice::Scenario).unwrap();
    assert_eq!(loaded.market.hazards.len(), 1);
    assert_eq!(loaded.market.hazards[0].unit, HazardUnit::PerDay);
    assert!(loaded.warnings.iter().any(|w| w.contains("no quota membership for lab")), "{:#?}", loaded.warnings);
    assert!(
        loaded.warnings.iter().any(|w| w.contains("TW2009") && w.contains("lab/cellar")),
        "unpriced pairs are named"
    );
}

#[test]
fn bad_rows_are_refused_with_their_place() {
    let cell = |name: &str, row: &str| Folder::new(name).with_offers(row).error();
    assert_eq!(
        cell("vcpus", "aws,us-east-1,m6i.large,m6i,x86_64,two,8,,0,false,Standard,0.096,,2026-11-20\n"),
        "TW2014 offers.csv:2:vcpus: \"two\" | a number from 0.001 to 100000 | write digits and a decimal point"
    );
    assert_eq!(
        cell("arch", "aws,us-east-1,m6i.large,m6i,x86-64,2,8,,0,false,Standard,0.096,,2026-11-20\n"),
        "TW2014 offers.csv:2:arch: \"x86-64\" | x86_64, arm64 | did you mean \"x86_64\"?"
    );
    assert_eq!(
        cell("price", "aws,us-east-1,m6i.large,m6i,x86_64,2,8,,0,false,Standard,$0.096,,2026-11-20\n"),
        "TW2014 offers.csv:2:ondemand_usd_per_hour: \"$0.096\" | dollars per hour such as 0.0425 | \
         no currency sign, no thousands comma"
    );
    assert_eq!(
        cell("date", "aws,us-east-1,m6i.large,m6i,x86_64,2,8,,0,false,Standard,0.096,,2026-02-30\n"),
        "TW2014 offers.csv:2:price_date: \"2026-02-30\" | an existing date such as 2024-03-31 | write year-month-day"
    );
    assert_eq!(
        cell("cells", "aws,us-east-1,m6i.large\n"),
        "TW2014 offers.csv:2: 3 cells in a table of 14 columns | UTF-8 CSV, comma, one header row | \
         check for a missing or an unquoted comma"
    );
    let region = cell("region", "aws,us-est-1,m6i.large,m6i,x86_64,2,8,,0,false,Standard,0.096,,2026-11-20\n");
    assert!(region.contains("did you mean aws/us-east-1?"), "{region}");
    let twice = format!("{OFFERS}aws,us-east-2,m6i.large,m6i,x86_64,4,8,,0,false,Standard,0.1,,2026-11-20\n");
    assert!(cell("twice", &twice).starts_with("TW2016 offers.csv:5:instance_type"), "one description a type");
    assert!(cell("none", "").contains("no rows"));
}

#[test]
fn bad_files_are_refused() {
    assert!(Folder::new("empty").error().starts_with("TW2016 FOLDER: no offers.csv"));
    let missing = MarketSource::Folder(PathBuf::from("does/not/exist"));
    let error = load(&MarketRequest { source: missing, ..MarketRequest::default() }).unwrap_err();
    assert_eq!((error.code(), error.place().to_string().as_str()), ("TW2000", "does/not/exist"));
    let typo = Folder::new("typo").with("offers.csv", format!("{HEADER}\n{OFFERS}").replace("memory_gib", "memory_gb"));
    assert!(typo.error().contains("rename \"memory_gb\" to \"memory_gib\""), "{}", typo.error());
    let euro = Folder::new("euro").with("offers.csv", format!("{HEADER},currency\n{}", OFFERS.replace('\n', ",EUR\n")));
    assert!(euro.error().starts_with("TW2013 offers.csv:2:currency: \"EUR\""), "{}", euro.error());
    let latin = Folder::new("latin").with("offers.csv", [HEADER.as_bytes(), b"\naws,\xff\n"].concat());
    assert!(latin.error().starts_with("TW2014"), "{}", latin.error());
    let bomb = Folder::new("bomb").with("offers.csv.gz", gzip(&"0".repeat(8 << 20)));
    assert!(bomb.error().starts_with("TW2015 offers.csv.gz"), "{}", bomb.error());
    let bom = Folder::new("bom").with("offers.csv", format!("\u{feff}{HEADER}\r\n{}", OFFERS.replace('\n', "\r\n")));
    assert_eq!(bom.load().unwrap().market.offers.len(), 6, "a byte order mark and CRLF are accepted");
}

#[test]
fn a_hazard_needs_its_unit() {
    let with = |name: &str, row: &str| {
        let table = format!("cloud,region,instance_type,value,unit,window_hours,source\n{row}\n");
        Folder::new(name).with_offers(OFFERS).with("hazards.csv", table).error()
    };
    assert!(with("hazard-bare", "aws,us-east-1,m6i.large,15,,,x").starts_with("TW2006 hazards.csv:2:value"));
    assert!(with("hazard-unit", "aws,us-east-1,m6i.large,0.15,,,x").starts_with("TW2006 hazards.csv:2:unit"));
    assert!(with("hazard-big", "aws,us-east-1,m6i.large,1.5,per_day,,x").starts_with("TW2006 hazards.csv:2:value"));
    assert!(
        with("hazard-launch", "aws,us-east-1,m6i.large,0.1,per_launch,,x").starts_with("TW2006 hazards.csv:2:window")
    );
}

#[test]
fn odd_prices_are_quarantined_not_refused() {
    let rows = "aws,us-east-1,m6i.large,m6i,x86_64,2,8,,0,false,Standard,0,0.035,2026-11-20
aws,us-east-1,m6i.xlarge,m6i,x86_64,4,16,,0,false,Standard,0.192,NaN,2026-11-21
aws,us-east-1,m6i.2xlarge,m6i,x86_64,8,32,,0,false,Standard,0.384,0.5,2026-11-21
aws,us-east-1,m6i.4xlarge,m6i,x86_64,16,64,,0,false,Standard,0.768,0.3,2026-11-21
aws,us-east-1,m6i.4xlarge,m6i,x86_64,16,64,,0,false,Standard,0.768,0.4,2026-11-21
aws,us-east-1,m6i.8xlarge,m6i,x86_64,32,128,,0,false,Standard,1121.28,,2026-11-21
aws,us-east-1,m6i.16xlarge,m6i,x86_64,64,256,,0,false,Standard,3.072,-1,2026-11-21
";
    let loaded = Folder::new("odd").with_offers(rows).load().unwrap();
    let found: Vec<(u32, Rule)> = loaded.quarantine.iter().map(|q| (q.line, q.rule)).collect();
    for expected in [
        (2, Rule::NotPositive),
        (3, Rule::NotPositive),
        (4, Rule::InvertedSpot),
        (5, Rule::Duplicate),
        (6, Rule::Duplicate),
        (7, Rule::UnitSuspected),
        (8, Rule::NotPositive),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    let kept: Vec<String> = loaded.market.offers.iter().map(|o| o.price.to_string()).collect();
    assert_eq!(kept, ["3.072", "0.384", "0.035", "0.192"]);
    let settings = MarketSettings { allow_inverted: true, ..MarketSettings::default() };
    let source = MarketSource::Folder(Folder::new("odd-2").with_offers(rows).0);
    let inverted =
        load(&MarketRequest { source, quotas: QuotaChoice::Unlimited, settings, ..MarketRequest::default() }).unwrap();
    assert!(inverted.quarantine.iter().all(|q| q.rule != Rule::InvertedSpot));
}

#[test]
fn a_quota_file_is_checked_and_missing_rows_are_nought() {
    let header = "cloud,scope,quota,market,unit,limit,usage";
    let with = |name: &str, rows: &str| {
        let folder = Folder::new(name).with_offers(OFFERS).with("limits.csv", format!("{header}\n{rows}\n"));
        let limits = QuotaChoice::File(folder.file("limits.csv"));
        let result = folder.load_with(limits);
        (folder, result)
    };
    let (_, loaded) = with("quota", "aws,us-east-1,Standard,on_demand,vcpu,100,20\ngcp,*,G2_CPUS,on_demand,vcpu,8,0");
    let loaded = loaded.unwrap();
    let available = |name: &str| loaded.market.quotas.iter().find(|q| q.name == name).map(|q| q.available);
    assert_eq!(available("aws/us-east-1/Standard/on_demand"), Some(80));
    assert_eq!(available("gcp/us-central1/G2_CPUS/on_demand"), Some(8));
    assert_eq!(available("aws/us-east-1/Standard/spot"), Some(0));
    assert!(
        loaded.warnings.iter().any(|w| w.contains("aws Standard spot in us-east-1: taken as 0")),
        "{:#?}",
        loaded.warnings
    );
    let refused = |name: &str, row: &str| {
        let (folder, result) = with(name, row);
        folder.shown(&result.unwrap_err())
    };
    let over = refused("quota-over", "aws,us-east-1,Standard,on_demand,vcpu,100,101");
    assert!(over.starts_with("TW2011 limits.csv:2:usage: usage 101 is above the limit 100"), "{over}");
    let negative = refused("quota-negative", "aws,us-east-1,Standard,on_demand,vcpu,-1,0");
    assert!(negative.starts_with("TW2011 limits.csv:2:limit"), "{negative}");
    let unknown = refused("quota-unknown", "aws,us-east-1,Standrad,on_demand,vcpu,1,0");
    assert!(
        unknown.starts_with("TW2011 limits.csv:2:quota: unknown quota") && unknown.contains("\"Standard\"?"),
        "{unknown}"
    );
    let scope = refused("quota-scope", "aws,us-east-9,Standard,on_demand,vcpu,1,0");
    assert!(scope.starts_with("TW2011 limits.csv:2:scope") && scope.contains("us-east-1"), "{scope}");
    let unit = refused("quota-unit", "aws,us-east-1,Standard,on_demand,gpu,1,0");
    assert!(unit.starts_with("TW2011"), "{unit}");
}
