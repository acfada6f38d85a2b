//! All tables of a market, from the binary or from a folder, with where each came from.

use std::path::Path;

use serde::Serialize;
use tradewind_core::hash;
use tradewind_core::time::{Millis, Time};

use crate::columnar::TableFile;
use crate::csv_table;
use crate::daily::{self, Daily};
use crate::error::{DataError, Place};
use crate::facts::Facts;
use crate::hazards::Hazards;
use crate::offers::{Offers, PriceRow};
use crate::quotas::{Limits, Membership};
use crate::regions::{self, Regions};
use crate::request::Snapshot;
use crate::tariffs::Tariffs;
use crate::{offers_csv, offers_parquet, previous};

/// A table of the market and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSource {
    /// `offers`, `hazards`, `egress`, `regions`, `facts`, `quotas`.
    pub table: String,
    /// File, or the embedded table's origin.
    pub origin: String,
    /// Licence; empty for a user's own table.
    pub licence: String,
    /// The day of the figures, if they have one.
    pub as_of: Option<Time>,
    /// Oldest age at which they are still used; none is no limit.
    pub age_limit: Option<Millis>,
    /// Number of rows.
    pub rows: usize,
    /// Whether it is inside the binary.
    pub embedded: bool,
}

const OFFERS_2024: &[u8] = include_bytes!("../embedded/offers-2024-03-31.twd");
const OFFERS_2026: &[u8] = include_bytes!("../embedded/offers-2026-07-20.twd");
const HAZARDS: &[u8] = include_bytes!("../embedded/hazards.twd");
const EGRESS: &[u8] = include_bytes!("../embedded/egress.twd");
pub(crate) const REGIONS: &[u8] = include_bytes!("../embedded/regions.csv");
const FACTS: &[u8] = include_bytes!("../embedded/facts.csv");
const MEMBERSHIP: &[u8] = include_bytes!("../embedded/quota_membership.csv");
const MID_SIZE_ACCOUNT: &[u8] = include_bytes!("../embedded/quotas_mid_size_account.csv");

const OFFERS_LICENCE: &str =
    "facts; coroot/cloud-pricing, Karpenter, kubernetes/autoscaler, Cyclenerd (all Apache-2.0)";
const OWN_LICENCE: &str = "our own table of facts";

/// Everything a market is made of.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) snapshot: String,
    pub(crate) offers: Offers,
    pub(crate) regions: Regions,
    pub(crate) facts: Facts,
    pub(crate) hazards: Hazards,
    pub(crate) tariffs: Tariffs,
    pub(crate) membership: Membership,
    pub(crate) sources: Vec<TableSource>,
    pub(crate) warnings: Vec<String>,
    /// Hash of every table's bytes, in a fixed order.
    pub(crate) hash: String,
}

impl Tables {
    /// The embedded snapshot.
    pub(crate) fn embedded(snapshot: Snapshot) -> Result<Self, DataError> {
        let (name, bytes) = match snapshot {
            Snapshot::S2024 => ("2024-03-31", OFFERS_2024),
            Snapshot::S2026 => ("2026-07-20", OFFERS_2026),
        };
        let offers = embedded_offers(snapshot)?;
        let rows = offers.rows.len();
        let mut tables = Self::common(name, offers)?;
        let as_of = Some(tables.offers.as_of);
        tables.sources.insert(0, embedded("offers", OFFERS_LICENCE, as_of, rows));
        tables.hash = combined(std::iter::once(TableFile::stated_hash(bytes)).chain(around_hashes()));
        Ok(tables)
    }

    /// The snapshot of 2024 at the spot prices of a day.
    pub(crate) fn daily(day: Time) -> Result<Self, DataError> {
        let mut tables = Self::embedded(Snapshot::S2024)?;
        let series = Daily::embedded()?;
        let limit = tables.facts.limit("previous_spot_limit")?;
        let warnings = series.apply(day, limit, &mut tables.offers)?;
        tables.snapshot = day.to_string()[..10].to_owned();
        tables.sources.insert(1, embedded("spot_daily", OFFERS_LICENCE, Some(day), series.len()));
        tables.warnings.extend(warnings);
        tables.hash = combined([tables.hash, daily::embedded_hash(), tables.snapshot.clone()]);
        Ok(tables)
    }

    /// A user's folder; what it lacks is taken from the embedded tables, with a warning each.
    pub(crate) fn folder(folder: &Path) -> Result<Self, DataError> {
        let mut digest = Vec::new();
        let (offers, unknown) = read_offers(folder, &mut digest)?;
        let name =
            format!("{} {}", folder.file_name().unwrap_or_default().to_string_lossy(), &offers.as_of.to_string()[..10]);
        let mut tables = Self::common(&name, offers)?;
        let origin = tables.offers.file.clone();
        let rows = tables.offers.rows.len();
        tables.sources.insert(0, own("offers", &origin, Some(tables.offers.as_of), rows));
        for column in unknown {
            tables.warnings.push(format!("{origin}: column {column:?} is not one of ours and is not used"));
        }
        digest.extend(around_hashes());
        tables.overridden(folder, &mut digest)?;
        let previous = previous::for_folder(folder, &mut tables.offers, &tables.facts, &mut digest)?;
        tables.warnings.extend(previous);
        tables.hash = combined(digest);
        Ok(tables)
    }

    /// The embedded tables around `offers`.
    fn common(snapshot: &str, offers: Offers) -> Result<Self, DataError> {
        let hazards = Hazards::from_table(&TableFile::decode("embedded/hazards.twd", HAZARDS)?)?;
        let tariffs = Tariffs::from_tables(&TableFile::decode("embedded/egress.twd", EGRESS)?)?;
        let regions = regions::read("embedded/regions.csv", REGIONS)?;
        let facts = Facts::read("embedded/facts.csv", FACTS)?;
        let membership = Membership::read("embedded/quota_membership.csv", MEMBERSHIP)?;
        let day = |text: &str| offers_csv::midnight(text);
        let (pairs, continents, internet) = tariffs.len();
        let skyplane = "facts; skyplane-project/skyplane (Apache-2.0)";
        let mut sources = vec![
            embedded("hazards", "facts; alexei-led/spotinfo (Apache-2.0)", day("2025-06-28"), hazards.len()),
            embedded("egress_pairs", skyplane, day("2023-02-06"), pairs),
            embedded("egress_continent_matrix", skyplane, day("2023-02-06"), continents),
            embedded("egress_internet_tiers", "facts; coroot/cloud-pricing (Apache-2.0)", day("2024-08-09"), internet),
            embedded("regions", OWN_LICENCE, None, regions.len()),
            embedded("facts", OWN_LICENCE, None, facts.len()),
        ];
        for source in &mut sources {
            source.age_limit = match source.table.as_str() {
                "hazards" => Some(facts.limit("age_limit_hazard")?),
                table if table.starts_with("egress") => Some(facts.limit("age_limit_transfer")?),
                _ => None,
            };
        }
        Ok(Self {
            snapshot: snapshot.to_owned(),
            offers,
            regions,
            facts,
            hazards,
            tariffs,
            membership,
            sources,
            warnings: Vec::new(),
            hash: String::new(),
        })
    }

    /// Takes the folder's optional tables, and warns of each that is not there.
    fn overridden(&mut self, folder: &Path, digest: &mut Vec<String>) -> Result<(), DataError> {
        if let Some((file, bytes)) = self.optional(folder, &["regions"], digest)? {
            let table = regions::read(&file, &bytes)?;
            self.replace_source("regions", &file, table.len());
            self.regions.extend(table);
        }
        if let Some((file, bytes)) = self.optional(folder, &["facts"], digest)? {
            let table = Facts::read(&file, &bytes)?;
            self.replace_source("facts", &file, table.len());
            self.facts = std::mem::take(&mut self.facts).overridden_by(table);
        }
        if let Some((file, bytes)) = self.optional(folder, &["hazards", "aws_spot_interruption"], digest)? {
            let bands = file.contains("aws_spot_interruption");
            self.hazards = if bands { Hazards::read_bands(&file, &bytes)? } else { Hazards::read(&file, &bytes)? };
            self.replace_source("hazards", &file, self.hazards.len());
        }
        if let Some((file, bytes)) = self.optional(folder, &["quota_membership"], digest)? {
            self.membership = Membership::read(&file, &bytes)?;
        }
        let mut tariffs = Tariffs::default();
        if let Some((file, bytes)) = self.optional(folder, &["egress_pairs"], digest)? {
            tariffs.read_pairs(&file, &bytes)?;
            self.replace_source("egress_pairs", &file, tariffs.len().0);
        }
        if let Some((file, bytes)) = self.optional(folder, &["egress_continent_matrix"], digest)? {
            tariffs.read_continents(&file, &bytes)?;
            self.replace_source("egress_continent_matrix", &file, tariffs.len().1);
        }
        if let Some((file, bytes)) = self.optional(folder, &["egress_internet_tiers"], digest)? {
            tariffs.read_internet(&file, &bytes)?;
            self.replace_source("egress_internet_tiers", &file, tariffs.len().2);
        }
        self.tariffs = std::mem::take(&mut self.tariffs).overridden_by(tariffs);
        Ok(())
    }

    /// The first of the named tables that the folder has.
    fn optional(
        &mut self,
        folder: &Path,
        names: &[&str],
        digest: &mut Vec<String>,
    ) -> Result<Option<(String, Vec<u8>)>, DataError> {
        let Some(path) = names.iter().find_map(|n| csv_table::find(folder, n)) else {
            self.warnings.push(format!("the folder has no {}.csv: the embedded table is used", names[0]));
            return Ok(None);
        };
        let bytes = csv_table::read_bounded(&path)?;
        digest.push(format!("{}={}", names[0], hash::of_bytes(&bytes)));
        Ok(Some((path.display().to_string(), bytes)))
    }

    fn replace_source(&mut self, table: &str, file: &str, rows: usize) {
        let age_limit = self.sources.iter().find(|s| s.table == table).and_then(|s| s.age_limit);
        self.sources.retain(|s| s.table != table);
        self.sources.push(TableSource { age_limit, ..own(table, file, None, rows) });
    }
}

/// The offers of an embedded snapshot.
pub(crate) fn embedded_offers(snapshot: Snapshot) -> Result<Offers, DataError> {
    let (name, bytes) = match snapshot {
        Snapshot::S2024 => ("embedded/offers-2024-03-31.twd", OFFERS_2024),
        Snapshot::S2026 => ("embedded/offers-2026-07-20.twd", OFFERS_2026),
    };
    Offers::from_tables(&TableFile::decode(name, bytes)?, name)
}

/// Hashes of the embedded tables around the offers.
fn around_hashes() -> impl Iterator<Item = String> {
    let binary = [HAZARDS, EGRESS].map(TableFile::stated_hash);
    binary.into_iter().chain([REGIONS, FACTS, MEMBERSHIP].map(hash::of_bytes))
}

/// The embedded limits of a mid-size account.
pub(crate) fn mid_size_account() -> Result<(Limits, String), DataError> {
    let limits = Limits::read("embedded/quotas_mid_size_account.csv", MID_SIZE_ACCOUNT)?;
    Ok((limits, hash::of_bytes(MID_SIZE_ACCOUNT)))
}

fn read_offers(folder: &Path, digest: &mut Vec<String>) -> Result<(Offers, Vec<String>), DataError> {
    if !folder.is_dir() {
        let reason = std::io::Error::new(std::io::ErrorKind::NotFound, "not a folder");
        return Err(DataError::unreadable(folder, &reason));
    }
    if let Some(path) = csv_table::find(folder, "offers") {
        let bytes = csv_table::read_bounded(&path)?;
        digest.push(format!("offers={}", hash::of_bytes(&bytes)));
        return offers_csv::read(&path.display().to_string(), &bytes);
    }
    let path = folder.join("offers.parquet");
    if path.is_file() {
        let bytes = csv_table::read_bounded(&path)?;
        digest.push(format!("offers={}", hash::of_bytes(&bytes)));
        return offers_parquet::read(&path.display().to_string(), bytes);
    }
    let got = "no offers.csv, offers.csv.gz or offers.parquet in the folder".to_owned();
    let help = "see datasets/SCHEMA.md for the columns; `tradewind prices show` works without a folder";
    let place = Place::file(folder.display().to_string());
    Err(DataError::inconsistent(place, got, "one of the three", help))
}

/// What identifies the embedded snapshot whose prices before a folder may use.
pub(crate) fn embedded_2024_hash() -> String {
    TableFile::stated_hash(OFFERS_2024)
}

/// Fills in the price before of every row that has one in `table`.
pub(crate) fn fill_previous(rows: &mut [PriceRow], find: impl Fn(&PriceRow) -> Option<i64>) -> usize {
    let mut filled = 0;
    for row in rows {
        row.previous_spot = find(row);
        filled += usize::from(row.previous_spot.is_some());
    }
    filled
}

fn embedded(table: &str, licence: &str, as_of: Option<Time>, rows: usize) -> TableSource {
    TableSource {
        table: table.to_owned(),
        origin: "embedded".to_owned(),
        licence: licence.to_owned(),
        as_of,
        age_limit: None,
        rows,
        embedded: true,
    }
}

fn own(table: &str, file: &str, as_of: Option<Time>, rows: usize) -> TableSource {
    TableSource {
        table: table.to_owned(),
        origin: file.to_owned(),
        licence: String::new(),
        as_of,
        age_limit: None,
        rows,
        embedded: false,
    }
}

fn combined(parts: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = parts.into_iter().collect();
    hash::of_bytes(all.join("\n").as_bytes())
}
