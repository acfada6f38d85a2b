//! Offers as a table.

use serde::Serialize;

use super::grid::{Grid, Side};

/// An offer with everything worth knowing about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfferRow {
    /// `cloud/region`.
    pub region: String,
    /// The vendor's name.
    pub instance_type: String,
    /// `on_demand` or `spot`.
    pub capacity_type: String,
    /// Architecture.
    pub arch: &'static str,
    /// vCPUs.
    pub vcpus: f64,
    /// Memory that tasks can use, or nominal where configured.
    pub memory_gib: f64,
    /// GPU model; empty is none.
    pub gpu: String,
    /// GPUs.
    pub gpus: f64,
    /// Shared-core.
    pub burstable: bool,
    /// Price of a node, exact.
    pub usd_per_hour: String,
    /// Price per vCPU and hour.
    pub usd_per_vcpu_hour: f64,
    /// Interruption figure as its source states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard: Option<HazardCell>,
    /// The day the price held.
    pub price_date: String,
}

/// An interruption figure with its unit and window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HazardCell {
    /// Share lost in the window.
    pub value: f64,
    /// `per_hour`, `per_day`, `per_month`, `per_launch`.
    pub unit: String,
    /// Interruptions per hour, as planned with.
    pub per_hour: f64,
    /// Where it comes from.
    pub source: String,
}

/// The table for people.
pub fn grid(rows: &[OfferRow]) -> Grid {
    let mut grid = Grid::new([
        ("region", Side::Left),
        ("type", Side::Left),
        ("bought", Side::Left),
        ("vCPU", Side::Right),
        ("GiB", Side::Right),
        ("GPU", Side::Left),
        ("USD/h", Side::Right),
        ("USD/vCPU h", Side::Right),
        ("interrupted", Side::Right),
    ]);
    for r in rows {
        grid.row([
            r.region.clone(),
            r.instance_type.clone(),
            r.capacity_type.replace('_', " "),
            short(r.vcpus),
            short(r.memory_gib),
            if r.gpu.is_empty() { String::new() } else { format!("{} x {}", short(r.gpus), r.gpu) },
            r.usd_per_hour.clone(),
            format!("{:.5}", r.usd_per_vcpu_hour),
            r.hazard.as_ref().map_or(String::new(), |h| {
                format!("{} {}", super::percent(h.value), h.unit.replace('_', " "))
            }),
        ]);
    }
    grid
}

/// The table for spreadsheets: the fields of the JSON.
pub fn csv(rows: &[OfferRow]) -> String {
    let names = [
        "region", "instance_type", "capacity_type", "arch", "vcpus", "memory_gib", "gpu", "gpus", "burstable",
        "usd_per_hour", "usd_per_vcpu_hour", "hazard_value", "hazard_unit", "hazard_per_hour", "price_date",
    ];
    let mut grid = Grid::new(names.map(|n| (n, Side::Left)));
    for r in rows {
        let hazard = r.hazard.as_ref();
        grid.row([
            r.region.clone(),
            r.instance_type.clone(),
            r.capacity_type.clone(),
            r.arch.to_owned(),
            r.vcpus.to_string(),
            r.memory_gib.to_string(),
            r.gpu.clone(),
            r.gpus.to_string(),
            r.burstable.to_string(),
            r.usd_per_hour.clone(),
            r.usd_per_vcpu_hour.to_string(),
            hazard.map_or(String::new(), |h| h.value.to_string()),
            hazard.map_or(String::new(), |h| h.unit.clone()),
            hazard.map_or(String::new(), |h| h.per_hour.to_string()),
            r.price_date.clone(),
        ]);
    }
    grid.to_csv()
}

/// A number without needless decimals.
fn short(n: f64) -> String {
    let text = format!("{n:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
