//! The door: [`load`].

use serde::Serialize;
use tradewind_core::hash;
use tradewind_core::market::Market;
use tradewind_core::time::Millis;

use crate::assemble::{Assembled, assemble};
use crate::contract;
use crate::csv_table;
use crate::error::DataError;
use crate::programme::{self, Egress};
use crate::quarantine::{self, Quarantined};
use crate::quotas::Limits;
use crate::request::{MarketRequest, MarketSource, QuotaChoice};
use crate::scaled::QuotaScale;
use crate::tables::{self, TableSource, Tables};

/// A market, and all there is to say about it.
#[derive(Debug, Clone)]
pub struct LoadedMarket {
    /// The snapshot, validated.
    pub market: Market,
    /// Hash of every table's content and of the settings.
    pub hash: String,
    /// Prices that are not used, sorted by region, type and price.
    pub quarantine: Vec<Quarantined>,
    /// Where each table came from.
    pub sources: Vec<TableSource>,
    /// What is assumed for want of a published figure, one sentence each.
    pub assumptions: Vec<String>,
    /// Fall-backs, missing rows and the like, one sentence each.
    pub warnings: Vec<String>,
    /// Oldest ages at which prices are still used.
    pub age_limits: AgeLimits,
    /// Rows of offers read, sound or not.
    pub rows_read: usize,
    /// How the limits are still to be scaled: [`LoadedMarket::for_queue`].
    pub scale: Option<QuotaScale>,
}

/// Oldest ages at which prices are still used, judged against the run's `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AgeLimits {
    /// On-demand prices.
    pub on_demand: Millis,
    /// Spot prices.
    pub spot: Millis,
}

/// Loads a market.
///
/// Deterministic: the same tables and settings give the same market and the same hash; the order of the
/// rows changes the hash, which is of the tables' bytes, but nothing in the market. About 46,000 rows
/// (90,000 offers) take a few hundredths of a second.
///
/// # Errors
/// [`DataError`] if a table cannot be read or understood, or tables do not fit together. A price that
/// is read but not believed is no error: it is in [`LoadedMarket::quarantine`].
///
/// ```
/// use tradewind_datasets::{MarketRequest, load};
/// let loaded = load(&MarketRequest::default()).unwrap();
/// assert_eq!(loaded.market.snapshot, "2024-03-31");
/// ```
pub fn load(request: &MarketRequest) -> Result<LoadedMarket, DataError> {
    let tables = match &request.source {
        MarketSource::Embedded(snapshot) => Tables::embedded(*snapshot)?,
        MarketSource::Daily(day) => Tables::daily(*day)?,
        MarketSource::Folder(folder) => Tables::folder(folder)?,
    };
    let (limits, quota_source, quota_hash) = read_limits(&request.quotas)?;
    if let (QuotaChoice::File(_), Some(limits)) = (&request.quotas, &limits) {
        limits.all_known(&tables.membership, &tables.offers)?;
    }
    let hash = hash_of(&tables, &quota_hash, request);
    let (rows, quarantine) = quarantine::sift(&tables.offers, &request.settings);
    let rows_read = tables.offers.rows.len();
    let Assembled { mut market, mut sources, mut assumptions, mut warnings, age_limits } =
        assemble(tables, &rows, limits.as_ref(), &request.settings)?;
    sources.extend(quota_source);
    if let Some(applied) = programme::apply(&request.egress, &market.regions, &mut market.transfers)? {
        assumptions.push(applied.assumption);
        sources.push(applied.source);
    }
    if !request.contract.is_empty() {
        market = contract::apply(&request.contract, market, &mut assumptions, &mut warnings)?;
    }
    let scale = match request.quotas {
        QuotaChoice::Scaled(scale) => Some(scale),
        _ => None,
    };
    Ok(LoadedMarket { market, hash, quarantine, sources, assumptions, warnings, age_limits, rows_read, scale })
}

/// Of everything that the market rests on. A market at list prices hashes as it did before there were
/// contracts.
fn hash_of(tables: &Tables, quota_hash: &str, request: &MarketRequest) -> String {
    let listed = hash::of(&(&tables.hash, quota_hash, &request.settings));
    if request.contract.is_empty() && request.egress == Egress::default() {
        return listed;
    }
    hash::of(&(listed, &request.contract, &request.egress))
}

fn read_limits(choice: &QuotaChoice) -> Result<(Option<Limits>, Option<TableSource>, String), DataError> {
    let source = |origin: &str, limits: &Limits, embedded: bool| TableSource {
        table: "quotas".to_owned(),
        origin: origin.to_owned(),
        licence: if embedded { "our own scenario".to_owned() } else { String::new() },
        as_of: None,
        age_limit: None,
        rows: limits.len(),
        embedded,
    };
    match choice {
        QuotaChoice::Unlimited => Ok((None, None, "unlimited".to_owned())),
        QuotaChoice::Scenario | QuotaChoice::Scaled(_) => {
            let (limits, hash) = tables::mid_size_account()?;
            let source = source("embedded scenario mid-size-account", &limits, true);
            Ok((Some(limits), Some(source), hash))
        }
        QuotaChoice::File(path) => {
            let bytes = csv_table::read_bounded(path)?;
            let limits = Limits::read(&path.display().to_string(), &bytes)?;
            let source = source(&path.display().to_string(), &limits, false);
            Ok((Some(limits), Some(source), hash::of_bytes(&bytes)))
        }
    }
}
