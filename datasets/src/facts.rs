//! Facts of the world, one a row: `facts.csv` (cloud,fact,value,unit,source,date,confidence).
//!
//! The cloud `*` holds for every cloud that has no row of its own.

use std::collections::BTreeMap;

use tradewind_core::market::{CloudFacts, Delay, Hazard, HazardUnit};
use tradewind_core::time::Millis;

use crate::csv_table;
use crate::error::{DataError, Place};
use crate::request::MarketSettings;

/// Every fact with the unit it must be stated in.
const FACTS: [(&str, &[&str]); 19] = [
    ("boot_median", &["s"]),
    ("boot_p95", &["s"]),
    ("billing_minimum", &["s"]),
    ("free_if_interrupted_within", &["s"]),
    ("notice", &["s"]),
    ("address", &["usd_per_hour"]),
    ("disk", &["usd_per_gb_month"]),
    ("object_storage", &["usd_per_gb_month"]),
    ("staging_rate", &["bytes_per_second"]),
    ("memory_reserved", &["mib"]),
    ("memory_reserved_share", &["share"]),
    ("hazard_default", &["per_hour", "per_day", "per_month"]),
    ("hazard_open_band", &["per_month"]),
    ("launch_mean_life", &["s"]),
    ("age_limit_on_demand", &["s"]),
    ("age_limit_spot", &["s"]),
    ("age_limit_hazard", &["s"]),
    ("age_limit_transfer", &["s"]),
    ("previous_spot_limit", &["s"]),
];

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    value: String,
    unit: String,
    source: String,
    date: String,
    assumption: bool,
    file: String,
    line: u64,
}

/// All facts, by cloud and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts(BTreeMap<(String, String), Fact>);

impl Facts {
    /// Reads a table.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let mut facts = Self::default();
        csv_table::for_each_row(file, bytes, &["cloud", "fact", "value", "unit", "source"], |row| {
            let (cloud, name) = (row.required("cloud")?, row.required("fact")?);
            let words = FACTS.map(|(n, u)| (n, u));
            let units = row.word("fact", &words)?.unwrap_or_default();
            let unit = row.required("unit")?;
            if !units.contains(&unit) {
                return Err(row.malformed("unit", &units.join(" or "), "every fact has one unit"));
            }
            row.required("source")?;
            row.number("value", 0.0, 1e15)?
                .ok_or_else(|| row.malformed("value", "a number", "every fact needs one"))?;
            let fact = Fact {
                value: row.text("value").to_owned(),
                unit: unit.to_owned(),
                source: row.text("source").to_owned(),
                date: row.text("date").to_owned(),
                assumption: row.text("confidence") == "assumption",
                file: file.to_owned(),
                line: row.line,
            };
            match facts.0.insert((cloud.to_owned(), name.to_owned()), fact) {
                None => Ok(()),
                Some(_) => Err(row.malformed("fact", "one row per cloud and fact", "remove one of the two")),
            }
        })?;
        Ok(facts)
    }

    /// The same with `other`'s rows in place of ours.
    pub(crate) fn overridden_by(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows marked as assumptions, as sentences.
    pub(crate) fn assumptions(&self, used: impl Fn(&str) -> bool) -> Vec<String> {
        let rows = self.0.iter().filter(|((cloud, _), f)| f.assumption && (cloud == "*" || used(cloud)));
        rows.map(|((cloud, name), f)| {
            let cloud = if cloud == "*" { "every cloud" } else { cloud };
            let date = if f.date.is_empty() { String::new() } else { format!(" ({})", f.date) };
            format!("{cloud}: {name} = {} {}: {}{date}", f.value, f.unit, f.source)
        })
        .collect()
    }

    fn find(&self, cloud: &str, name: &str) -> Option<&Fact> {
        let key = |c: &str| (c.to_owned(), name.to_owned());
        self.0.get(&key(cloud)).or_else(|| self.0.get(&key("*")))
    }

    fn get(&self, cloud: &str, name: &str) -> Result<&Fact, DataError> {
        self.find(cloud, name).ok_or_else(|| {
            let got = format!("no fact {name:?} for cloud {cloud:?}");
            let help = format!("add a row `{cloud},{name},...` to facts.csv of the market's folder");
            DataError::inconsistent(Place::file("facts.csv"), got, "a row for every cloud in use", help)
        })
    }

    fn parsed<T: std::str::FromStr>(&self, cloud: &str, name: &str) -> Result<T, DataError> {
        let fact = self.get(cloud, name)?;
        fact.value.parse().map_err(|_| {
            let place = Place::cell(&*fact.file, fact.line, "value");
            DataError::malformed(
                place,
                format!("{:?}", fact.value),
                format!("a decimal in {}", fact.unit),
                "correct the value",
            )
        })
    }

    fn seconds(&self, cloud: &str, name: &str) -> Result<Millis, DataError> {
        Ok(Millis::new((self.parsed::<f64>(cloud, name)? * 1e3).round() as i64))
    }

    /// The row of a cloud in the market, as the settings want it.
    pub(crate) fn cloud(&self, cloud: &str, settings: &MarketSettings) -> Result<CloudFacts, DataError> {
        let boot = Delay { median: self.seconds(cloud, "boot_median")?, p95: self.seconds(cloud, "boot_p95")? };
        Ok(CloudFacts {
            name: cloud.to_owned(),
            boot: if settings.boot { boot } else { Delay::default() },
            billing_minimum: self.seconds(cloud, "billing_minimum")?,
            free_if_interrupted_within: self.seconds(cloud, "free_if_interrupted_within")?,
            notice: self.seconds(cloud, "notice")?,
            address: if settings.address { self.parsed(cloud, "address")? } else { Default::default() },
            disk: if settings.disk { self.parsed(cloud, "disk")? } else { Default::default() },
            storage: self.parsed(cloud, "object_storage")?,
            staging_bytes_per_second: self.parsed(cloud, "staging_rate")?,
        })
    }

    /// What tasks can use of `nominal` MiB.
    pub(crate) fn usable_memory(&self, cloud: &str) -> Result<impl Fn(u64) -> u64 + use<>, DataError> {
        let kept: f64 = self.parsed(cloud, "memory_reserved")?;
        let share: f64 = self.parsed(cloud, "memory_reserved_share")?;
        Ok(move |nominal: u64| nominal.saturating_sub((kept + share * nominal as f64).ceil() as u64))
    }

    /// The interruption rate of a cloud's spot offers that have no row of their own.
    pub(crate) fn default_hazard(&self, cloud: &str) -> Result<Hazard, DataError> {
        let fact = self.get(cloud, "hazard_default")?;
        let unit = match fact.unit.as_str() {
            "per_hour" => HazardUnit::PerHour,
            "per_day" => HazardUnit::PerDay,
            _ => HazardUnit::PerMonth,
        };
        let value = self.parsed(cloud, "hazard_default")?;
        let mark = if fact.assumption { "assumption: " } else { "" };
        Ok(Hazard { value, unit, window: window(unit), source: format!("{mark}{}", fact.source) })
    }

    /// The share read into a band that is open above.
    pub(crate) fn open_band(&self, cloud: &str) -> Result<f64, DataError> {
        self.parsed(cloud, "hazard_open_band")
    }

    /// The mean life of a launch, for rates per launch.
    pub(crate) fn launch_mean_life(&self, cloud: &str) -> Result<Millis, DataError> {
        self.seconds(cloud, "launch_mean_life")
    }

    /// A limit on a table's age, the same for all clouds.
    pub(crate) fn limit(&self, name: &str) -> Result<Millis, DataError> {
        self.seconds("*", name)
    }
}

/// The window a unit counts in; a month is the price lists' 730 hours.
pub(crate) fn window(unit: HazardUnit) -> Millis {
    match unit {
        HazardUnit::PerHour | HazardUnit::PerLaunch => Millis::HOUR,
        HazardUnit::PerDay => Millis::from_hours(24),
        HazardUnit::PerMonth => Millis::from_hours(730),
    }
}
