//! The rows of the tables of `datasets/synth/`, and how a row is read.

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::job::{Arch, Checkpoint};
use tradewind_core::money::Usd;
use tradewind_core::place::RegionName;
use tradewind_core::size::Bytes;
use tradewind_core::time::Millis;

use super::tables::Unit;
use super::weighted::whole;
use crate::csv_table::Row;
use crate::error::DataError;

/// Who submits: `projects.csv`.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) name: String,
    /// Where its data lie.
    pub(crate) home: RegionName,
    pub(crate) residency: Option<String>,
    pub(crate) priority: u8,
}

/// How a size of the log stands on nodes: `layouts.csv`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) nodes: u32,
    /// vCPUs or GPUs of each node.
    pub(crate) per_node: u32,
}

/// What each GPU of a job comes with: `gpus.csv`.
#[derive(Debug, Clone)]
pub(crate) struct GpuKind {
    pub(crate) model: String,
    pub(crate) vcpus: u64,
    pub(crate) memory_gib: u64,
    pub(crate) alternatives: BTreeMap<String, f64>,
    /// Reference price of a GPU-hour, its share of the node included.
    pub(crate) hourly: Usd,
}

/// What each vCPU of a job without GPUs comes with: `memory.csv`.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    pub(crate) mib_per_vcpu: u64,
    pub(crate) arch: BTreeSet<Arch>,
    pub(crate) burstable: bool,
}

/// A deadline: `deadlines.csv`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    /// Time after arrival, in hundredths of the runtime's 95th percentile.
    pub(crate) slack_percent: u64,
    pub(crate) max_miss_probability: f64,
}

/// How a task takes an interruption: `spot.csv`.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) interruptible: bool,
    pub(crate) checkpoint: Option<Checkpoint>,
}

/// What a task reads and writes: `data.csv`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Data {
    pub(crate) input: Reads,
    pub(crate) output: Bytes,
    pub(crate) disk: Bytes,
}

/// Where a task's input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    Nothing,
    /// So much of its own.
    Private(Bytes),
    /// A dataset of its project.
    Shared,
}

/// A shared dataset: `datasets.csv`.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    pub(crate) name: String,
    pub(crate) size: Bytes,
}

const GIB: u64 = 1 << 30;
const GB: u64 = 1_000_000_000;

/// `cpu`, `gpu`, or both where the cell is empty.
pub(crate) fn units(row: &Row<'_>) -> Result<Vec<Unit>, DataError> {
    Ok(row.word("unit", &Unit::WORDS)?.map_or_else(|| vec![Unit::Cpu, Unit::Gpu], |unit| vec![unit]))
}

fn optional(row: &Row<'_>, column: &str, max: f64) -> Result<Option<u64>, DataError> {
    if row.text(column).is_empty() { Ok(None) } else { whole(row, column, 0.0, max).map(Some) }
}

pub(crate) fn project(row: &Row<'_>) -> Result<Project, DataError> {
    let home = row.required("home")?.parse();
    Ok(Project {
        name: row.required("project")?.to_owned(),
        home: home.map_err(|_| row.malformed("home", "cloud/region", "see embedded/regions.csv"))?,
        residency: Some(row.text("residency")).filter(|r| !r.is_empty()).map(str::to_owned),
        priority: whole(row, "priority", 0.0, 100.0)? as u8,
    })
}

pub(crate) fn layout(row: &Row<'_>) -> Result<(Vec<(Unit, u32)>, Layout), DataError> {
    let unit = row.word("unit", &Unit::WORDS)?.ok_or_else(|| row.malformed("unit", "cpu or gpu", "write one"))?;
    let size = whole(row, "size", 1.0, 1e6)? as u32;
    let layout =
        Layout { nodes: whole(row, "nodes", 1.0, 1e4)? as u32, per_node: whole(row, "per_node", 1.0, 1024.0)? as u32 };
    Ok((vec![(unit, size)], layout))
}

/// The groups are the GPUs of a node.
pub(crate) fn gpu(row: &Row<'_>) -> Result<(Vec<u32>, GpuKind), DataError> {
    let from = whole(row, "gpus_from", 1.0, 64.0)? as u32;
    let to = whole(row, "gpus_to", f64::from(from), 64.0)? as u32;
    let kind = GpuKind {
        model: row.required("model")?.to_owned(),
        vcpus: whole(row, "vcpus_per_gpu", 1.0, 1e3)?,
        memory_gib: whole(row, "memory_gib_per_gpu", 1.0, 1e4)?,
        alternatives: alternatives(row)?,
        hourly: usd(row, "usd_per_gpu_hour")?,
    };
    Ok(((from..=to).collect(), kind))
}

/// `L4:1.8;A10G:2.2`.
fn alternatives(row: &Row<'_>) -> Result<BTreeMap<String, f64>, DataError> {
    let wrong = || row.malformed("alternatives", "MODEL:SPEED, separated by ;", "speeds are relative to the model");
    let items = row.text("alternatives").split(';').filter(|t| !t.is_empty());
    items
        .map(|item| {
            let (model, speed) = item.split_once(':').ok_or_else(wrong)?;
            let speed: f64 = speed.parse().map_err(|_| wrong())?;
            if (0.001..=1000.0).contains(&speed) { Ok((model.to_owned(), speed)) } else { Err(wrong()) }
        })
        .collect()
}

fn yes_or_no(row: &Row<'_>, column: &str) -> Result<bool, DataError> {
    let word = row.word(column, &[("true", true), ("false", false)])?;
    word.ok_or_else(|| row.malformed(column, "true or false", "write one"))
}

fn usd(row: &Row<'_>, column: &str) -> Result<Usd, DataError> {
    let amount = row.required(column)?.parse();
    amount.map_err(|_| row.malformed(column, "dollars, e.g. 1.20", "write digits and a decimal point"))
}

pub(crate) fn memory(row: &Row<'_>) -> Result<Memory, DataError> {
    let arch = row.required("arch")?.split(';').map(str::parse).collect::<Result<_, ()>>();
    Ok(Memory {
        mib_per_vcpu: whole(row, "mib_per_vcpu", 1.0, 1e6)?,
        arch: arch.map_err(|()| row.malformed("arch", "x86_64 or x86_64;arm64", "write one"))?,
        burstable: yes_or_no(row, "burstable")?,
    })
}

/// The runtime's 95th percentile in hundredths of its median.
pub(crate) fn spread(row: &Row<'_>) -> Result<u64, DataError> {
    whole(row, "p95_percent", 100.0, 1000.0)
}

/// `None` where there is no deadline.
pub(crate) fn deadline(row: &Row<'_>) -> Result<Option<Deadline>, DataError> {
    let Some(slack_percent) = optional(row, "slack_percent", 1e5)? else { return Ok(None) };
    let miss = whole(row, "max_miss_percent", 1.0, 50.0)?;
    Ok(Some(Deadline { slack_percent, max_miss_probability: miss as f64 / 100.0 }))
}

pub(crate) fn spot(row: &Row<'_>) -> Result<(Vec<Unit>, Spot), DataError> {
    let seconds = |column| Ok::<_, DataError>(Millis::from_secs(whole(row, column, 0.0, 1e5)? as i64));
    let checkpoint = match row.text("size_gib") {
        "" => None,
        _ => Some(Checkpoint {
            interval: None,
            save: seconds("save_s")?,
            restore: seconds("restore_s")?,
            size: Bytes::new(whole(row, "size_gib", 0.0, 1e5)? * GIB),
        }),
    };
    Ok((units(row)?, Spot { interruptible: yes_or_no(row, "interruptible")?, checkpoint }))
}

pub(crate) fn data(row: &Row<'_>) -> Result<(Vec<Unit>, Data), DataError> {
    let amount = |column, scale: u64| Ok::<_, DataError>(Bytes::new(optional(row, column, 1e6)?.unwrap_or(0) * scale));
    let input = match row.required("kind")? {
        "none" => Reads::Nothing,
        "shared" => Reads::Shared,
        "private" => Reads::Private(Bytes::new(whole(row, "input_gb", 1.0, 1e6)? * GB)),
        _ => return Err(row.malformed("kind", "none, private or shared", "write one")),
    };
    let data = Data { input, output: amount("output_gb", GB)?, disk: amount("disk_gib", GIB)? };
    Ok((units(row)?, data))
}

/// The group is the project.
pub(crate) fn dataset(row: &Row<'_>) -> Result<(Vec<String>, Dataset), DataError> {
    let size = Bytes::new(whole(row, "size_gb", 1.0, 1e6)? * GB);
    Ok((vec![row.required("project")?.to_owned()], Dataset { name: row.required("dataset")?.to_owned(), size }))
}

/// Hundredths of the reference price; `None` where a job has no budget of its own.
pub(crate) fn budget(row: &Row<'_>) -> Result<Option<u64>, DataError> {
    optional(row, "factor_percent", 1e5)
}
