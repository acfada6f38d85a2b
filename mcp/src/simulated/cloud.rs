//! A simulated cloud at work: its world, with the market and the facts that it is read against.

use tradewind_core::market::{CapacityType, CloudFacts, Market, Offer};
use tradewind_core::money::UsdPerHour;
use tradewind_core::place::RegionName;
use tradewind_core::time::Time;
use tradewind_sim::draws::Draws;

use super::traits::{Reason, Traits};
use super::world::World;
use crate::refusal::Refusal;

/// The world of one call. Each tool adds its methods in a file of its own.
pub(super) struct Cloud<'a> {
    pub market: &'a Market,
    pub traits: &'a Traits,
    pub world: &'a mut World,
    pub draws: Draws,
}

/// An offer by its place in the market, found for a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub index: u32,
    pub offer: &'a Offer,
}

impl<'a> Cloud<'a> {
    pub fn new(market: &'a Market, traits: &'a Traits, world: &'a mut World) -> Self {
        let draws = Draws::new(world.seed, 0);
        Self { market, traits, world, draws }
    }

    pub fn now(&self) -> Time {
        self.world.now
    }

    /// The facts of this cloud, prices and delays.
    pub fn facts(&self, offer: &Offer) -> &'a CloudFacts {
        self.market.cloud_of(offer)
    }

    /// The offer of a machine in a region.
    pub fn find(&self, region: &str, instance_type: &str, bought: CapacityType) -> Result<Found<'a>, Refusal> {
        let name = RegionName::new(&self.world.cloud, region);
        if self.market.region_index(&name).is_none() {
            let names = self.market.regions.iter().map(|r| r.name.region());
            return Err(self.unknown("region", region, names));
        }
        let found = self.market.find_offer(&name, instance_type, bought, None);
        let found = found.map(|index| Found { index: index as u32, offer: &self.market.offers[index] });
        found.ok_or_else(|| {
            if self.market.types.iter().any(|t| t.name == instance_type) {
                let message = format!("{instance_type} is not sold {bought} in {region}");
                self.traits.refuse(Reason::NotOffered, message)
            } else {
                self.unknown("instance type", instance_type, self.market.types.iter().map(|t| t.name.as_str()))
            }
        })
    }

    /// A name that does not exist, with the nearest that does.
    fn unknown<'n>(&self, noun: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Refusal {
        let near = known.map(|k| (strsim::damerau_levenshtein(name, k), k)).min();
        let hint =
            near.filter(|(distance, _)| *distance <= 3).map_or(String::new(), |(_, k)| format!(": did you mean {k}?"));
        self.traits.refuse(Reason::NoSuchType, format!("no {noun} {name:?}{hint}"))
    }

    /// The names of the zones of a region; itself where the cloud tells of none.
    pub fn zones(&self, region: &str) -> Vec<String> {
        let index = self.market.region_index(&RegionName::new(&self.world.cloud, region));
        let count = index.map_or(0, |i| self.market.regions[usize::from(i)].zones);
        match count {
            0 => vec![region.to_owned()],
            n => (0..n).map(|i| self.traits.zone(region, i)).collect(),
        }
    }

    /// What a node of an offer is billed now.
    pub fn price(&self, found: Found<'_>) -> UsdPerHour {
        self.world.prices.get(&found.index).copied().unwrap_or(found.offer.price)
    }

    /// The offer of a node.
    pub fn offer(&self, index: u32) -> &'a Offer {
        &self.market.offers[index as usize]
    }

    /// The region of an offer, without the cloud.
    pub fn region(&self, offer: &Offer) -> &'a str {
        self.market.region_of(offer).name.region()
    }
}
