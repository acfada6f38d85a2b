//! The tables of `datasets/synth/`, read from the binary and held against each other.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use super::rows::{self, Data, Dataset, Deadline, GpuKind, Layout, Memory, Project, Reads, Spot};
use super::weighted::{self, Groups, Weighted};
use crate::error::{DataError, Place};
use crate::regions;

/// What the sizes of a log count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Processors.
    Cpu,
    /// GPUs.
    Gpu,
}

impl Unit {
    pub(crate) const WORDS: [(&'static str, Self); 2] = [("cpu", Self::Cpu), ("gpu", Self::Gpu)];
}

/// Every weighted table.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) projects: Weighted<Project>,
    pub(crate) layouts: Groups<(Unit, u32), Layout>,
    /// By GPUs of a node.
    pub(crate) gpus: Groups<u32, GpuKind>,
    pub(crate) memory: Weighted<Memory>,
    pub(crate) spreads: Weighted<u64>,
    pub(crate) deadlines: Weighted<Option<Deadline>>,
    pub(crate) spot: Groups<Unit, Spot>,
    pub(crate) data: Groups<Unit, Data>,
    /// By project.
    pub(crate) datasets: Groups<String, Dataset>,
    pub(crate) budgets: Weighted<Option<u64>>,
}

/// The name and bytes of a table.
macro_rules! table {
    ($name:literal) => {
        (concat!("synth/", $name), include_bytes!(concat!("../../synth/", $name)) as &[u8])
    };
}

impl Tables {
    /// The embedded tables.
    ///
    /// # Errors
    /// A row that cannot be read, or names that no other table has.
    pub(crate) fn embedded() -> Result<Self, DataError> {
        let layouts = ["unit", "size", "nodes", "per_node"];
        let gpus = [
            "model",
            "gpus_from",
            "gpus_to",
            "vcpus_per_gpu",
            "memory_gib_per_gpu",
            "alternatives",
            "usd_per_gpu_hour",
        ];
        let spot = ["unit", "interruptible", "save_s", "restore_s", "size_gib"];
        let data = ["unit", "kind", "input_gb", "output_gb", "disk_gib"];
        let tables = Self {
            projects: one(table!("projects.csv"), &["project", "home", "residency", "priority"], rows::project)?,
            layouts: many(table!("layouts.csv"), &layouts, rows::layout)?,
            gpus: many(table!("gpus.csv"), &gpus, rows::gpu)?,
            memory: one(table!("memory.csv"), &["mib_per_vcpu", "arch", "burstable"], rows::memory)?,
            spreads: one(table!("spreads.csv"), &["p95_percent"], rows::spread)?,
            deadlines: one(table!("deadlines.csv"), &["slack_percent", "max_miss_percent"], rows::deadline)?,
            spot: many(table!("spot.csv"), &spot, rows::spot)?,
            data: many(table!("data.csv"), &data, rows::data)?,
            datasets: many(table!("datasets.csv"), &["dataset", "project", "size_gb"], rows::dataset)?,
            budgets: one(table!("budgets.csv"), &["factor_percent"], rows::budget)?,
        };
        tables.hold_together()?;
        Ok(tables)
    }

    /// Projects live in known regions and have datasets; every unit has spot and data rows; every
    /// layout of GPUs has a model.
    fn hold_together(&self) -> Result<(), DataError> {
        let regions = regions::embedded()?;
        for project in self.projects.values() {
            let home = &project.home;
            present("projects.csv", "home", home, regions.contains_key(home))?;
            let in_group = |r: &String| regions.values().any(|f| f.residency.contains(r));
            present("projects.csv", "residency", &project.residency, project.residency.iter().all(in_group))?;
            let reads = self.data.values().flat_map(Weighted::values).any(|d| d.input == Reads::Shared);
            present("datasets.csv", "project", &project.name, !reads || self.datasets.contains_key(&project.name))?;
        }
        for (unit, _) in self.layouts.keys() {
            present("spot.csv", "unit", unit, self.spot.contains_key(unit))?;
            present("data.csv", "unit", unit, self.data.contains_key(unit))?;
        }
        let gpu_layouts = self.layouts.iter().filter(|((unit, _), _)| *unit == Unit::Gpu);
        for layout in gpu_layouts.flat_map(|(_, layouts)| layouts.values()) {
            present("gpus.csv", "gpus_to", &layout.per_node, self.gpus.contains_key(&layout.per_node))?;
        }
        Ok(())
    }
}

fn present(file: &str, column: &str, name: &impl Debug, is_there: bool) -> Result<(), DataError> {
    if is_there {
        return Ok(());
    }
    let place = Place { file: format!("synth/{file}"), line: None, column: Some(column.to_owned()) };
    Err(DataError::inconsistent(place, format!("{name:?}"), "a name that the other tables have", "add its row"))
}

/// A table whose rows are all drawn among each other.
fn one<T: Clone>(
    (file, bytes): (&str, &[u8]),
    columns: &[&str],
    read: impl Fn(&crate::csv_table::Row<'_>) -> Result<T, DataError>,
) -> Result<Weighted<T>, DataError> {
    let mut groups = weighted::read(file, bytes, columns, |row| Ok((vec![()], read(row)?)))?;
    groups.remove(&()).ok_or_else(|| empty(file))
}

/// A table whose rows are drawn among those of a group.
fn many<K: Ord, T: Clone>(
    (file, bytes): (&str, &[u8]),
    columns: &[&str],
    read: impl Fn(&crate::csv_table::Row<'_>) -> Result<(Vec<K>, T), DataError>,
) -> Result<Groups<K, T>, DataError> {
    let groups = weighted::read(file, bytes, columns, read)?;
    if groups.is_empty() { Err(empty(file)) } else { Ok(groups) }
}

fn empty(file: &str) -> DataError {
    DataError::malformed(Place::file(file), "no rows".to_owned(), "at least one row", "add one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_hold_together() {
        let tables = Tables::embedded().unwrap();
        assert_eq!(tables.layouts.len(), 18, "8 sizes of processors, 10 of GPUs");
        assert!(tables.gpus.keys().copied().eq(1..=8));
    }
}
