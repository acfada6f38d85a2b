//! Interruption rates of spot offers: published rows where there are any, else the cloud's default.
//!
//! A bare percentage is refused: every row states its unit. AWS publishes bands per month; they are
//! read by their middle, the open band by a fact.

use std::collections::{BTreeMap, HashMap};

use tradewind_core::market::{Hazard, HazardUnit};
use tradewind_core::place::RegionName;
use tradewind_core::time::Millis;

use crate::columnar::{Column, Table, TableFile};
use crate::csv_table::{self, Row};
use crate::error::DataError;
use crate::facts::{self, Facts};
use crate::request::HazardReading;

/// A published share, before any reading of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Published {
    /// Share in parts per million; none is the open band.
    share_ppm: Option<u32>,
    unit: HazardUnit,
    window: Millis,
    source: u16,
}

/// Published rates by (cloud, region, instance type).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Hazards {
    rows: HashMap<String, HashMap<String, HashMap<String, Published>>>,
    sources: Vec<String>,
}

impl Hazards {
    /// Reads a user's `hazards.csv`: cloud,region,instance_type,value,unit,window_hours,source.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let mut hazards = Self::default();
        csv_table::for_each_row(file, bytes, &["cloud", "region", "instance_type", "value", "unit"], |row| {
            let published = hazards.published(row)?;
            hazards.insert(row.required("cloud")?, row.required("region")?, row.required("instance_type")?, published);
            Ok(())
        })?;
        Ok(hazards)
    }

    fn published(&mut self, row: &Row<'_>) -> Result<Published, DataError> {
        let help = "write value 0.15 and unit per_hour, per_day, per_month or per_launch (with window_hours)";
        let refuse = |column: &str, accepted: &str| {
            DataError::hazard(row.place(column), format!("{:?}", row.text(column)), accepted, help)
        };
        let share: f64 = row.text("value").parse().map_err(|_| refuse("value", "a share from 0 to 1"))?;
        if !(0.0..1.0).contains(&share) {
            return Err(refuse("value", "a share from 0 to below 1"));
        }
        let unit = match row.text("unit") {
            "per_hour" => HazardUnit::PerHour,
            "per_day" => HazardUnit::PerDay,
            "per_month" => HazardUnit::PerMonth,
            "per_launch" => HazardUnit::PerLaunch,
            _ => return Err(refuse("unit", "per_hour, per_day, per_month, per_launch")),
        };
        let window = match (row.number("window_hours", 0.001, 1e5)?, unit) {
            (Some(hours), _) => Millis::from_hours_f64(hours),
            (None, HazardUnit::PerLaunch) => return Err(refuse("window_hours", "the mean life of a launch in hours")),
            (None, unit) => facts::window(unit),
        };
        let source = self.source(if row.text("source").is_empty() { "user's table" } else { row.text("source") });
        Ok(Published { share_ppm: Some((share * 1e6).round() as u32), unit, window, source })
    }

    /// Reads the advisor's bands: cloud,region,instance_type,monthly_rate_pct_low,monthly_rate_pct_high.
    pub(crate) fn read_bands(file: &str, bytes: &[u8]) -> Result<Self, DataError> {
        let mut hazards = Self::default();
        let source = hazards.source("AWS Spot Advisor, share interrupted in the trailing month, middle of the band");
        let required = ["cloud", "region", "instance_type", "monthly_rate_pct_low", "monthly_rate_pct_high"];
        csv_table::for_each_row(file, bytes, &required, |row| {
            let edge = |column: &str| {
                row.number(column, 0.0, 100.0)?.ok_or_else(|| row.malformed(column, "a percentage", "give both edges"))
            };
            let (low, high) = (edge("monthly_rate_pct_low")?, edge("monthly_rate_pct_high")?);
            let share_ppm = (high < 100.0).then_some(((low + high) * 5e3).round() as u32);
            let published = Published {
                share_ppm,
                unit: HazardUnit::PerMonth,
                window: facts::window(HazardUnit::PerMonth),
                source,
            };
            hazards.insert(row.required("cloud")?, row.required("region")?, row.required("instance_type")?, published);
            Ok(())
        })?;
        Ok(hazards)
    }

    fn source(&mut self, text: &str) -> u16 {
        let known = self.sources.iter().position(|s| s == text);
        known.unwrap_or_else(|| {
            self.sources.push(text.to_owned());
            self.sources.len() - 1
        }) as u16
    }

    fn insert(&mut self, cloud: &str, region: &str, instance_type: &str, published: Published) {
        let by_region = self.rows.entry(cloud.to_owned()).or_default();
        by_region.entry(region.to_owned()).or_default().insert(instance_type.to_owned(), published);
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.values().flat_map(HashMap::values).map(HashMap::len).sum()
    }

    fn of_region(&self, region: &RegionName) -> Option<&HashMap<String, Published>> {
        self.rows.get(region.cloud())?.get(region.region())
    }

    /// As a table of a `.twd` file; monthly bands only.
    pub(crate) fn to_table(&self) -> Table {
        let mut rows: Vec<(&str, &str, &str, &Published)> = Vec::new();
        for (cloud, regions) in &self.rows {
            for (region, types) in regions {
                rows.extend(types.iter().map(|(t, p)| (cloud.as_str(), region.as_str(), t.as_str(), p)));
            }
        }
        rows.sort_by_key(|&(c, r, t, _)| (c, r, t));
        Table::new(
            "bands",
            vec![
                ("cloud", Column::text(rows.iter().map(|r| r.0))),
                ("region", Column::text(rows.iter().map(|r| r.1))),
                ("instance_type", Column::text(rows.iter().map(|r| r.2))),
                ("share_ppm", Column::Int(rows.iter().map(|r| r.3.share_ppm.map(i64::from)).collect())),
                ("source", Column::text(rows.iter().map(|r| self.sources[usize::from(r.3.source)].as_str()))),
            ],
        )
    }

    /// From a table of a `.twd` file.
    pub(crate) fn from_table(file: &TableFile) -> Result<Self, DataError> {
        let table = file.table("bands")?;
        let (clouds, cloud) = table.text("cloud")?;
        let (regions, region) = table.text("region")?;
        let (types, kind) = table.text("instance_type")?;
        let (sources, source) = table.text("source")?;
        let share = table.int("share_ppm")?;
        let mut hazards = Self { sources: sources.to_vec(), ..Self::default() };
        let mut at = 0;
        while at < table.rows() {
            let end = (at..table.rows()).find(|&i| (cloud[i], region[i]) != (cloud[at], region[at]));
            let end = end.unwrap_or(table.rows());
            let rows = (at..end).map(|i| {
                let published = Published {
                    share_ppm: share[i].map(|s| s as u32),
                    unit: HazardUnit::PerMonth,
                    window: facts::window(HazardUnit::PerMonth),
                    source: source[i] as u16,
                };
                (types[kind[i] as usize].clone(), published)
            });
            let by_region = hazards.rows.entry(clouds[cloud[at] as usize].clone()).or_default();
            by_region.entry(regions[region[at] as usize].clone()).or_default().extend(rows);
            at = end;
        }
        Ok(hazards)
    }
}

/// Gives every spot offer its rate, and collects the distinct ones.
#[derive(Debug)]
pub(crate) struct HazardBook<'a> {
    published: &'a Hazards,
    facts: &'a Facts,
    reading: HazardReading,
    distinct: Vec<Hazard>,
    /// Spot offers without a published row, by cloud.
    defaulted: BTreeMap<&'a str, usize>,
    /// Index of what was read before, by published row, for the cloud of `region`.
    seen: HashMap<Option<&'a Published>, u16>,
    /// The region last asked for, and its published rows: offers come region by region.
    region: Option<(&'a RegionName, Option<&'a HashMap<String, Published>>)>,
}

impl<'a> HazardBook<'a> {
    pub(crate) fn new(published: &'a Hazards, facts: &'a Facts, reading: HazardReading) -> Self {
        let (distinct, defaulted, seen, region) = Default::default();
        Self { published, facts, reading, distinct, defaulted, seen, region }
    }

    /// The index of the rate of a spot offer.
    pub(crate) fn of(&mut self, region: &'a RegionName, instance_type: &str) -> Result<u16, DataError> {
        let cloud = region.cloud();
        let rows = match self.region {
            Some((last, rows)) if last == region => rows,
            last => {
                if last.is_none_or(|(last, _)| last.cloud() != cloud) {
                    self.seen.clear();
                }
                let rows = self.published.of_region(region);
                self.region = Some((region, rows));
                rows
            }
        };
        let row = rows.and_then(|rows| rows.get(instance_type));
        if row.is_none() {
            *self.defaulted.entry(cloud).or_default() += 1;
        }
        if let Some(&at) = self.seen.get(&row) {
            return Ok(at);
        }
        let hazard = self.read(cloud, row)?;
        let at = self.distinct.iter().position(|h| *h == hazard).unwrap_or_else(|| {
            self.distinct.push(hazard);
            self.distinct.len() - 1
        }) as u16;
        self.seen.insert(row, at);
        Ok(at)
    }

    fn read(&self, cloud: &str, row: Option<&Published>) -> Result<Hazard, DataError> {
        let stated = match row {
            None => self.facts.default_hazard(cloud)?,
            Some(p) => Hazard {
                value: match p.share_ppm {
                    Some(ppm) => f64::from(ppm) / 1e6,
                    None => self.facts.open_band(cloud)?,
                },
                unit: p.unit,
                window: p.window,
                source: self.published.sources[usize::from(p.source)].clone(),
            },
        };
        Ok(match (self.reading, cloud) {
            (HazardReading::None, _) => {
                Hazard { value: 0.0, source: "scenario: no interruptions".to_owned(), ..stated }
            }
            (HazardReading::AzurePerHour, "azure") => Hazard {
                unit: HazardUnit::PerHour,
                window: Millis::HOUR,
                source: format!("scenario azure-per-hour: {}", stated.source),
                ..stated
            },
            (HazardReading::AwsPerLaunch, "aws") => Hazard {
                unit: HazardUnit::PerLaunch,
                window: self.facts.launch_mean_life(cloud)?,
                source: format!("scenario aws-per-launch: {}", stated.source),
                ..stated
            },
            _ => stated,
        })
    }

    /// One sentence per cloud whose default rate is used.
    pub(crate) fn warnings(&self) -> Vec<String> {
        if self.reading == HazardReading::None {
            return Vec::new();
        }
        let sentence = |(cloud, n): (&&str, &usize)| {
            format!("{n} spot offers of {cloud} have no published interruption rate: the default is used")
        };
        self.defaulted.iter().map(sentence).collect()
    }

    /// The distinct rates.
    pub(crate) fn finish(self) -> Vec<Hazard> {
        self.distinct
    }
}
