//! The embedded daily spot prices: whole, as the source states them, and a market as of a day.

use tradewind_core::hash;
use tradewind_core::market::{CapacityType, Market};
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::time::Time;
use tradewind_datasets::{Daily, LoadedMarket, MarketRequest, MarketSource, Snapshot, load};

/// Of the table made from the source whose SHA-256 begins 7ed2601872c1.
const CONTENT: &str = "a1877f049891d310bdcba41a6584af4f2c099bace1189d053a88dce362ff436e";

fn day(text: &str) -> Time {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn as_of(text: &str) -> LoadedMarket {
    load(&MarketRequest { source: MarketSource::Daily(day(text)), ..MarketRequest::default() }).unwrap()
}

fn spot(market: &Market, region: &str, kind: &str) -> Option<UsdPerHour> {
    let found = market.find_offer(&region.parse().unwrap(), kind, CapacityType::Spot, None)?;
    Some(market.offers[found].price)
}

#[test]
fn the_series_is_the_one_that_was_derived() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/embedded/spot-daily-2024.twd")).unwrap();
    assert!(bytes.len() < 1_000_000, "{} bytes", bytes.len());
    assert_eq!(hash::of_bytes(&bytes[74..]), CONTENT);
    let series = Daily::embedded().unwrap();
    assert_eq!((series.days().len(), series.len()), (75, 5361));
    assert_eq!((series.days()[0], series.days()[74]), (day("2024-01-09"), day("2024-03-31")));
    assert_eq!(series.newest(day("2024-02-06")), Some(day("2024-02-05")), "the source has no 2024-02-06");
    assert_eq!(series.newest(day("2024-01-08")), None);
}

/// Rows of the source, read by another program.
#[test]
fn known_rows_of_the_source_are_read_back() {
    let rows = [
        ("aws/us-east-1", "m5.large", ["0.0407", "0.0401", "0.0411", "0.0414"]),
        ("aws/us-west-2", "p4d.24xlarge", ["3.2773", "3.3591", "4.6224", "4.6706"]),
        ("aws/ap-southeast-2", "g5.xlarge", ["0.4682", "0.4482", "0.5071", "0.5036"]),
        ("aws/us-east-1", "g5.xlarge", ["0.5379", "0.5372", "0.5191", "0.5198"]),
    ];
    for (at, date) in ["2024-01-09", "2024-02-05", "2024-03-29", "2024-03-31"].into_iter().enumerate() {
        let market = as_of(date).market;
        assert_eq!((market.as_of, market.snapshot.as_str()), (day(date), date));
        for (region, kind, prices) in rows {
            let found = spot(&market, region, kind);
            assert_eq!(found, Some(prices[at].parse().unwrap()), "{kind} in {region} on {date}");
        }
    }
}

#[test]
fn the_last_day_has_the_prices_of_the_snapshot() {
    let (daily, whole) = (as_of("2024-03-31").market, load(&MarketRequest::default()).unwrap().market);
    let mut same = 0;
    for offer in daily.offers.iter().filter(|o| o.capacity_type == CapacityType::Spot) {
        let (region, kind) = (&daily.region_of(offer).name, &daily.type_of(offer).name);
        let found = whole.find_offer(region, kind, CapacityType::Spot, None).map(|o| whole.offers[o].price);
        // A price that a rule does not believe in one market may be believed among other neighbours.
        let Some(price) = found else { continue };
        assert!((price.nanos() - offer.price.nanos()).abs() <= 500, "{kind} in {region}: micro-dollars");
        same += 1;
    }
    println!("{same} spot prices alike");
    assert!(same > 20_000);
}

#[test]
fn a_market_of_a_day_says_what_it_rests_on() {
    let loaded = as_of("2024-03-29");
    let told = |list: &[String], words: &str| list.iter().any(|s| s.contains(words));
    assert!(told(&loaded.assumptions, "offers: of 2024-03-31, later than the prices"), "{:?}", loaded.assumptions);
    assert!(told(&loaded.warnings, "machines of aws have no spot price of the day"), "{:?}", loaded.warnings);
    assert!(spot(&loaded.market, "aws/us-east-1", "t3.large").is_none(), "no series follows it");
    assert_eq!(spot(&loaded.market, "gcp/us-central1", "n2-standard-4"), {
        let whole = load(&MarketRequest { source: MarketSource::Embedded(Snapshot::S2024), ..Default::default() });
        spot(&whole.unwrap().market, "gcp/us-central1", "n2-standard-4")
    });
    assert_ne!(loaded.hash, as_of("2024-03-30").hash);
    assert_eq!(loaded.hash, as_of("2024-03-29").hash);
}

#[test]
fn a_day_that_the_source_lacks_is_named() {
    let request = MarketRequest { source: MarketSource::Daily(day("2024-02-06")), ..MarketRequest::default() };
    let error = load(&request).unwrap_err();
    assert_eq!((error.code(), error.got()), ("TW2016", "no prices of 2024-02-06"));
    assert_eq!(error.help(), "the nearest day that has prices is 2024-02-05");
}

#[test]
fn the_history_of_a_machine_is_what_came_before() {
    let series = Daily::embedded().unwrap();
    let region = RegionName::new("aws", "us-east-1");
    let before = series.before(&region, "g5.xlarge", day("2024-03-31"), 30);
    assert_eq!(before.len(), 30);
    assert_eq!(before[28], "0.5191".parse().unwrap(), "2024-03-29, the last but one");
    assert!(series.before(&region, "g5.xlarge", day("2024-01-09"), 30).is_empty(), "nothing came before the first");
    assert!(series.before(&region, "none.such", day("2024-03-31"), 30).is_empty());
}
