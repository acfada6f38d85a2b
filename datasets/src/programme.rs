//! Transfer programmes: what an organisation that has signed up pays between clouds, instead of the
//! published price. The programmes are rows of data (`embedded/egress_programmes.csv`).

use serde::Serialize;
use tradewind_core::market::Region;
use tradewind_core::money::UsdPerGb;
use tradewind_core::tariff::TariffBasis;

use crate::csv_table;
use crate::error::DataError;
use crate::tables::TableSource;
use crate::tariffs::Transfers;

const FILE: &str = "embedded/egress_programmes.csv";
const ROWS: &[u8] = include_bytes!("../embedded/egress_programmes.csv");

/// The programme an organisation takes part in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Egress {
    /// Its name, one of [`egress_programmes`]; none is the published prices.
    pub programme: Option<String>,
    /// The organisation's own rate, where the programme publishes none.
    pub usd_per_gb: Option<UsdPerGb>,
}

/// A programme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressProgramme {
    /// Its name.
    pub name: String,
    /// Whether the organisation must state its rate: none is published.
    pub rate_is_stated: bool,
}

/// Traffic from regions of a cloud in a residency group.
struct Row {
    programme: String,
    cloud: String,
    residency: String,
    usd_per_gb: Option<UsdPerGb>,
    source: String,
    date: String,
}

fn rows() -> Result<Vec<Row>, DataError> {
    let mut rows = Vec::new();
    let columns = ["programme", "cloud", "residency", "source", "date"];
    csv_table::for_each_row(FILE, ROWS, &columns, |row| {
        let rate = match row.text("usd_per_gb") {
            "" => None,
            text => Some(text.parse().map_err(|_| row.malformed("usd_per_gb", "dollars per GB", "correct the rate"))?),
        };
        let [programme, cloud, residency, source, date] = columns.map(|c| row.required(c).map(str::to_owned));
        let (programme, cloud, residency) = (programme?, cloud?, residency?);
        rows.push(Row { programme, cloud, residency, usd_per_gb: rate, source: source?, date: date? });
        Ok(())
    })?;
    Ok(rows)
}

/// The programmes, in the order of the table.
///
/// # Errors
/// None with the embedded table, which a test reads.
pub fn egress_programmes() -> Result<Vec<EgressProgramme>, DataError> {
    let mut all: Vec<EgressProgramme> = Vec::new();
    for row in rows()? {
        if all.last().is_none_or(|p| p.name != row.programme) {
            all.push(EgressProgramme { name: row.programme, rate_is_stated: row.usd_per_gb.is_none() });
        }
    }
    Ok(all)
}

/// What a programme did to the transfer prices.
pub(crate) struct Applied {
    /// What is taken for granted, a sentence.
    pub(crate) assumption: String,
    /// The table.
    pub(crate) source: TableSource,
}

/// Puts the programme's rate on every pair that it covers: between two clouds, from a region in one of
/// the programme's groups of that cloud, to a region in any of its groups. Other pairs keep their price.
pub(crate) fn apply(
    egress: &Egress,
    regions: &[Region],
    transfers: &mut Transfers,
) -> Result<Option<Applied>, DataError> {
    let Some(name) = &egress.programme else { return Ok(None) };
    let all = rows()?;
    let count = all.len();
    let rows: Vec<Row> = all.into_iter().filter(|r| r.programme == *name).collect();
    let rate_of = |from: &Region| {
        let of = |r: &&Row| r.cloud == from.name.cloud() && from.residency.contains(&r.residency);
        rows.iter().find(of).and_then(|r| r.usd_per_gb.or(egress.usd_per_gb))
    };
    let member = |to: &Region| rows.iter().any(|r| to.residency.contains(&r.residency));
    let mut pairs = 0_u64;
    for (&from, row) in transfers.iter_mut() {
        let from = &regions[usize::from(from)];
        let Some(rate) = rate_of(from) else { continue };
        for (&to, price) in row.iter_mut() {
            let to = &regions[usize::from(to)];
            if to.cloud != from.cloud && member(to) {
                *price = (rate, TariffBasis::Programme);
                pairs += 1;
            }
        }
    }
    Ok(Some(Applied { assumption: sentence(egress, name, &rows, pairs), source: source(count) }))
}

fn sentence(egress: &Egress, name: &str, rows: &[Row], pairs: u64) -> String {
    let mut groups: Vec<&str> = rows.iter().map(|r| r.residency.as_str()).collect();
    groups.dedup();
    let mut clouds: Vec<&str> = rows.iter().map(|r| r.cloud.as_str()).collect();
    clouds.dedup();
    let rate = rows.first().and_then(|r| r.usd_per_gb.or(egress.usd_per_gb)).unwrap_or_default();
    let source = rows.first().map_or(String::new(), |r| format!("{} ({})", r.source, r.date));
    format!(
        "egress programme {name}: {rate} USD/GB on {pairs} pairs of regions, from {} to other clouds, both ends in {}: \
         {source}; that the account takes part is taken from the configuration",
        clouds.join(" and "),
        groups.join(" or ")
    )
}

fn source(rows: usize) -> TableSource {
    TableSource {
        table: "egress_programmes".to_owned(),
        origin: FILE.to_owned(),
        licence: "our own table of facts".to_owned(),
        as_of: None,
        age_limit: None,
        rows,
        embedded: true,
    }
}
