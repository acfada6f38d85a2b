//! The table of daily spot prices: the mainstream series of a price history.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::{DataFrame, DataType, PolarsError};
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::time::Time;

use crate::daily::{Daily, NANOS_PER_MICRO};
use crate::error::{DataError, Place};
use crate::offers::Offers;
use crate::{csv_table, offers_csv, offers_parquet};

const FILE: &str = "spot_price_daily_aws.parquet";
/// A family is mainstream where so many regions sell it on spot: with it the table stays below a megabyte.
const REGIONS: usize = 18;
/// Older generations are left out, but for GPUs.
const GENERATION: u32 = 5;
/// The cloud's own name of the bucket of general, compute and memory machines.
const GENERAL: &str = "Standard";

/// The daily prices of the mainstream series that `slice` offers.
pub(super) fn read(from: &Path, slice: &Offers) -> Result<Daily, DataError> {
    let frame = offers_parquet::read_frame(FILE, csv_table::read_bounded(&from.join(FILE))?)?;
    let bad = |e: PolarsError| DataError::damaged(Place::file(FILE), e.to_string(), "the columns of the price history");
    let history = rows(&frame).map_err(bad)?;
    let kept = mainstream(slice);
    let days: BTreeSet<Time> = history.iter().map(|r| r.day).collect();
    let days: Vec<Time> = days.into_iter().collect();
    let mut series: BTreeMap<(RegionName, String), Vec<Option<i64>>> = BTreeMap::new();
    for row in history.into_iter().filter(|r| kept.contains(&(r.region.cloud(), family(&r.kind)))) {
        let at = days.binary_search(&row.day).unwrap_or_default();
        let prices = series.entry((row.region, row.kind)).or_insert_with(|| vec![None; days.len()]);
        prices[at] = Some((row.nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO);
    }
    Ok(Daily::new(days, series))
}

struct Row {
    region: RegionName,
    kind: String,
    day: Time,
    nanos: i64,
}

/// The rows that are whole.
fn rows(frame: &DataFrame) -> Result<Vec<Row>, PolarsError> {
    let text = |column: &str| frame.column(column)?.cast(&DataType::String);
    let (cloud, region) = (text("cloud")?, text("region")?);
    let (kind, day) = (text("instance_type")?, text("date")?);
    let price = frame.column("spot_usd_per_hour")?.cast(&DataType::Float32)?;
    let (cloud, region, kind, day, price) = (cloud.str()?, region.str()?, kind.str()?, day.str()?, price.f32()?);
    let row = |i: usize| {
        Some(Row {
            region: RegionName::new(cloud.get(i)?, region.get(i)?),
            kind: kind.get(i)?.to_owned(),
            day: offers_csv::midnight(day.get(i)?)?,
            nanos: nanos(price.get(i)?)?,
        })
    };
    Ok((0..frame.height()).filter_map(row).collect())
}

/// The source keeps single precision: its shortest decimal is the price that was published.
fn nanos(price: f32) -> Option<i64> {
    price.to_string().parse::<UsdPerHour>().ok().map(UsdPerHour::nanos)
}

/// The families worth following: (cloud, family).
fn mainstream(slice: &Offers) -> BTreeSet<(&str, &str)> {
    let mut regions: BTreeMap<(&str, &str), BTreeSet<u16>> = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for row in slice.rows.iter().filter(|r| r.spot.is_some()) {
        let kind = &slice.types[row.kind as usize];
        let key = (kind.cloud.as_str(), kind.family.as_str());
        let is_general = kind.quota_family == GENERAL && !kind.burstable && generation(&kind.family) >= GENERATION;
        if kind.gpu_milli > 0 {
            kept.insert(key);
        } else if is_general {
            regions.entry(key).or_default().insert(row.region);
        }
    }
    kept.extend(regions.into_iter().filter(|(_, r)| r.len() >= REGIONS).map(|(key, _)| key));
    kept
}

/// `m6i` of `m6i.large`.
fn family(kind: &str) -> &str {
    kind.split('.').next().unwrap_or(kind)
}

/// 6 of `m6i`.
fn generation(family: &str) -> u32 {
    let digits = family.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}
