//! Offers as read, before any judgement: types, regions, and two prices a row.

use std::collections::HashMap;

use tradewind_core::job::Arch;
use tradewind_core::place::RegionName;
use tradewind_core::time::Time;

use crate::columnar::{Column, Table, TableFile};
use crate::error::DataError;
use crate::quarantine::Quarantined;

/// A machine type as the vendor describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawType {
    /// Cloud.
    pub cloud: String,
    /// Vendor's name.
    pub name: String,
    /// Series: AWS and GCP prefix, Azure SKU family.
    pub family: String,
    /// Architecture.
    pub arch: Arch,
    /// Thousandths of a vCPU.
    pub vcpu_milli: u64,
    /// Nominal memory in MiB.
    pub memory_mib: u64,
    /// GPU model; empty is none.
    pub gpu: String,
    /// Thousandths of a GPU.
    pub gpu_milli: u64,
    /// Shared core.
    pub burstable: bool,
    /// The cloud's own name of the quota it counts against.
    pub quota_family: String,
}

/// The prices of a type in a region, nano-dollars per hour as stated; may be zero or negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceRow {
    /// Index in [`Offers::types`].
    pub kind: u32,
    /// Index in [`Offers::regions`].
    pub region: u16,
    /// On demand.
    pub on_demand: Option<i64>,
    /// Spot.
    pub spot: Option<i64>,
    /// Spot of the snapshot before, for the jump rule.
    pub previous_spot: Option<i64>,
    /// Line in the user's file; 0 if embedded.
    pub line: u32,
}

/// A table of offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Offers {
    /// File for messages.
    pub file: String,
    /// Types, sorted by (cloud, name).
    pub types: Vec<RawType>,
    /// Regions, sorted.
    pub regions: Vec<RegionName>,
    /// Rows, sorted by (region, type, line).
    pub rows: Vec<PriceRow>,
    /// The latest price date, midnight UTC.
    pub as_of: Time,
    /// Prices that are no numbers at all.
    pub unreadable: Vec<Quarantined>,
}

impl Offers {
    /// Sorts everything, renumbering: the order of the input leaves no trace but the line numbers.
    pub(crate) fn sorted(mut self) -> Self {
        let key = |t: &RawType| (t.cloud.clone(), t.name.clone());
        let (type_map, types) = sort_by_key(self.types, key);
        let (region_map, regions) = sort_by_key(self.regions, RegionName::clone);
        for row in &mut self.rows {
            row.kind = type_map[row.kind as usize] as u32;
            row.region = region_map[usize::from(row.region)] as u16;
        }
        self.rows.sort_unstable_by_key(|r| (r.region, r.kind, r.line));
        Self { types, regions, ..self }
    }

    /// As tables of a `.twd` file.
    pub fn to_tables(&self) -> Vec<Table> {
        let types = Table::new(
            "types",
            vec![
                ("cloud", Column::text(self.types.iter().map(|t| t.cloud.as_str()))),
                ("name", Column::text(self.types.iter().map(|t| t.name.as_str()))),
                ("family", Column::text(self.types.iter().map(|t| t.family.as_str()))),
                ("arch", Column::text(self.types.iter().map(|t| t.arch.as_str()))),
                ("vcpu_milli", Column::int(self.types.iter().map(|t| t.vcpu_milli as i64))),
                ("memory_mib", Column::int(self.types.iter().map(|t| t.memory_mib as i64))),
                ("gpu", Column::text(self.types.iter().map(|t| t.gpu.as_str()))),
                ("gpu_milli", Column::int(self.types.iter().map(|t| t.gpu_milli as i64))),
                ("burstable", Column::int(self.types.iter().map(|t| i64::from(t.burstable)))),
                ("quota_family", Column::text(self.types.iter().map(|t| t.quota_family.as_str()))),
            ],
        );
        let regions = Table::new(
            "regions",
            vec![
                ("cloud", Column::text(self.regions.iter().map(RegionName::cloud))),
                ("region", Column::text(self.regions.iter().map(RegionName::region))),
            ],
        );
        let prices = Table::new(
            "prices",
            vec![
                ("region", Column::int(self.rows.iter().map(|r| i64::from(r.region)))),
                ("type", Column::int(self.rows.iter().map(|r| i64::from(r.kind)))),
                ("on_demand_nanos", Column::Int(self.rows.iter().map(|r| r.on_demand).collect())),
                ("spot_nanos", Column::Int(self.rows.iter().map(|r| r.spot).collect())),
                ("previous_spot_nanos", Column::Int(self.rows.iter().map(|r| r.previous_spot).collect())),
            ],
        );
        let meta = Table::new("meta", vec![("as_of_ms", Column::int([self.as_of.ms()]))]);
        vec![meta, types, regions, prices]
    }

    /// From tables of a `.twd` file.
    ///
    /// # Errors
    /// [`DataError::Damaged`] if a table, a column or an index does not hold.
    pub fn from_tables(file: &TableFile, name: &str) -> Result<Self, DataError> {
        let damaged =
            || DataError::damaged(crate::error::Place::file(name), "an index or a null".to_owned(), "whole rows");
        let types = read_types(file).ok_or_else(damaged)?;
        let regions = file.table("regions")?;
        let ((clouds, cloud), (names, region)) = (regions.text("cloud")?, regions.text("region")?);
        let regions: Vec<RegionName> =
            cloud.iter().zip(region).map(|(&c, &r)| RegionName::new(&clouds[c as usize], &names[r as usize])).collect();
        let prices = file.table("prices")?;
        let (region, kind) = (prices.int("region")?, prices.int("type")?);
        let (on_demand, spot) = (prices.int("on_demand_nanos")?, prices.int("spot_nanos")?);
        let previous = prices.int("previous_spot_nanos")?;
        let rows = (0..prices.rows())
            .map(|i| {
                let region_at = u16::try_from(region[i]?).ok().filter(|&r| usize::from(r) < regions.len())?;
                let kind_at = u32::try_from(kind[i]?).ok().filter(|&k| (k as usize) < types.len())?;
                Some(PriceRow {
                    kind: kind_at,
                    region: region_at,
                    on_demand: on_demand[i],
                    spot: spot[i],
                    previous_spot: previous[i],
                    line: 0,
                })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(damaged)?;
        let as_of = file.table("meta")?.int("as_of_ms")?.first().copied().flatten().ok_or_else(damaged)?;
        Ok(Self { file: name.to_owned(), types, regions, rows, as_of: Time::from_ms(as_of), unreadable: Vec::new() })
    }
}

fn read_types(file: &TableFile) -> Option<Vec<RawType>> {
    let table = file.table("types").ok()?;
    let text = |name: &str| table.text(name).ok().map(|(d, c)| move |i: usize| d[c[i] as usize].clone());
    let int = |name: &str| table.int(name).ok().map(|v| move |i: usize| v[i].and_then(|n| u64::try_from(n).ok()));
    let (cloud, name, family, arch) = (text("cloud")?, text("name")?, text("family")?, text("arch")?);
    let (vcpu, memory, gpu) = (int("vcpu_milli")?, int("memory_mib")?, text("gpu")?);
    let (gpus, burstable, quota) = (int("gpu_milli")?, int("burstable")?, text("quota_family")?);
    (0..table.rows())
        .map(|i| {
            Some(RawType {
                cloud: cloud(i),
                name: name(i),
                family: family(i),
                arch: arch(i).parse().ok()?,
                vcpu_milli: vcpu(i)?,
                memory_mib: memory(i)?,
                gpu: gpu(i),
                gpu_milli: gpus(i)?,
                burstable: burstable(i)? != 0,
                quota_family: quota(i),
            })
        })
        .collect()
}

/// Where each item went, and the sorted items.
fn sort_by_key<T, K: Ord>(items: Vec<T>, key: impl Fn(&T) -> K) -> (Vec<usize>, Vec<T>) {
    let mut order: Vec<(usize, T)> = items.into_iter().enumerate().collect();
    order.sort_by_cached_key(|(_, t)| key(t));
    let mut map = vec![0; order.len()];
    for (new, (old, _)) in order.iter().enumerate() {
        map[*old] = new;
    }
    (map, order.into_iter().map(|(_, t)| t).collect())
}

/// Collects rows as they are read, giving types and regions their indices.
#[derive(Debug, Default)]
pub(crate) struct OffersBuilder {
    types: Vec<RawType>,
    type_at: HashMap<(String, String), u32>,
    regions: Vec<RegionName>,
    region_at: HashMap<RegionName, u16>,
    pub(crate) rows: Vec<PriceRow>,
    pub(crate) unreadable: Vec<Quarantined>,
    pub(crate) as_of: Option<Time>,
}

impl OffersBuilder {
    /// The index of a type; `Err` gives the earlier description if it differs.
    pub(crate) fn kind(&mut self, kind: RawType) -> Result<u32, Box<RawType>> {
        let key = (kind.cloud.clone(), kind.name.clone());
        if let Some(&at) = self.type_at.get(&key) {
            let known = &self.types[at as usize];
            return if *known == kind { Ok(at) } else { Err(Box::new(known.clone())) };
        }
        let at = self.types.len() as u32;
        self.type_at.insert(key, at);
        self.types.push(kind);
        Ok(at)
    }

    /// The index of a region; none beyond 65,535 of them.
    pub(crate) fn region(&mut self, region: RegionName) -> Option<u16> {
        if let Some(&at) = self.region_at.get(&region) {
            return Some(at);
        }
        let at = u16::try_from(self.regions.len()).ok()?;
        self.region_at.insert(region.clone(), at);
        self.regions.push(region);
        Some(at)
    }

    pub(crate) fn finish(self, file: &str) -> Option<Offers> {
        let offers = Offers {
            file: file.to_owned(),
            types: self.types,
            regions: self.regions,
            rows: self.rows,
            as_of: self.as_of?,
            unreadable: self.unreadable,
        };
        Some(offers.sorted())
    }
}
