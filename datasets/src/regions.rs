//! The region table: continent, country, residency groups, zones.

use std::collections::BTreeMap;

use tradewind_core::place::RegionName;

use crate::csv_table;
use crate::error::DataError;

/// What is known of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegionFacts {
    pub(crate) continent: String,
    pub(crate) country: String,
    pub(crate) residency: Vec<String>,
    pub(crate) zones: u16,
}

/// Regions by name.
pub(crate) type Regions = BTreeMap<RegionName, RegionFacts>;

/// The continents of the transfer tables.
const CONTINENTS: [&str; 6] = ["Africa", "Asia", "Europe", "North America", "Oceania", "South America"];

/// The embedded table alone.
pub(crate) fn embedded() -> Result<Regions, DataError> {
    read("embedded/regions.csv", crate::tables::REGIONS)
}

/// Reads `regions.csv`.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Regions, DataError> {
    let mut regions = Regions::new();
    let required = ["cloud", "region", "continent", "country"];
    csv_table::for_each_row(file, bytes, &required, |row| {
        let name = RegionName::new(row.required("cloud")?, row.required("region")?);
        let continents = CONTINENTS.map(|c| (c, c));
        let continent = row.word("continent", &continents)?.map_or_else(|| row.required("continent"), Ok)?;
        let country = row.required("country")?;
        if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(row.malformed("country", "two capital letters, e.g. DE", "use the ISO 3166 code"));
        }
        let mut residency: Vec<String> = match row.text("residency") {
            "" => vec![country.to_owned()],
            text => text.split(';').map(|g| g.trim().to_owned()).filter(|g| !g.is_empty()).collect(),
        };
        residency.sort();
        residency.dedup();
        let zones = row.number("zones", 0.0, 100.0)?.unwrap_or(0.0) as u16;
        let facts = RegionFacts { continent: continent.to_owned(), country: country.to_owned(), residency, zones };
        match regions.insert(name, facts) {
            None => Ok(()),
            Some(_) => Err(row.malformed("region", "one row per region", "remove one of the two")),
        }
    })?;
    Ok(regions)
}
