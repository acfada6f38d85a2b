//! `offers.csv`: one row per (cloud, region, instance type).

use tradewind_core::job::Arch;
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::time::Time;

use crate::csv_table::{self, Row};
use crate::error::{DataError, Place};
use crate::offers::{Offers, OffersBuilder, PriceRow, RawType};
use crate::quarantine::{Price, Quarantined, Rule};

/// Columns every offers table must have.
pub(crate) const REQUIRED: [&str; 6] =
    ["cloud", "region", "instance_type", "vcpus", "memory_gib", "ondemand_usd_per_hour"];
/// Columns we know; others are named in a warning.
pub(crate) const KNOWN: [&str; 18] = [
    "cloud",
    "region",
    "zone",
    "instance_type",
    "family",
    "arch",
    "vcpus",
    "memory_gib",
    "gpu_name",
    "gpu_count",
    "gpu_memory_gib_each",
    "burstable",
    "quota_family",
    "ondemand_usd_per_hour",
    "spot_usd_per_hour",
    "price_date",
    "ondemand_check",
    "currency",
];

/// Reads a table; also the names of columns we do not know.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<(Offers, Vec<String>), DataError> {
    let mut builder = OffersBuilder::default();
    let header = csv_table::for_each_row(file, bytes, &REQUIRED, |row| read_row(&mut builder, row))?;
    let unknown: Vec<String> = header.unknown(&KNOWN).into_iter().map(str::to_owned).collect();
    if let Some(column) = unknown.iter().find(|c| c.ends_with("_per_hour")) {
        return Err(DataError::currency(Place::cell(file, 1, &**column), format!("a price column {column:?}")));
    }
    let no_date = || {
        let help = "add the column price_date, e.g. 2024-03-31: without it nobody can tell how old the prices are";
        DataError::malformed(Place::cell(file, 1, "price_date"), "no price date in any row".to_owned(), "a date", help)
    };
    if builder.rows.is_empty() {
        let help = "give one row per cloud, region and instance type";
        return Err(DataError::malformed(Place::file(file), "no rows".to_owned(), "at least one offer", help));
    }
    Ok((builder.finish(file).ok_or_else(no_date)?, unknown))
}

fn read_row(builder: &mut OffersBuilder, row: &Row<'_>) -> Result<(), DataError> {
    let (cloud, region) = (row.required("cloud")?, row.required("region")?);
    for (column, text) in [("cloud", cloud), ("region", region)] {
        if text.contains('/') || text.len() > 64 {
            return Err(row.malformed(column, "a name of at most 64 bytes without a slash", "write the vendor's name"));
        }
    }
    if !row.text("zone").is_empty() {
        return Err(row.malformed("zone", "an empty cell", "offers are per region: give the region's price once"));
    }
    let currency = row.text("currency");
    if !currency.is_empty() && currency != "USD" {
        return Err(DataError::currency(row.place("currency"), format!("{currency:?}")));
    }
    let kind = read_type(row)?;
    let kind = builder.kind(kind).map_err(|known| {
        let got = format!(
            "{cloud} {} described as {} vCPU, {} MiB earlier",
            known.name,
            known.vcpu_milli / 1000,
            known.memory_mib
        );
        let help = "a type has one description in all regions: correct the row that is wrong";
        DataError::inconsistent(row.place("instance_type"), got, "the same description in every row", help)
    })?;
    let name = RegionName::new(cloud, region);
    let region = builder.region(name.clone()).ok_or_else(|| {
        DataError::too_large(row.place("region"), "more than 65,535 regions".to_owned(), "at most 65,535".to_owned())
    })?;
    let date = row.text("price_date");
    if !date.is_empty() {
        builder.as_of = builder.as_of.max(Some(read_date(row, "price_date")?));
    }
    let mut price = |column: &str, which: Price| -> Result<Option<i64>, DataError> {
        match read_price(row, column)? {
            ReadPrice::Nothing => Ok(None),
            ReadPrice::Nanos(nanos) => Ok(Some(nanos)),
            ReadPrice::NotANumber => {
                builder.unreadable.push(Quarantined {
                    region: name.clone(),
                    instance_type: row.text("instance_type").to_owned(),
                    price: which,
                    rule: Rule::NotPositive,
                    value: row.text(column).to_owned(),
                    expected: "a price above zero".to_owned(),
                    reason: format!("the {which} price is {}", row.text(column)),
                    line: row.line as u32,
                });
                Ok(None)
            }
        }
    };
    let on_demand = price("ondemand_usd_per_hour", Price::OnDemand)?;
    let spot = price("spot_usd_per_hour", Price::Spot)?;
    builder.rows.push(PriceRow { kind, region, on_demand, spot, previous_spot: None, line: row.line as u32 });
    Ok(())
}

fn read_type(row: &Row<'_>) -> Result<RawType, DataError> {
    let name = row.required("instance_type")?;
    let number = |column: &str, min: f64, max: f64| row.number(column, min, max).map(|n| n.unwrap_or(0.0));
    row.required("vcpus")?;
    row.required("memory_gib")?;
    let family = match row.text("family") {
        "" => name.split(['.', '-']).next().unwrap_or(name),
        family => family,
    };
    let gpu_milli = (number("gpu_count", 0.0, 1e3)? * 1e3).round() as u64;
    let gpu = row.text("gpu_name").to_owned();
    if (gpu_milli > 0) == gpu.is_empty() {
        return Err(row.malformed(
            "gpu_name",
            "a GPU name and a count above 0, or neither",
            "complete gpu_name and gpu_count",
        ));
    }
    Ok(RawType {
        cloud: row.text("cloud").to_owned(),
        name: name.to_owned(),
        family: family.to_owned(),
        arch: row.word("arch", &[("x86_64", Arch::X86_64), ("arm64", Arch::Arm64)])?.unwrap_or(Arch::X86_64),
        vcpu_milli: (number("vcpus", 0.001, 1e5)? * 1e3).round() as u64,
        memory_mib: (number("memory_gib", 0.0, 1e6)? * 1024.0).round() as u64,
        gpu,
        gpu_milli,
        burstable: row.word("burstable", &[("true", true), ("false", false)])?.unwrap_or(false),
        quota_family: row.text("quota_family").to_owned(),
    })
}

enum ReadPrice {
    Nothing,
    Nanos(i64),
    NotANumber,
}

/// Exact where the decimal fits into nano-dollars, else rounded; not a number is not an error here,
/// it is quarantined.
fn read_price(row: &Row<'_>, column: &str) -> Result<ReadPrice, DataError> {
    let text = row.text(column);
    if text.is_empty() {
        return Ok(ReadPrice::Nothing);
    }
    if let Ok(price) = text.parse::<UsdPerHour>() {
        return Ok(ReadPrice::Nanos(price.nanos()));
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() && n.abs() < 1e9 => Ok(ReadPrice::Nanos((n * 1e9).round() as i64)),
        Ok(_) => Ok(ReadPrice::NotANumber),
        Err(_) => Err(row.malformed(column, "dollars per hour such as 0.0425", "no currency sign, no thousands comma")),
    }
}

/// A date as midnight UTC.
pub(crate) fn read_date(row: &Row<'_>, column: &str) -> Result<Time, DataError> {
    let text = row.text(column);
    midnight(text).ok_or_else(|| row.malformed(column, "an existing date such as 2024-03-31", "write year-month-day"))
}

/// Midnight UTC of a date `YYYY-MM-DD`.
pub(crate) fn midnight(date: &str) -> Option<Time> {
    (date.len() == 10).then(|| format!("{date}T00:00:00Z").parse().ok()).flatten()
}
