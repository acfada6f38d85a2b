//! Where each on-demand price stands: against its siblings, and against its series elsewhere.

use std::collections::HashMap;

use super::{median, quantile};
use crate::offers::{Offers, PriceRow, RawType};

/// The share of regions in which a size may be cheaper, per vCPU and against its siblings, than its
/// own factor says. Low, because wrong prices are mostly too dear (another operating system).
const FACTOR_QUANTILE: f64 = 0.2;
/// A size must be priced in so many regions before its own factor is believed.
const FACTOR_REGIONS: usize = 3;
/// The cheapest sibling is the base of its series only if it is within this factor of what the series
/// costs elsewhere; else it is itself suspect, and the next one is taken.
const BASE_WITHIN: f64 = 0.6;

/// Where an on-demand price stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Standing {
    /// Price over that of the cheapest believed sibling, own factors taken out; 0 is no sibling at all.
    pub(super) to_siblings: f64,
    /// Price over what the series elsewhere and the level of the region say; 0 is unknown.
    pub(super) to_elsewhere: f64,
    /// Sizes of the series in the region, itself included.
    pub(super) siblings: usize,
    /// Regions with the series.
    pub(super) regions: usize,
    /// Regions with this very size.
    pub(super) own_regions: usize,
    /// Same shape as another size of its family, e.g. with some vCPUs switched off.
    pub(super) variant: bool,
    /// The series.
    pub(super) series: u32,
}

/// The standing of every row, in the order of the rows.
pub(super) fn standings(offers: &Offers, rows: &[PriceRow]) -> Vec<Standing> {
    let types = Types::new(&offers.types);
    let mut table = SeriesTable::new(offers, rows, types);
    table.find_bases();
    table.find_levels();
    table.drop_suspect_bases();
    table.find_levels();
    (0..rows.len()).map(|row| table.standing(row)).collect()
}

/// What the rules need to know of each type.
struct Types {
    /// Cloud, family, GiB per vCPU (quarter octaves), burstable, GPU: sizes that should cost alike.
    series: Vec<u32>,
    variant: Vec<bool>,
    /// Dense number of (cloud, family), by series.
    family: Vec<u32>,
    /// Dense number of the cloud, by series.
    cloud: Vec<u32>,
}

impl Types {
    fn new(types: &[RawType]) -> Self {
        let (mut clouds, mut families, mut series) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (mut family, mut cloud) = (Vec::new(), Vec::new());
        let of_type = types.iter().map(|t| {
            let next = clouds.len() as u32;
            let c = *clouds.entry(t.cloud.as_str()).or_insert(next);
            let next = families.len() as u32;
            let f = *families.entry((t.cloud.as_str(), t.family.as_str())).or_insert(next);
            let next = series.len() as u32;
            *series.entry((f, memory_bucket(t), t.burstable, t.gpu.as_str())).or_insert_with(|| {
                family.push(f);
                cloud.push(c);
                next
            })
        });
        let of_type = of_type.collect();
        Self { series: of_type, variant: variants(types), family, cloud }
    }
}

/// GiB per vCPU in quarters of an octave.
fn memory_bucket(t: &RawType) -> i32 {
    let gib_per_vcpu = (t.memory_mib.max(102) as f64 / 1024.0) / (t.vcpu_milli as f64 / 1000.0);
    (gib_per_vcpu.log2() * 4.0).round() as i32
}

/// Of the types of a family with the same shape, all but the one with the shortest name.
fn variants(types: &[RawType]) -> Vec<bool> {
    let shape =
        |t: &RawType| (t.cloud.clone(), t.family.clone(), t.vcpu_milli, t.memory_mib, t.gpu.clone(), t.gpu_milli);
    let mut plain: HashMap<_, &str> = HashMap::new();
    for t in types {
        let best = plain.entry(shape(t)).or_insert(&t.name);
        if (t.name.len(), t.name.as_str()) < (best.len(), *best) {
            *best = &t.name;
        }
    }
    types.iter().map(|t| plain[&shape(t)] != t.name).collect()
}

/// A series in a region.
#[derive(Debug, Clone, Default)]
struct Group {
    series: u32,
    region: u16,
    /// Rows that are not variants.
    rows: Vec<usize>,
    /// Price per vCPU of the cheapest believed size, own factors taken out.
    base: f64,
}

struct SeriesTable<'a> {
    rows: &'a [PriceRow],
    types: Types,
    /// Nano-dollars per vCPU-hour of each row, or 0.
    per_vcpu: Vec<f64>,
    groups: Vec<Group>,
    group_at: HashMap<(u32, u16), usize>,
    /// A size's own factor.
    factor: Vec<f64>,
    own_regions: Vec<usize>,
    /// What a series costs at level 1, and in how many regions it is.
    series_level: Vec<f64>,
    series_regions: Vec<usize>,
    /// Level of (cloud, region).
    region_level: HashMap<(u32, u16), f64>,
    /// Levels of (family, region) by series, for series with relatives.
    family_levels: HashMap<(u32, u16), Vec<(u32, f64)>>,
}

impl<'a> SeriesTable<'a> {
    fn new(offers: &Offers, rows: &'a [PriceRow], types: Types) -> Self {
        let vcpus = |r: &PriceRow| offers.types[r.kind as usize].vcpu_milli as f64 / 1000.0;
        let per_vcpu = rows.iter().map(|r| r.on_demand.map_or(0.0, |p| p as f64 / vcpus(r))).collect();
        let mut groups: Vec<Group> = Vec::new();
        let mut group_at = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            let kind = row.kind as usize;
            if row.on_demand.is_none() || types.variant[kind] {
                continue;
            }
            let (series, region) = (types.series[kind], row.region);
            let group = *group_at.entry((series, region)).or_insert_with(|| {
                groups.push(Group { series, region, ..Group::default() });
                groups.len() - 1
            });
            groups[group].rows.push(at);
        }
        let kinds = offers.types.len();
        let series = types.family.len();
        Self {
            rows,
            types,
            per_vcpu,
            groups,
            group_at,
            factor: vec![1.0; kinds],
            own_regions: vec![0; kinds],
            series_level: vec![0.0; series],
            series_regions: vec![0; series],
            region_level: HashMap::new(),
            family_levels: HashMap::new(),
        }
    }

    /// Own factors of the sizes, then the cheapest size of each group.
    fn find_bases(&mut self) {
        let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); self.factor.len()];
        for group in &self.groups {
            let least = group.rows.iter().map(|&r| self.per_vcpu[r]).fold(f64::INFINITY, f64::min);
            for &row in &group.rows {
                ratios[self.rows[row].kind as usize].push(self.per_vcpu[row] / least);
            }
        }
        for (kind, ratios) in ratios.iter_mut().enumerate() {
            self.own_regions[kind] = ratios.len();
            if ratios.len() >= FACTOR_REGIONS {
                ratios.sort_unstable_by(f64::total_cmp);
                self.factor[kind] = quantile(ratios, FACTOR_QUANTILE);
            }
        }
        for at in 0..self.groups.len() {
            self.groups[at].base = self.unit_prices(at).fold(f64::INFINITY, f64::min);
        }
    }

    /// Price per vCPU of the group's rows, own factors taken out.
    fn unit_prices(&self, group: usize) -> impl Iterator<Item = f64> + '_ {
        self.groups[group].rows.iter().map(|&row| self.unit_price(row))
    }

    fn unit_price(&self, row: usize) -> f64 {
        self.per_vcpu[row] / self.factor[self.rows[row].kind as usize]
    }

    /// base = level of the series x level of the region, by medians.
    fn find_levels(&mut self) {
        let mut by_series: Vec<Vec<f64>> = vec![Vec::new(); self.series_level.len()];
        for g in &self.groups {
            by_series[g.series as usize].push(g.base);
        }
        self.series_regions = by_series.iter().map(Vec::len).collect();
        let rough: Vec<f64> = by_series.iter_mut().map(|v| median(v).unwrap_or(0.0)).collect();
        let mut by_region: HashMap<(u32, u16), Vec<f64>> = HashMap::new();
        for g in &self.groups {
            let key = (self.types.cloud[g.series as usize], g.region);
            by_region.entry(key).or_default().push(g.base / rough[g.series as usize]);
        }
        self.region_level = by_region.iter_mut().map(|(k, v)| (*k, median(v).unwrap_or(1.0))).collect();
        by_series.iter_mut().for_each(Vec::clear);
        for g in &self.groups {
            let level = self.region_level[&(self.types.cloud[g.series as usize], g.region)];
            by_series[g.series as usize].push(g.base / level);
        }
        self.series_level = by_series.iter_mut().map(|v| median(v).unwrap_or(0.0)).collect();
        self.family_levels.clear();
        for g in &self.groups {
            let key = (self.types.family[g.series as usize], g.region);
            let level = g.base / self.series_level[g.series as usize];
            self.family_levels.entry(key).or_default().push((g.series, level));
        }
    }

    /// Takes the next sibling as base where the cheapest is far from what the series costs elsewhere.
    fn drop_suspect_bases(&mut self) {
        for at in 0..self.groups.len() {
            let (series, region) = (self.groups[at].series as usize, self.groups[at].region);
            let expected = self.series_level[series] * self.region_level[&(self.types.cloud[series], region)];
            let near = |p: &f64| (BASE_WITHIN * expected..=expected / BASE_WITHIN).contains(p);
            let least = self.unit_prices(at).filter(near).fold(f64::INFINITY, f64::min);
            if least.is_finite() {
                self.groups[at].base = least;
            }
        }
    }

    fn standing(&self, row: usize) -> Standing {
        let PriceRow { kind, region, .. } = self.rows[row];
        let series = self.types.series[kind as usize];
        let group = self.group_at.get(&(series, region)).map(|&g| &self.groups[g]);
        let price = self.unit_price(row);
        let over = |base: f64| if base > 0.0 { price / base } else { 0.0 };
        Standing {
            to_siblings: group.map_or(0.0, |g| over(g.base)),
            to_elsewhere: over(self.series_level[series as usize] * self.level(series, region)),
            siblings: group.map_or(0, |g| g.rows.len()),
            regions: self.series_regions[series as usize],
            own_regions: self.own_regions[kind as usize],
            variant: self.types.variant[kind as usize],
            series,
        }
    }

    /// The level of a region for a series: that of the family's other series there, else the cloud's.
    fn level(&self, series: u32, region: u16) -> f64 {
        let family = self.family_levels.get(&(self.types.family[series as usize], region));
        let relatives = family.into_iter().flatten().filter(|(s, _)| *s != series).map(|(_, level)| *level);
        let mut relatives: Vec<f64> = relatives.collect();
        let cloud = self.types.cloud[series as usize];
        median(&mut relatives).or_else(|| self.region_level.get(&(cloud, region)).copied()).unwrap_or(0.0)
    }
}
