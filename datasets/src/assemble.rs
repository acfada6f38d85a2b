//! Puts the tables together into a [`Market`].

use std::collections::{BTreeMap, BTreeSet};

use tradewind_core::market::{CapacityType, CloudFacts, InstanceType, Market, Offer, Region};
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;

use crate::active_vcpus;
use crate::csv_table;
use crate::error::{DataError, Place};
use crate::facts::Facts;
use crate::hazards::HazardBook;
use crate::load::AgeLimits;
use crate::offers::{Offers, PriceRow, RawType};
use crate::quotas::{Limits, QuotaBook};
use crate::regions::Regions;
use crate::request::{HazardReading, MarketSettings, MemoryBasis};
use crate::tables::{TableSource, Tables};

/// A market with what is to be said about it.
pub(crate) struct Assembled {
    pub(crate) market: Market,
    pub(crate) sources: Vec<TableSource>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) age_limits: AgeLimits,
}

/// Puts the tables together, with the prices of `rows`, which are those that are believed.
pub(crate) fn assemble(
    tables: Tables,
    rows: &[PriceRow],
    limits: Option<&Limits>,
    settings: &MarketSettings,
) -> Result<Assembled, DataError> {
    let Tables { offers, facts, mut sources, mut warnings, .. } = tables;
    check_regions_known(&offers, &tables.regions)?;
    let names: BTreeSet<&str> = tables.regions.keys().map(RegionName::cloud).collect();
    let clouds: Vec<CloudFacts> = names.into_iter().map(|c| facts.cloud(c, settings)).collect::<Result<_, _>>()?;
    let regions = market_regions(&tables.regions, &clouds);
    let types = market_types(&offers, &clouds, &facts, settings, &mut warnings)?;
    let mut hazards = HazardBook::new(&tables.hazards, &facts, settings.hazard);
    let mut quotas = QuotaBook::new(&tables.membership, limits, &offers.types);
    let market_offers = market_offers(&offers, rows, &regions, &mut hazards, &mut quotas)?;
    warnings.extend(hazards.warnings());
    warnings.extend(quotas.warnings());
    let (transfers, unresolved) = tables.tariffs.transfers(&regions);
    warnings.extend(unresolved_warnings(&unresolved));
    let (hazards, (quotas, quota_sets)) = (hazards.finish(), quotas.finish());
    let (snapshot, as_of) = (tables.snapshot, offers.as_of);
    let market = Market {
        snapshot,
        as_of,
        clouds,
        regions,
        types,
        hazards,
        quotas,
        quota_sets,
        discounts: Vec::new(),
        commitments: Vec::new(),
        offers: market_offers,
        transfers,
    };
    let market = market.validated().map_err(|e| {
        let help = "check facts.csv and regions.csv of the folder; if they are right, please report this as a defect";
        DataError::inconsistent(Place::file(&*offers.file), e.to_string(), "a market that holds together", help)
    })?;
    let age_limits = AgeLimits { on_demand: facts.limit("age_limit_on_demand")?, spot: facts.limit("age_limit_spot")? };
    let any_spot = market.offers.iter().any(|o| o.capacity_type == CapacityType::Spot);
    for source in sources.iter_mut().filter(|s| s.table == "offers") {
        source.age_limit = Some(if any_spot { age_limits.spot } else { age_limits.on_demand });
    }
    let assumptions = assumptions(&market, &offers, &facts, &sources, settings);
    Ok(Assembled { market, sources, assumptions, warnings, age_limits })
}

/// The index of a cloud among the market's.
fn cloud_at(clouds: &[CloudFacts], name: &str) -> u16 {
    clouds.iter().position(|c| c.name == name).unwrap_or_default() as u16
}

fn market_regions(regions: &Regions, clouds: &[CloudFacts]) -> Vec<Region> {
    let region = |(name, facts): (&RegionName, &crate::regions::RegionFacts)| Region {
        name: name.clone(),
        cloud: cloud_at(clouds, name.cloud()),
        continent: facts.continent.clone(),
        country: facts.country.clone(),
        residency: facts.residency.clone(),
        zones: facts.zones,
    };
    regions.iter().map(region).collect()
}

fn market_types(
    offers: &Offers,
    clouds: &[CloudFacts],
    facts: &Facts,
    settings: &MarketSettings,
    warnings: &mut Vec<String>,
) -> Result<Vec<InstanceType>, DataError> {
    let mut usable = BTreeMap::new();
    for cloud in clouds {
        usable.insert(cloud.name.as_str(), facts.usable_memory(&cloud.name)?);
    }
    let speeds = read_speeds(settings, offers, warnings)?;
    let one = |kind: &RawType| {
        let memory_mib = match settings.memory {
            MemoryBasis::Nominal => kind.memory_mib,
            MemoryBasis::Usable => usable[kind.cloud.as_str()](kind.memory_mib),
        };
        let speed_milli = speeds.get(&kind.family).copied().unwrap_or(1000);
        instance_type(kind, cloud_at(clouds, &kind.cloud), memory_mib, speed_milli)
    };
    Ok(offers.types.iter().map(one).collect())
}

/// An offer for every believed price, sorted.
fn market_offers<'a>(
    offers: &'a Offers,
    rows: &[PriceRow],
    regions: &[Region],
    hazards: &mut HazardBook<'a>,
    quotas: &mut QuotaBook<'_>,
) -> Result<Vec<Offer>, DataError> {
    let region_map = region_map(offers, regions);
    let mut market_offers = Vec::with_capacity(rows.len() * 2);
    for row in rows {
        let (kind, region) = (&offers.types[row.kind as usize], &offers.regions[usize::from(row.region)]);
        let prices = [(CapacityType::OnDemand, row.on_demand), (CapacityType::Spot, row.spot)];
        for (capacity_type, price) in prices.into_iter().filter_map(|(c, p)| Some((c, p?))) {
            let hazard = match capacity_type {
                CapacityType::OnDemand => None,
                CapacityType::Spot => Some(hazards.of(region, &kind.name)?),
            };
            market_offers.push(Offer {
                instance_type: row.kind,
                region: region_map[usize::from(row.region)],
                capacity_type,
                price: UsdPerHour::from_nanos(price),
                hazard,
                quota_set: quotas.of(row, region, capacity_type)?,
                terms: None,
            });
        }
    }
    market_offers.sort_unstable_by_key(|o| (o.region, o.instance_type, o.capacity_type));
    Ok(market_offers)
}

/// What is assumed, one sentence each.
fn assumptions(
    market: &Market,
    offers: &Offers,
    facts: &Facts,
    sources: &[TableSource],
    settings: &MarketSettings,
) -> Vec<String> {
    let used: BTreeSet<&str> = offers.regions.iter().map(RegionName::cloud).collect();
    let mut assumptions = facts.assumptions(|cloud| used.contains(cloud));
    for source in sources {
        if let Some(day) = source.as_of.filter(|t| source.embedded && *t > market.as_of) {
            let day = day.to_string();
            let day = day.get(..10).unwrap_or(&day);
            assumptions.push(format!("{}: of {day}, later than the prices, and taken to hold then too", source.table));
        }
    }
    if settings.hazard != HazardReading::Default {
        assumptions.push(format!("interruptions are read by the scenario {:?}", settings.hazard));
    }
    assumptions
}

fn instance_type(kind: &RawType, cloud: u16, memory_mib: u64, speed_milli: u32) -> InstanceType {
    let active = active_vcpus::active_vcpu_milli(kind);
    InstanceType {
        cloud,
        name: kind.name.clone(),
        family: kind.family.clone(),
        arch: kind.arch,
        capacity: Resources { vcpu_milli: active.unwrap_or(kind.vcpu_milli), memory_mib, gpu_milli: kind.gpu_milli },
        gpu: kind.gpu.clone(),
        burstable: kind.burstable,
        speed_milli,
        counted_vcpu_milli: active.map(|_| kind.vcpu_milli),
    }
}

fn check_regions_known(offers: &Offers, regions: &Regions) -> Result<(), DataError> {
    let Some(unknown) = offers.regions.iter().find(|r| !regions.contains_key(*r)) else { return Ok(()) };
    let names: Vec<String> = regions.keys().map(RegionName::to_string).collect();
    let help = match csv_table::closest(&unknown.to_string(), names.iter().map(String::as_str)) {
        Some(near) => {
            format!("did you mean {near}? Else add a row to regions.csv of the folder: cloud,region,continent,country")
        }
        None => "add a row to regions.csv of the folder: cloud,region,continent,country".to_owned(),
    };
    let got = format!("no row for the region {unknown}");
    Err(DataError::inconsistent(Place::file("regions.csv"), got, "a row for every region of the offers", help))
}

/// The market's index of each region of the offers.
fn region_map(offers: &Offers, regions: &[Region]) -> Vec<u16> {
    let at = |name: &RegionName| regions.binary_search_by(|r| r.name.cmp(name)).unwrap_or_default() as u16;
    offers.regions.iter().map(at).collect()
}

fn read_speeds(
    settings: &MarketSettings,
    offers: &Offers,
    warnings: &mut Vec<String>,
) -> Result<BTreeMap<String, u32>, DataError> {
    let families: BTreeSet<&str> = offers.types.iter().map(|t| t.family.as_str()).collect();
    let mut speeds = BTreeMap::new();
    for (family, speed) in &settings.speed {
        if !(0.001..=1000.0).contains(speed) {
            let place = Place { file: "settings".to_owned(), line: None, column: Some(format!("speed.{family}")) };
            let help = "1 is the speed the runtimes were measured at";
            return Err(DataError::malformed(place, speed.to_string(), "a speed from 0.001 to 1000", help));
        }
        if !families.contains(family.as_str()) {
            let near = csv_table::closest(family, families.iter().copied());
            let near = near.map_or_else(String::new, |n| format!("; did you mean {n:?}?"));
            warnings.push(format!("speed of {family:?}: no such family in the market{near}"));
        }
        speeds.insert(family.clone(), (speed * 1000.0).round() as u32);
    }
    Ok(speeds)
}

/// One sentence per source region that has unpriced destinations.
fn unresolved_warnings(unresolved: &[(RegionName, RegionName)]) -> Vec<String> {
    let mut by_source: BTreeMap<&RegionName, Vec<String>> = BTreeMap::new();
    for (from, to) in unresolved {
        by_source.entry(from).or_default().push(to.to_string());
    }
    let sentence = |(from, to): (&RegionName, Vec<String>)| {
        format!("[TW2009] no transfer price from {from} to {} regions: {}", to.len(), to.join(", "))
    };
    by_source.into_iter().map(sentence).collect()
}
