//! Which processes of the world concern which machines where, and who shares a course of them.

use std::collections::HashMap;

use tradewind_core::market::{Market, Offer};
use tradewind_core::seed::Seed;
use tradewind_core::select::Selector;
use tradewind_core::time::Time;

use crate::plan::process::{PricesLaw, SpellsLaw};
use crate::plan::world::{Each, World};

/// Of a node that no process concerns.
const NOWHERE: u32 = u32::MAX;

/// A machine in a zone: the courses that concern it, as indices.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct Site {
    pub spells: Vec<u32>,
    pub buckets: Vec<u32>,
    pub prices: Vec<u32>,
    pub cuts: Vec<u32>,
}

/// Machines in zones, and the courses of the world's processes. Empty in a world without any.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct Sites {
    sites: Vec<Site>,
    /// First site and number of zones of each machine.
    of_machine: Vec<(u32, u32)>,
    pub spells: Vec<SpellsLaw>,
    /// Index of the launch rate of each bucket.
    pub buckets: Vec<u32>,
    pub prices: Vec<PricesLaw>,
    /// Index of the cut of each quota.
    pub cuts: Vec<u32>,
}

impl Sites {
    /// Of the offers of a market that are in use, in a world.
    pub fn new(market: &Market, world: &World, start: Time, in_use: impl Fn(usize) -> bool) -> Self {
        let calm = world.shortages.is_empty()
            && world.launch_rates.is_empty()
            && world.price_paths.is_empty()
            && world.quota_cuts.is_empty();
        let (mut sites, mut of_machine) = (Vec::new(), Vec::new());
        let mut courses = Courses::default();
        for (o, offer) in market.offers.iter().enumerate().filter(|_| !calm) {
            if !in_use(o) {
                of_machine.push((NOWHERE, 1));
                continue;
            }
            let zones = u32::from(market.region_of(offer).zones).max(1);
            of_machine.push((sites.len() as u32, zones));
            sites.extend((0..zones).map(|zone| courses.site(world, start, Stand { market, offer, zone })));
        }
        let Courses { spells, buckets, prices, cuts } = courses;
        Self { sites, of_machine, spells: spells.all, buckets: buckets.all, prices: prices.all, cuts: cuts.all }
    }

    /// Where a machine stands: in a zone by the luck of its node.
    pub fn of(&self, machine: u32, luck: u64) -> u32 {
        let found = self.of_machine.get(machine as usize);
        found.map_or(NOWHERE, |&(first, zones)| first + (luck % u64::from(zones)) as u32)
    }

    /// The courses of a site; of [`NOWHERE`] none.
    pub fn get(&self, site: u32) -> Option<&Site> {
        self.sites.get(site as usize)
    }
}

/// An offer in a zone.
#[derive(Clone, Copy)]
struct Stand<'m> {
    market: &'m Market,
    offer: &'m Offer,
    zone: u32,
}

impl Stand<'_> {
    /// The name under which it shares a course, where the process concerns it.
    fn shares(self, offers: &Selector, each: Each) -> Option<String> {
        offers.matches(self.market, self.offer).then(|| each.name(self.market, self.offer, self.zone))
    }
}

/// Courses of one kind while they are told apart, by number of the process and name of who shares it.
struct Shared<T> {
    all: Vec<T>,
    names: HashMap<(usize, String), u32>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { all: Vec::new(), names: HashMap::new() }
    }
}

impl<T> Shared<T> {
    /// The course of a name, made by its luck if it is the first.
    fn get(&mut self, number: usize, who: String, make: impl FnOnce(u64) -> T) -> u32 {
        let luck = Seed(number as u64).bits(&who, 2);
        *self.names.entry((number, who)).or_insert_with(|| {
            self.all.push(make(luck));
            self.all.len() as u32 - 1
        })
    }
}

#[derive(Default)]
struct Courses {
    spells: Shared<SpellsLaw>,
    buckets: Shared<u32>,
    prices: Shared<PricesLaw>,
    cuts: Shared<u32>,
}

impl Courses {
    fn site(&mut self, world: &World, start: Time, at: Stand<'_>) -> Site {
        let mut site = Site::default();
        for (i, s) in world.shortages.iter().enumerate() {
            let who = at.shares(&s.offers, s.each);
            site.spells.extend(who.map(|w| self.spells.get(i, w, |luck| SpellsLaw::new(s, luck, start))));
        }
        for (i, r) in world.launch_rates.iter().enumerate() {
            site.buckets.extend(at.shares(&r.offers, r.each).map(|w| self.buckets.get(i, w, |_| i as u32)));
        }
        for (i, p) in world.price_paths.iter().enumerate() {
            let who = at.shares(&p.offers, p.each);
            site.prices.extend(who.map(|w| self.prices.get(i, w, |luck| PricesLaw::new(&p.course, luck))));
        }
        for (i, c) in world.quota_cuts.iter().enumerate() {
            site.cuts.extend(at.shares(&c.offers, c.each).map(|w| self.cuts.get(i, w, |_| i as u32)));
        }
        site
    }
}
