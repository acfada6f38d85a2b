//! What a quota is called where an increase is asked for.

use std::sync::LazyLock;

static TABLE: &str = include_str!("../embedded/quota_names.csv");

/// A row of the table: which quotas, and their name in the cloud's console.
struct Row {
    cloud: String,
    market: String,
    /// `*` is any.
    quota: String,
    /// May hold `{quota}`.
    console_name: String,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let row = |r: csv::StringRecord| Row {
        cloud: r[0].to_owned(),
        market: r[1].to_owned(),
        quota: r[2].to_owned(),
        console_name: r[3].to_owned(),
    };
    reader.records().flatten().map(row).collect()
});

/// The name under which a cloud's console lists a quota row (`cloud/scope/quota/market`): from the
/// table where it differs from the name in the cloud's programming interface, else that name.
///
/// ```
/// use tradewind_datasets::console_name;
/// assert_eq!(console_name("aws/us-east-1/P/spot"), "All P Spot Instance Requests");
/// assert_eq!(console_name("gcp/us-central1/N2_CPUS/on_demand"), "N2_CPUS");
/// ```
pub fn console_name(row: &str) -> String {
    let parts: Vec<&str> = row.split('/').collect();
    let [cloud, _, quota, market] = parts[..] else { return row.to_owned() };
    let named = |r: &&Row| r.cloud == cloud && r.market == market && (r.quota == quota || r.quota == "*");
    ROWS.iter().find(named).map_or_else(|| quota.to_owned(), |r| r.console_name.replace("{quota}", quota))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole() {
        assert_eq!(ROWS.len(), TABLE.lines().count() - 1);
        assert!(ROWS.iter().all(|r| !r.console_name.is_empty()));
    }

    #[test]
    fn the_first_row_that_fits_names_it() {
        let standard = console_name("aws/eu-west-1/Standard/on_demand");
        assert_eq!(standard, "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances");
        assert_eq!(console_name("azure/eastus/cores/on_demand"), "Total Regional vCPUs");
        assert_eq!(console_name("azure/eastus/standardNCADSA100v4Family/on_demand"), "standardNCADSA100v4Family");
        assert_eq!(console_name("a user's own"), "a user's own");
    }
}
