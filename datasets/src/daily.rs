//! Spot prices day by day: the market as of a day is the offers of 2024-03-31 at that day's spot prices.
//!
//! Nothing is invented: a day that the source lacks has no market, and a machine without a price on a day is
//! not sold on spot that day. `datasets/SCHEMA.md` has the layout, `datasets/LICENSES.md` the source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::time::{Millis, Time};

use crate::columnar::{Column, Table, TableFile};
use crate::error::{DataError, Place};
use crate::offers::Offers;

const SERIES: &[u8] = include_bytes!("../embedded/spot-daily-2024.twd");
const FILE: &str = "embedded/spot-daily-2024.twd";
/// The table counts in micro-dollars.
pub(crate) const NANOS_PER_MICRO: i64 = 1_000;

/// Daily spot prices of some machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// Midnights UTC, in order.
    days: Vec<Time>,
    /// Region and type of each series, in order.
    series: Vec<(RegionName, String)>,
    /// Micro-dollars per hour, series by series, a price a day or nothing.
    micros: Vec<Option<i64>>,
}

impl Daily {
    /// The series inside the binary: 75 days from 2024-01-09 to 2024-03-31 of AWS's mainstream families.
    ///
    /// # Errors
    /// [`DataError::Damaged`] if the table does not hold.
    pub fn embedded() -> Result<Self, DataError> {
        Self::from_tables(&TableFile::decode(FILE, SERIES)?)
    }

    /// From prices by series, one for each of `days` or nothing.
    pub(crate) fn new(days: Vec<Time>, series: BTreeMap<(RegionName, String), Vec<Option<i64>>>) -> Self {
        let micros = series.values().flatten().copied().collect();
        Self { days, series: series.into_keys().collect(), micros }
    }

    /// The days that have prices, in order: midnights UTC.
    pub fn days(&self) -> &[Time] {
        &self.days
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The newest day with prices that is not after an instant.
    pub fn newest(&self, at: Time) -> Option<Time> {
        self.days[..self.days.partition_point(|d| *d <= at)].last().copied()
    }

    /// The prices of a machine on the last `most` days before `day` that have one, oldest first.
    pub fn before(&self, region: &RegionName, instance_type: &str, day: Time, most: usize) -> Vec<UsdPerHour> {
        let Ok(at) = self.series.binary_search_by(|(r, t)| (r, t.as_str()).cmp(&(region, instance_type))) else {
            return Vec::new();
        };
        let end = self.days.partition_point(|d| *d < day);
        let known: Vec<UsdPerHour> = self.of(at)[..end].iter().flatten().map(|m| price(*m)).collect();
        known[known.len().saturating_sub(most)..].to_vec()
    }

    fn of(&self, series: usize) -> &[Option<i64>] {
        &self.micros[series * self.days.len()..][..self.days.len()]
    }

    /// As tables of a `.twd` file.
    pub fn to_tables(&self) -> Vec<Table> {
        let text = |of: fn(&(RegionName, String)) -> &str| Column::text(self.series.iter().map(of));
        let series = vec![
            ("cloud", text(|(r, _)| r.cloud())),
            ("region", text(|(r, _)| r.region())),
            ("type", text(|(_, t)| t.as_str())),
        ];
        vec![
            Table::new("days", vec![("day_ms", Column::int(self.days.iter().map(|d| d.ms())))]),
            Table::new("series", series),
            Table::new("prices", vec![("spot_micros", Column::Int(self.micros.clone()))]),
        ]
    }

    fn from_tables(file: &TableFile) -> Result<Self, DataError> {
        let damaged = || DataError::damaged(Place::file(FILE), "a null or a length".to_owned(), "whole rows");
        let days = file.table("days")?.int("day_ms")?.iter().map(|d| d.map(Time::from_ms));
        let days: Vec<Time> = days.collect::<Option<_>>().ok_or_else(damaged)?;
        let table = file.table("series")?;
        let ((clouds, cloud), (regions, region)) = (table.text("cloud")?, table.text("region")?);
        let (types, kind) = table.text("type")?;
        let name = |i: usize| {
            let region = RegionName::new(&clouds[cloud[i] as usize], &regions[region[i] as usize]);
            (region, types[kind[i] as usize].clone())
        };
        let series: Vec<(RegionName, String)> = (0..table.rows()).map(name).collect();
        let micros = file.table("prices")?.int("spot_micros")?.to_vec();
        let is_whole = micros.len() == series.len() * days.len() && days.is_sorted() && series.is_sorted();
        if is_whole { Ok(Self { days, series, micros }) } else { Err(damaged()) }
    }

    /// Puts a day's spot prices in place of those of `offers`, with those of the day before that has any, if it is at
    /// most `limit` before. Clouds that no series follows keep theirs. Gives the warnings.
    pub(crate) fn apply(&self, day: Time, limit: Millis, offers: &mut Offers) -> Result<Vec<String>, DataError> {
        let at = self.days.binary_search(&day).map_err(|_| self.no_prices(day))?;
        let before = at.checked_sub(1).filter(|b| day - self.days[*b] <= limit);
        let index: HashMap<(&RegionName, &str), usize> =
            self.series.iter().enumerate().map(|(i, (r, t))| ((r, t.as_str()), i)).collect();
        let followed: BTreeSet<&str> = self.series.iter().map(|(r, _)| r.cloud()).collect();
        let mut unknown = 0;
        for row in &mut offers.rows {
            let region = &offers.regions[usize::from(row.region)];
            if !followed.contains(region.cloud()) {
                row.previous_spot = None;
                continue;
            }
            let known = index.get(&(region, offers.types[row.kind as usize].name.as_str())).map(|&s| self.of(s));
            let nanos = |day: usize| known.and_then(|prices| prices[day]).map(|m| m * NANOS_PER_MICRO);
            let was_sold = row.spot.is_some();
            (row.spot, row.previous_spot) = (nanos(at), before.and_then(nanos));
            unknown += usize::from(was_sold && row.spot.is_none());
        }
        offers.as_of = day;
        let clouds = followed.into_iter().collect::<Vec<_>>().join(", ");
        let sentence =
            format!("{unknown} machines of {clouds} have no spot price of the day in the series: on demand only");
        Ok(if unknown > 0 { vec![sentence] } else { Vec::new() })
    }

    fn no_prices(&self, day: Time) -> DataError {
        let text = |t: Time| t.to_string()[..10].to_owned();
        let near = self.newest(day).or(self.days.first().copied()).map_or_else(String::new, text);
        let help = format!("the nearest day that has prices is {near}");
        let got = format!("no prices of {}", text(day));
        DataError::inconsistent(Place::file(FILE), got, "a day of the series, 2024-01-09 to 2024-03-31", help)
    }
}

/// What identifies the series.
pub(crate) fn embedded_hash() -> String {
    TableFile::stated_hash(SERIES)
}

fn price(micros: i64) -> UsdPerHour {
    UsdPerHour::from_nanos(micros * NANOS_PER_MICRO)
}
