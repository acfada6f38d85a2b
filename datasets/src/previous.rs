//! Spot prices of the snapshot before, for the jump rule.

use std::collections::HashMap;
use std::path::Path;

use tradewind_core::hash;
use tradewind_core::place::RegionName;
use tradewind_core::time::Millis;

use crate::csv_table;
use crate::error::DataError;
use crate::facts::Facts;
use crate::offers::{Offers, PriceRow};
use crate::offers_csv;
use crate::request::Snapshot;
use crate::tables;

/// Fills in the prices before of a user's offers: from `previous_offers.csv[.gz]` in the folder, else
/// from the embedded snapshot where that is near enough in time. Gives the warnings.
pub(crate) fn for_folder(
    folder: &Path,
    offers: &mut Offers,
    facts: &Facts,
    digest: &mut Vec<String>,
) -> Result<Vec<String>, DataError> {
    let limit = facts.limit("previous_spot_limit")?;
    if let Some(path) = csv_table::find(folder, "previous_offers") {
        let bytes = csv_table::read_bounded(&path)?;
        digest.push(format!("previous={}", hash::of_bytes(&bytes)));
        let (before, _) = offers_csv::read(&path.display().to_string(), &bytes)?;
        if apart(offers, &before) > limit {
            let days = limit.get() / 86_400_000;
            return Ok(vec![format!(
                "previous_offers are more than {days} days from the offers: spot prices are not judged against them"
            )]);
        }
        fill(offers, &before, |row| row.spot);
        return Ok(Vec::new());
    }
    let before = tables::embedded_offers(Snapshot::S2024)?;
    if apart(offers, &before) > limit {
        return Ok(vec![
            "the folder has no previous_offers.csv: spot prices are not judged against earlier ones".to_owned(),
        ]);
    }
    digest.push(format!("previous={}", tables::embedded_2024_hash()));
    fill(offers, &before, |row| row.previous_spot);
    Ok(vec!["the folder has no previous_offers.csv: spot prices are judged against the embedded ones".to_owned()])
}

fn apart(one: &Offers, other: &Offers) -> Millis {
    Millis::new((one.as_of.ms() - other.as_of.ms()).abs())
}

fn fill(offers: &mut Offers, before: &Offers, spot: impl Fn(&PriceRow) -> Option<i64>) {
    let mut known: HashMap<(&RegionName, &str), i64> = HashMap::new();
    for row in &before.rows {
        if let Some(price) = spot(row).filter(|p| *p > 0) {
            known.insert((&before.regions[usize::from(row.region)], &before.types[row.kind as usize].name), price);
        }
    }
    let (regions, types) = (&offers.regions, &offers.types);
    tables::fill_previous(&mut offers.rows, |row| {
        known.get(&(&regions[usize::from(row.region)], types[row.kind as usize].name.as_str())).copied()
    });
}
