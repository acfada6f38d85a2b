//! One consistent snapshot of what can be bought, where, at what price and risk.
//!
//! Tables refer to each other by index: an [`Offer`] names its type, region, hazard and quota set.
//! Loading, quarantine and provenance live in `tradewind-datasets`; this is the shape they meet in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::job::Arch;
use crate::money::UsdPerGb;
use crate::money::{UsdPerGbMonth, UsdPerHour};
use crate::place::RegionName;
use crate::resources::Resources;
use crate::tariff::{TariffBasis, TransferRate};
use crate::terms::{Commitment, Discount, Terms};
use crate::time::{Millis, Time};

/// How capacity is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapacityType {
    /// At the list price, kept until released.
    OnDemand,
    /// Cheaper, may be interrupted.
    Spot,
}

impl fmt::Display for CapacityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OnDemand => "on_demand",
            Self::Spot => "spot",
        })
    }
}

impl FromStr for CapacityType {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "on_demand" => Ok(Self::OnDemand),
            "spot" => Ok(Self::Spot),
            _ => Err(()),
        }
    }
}

/// A lognormal delay by its median and 95th percentile; both zero is no delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Delay {
    /// Median.
    pub median: Millis,
    /// 95th percentile, at least the median.
    pub p95: Millis,
}

/// What is true of a whole cloud. Facts of the world, each from a data row with source and date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudFacts {
    /// `aws`, `azure`, `gcp` or a user's own.
    pub name: String,
    /// Launch to usable node; billed.
    pub boot: Delay,
    /// Least billed time of a node.
    pub billing_minimum: Millis,
    /// Node time not billed when the cloud itself interrupts a spot node within so much time of its
    /// launch; zero is no such rule.
    pub free_if_interrupted_within: Millis,
    /// Notice before an interruption.
    pub notice: Millis,
    /// Public address of a node.
    pub address: UsdPerHour,
    /// Scratch disk, linear.
    pub disk: UsdPerGbMonth,
    /// Object storage of staged copies.
    pub storage: UsdPerGbMonth,
    /// Rate at which a staged copy arrives, bytes per second.
    pub staging_bytes_per_second: u64,
}

/// A region and the groups a residency rule may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// `cloud/region`.
    pub name: RegionName,
    /// Index of the cloud in [`Market::clouds`].
    pub cloud: u16,
    /// Continent, for transfer prices.
    pub continent: String,
    /// ISO 3166 two-letter country.
    pub country: String,
    /// Residency groups: the country and e.g. `EU`, `EEA`.
    pub residency: Vec<String>,
    /// Availability zones, 0 if unknown.
    pub zones: u16,
}

/// A machine type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceType {
    /// Index of the cloud.
    pub cloud: u16,
    /// The vendor's name.
    pub name: String,
    /// Series, e.g. `m6i`.
    pub family: String,
    /// Architecture.
    pub arch: Arch,
    /// What tasks can use of it: usable memory by default, nominal where configured.
    pub capacity: Resources,
    /// GPU model; empty is none.
    pub gpu: String,
    /// Shared-core.
    pub burstable: bool,
    /// Speed relative to 1, thousandths: work done per time on this series.
    pub speed_milli: u32,
    /// Thousandths of a vCPU that quotas count of a node, where that is more than tasks can use of it: Azure counts all of a
    /// size of which only some are active. [`Self::quota_vcpu_milli`] is what counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_vcpu_milli: Option<u64>,
}

impl InstanceType {
    /// Thousandths of a vCPU that a node takes of quotas.
    pub fn quota_vcpu_milli(&self) -> u64 {
        self.counted_vcpu_milli.unwrap_or(self.capacity.vcpu_milli)
    }
}

/// The unit a raw interruption figure is stated in. A bare percentage cannot be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HazardUnit {
    /// Share of nodes lost in an hour.
    PerHour,
    /// Share of nodes lost in a day.
    PerDay,
    /// Share of nodes lost in a month.
    PerMonth,
    /// Share of launches that end in an interruption, with the mean life as window.
    PerLaunch,
}

/// The interruption rate of a spot offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hazard {
    /// Share lost in the window, 0 to 1 exclusive.
    pub value: f64,
    /// What the source counts.
    pub unit: HazardUnit,
    /// The window as time.
    pub window: Millis,
    /// Where it comes from, and whether it is an assumption.
    pub source: String,
}

impl Hazard {
    /// Interruptions per hour: `-ln(1 - value) / window`.
    pub fn per_hour(&self) -> f64 {
        -libm::log1p(-self.value) / self.window.hours()
    }
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaUnit {
    /// vCPUs of running nodes.
    Vcpu,
    /// GPUs of running nodes.
    Gpu,
    /// Running nodes.
    Instance,
    /// Thousandths of a dollar per hour that running nodes are charged against a commitment.
    MilliUsd,
}

/// One limit of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaRow {
    /// `cloud/scope/the cloud's own quota name/market`, unique.
    pub name: String,
    /// What it counts.
    pub unit: QuotaUnit,
    /// The limit less what is in use, in whole units.
    pub available: u64,
}

/// An instance type in a region, bought one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Index in [`Market::types`].
    pub instance_type: u32,
    /// Index in [`Market::regions`].
    pub region: u16,
    /// How it is bought.
    pub capacity_type: CapacityType,
    /// What a node is billed.
    pub price: UsdPerHour,
    /// Index in [`Market::hazards`]; `None` on demand.
    pub hazard: Option<u16>,
    /// Index in [`Market::quota_sets`].
    pub quota_set: u16,
    /// How the price follows from the list price; `None` where it is the list price.
    pub terms: Option<Terms>,
}

/// An index or a unit that does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("market row {row}: {what}")]
pub struct MarketError {
    /// Which row.
    pub row: String,
    /// What is wrong.
    pub what: String,
}

/// The snapshot. Build it with [`Market::validated`]; the fields are public to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Market {
    /// Name of the snapshot, e.g. `2024-03-31`.
    pub snapshot: String,
    /// The instant the prices held.
    pub as_of: Time,
    /// Facts per cloud.
    pub clouds: Vec<CloudFacts>,
    /// Regions, sorted by name.
    pub regions: Vec<Region>,
    /// Machine types, sorted by (cloud, name).
    pub types: Vec<InstanceType>,
    /// Interruption rates.
    pub hazards: Vec<Hazard>,
    /// Limits of the account.
    pub quotas: Vec<QuotaRow>,
    /// Sets of quota rows that offers belong to; entry 0 is the empty set.
    pub quota_sets: Vec<Vec<u16>>,
    /// Discounts, for the offers that name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    /// Commitments, all of them: what they owe is part of every plan's cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Commitment>,
    /// Offers, sorted by (region, type, capacity type, commitment).
    pub offers: Vec<Offer>,
    /// Transfer prices by `from` then `to` region index; same region is free and not listed.
    pub transfers: BTreeMap<u16, BTreeMap<u16, (UsdPerGb, TariffBasis)>>,
}

/// No capacity (in its smallest unit) or quota is larger: products of them fit 128 bits with room.
const LARGEST: u64 = 1 << 40;
/// A million dollars per hour.
pub(crate) const HIGHEST_PRICE: i64 = 1_000_000_000_000_000;

impl Market {
    /// Checks every index, unit and order.
    ///
    /// # Errors
    /// The first row that does not hold together.
    pub fn validated(self) -> Result<Self, MarketError> {
        let err = |row: String, what: &str| Err(MarketError { row, what: what.to_owned() });
        for (i, r) in self.regions.iter().enumerate() {
            match self.clouds.get(usize::from(r.cloud)) {
                Some(c) if c.name == r.name.cloud() => {}
                _ => return err(format!("regions[{i}]"), "its cloud is not the one it names"),
            }
        }
        if let Some(i) = self.regions.windows(2).position(|w| w[0].name >= w[1].name) {
            return err(format!("regions[{}]", i + 1), "regions are not sorted and unique");
        }
        for (i, t) in self.types.iter().enumerate() {
            let c = t.capacity;
            let counted = t.quota_vcpu_milli();
            let huge = counted.max(c.memory_mib).max(c.gpu_milli) > LARGEST;
            if counted < c.vcpu_milli {
                return err(format!("types[{i}]"), "quotas count fewer vCPUs than tasks can use");
            }
            if usize::from(t.cloud) >= self.clouds.len() || t.speed_milli == 0 || c.vcpu_milli == 0 || huge {
                return err(format!("types[{i}]"), "unknown cloud, no speed, no vCPU, or beyond any machine");
            }
        }
        for (i, h) in self.hazards.iter().enumerate() {
            if !(h.value >= 0.0 && h.value < 1.0) || h.window <= Millis::ZERO {
                return err(format!("hazards[{i}]"), "the share lies outside 0..1, or there is no window");
            }
        }
        for (i, c) in self.clouds.iter().enumerate() {
            let delays = c.boot.median >= Millis::ZERO && c.boot.p95 >= c.boot.median;
            let money = c.address.nanos() >= 0 && c.disk.nanos() >= 0 && c.storage.nanos() >= 0;
            let free = (Millis::ZERO..=Millis::from_hours(24 * 31)).contains(&c.free_if_interrupted_within);
            let bounded = free && c.boot.p95 <= Millis::from_hours(24 * 365);
            if !delays || !money || !bounded || c.staging_bytes_per_second == 0 || c.billing_minimum < Millis::ZERO {
                return err(format!("clouds[{i}]"), "a negative delay or price, or no staging rate");
            }
        }
        if let Some(i) = self.quotas.iter().position(|q| q.available > LARGEST) {
            return err(format!("quotas[{i}]"), "beyond any account");
        }
        if self.quota_sets.first().is_none_or(|s| !s.is_empty()) {
            return err("quota_sets[0]".to_owned(), "the first set is the empty one");
        }
        for (i, set) in self.quota_sets.iter().enumerate() {
            if set.iter().any(|&q| usize::from(q) >= self.quotas.len()) || set.windows(2).any(|w| w[0] >= w[1]) {
                return err(format!("quota_sets[{i}]"), "an unknown row, or not sorted");
            }
        }
        for (i, o) in self.offers.iter().enumerate() {
            let cloud = self.regions.get(usize::from(o.region)).map(|r| r.cloud);
            let sound = self.types.get(o.instance_type as usize).is_some_and(|t| Some(t.cloud) == cloud)
                && usize::from(o.quota_set) < self.quota_sets.len()
                && o.hazard.is_none_or(|h| usize::from(h) < self.hazards.len())
                && (o.capacity_type == CapacityType::Spot || o.hazard.is_none());
            if !sound {
                return err(format!("offers[{i}]"), "an unknown index, or a hazard on demand");
            }
        }
        self.check_terms()?;
        let key = |o: &Offer| (o.region, o.instance_type, o.capacity_type, o.commitment());
        if let Some(i) = self.offers.windows(2).position(|w| key(&w[0]) >= key(&w[1])) {
            return err(format!("offers[{}]", i + 1), "offers are not sorted and unique");
        }
        let known = |r: &u16| usize::from(*r) < self.regions.len();
        for (from, row) in &self.transfers {
            if !known(from) || row.iter().any(|(to, (p, _))| !known(to) || p.nanos() < 0) {
                return err(format!("transfers[{from}]"), "an unknown region or a negative price");
            }
        }
        Ok(self)
    }

    /// The type of an offer.
    pub fn type_of(&self, offer: &Offer) -> &InstanceType {
        &self.types[offer.instance_type as usize]
    }

    /// The region of an offer.
    pub fn region_of(&self, offer: &Offer) -> &Region {
        &self.regions[usize::from(offer.region)]
    }

    /// The cloud of an offer.
    pub fn cloud_of(&self, offer: &Offer) -> &CloudFacts {
        &self.clouds[usize::from(self.region_of(offer).cloud)]
    }

    /// Interruptions per hour of an offer; 0 on demand.
    pub fn hazard_per_hour(&self, offer: &Offer) -> f64 {
        offer.hazard.map_or(0.0, |h| self.hazards[usize::from(h)].per_hour())
    }

    /// The quota rows an offer belongs to.
    pub fn quotas_of(&self, offer: &Offer) -> &[u16] {
        &self.quota_sets[usize::from(offer.quota_set)]
    }

    /// The index of a region.
    pub fn region_index(&self, name: &RegionName) -> Option<u16> {
        self.regions.binary_search_by(|r| r.name.cmp(name)).ok().map(|i| i as u16)
    }

    /// The offer of a type in a region, bought one way, against the commitment of this name or none.
    pub fn find_offer(
        &self,
        region: &RegionName,
        instance_type: &str,
        capacity_type: CapacityType,
        commitment: Option<&str>,
    ) -> Option<usize> {
        let r = self.region_index(region)?;
        let cloud = self.regions[usize::from(r)].cloud;
        let t = self.types.iter().position(|t| t.cloud == cloud && t.name == instance_type)? as u32;
        let against = match commitment {
            Some(name) => Some(self.commitments.iter().position(|c| c.name == name)? as u16),
            None => None,
        };
        let key = (r, t, capacity_type, against);
        self.offers.binary_search_by(|o| (o.region, o.instance_type, o.capacity_type, o.commitment()).cmp(&key)).ok()
    }

    /// The price of moving data between two regions; `None` if no source states one.
    pub fn transfer(&self, from: u16, to: u16) -> Option<TransferRate> {
        if from == to {
            return Some(TransferRate { price: UsdPerGb::ZERO, basis: TariffBasis::SameRegion });
        }
        let &(price, basis) = self.transfers.get(&from)?.get(&to)?;
        Some(TransferRate { price, basis })
    }

    /// The same market with only the offers for which `keep` holds, and of the other tables only
    /// what they and `regions` (data locations) refer to; all commitments stay, for they cost. Transfer prices are kept from and to
    /// `regions`. Indices are made anew; order is kept.
    pub fn subset(&self, keep: impl Fn(usize, &Offer) -> bool, regions: &[u16]) -> Self {
        let kept: Vec<&Offer> = self.offers.iter().enumerate().filter(|(i, o)| keep(*i, o)).map(|(_, o)| o).collect();
        let mut region_used = vec![false; self.regions.len()];
        let mut type_used = vec![false; self.types.len()];
        let mut hazard_used = vec![false; self.hazards.len()];
        let mut set_used = vec![false; self.quota_sets.len()];
        let mut discount_used = vec![false; self.discounts.len()];
        set_used[0] = true;
        for o in &kept {
            region_used[usize::from(o.region)] = true;
            type_used[o.instance_type as usize] = true;
            set_used[usize::from(o.quota_set)] = true;
            if let Some(h) = o.hazard {
                hazard_used[usize::from(h)] = true;
            }
            if let Some(Terms::Discount { index, .. }) = o.terms {
                discount_used[usize::from(index)] = true;
            }
        }
        for &r in regions {
            region_used[usize::from(r)] = true;
        }
        let mut quota_used = vec![false; self.quotas.len()];
        for (s, _) in self.quota_sets.iter().zip(&set_used).filter(|(_, used)| **used) {
            s.iter().for_each(|&q| quota_used[usize::from(q)] = true);
        }
        self.commitments.iter().for_each(|c| quota_used[usize::from(c.quota)] = true);
        let (region_map, type_map) = (renumber(&region_used), renumber(&type_used));
        let (hazard_map, quota_map) = (renumber(&hazard_used), renumber(&quota_used));
        let (set_map, discount_map) = (renumber(&set_used), renumber(&discount_used));
        let renamed = |terms: Terms| match terms {
            Terms::Discount { index, list } => Terms::Discount { index: discount_map[usize::from(index)] as u16, list },
            against => against,
        };
        let data: std::collections::BTreeSet<u16> = regions.iter().copied().collect();
        let mut transfers = BTreeMap::new();
        for (&from, row) in self.transfers.iter().filter(|(f, _)| region_used[usize::from(**f)]) {
            let row: BTreeMap<u16, _> = row
                .iter()
                .filter(|(to, _)| region_used[usize::from(**to)] && (data.contains(&from) || data.contains(to)))
                .map(|(&to, &rate)| (region_map[usize::from(to)] as u16, rate))
                .collect();
            if !row.is_empty() {
                transfers.insert(region_map[usize::from(from)] as u16, row);
            }
        }
        Self {
            snapshot: self.snapshot.clone(),
            as_of: self.as_of,
            clouds: self.clouds.clone(),
            regions: pick(&self.regions, &region_used),
            types: pick(&self.types, &type_used),
            hazards: pick(&self.hazards, &hazard_used),
            quotas: pick(&self.quotas, &quota_used),
            quota_sets: pick(&self.quota_sets, &set_used)
                .into_iter()
                .map(|s| s.into_iter().map(|q| quota_map[usize::from(q)] as u16).collect())
                .collect(),
            discounts: pick(&self.discounts, &discount_used),
            commitments: self
                .commitments
                .iter()
                .map(|c| Commitment { quota: quota_map[usize::from(c.quota)] as u16, ..c.clone() })
                .collect(),
            offers: kept
                .into_iter()
                .map(|o| Offer {
                    instance_type: type_map[o.instance_type as usize],
                    region: region_map[usize::from(o.region)] as u16,
                    hazard: o.hazard.map(|h| hazard_map[usize::from(h)] as u16),
                    quota_set: set_map[usize::from(o.quota_set)] as u16,
                    terms: o.terms.map(renamed),
                    ..*o
                })
                .collect(),
            transfers,
        }
    }

    /// Region indices by name.
    pub fn region_map(&self) -> HashMap<&RegionName, u16> {
        self.regions.iter().enumerate().map(|(i, r)| (&r.name, i as u16)).collect()
    }
}

fn renumber(used: &[bool]) -> Vec<u32> {
    let mut next = 0;
    used.iter()
        .map(|&u| {
            let at = next;
            next += u32::from(u);
            at
        })
        .collect()
}

fn pick<T: Clone>(all: &[T], used: &[bool]) -> Vec<T> {
    all.iter().zip(used).filter(|(_, u)| **u).map(|(x, _)| x.clone()).collect()
}
