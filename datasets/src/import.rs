//! Makes the embedded tables from a folder of published tables. Run by `tradewind-import`.

mod daily;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use polars::prelude::{DataType, PolarsError};

use crate::columnar::{self, Table};
use crate::csv_table;
use crate::error::{DataError, Place};
use crate::hazards::Hazards;
use crate::offers::Offers;
use crate::tariffs::Tariffs;
use crate::{offers_csv, offers_parquet, synth, tables};

/// A table that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// File name in the target folder.
    pub file: String,
    /// Rows of its main table.
    pub rows: usize,
    /// Size.
    pub bytes: usize,
}

/// Reads the tables of `from` and writes `*.twd`, the quota scenario and the marginals of
/// the job logs into `to`.
///
/// # Errors
/// [`DataError`] if a table is missing, unreadable or malformed, or cannot be written.
pub fn import(from: &Path, to: &Path) -> Result<Vec<Written>, DataError> {
    let mut written = Vec::new();
    let mut write = |file: &str, rows: usize, bytes: Vec<u8>| -> Result<(), DataError> {
        let path = to.join(file);
        std::fs::write(&path, &bytes).map_err(|e| DataError::unreadable(&path, &e))?;
        written.push(Written { file: file.to_owned(), rows, bytes: bytes.len() });
        Ok(())
    };
    let mut slice = read_offers(from, "offers")?;
    fill_previous(from, &mut slice)?;
    let later = read_offers(from, "offers_ondemand_2026")?;
    for offers in [&slice, &later] {
        let name = format!("offers-{}.twd", &offers.as_of.to_string()[..10]);
        write(&name, offers.rows.len(), columnar::encode(&offers.to_tables()))?;
    }
    let daily = daily::read(from, &slice)?;
    write("spot-daily-2024.twd", daily.len() * daily.days().len(), columnar::encode(&daily.to_tables()))?;
    let (file, bytes) = read(from, "aws_spot_interruption")?;
    let hazards = Hazards::read_bands(&file, &bytes)?;
    write("hazards.twd", hazards.len(), columnar::encode(&[hazards.to_table()]))?;
    let tariffs = read_tariffs(from)?;
    let tables: Vec<Table> = tariffs.to_tables();
    write("egress.twd", tariffs.len().0, columnar::encode(&tables))?;
    let scenario = mid_size_account(&[&slice, &later]);
    write("quotas_mid_size_account.csv", scenario.lines().count() - 1, scenario.into_bytes())?;
    for (file, rows, bytes) in synth::fit::tables(from)? {
        write(file, rows, bytes)?;
    }
    Ok(written)
}

fn read(from: &Path, name: &str) -> Result<(String, Vec<u8>), DataError> {
    let path = csv_table::find(from, name).unwrap_or_else(|| from.join(format!("{name}.csv")));
    Ok((name.to_owned(), csv_table::read_bounded(&path)?))
}

fn read_offers(from: &Path, name: &str) -> Result<Offers, DataError> {
    let (file, bytes) = read(from, name)?;
    let (mut offers, _) = offers_csv::read(&file, &bytes)?;
    offers.rows.iter_mut().for_each(|row| row.line = 0);
    Ok(offers)
}

fn read_tariffs(from: &Path) -> Result<Tariffs, DataError> {
    let mut tariffs = Tariffs::default();
    let (file, bytes) = read(from, "egress_pairs")?;
    tariffs.read_pairs(&file, &bytes)?;
    let (file, bytes) = read(from, "egress_continent_matrix")?;
    tariffs.read_continents(&file, &bytes)?;
    let (file, bytes) = read(from, "egress_internet_tiers")?;
    tariffs.read_internet(&file, &bytes)?;
    Ok(tariffs)
}

/// The last daily spot price before the slice's date, of every series that has one.
fn fill_previous(from: &Path, slice: &mut Offers) -> Result<(), DataError> {
    let date = slice.as_of.to_string()[..10].to_owned();
    let mut last: HashMap<(String, String, String), (String, i64)> = HashMap::new();
    for name in ["spot_price_daily_aws.parquet", "spot_price_changes_azure_gcp.parquet"] {
        let path = from.join(name);
        let frame = offers_parquet::read_frame(name, csv_table::read_bounded(&path)?)?;
        let bad =
            |e: PolarsError| DataError::damaged(Place::file(name), e.to_string(), "the columns of the price history");
        let text = |column: &str| frame.column(column)?.cast(&DataType::String);
        let columns = ["cloud", "region", "instance_type", "date"].map(text);
        let [cloud, region, kind, day] = columns.map(|c| c.map_err(bad));
        let (cloud, region, kind, day) = (cloud?, region?, kind?, day?);
        let price = frame.column("spot_usd_per_hour").and_then(|c| c.cast(&DataType::Float64)).map_err(bad)?;
        let (cloud, region) = (cloud.str().map_err(bad)?, region.str().map_err(bad)?);
        let (kind, day, price) = (kind.str().map_err(bad)?, day.str().map_err(bad)?, price.f64().map_err(bad)?);
        for i in 0..frame.height() {
            let (Some(c), Some(r), Some(k), Some(d), Some(p)) =
                (cloud.get(i), region.get(i), kind.get(i), day.get(i), price.get(i))
            else {
                continue;
            };
            if d < date.as_str() {
                let entry = last.entry((c.to_owned(), r.to_owned(), k.to_owned())).or_default();
                if entry.0.as_str() < d {
                    *entry = (d.to_owned(), (p * 1e9).round() as i64);
                }
            }
        }
    }
    let (regions, types) = (slice.regions.clone(), slice.types.clone());
    tables::fill_previous(&mut slice.rows, |row| {
        let (region, kind) = (&regions[usize::from(row.region)], &types[row.kind as usize]);
        last.get(&(kind.cloud.clone(), region.region().to_owned(), kind.name.clone())).map(|(_, p)| *p)
    });
    Ok(())
}

/// The rule of the scenario `mid-size-account`: limits of a company with some hundred engineers that
/// has asked for more than the defaults once or twice. Complete: every family of every snapshot.
fn mid_size_account(snapshots: &[&Offers]) -> String {
    let mut rows: BTreeMap<(String, String, String, &str), (&str, u64)> = BTreeMap::new();
    let mut row = |cloud: &str, scope: &str, quota: &str, market: &'static str, unit: &'static str, limit: u64| {
        rows.insert((cloud.to_owned(), scope.to_owned(), quota.to_owned(), market), (unit, limit));
    };
    let types = || snapshots.iter().flat_map(|s| &s.types);
    let families: BTreeSet<(&str, &str, bool)> =
        types().map(|t| (t.cloud.as_str(), t.quota_family.as_str(), t.gpu_milli > 0)).collect();
    for &(cloud, family, gpu) in &families {
        match cloud {
            "aws" => {
                let (on_demand, spot) = aws_limits(family);
                row("aws", "*", family, "on_demand", "vcpu", on_demand);
                row("aws", "*", family, "spot", "vcpu", spot);
            }
            "azure" => row("azure", "*", family, "on_demand", "vcpu", if gpu { 96 } else { 350 }),
            _ => row("gcp", "*", family, "on_demand", "vcpu", if family == "CPUS" { 1000 } else { 500 }),
        }
    }
    row("azure", "*", "cores", "on_demand", "vcpu", 1000);
    row("azure", "*", "lowPriorityCores", "spot", "vcpu", 1000);
    row("gcp", "*", "PREEMPTIBLE_CPUS", "spot", "vcpu", 1000);
    row("gcp", "global", "GPUS_ALL_REGIONS", "on_demand", "gpu", 32);
    let gpus: BTreeSet<&str> =
        types().filter(|t| t.cloud == "gcp" && t.gpu_milli > 0).map(|t| t.gpu.as_str()).collect();
    for gpu in gpus {
        let metric = format!("NVIDIA_{}_GPUS", gpu.to_uppercase().replace('-', "_"));
        row("gcp", "*", &metric, "on_demand", "gpu", 16);
        row("gcp", "*", &format!("PREEMPTIBLE_{metric}"), "spot", "gpu", 16);
    }
    let mut text = "cloud,scope,quota,market,unit,limit,usage\n".to_owned();
    for ((cloud, scope, quota, market), (unit, limit)) in rows {
        text.push_str(&format!("{cloud},{scope},{quota},{market},{unit},{limit},0\n"));
    }
    text
}

/// vCPU per region, on demand and on spot.
fn aws_limits(family: &str) -> (u64, u64) {
    match family {
        "Standard" => (2000, 1440),
        "G and VT" => (256, 256),
        "P" => (192, 192),
        "X" | "High Memory" => (448, 128),
        "F" | "Inf" | "Trn" | "DL" => (128, 96),
        "HPC" => (384, 192),
        _ => (96, 96),
    }
}
