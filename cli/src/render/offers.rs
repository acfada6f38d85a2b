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

/// The table for people. GPU and vCPU prices stand only where there is something to say.
pub fn grid(rows: &[OfferRow]) -> Grid {
    let gpus = rows.iter().any(|r| !r.gpu.is_empty());
    let hazards = rows.iter().any(|r| r.hazard.is_some());
    let mut headers = vec![
        ("region", Side::Left),
        ("type", Side::Left),
        ("bought", Side::Left),
        ("vCPU", Side::Right),
        ("GiB", Side::Right),
    ];
    headers.extend(gpus.then_some(("GPU", Side::Left)));
    headers.extend([("USD/h", Side::Right), ("per vCPU", Side::Right)]);
    headers.extend(hazards.then_some(("lost", Side::Right)));
    let mut grid = Grid::new(headers);
    for r in rows {
        let mut row = vec![
            r.region.clone(),
            r.instance_type.clone(),
            if r.capacity_type == "spot" { "spot" } else { "demand" }.to_owned(),
            short(r.vcpus),
            short(r.memory_gib.floor()),
        ];
        let gpu = || if r.gpu.is_empty() { String::new() } else { format!("{} {}", short(r.gpus), r.gpu) };
        row.extend(gpus.then(gpu));
        row.extend([four_decimals(&r.usd_per_hour), format!("{:.4}", r.usd_per_vcpu_hour)]);
        row.extend(hazards.then(|| r.hazard.as_ref().map_or(String::new(), HazardCell::short)));
        grid.row(row);
    }
    grid
}

/// At least four decimals, never rounded: the price is exact in every format.
fn four_decimals(usd: &str) -> String {
    let decimals = usd.split_once('.').map_or(0, |(_, d)| d.len());
    format!("{usd}{}", "0".repeat(4_usize.saturating_sub(decimals)))
}

impl HazardCell {
    /// E.g. `7.5 %/month`.
    fn short(&self) -> String {
        format!("{} %/{}", short(self.value * 100.0), self.unit.trim_start_matches("per_"))
    }
}

/// The table for spreadsheets: the fields of the JSON.
pub fn csv(rows: &[OfferRow]) -> String {
    let names = [
        "region",
        "instance_type",
        "capacity_type",
        "arch",
        "vcpus",
        "memory_gib",
        "gpu",
        "gpus",
        "burstable",
        "usd_per_hour",
        "usd_per_vcpu_hour",
        "hazard_value",
        "hazard_unit",
        "hazard_per_hour",
        "price_date",
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
