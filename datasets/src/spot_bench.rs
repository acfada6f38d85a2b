//! The tables of the public spot benchmarks: traces, prices, transfer, and what each published run costs.
//!
//! The embedded ones are those of SkyNomad's artifact and of "Can't Be Late"; a folder may hold others with the
//! same names and columns.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use crate::csv_table::{Row, find, for_each_row, read_bounded};
use crate::error::{DataError, Place};

/// No trace is longer (ticks).
const MAX_TICKS: f64 = 10_000_000.0;
/// No price, time or size is larger.
const MAX: f64 = 1e9;

/// A zone's series.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchZone {
    /// Region.
    pub region: String,
    /// Seconds a tick.
    pub tick_seconds: f64,
    /// Dollars an hour on demand.
    pub on_demand: f64,
    /// Dollars an hour of spot by tick; one entry stands for every tick.
    pub spot: Arc<[f64]>,
    /// Whether spot can be had, by tick.
    pub available: Arc<[bool]>,
}

/// What lies between two regions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BenchLink {
    /// Dollars a GB.
    pub usd_per_gb: f64,
    /// Rate of a transfer between them, megabit a second.
    pub megabit_per_s: f64,
    /// The rate within a region.
    pub same_region_megabit_per_s: f64,
}

/// The data of both benchmarks.
#[derive(Debug, Clone, Default)]
pub struct SpotBench {
    /// By benchmark and zone.
    pub zones: HashMap<(String, String), BenchZone>,
    /// By benchmark and the two regions.
    pub links: HashMap<(String, String, String), BenchLink>,
    /// By trace and window.
    pub windows: HashMap<(String, String), Arc<[bool]>>,
}

/// A published run over several zones.
#[derive(Debug, Clone, PartialEq)]
pub struct ZonesRow {
    /// Where the row stands.
    pub place: Place,
    /// Sweep it is part of.
    pub sweep: String,
    /// Benchmark: which zones and ticks.
    pub bench: String,
    /// Zones in their order.
    pub zones: Vec<String>,
    /// Policy.
    pub policy: String,
    /// The zone of a policy for one zone.
    pub single_zone: String,
    /// Window.
    pub window: String,
    /// First tick.
    pub start_tick: usize,
    /// Work, hours.
    pub task_hours: f64,
    /// Deadline, hours.
    pub deadline_hours: f64,
    /// Deadline over work, as written.
    pub ratio: String,
    /// Restart loss, hours.
    pub restart_hours: f64,
    /// Checkpoint, GB.
    pub checkpoint_gb: f64,
    /// Dollars to be met.
    pub cost: f64,
    /// Dollars of every tick.
    pub cost_all_ticks: f64,
    /// Tick at which all was done.
    pub finish_tick: usize,
    /// Moves, where given.
    pub migrations: Option<u32>,
}

/// A published run in one zone.
#[derive(Debug, Clone, PartialEq)]
pub struct OneZoneRow {
    /// Where the row stands.
    pub place: Place,
    /// Trace.
    pub trace: String,
    /// Window.
    pub window: String,
    /// Work, hours.
    pub task_hours: f64,
    /// Deadline, hours.
    pub deadline_hours: f64,
    /// Restart loss, hours.
    pub restart_hours: f64,
    /// Policy.
    pub policy: String,
    /// Dollars to be met.
    pub cost: f64,
    /// Whether it was in time.
    pub met_deadline: bool,
}

/// A table of published runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Golden {
    /// With the columns of `golden_spot_deadline.csv`.
    Zones(Vec<ZonesRow>),
    /// With the columns of `golden_spot_nsdi24.csv`.
    OneZone(Vec<OneZoneRow>),
}

/// The embedded data.
pub fn embedded() -> Result<SpotBench, DataError> {
    let mut bench = SpotBench::default();
    let tables: [(&str, &[u8]); 5] = [
        ("spot_bench_availability", include_bytes!("../spot_bench/spot_bench_availability.csv.gz")),
        ("spot_bench_prices", include_bytes!("../spot_bench/spot_bench_prices.csv.gz")),
        ("spot_bench_zones", include_bytes!("../spot_bench/spot_bench_zones.csv")),
        ("spot_bench_transfer", include_bytes!("../spot_bench/spot_bench_transfer.csv")),
        ("spot_windows_nsdi24", include_bytes!("../spot_bench/spot_windows_nsdi24.csv.gz")),
    ];
    let mut texts = HashMap::new();
    for (name, bytes) in tables {
        texts.insert(name, (name.to_owned(), unpacked(name, bytes)?));
    }
    bench.read_zones(&texts["spot_bench_zones"], &texts["spot_bench_availability"], &texts["spot_bench_prices"])?;
    bench.read_links(&texts["spot_bench_transfer"])?;
    bench.read_windows(&texts["spot_windows_nsdi24"])?;
    Ok(bench)
}

/// The embedded tables of published runs: several zones, one zone.
pub fn embedded_golden() -> Result<[Golden; 2], DataError> {
    let read = |name: &str, bytes: &[u8]| golden(name, &unpacked(name, bytes)?);
    Ok([
        read("golden_spot_deadline", include_bytes!("../golden/golden_spot_deadline.csv.gz"))?,
        read("golden_spot_nsdi24", include_bytes!("../golden/golden_spot_nsdi24.csv.gz"))?,
    ])
}

/// What a folder holds of the tables; those of one benchmark may be missing.
pub fn read_folder(folder: &Path) -> Result<SpotBench, DataError> {
    let mut bench = SpotBench::default();
    if let Some(windows) = table(folder, "spot_windows_nsdi24")? {
        bench.read_windows(&windows)?;
    }
    if let Some(zones) = table(folder, "spot_bench_zones")? {
        let needed = |name: &str| {
            table(folder, name)?.ok_or_else(|| {
                let place = Place::file(folder.join(format!("{name}.csv.gz")).display().to_string());
                DataError::malformed(
                    place,
                    "no such table".to_owned(),
                    "the table beside spot_bench_zones.csv",
                    "add it",
                )
            })
        };
        bench.read_zones(&zones, &needed("spot_bench_availability")?, &needed("spot_bench_prices")?)?;
        bench.read_links(&needed("spot_bench_transfer")?)?;
    }
    Ok(bench)
}

/// A table of published runs from a file.
pub fn read_golden(path: &Path) -> Result<Golden, DataError> {
    golden(&path.display().to_string(), &read_bounded(path)?)
}

/// A name and its bytes.
type Table = (String, Vec<u8>);

fn table(folder: &Path, name: &str) -> Result<Option<Table>, DataError> {
    let Some(path) = find(folder, name) else { return Ok(None) };
    Ok(Some((path.display().to_string(), read_bounded(&path)?)))
}

fn unpacked(name: &str, bytes: &[u8]) -> Result<Vec<u8>, DataError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut text).map_err(|e| DataError::unreadable(Path::new(name), &e))?;
    Ok(text)
}

impl SpotBench {
    fn read_windows(&mut self, (file, bytes): &Table) -> Result<(), DataError> {
        let columns = ["trace", "window", "start_tick", "ticks", "available"];
        let runs = runs(file, bytes, &columns, ["trace", "window"], |row| Ok(number(row, "available", 1.0)? > 0.0))?;
        self.windows = runs.into_iter().map(|(key, values)| (key, values.into())).collect();
        Ok(())
    }

    fn read_zones(&mut self, zones: &Table, available: &Table, prices: &Table) -> Result<(), DataError> {
        let columns = ["bench", "zone", "start_tick", "ticks", "available"];
        let (file, bytes) = available;
        let up = runs(file, bytes, &columns, ["bench", "zone"], |row| Ok(number(row, "available", 1.0)? > 0.0))?;
        let columns = ["bench", "zone", "start_tick", "ticks", "spot_usd_per_hour"];
        let (file, bytes) = prices;
        let spot = runs(file, bytes, &columns, ["bench", "zone"], |row| number(row, "spot_usd_per_hour", MAX))?;
        let columns =
            ["bench", "region", "zone", "tick_seconds", "ondemand_usd_per_hour", "spot_usd_per_hour_if_constant"];
        let (file, bytes) = zones;
        for_each_row(file, bytes, &columns, |row| {
            let key = (row.required("bench")?.to_owned(), row.required("zone")?.to_owned());
            let missing = |what: &str| row.malformed("zone", what, "add the zone to that table");
            let constant = row.number("spot_usd_per_hour_if_constant", 0.0, MAX)?;
            let prices = match constant {
                Some(price) => vec![price],
                None => spot.get(&key).cloned().ok_or_else(|| missing("a zone of spot_bench_prices"))?,
            };
            let available = up.get(&key).cloned().ok_or_else(|| missing("a zone of spot_bench_availability"))?;
            let zone = BenchZone {
                region: row.required("region")?.to_owned(),
                tick_seconds: positive(row, "tick_seconds", MAX)?,
                on_demand: positive(row, "ondemand_usd_per_hour", MAX)?,
                spot: prices.into(),
                available: available.into(),
            };
            self.zones.insert(key, zone);
            Ok(())
        })?;
        Ok(())
    }

    fn read_links(&mut self, (file, bytes): &Table) -> Result<(), DataError> {
        let columns =
            ["bench", "src_region", "dst_region", "usd_per_gb", "transfer_megabit_per_s", "same_region_megabit_per_s"];
        for_each_row(file, bytes, &columns, |row| {
            let text = |column: &str| row.required(column).map(str::to_owned);
            let link = BenchLink {
                usd_per_gb: number(row, "usd_per_gb", MAX)?,
                megabit_per_s: positive(row, "transfer_megabit_per_s", MAX)?,
                same_region_megabit_per_s: positive(row, "same_region_megabit_per_s", MAX)?,
            };
            self.links.insert((text("bench")?, text("src_region")?, text("dst_region")?), link);
            Ok(())
        })?;
        Ok(())
    }
}

/// Series of run-length rows, by two key columns; each row must begin where the one before ended.
fn runs<T: Clone>(
    file: &str,
    bytes: &[u8],
    columns: &[&str],
    key: [&str; 2],
    value: impl Fn(&Row<'_>) -> Result<T, DataError>,
) -> Result<HashMap<(String, String), Vec<T>>, DataError> {
    let mut series: HashMap<(String, String), Vec<T>> = HashMap::new();
    for_each_row(file, bytes, columns, |row| {
        let at = (row.required(key[0])?.to_owned(), row.required(key[1])?.to_owned());
        let values = series.entry(at).or_default();
        let (start, ticks) = (whole(row, "start_tick")?, whole(row, "ticks")?);
        if start != values.len() {
            return Err(row.malformed("start_tick", &values.len().to_string(), "rows follow each other without a gap"));
        }
        if (values.len() + ticks) as f64 > MAX_TICKS {
            return Err(row.malformed("ticks", &format!("at most {MAX_TICKS} ticks in all"), "cut the trace"));
        }
        values.extend(std::iter::repeat_n(value(row)?, ticks));
        Ok(())
    })?;
    Ok(series)
}

fn number(row: &Row<'_>, column: &str, max: f64) -> Result<f64, DataError> {
    row.required(column)?;
    Ok(row.number(column, 0.0, max)?.unwrap_or(0.0))
}

fn positive(row: &Row<'_>, column: &str, max: f64) -> Result<f64, DataError> {
    match number(row, column, max)? {
        n if n > 0.0 => Ok(n),
        _ => Err(row.malformed(column, "a number above 0", "write what it is")),
    }
}

fn whole(row: &Row<'_>, column: &str) -> Result<usize, DataError> {
    let n = number(row, column, MAX_TICKS)?;
    if n.fract() == 0.0 { Ok(n as usize) } else { Err(row.malformed(column, "a whole number", "write digits alone")) }
}

/// Columns that tell the tables of published runs apart.
const ZONES_COLUMNS: [&str; 15] = [
    "sweep",
    "bench",
    "zones_in_order",
    "policy",
    "single_zone",
    "window",
    "start_tick",
    "task_hours",
    "deadline_hours",
    "deadline_over_task",
    "restart_hours",
    "checkpoint_gb",
    "cost_usd",
    "cost_all_ticks_usd",
    "finish_tick",
];
const ONE_ZONE_COLUMNS: [&str; 8] =
    ["trace", "window", "task_hours", "deadline_hours", "restart_hours", "policy", "cost_usd", "met_deadline"];

/// Hours of work that are simulated at most.
const MAX_HOURS: f64 = 10_000.0;

fn golden(file: &str, bytes: &[u8]) -> Result<Golden, DataError> {
    let header = bytes.split(|&b| b == b'\n').next().unwrap_or(&[]);
    if header.split(|&b| b == b',').any(|column| column.trim_ascii() == b"trace") {
        let mut rows = Vec::new();
        for_each_row(file, bytes, &ONE_ZONE_COLUMNS, |row| {
            rows.push(one_zone_row(row)?);
            Ok(())
        })?;
        return Ok(Golden::OneZone(rows));
    }
    let mut rows = Vec::new();
    for_each_row(file, bytes, &ZONES_COLUMNS, |row| {
        rows.push(zones_row(row)?);
        Ok(())
    })?;
    Ok(Golden::Zones(rows))
}

fn zones_row(row: &Row<'_>) -> Result<ZonesRow, DataError> {
    Ok(ZonesRow {
        place: row.place("policy"),
        sweep: row.required("sweep")?.to_owned(),
        bench: row.required("bench")?.to_owned(),
        zones: row.required("zones_in_order")?.split('|').map(str::to_owned).collect(),
        policy: row.required("policy")?.to_owned(),
        single_zone: row.text("single_zone").to_owned(),
        window: row.required("window")?.to_owned(),
        start_tick: whole(row, "start_tick")?,
        task_hours: positive(row, "task_hours", MAX_HOURS)?,
        deadline_hours: positive(row, "deadline_hours", MAX_HOURS)?,
        ratio: row.required("deadline_over_task")?.to_owned(),
        restart_hours: number(row, "restart_hours", MAX_HOURS)?,
        checkpoint_gb: number(row, "checkpoint_gb", MAX)?,
        cost: number(row, "cost_usd", MAX)?,
        cost_all_ticks: number(row, "cost_all_ticks_usd", MAX)?,
        finish_tick: whole(row, "finish_tick")?,
        migrations: row.number("migrations", 0.0, MAX)?.map(|n| n as u32),
    })
}

fn one_zone_row(row: &Row<'_>) -> Result<OneZoneRow, DataError> {
    Ok(OneZoneRow {
        place: row.place("policy"),
        trace: row.required("trace")?.to_owned(),
        window: row.required("window")?.to_owned(),
        task_hours: positive(row, "task_hours", MAX_HOURS)?,
        deadline_hours: positive(row, "deadline_hours", MAX_HOURS)?,
        restart_hours: number(row, "restart_hours", MAX_HOURS)?,
        policy: row.required("policy")?.to_owned(),
        cost: number(row, "cost_usd", MAX)?,
        met_deadline: number(row, "met_deadline", 1.0)? > 0.0,
    })
}
