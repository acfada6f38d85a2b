//! Where patterns are looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::fill::Partner;
use tradewind_core::money::UsdPerHour;

use crate::problem::{Problem, Size};
use crate::relaxation::Relaxation;
use crate::singles::Singles;

/// Sizes whose own price exceeds the pool's lowest by this factor are not filled.
const WORST_DENSITY: f64 = 1.35;
/// Sizes filled in a pool, cheapest for what they hold first.
const SIZES: usize = 8;
/// Cheapest offers for each class alone that are filled too.
const SINGLES: usize = 2;

/// Tries of one round.
const MOST_TRIES: usize = 15_000;

/// Memory per vCPU of a node that has much, MiB.
const MUCH_MEMORY_MIB: u64 = 7 * 1024;

/// A lead class on an offer from a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Try {
    /// The offer.
    pub offer: usize,
    /// The class that sets the span.
    pub lead: usize,
    /// The node's first start, ms.
    pub start: i64,
    /// With what the lead shares the node first.
    pub partner: Partner,
}

/// The ways of the relaxation, each with the sizes beside it and some later starts.
pub(super) fn tries(
    problem: &Problem<'_>,
    relaxation: &Relaxation,
    singles: &Singles,
    open: &[bool],
    waits: &[i64],
) -> Vec<Try> {
    // By offer, class and start.
    let mut places: BTreeSet<(usize, usize, i64)> = BTreeSet::new();
    let mut spreads: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for column in relaxation.columns.iter().filter(|c| open[c.class]) {
        let choice = &problem.classes[column.class].choices[column.way.choice as usize];
        places.insert((column.way.offer as usize, column.class, column.way.start));
        let sizes = spreads.entry(choice.pool).or_insert_with(|| spread(problem, choice.pool as usize));
        for &offer in std::iter::once(&(column.way.offer as usize)).chain(sizes.iter()) {
            let starts = waits.iter().map(|w| choice.earliest + w).filter(|s| *s <= choice.latest);
            places.extend(starts.map(|s| (offer, column.class, s)));
        }
    }
    for k in (0..problem.classes.len()).filter(|&k| open[k]) {
        for single in singles.of(k).iter().take(SINGLES) {
            places.insert((single.offer as usize, k, problem.classes[k].choices[single.choice as usize].earliest));
        }
    }
    let both = |(offer, lead, start): (usize, usize, i64)| {
        [Partner::Densest, Partner::Best].map(|partner| Try { offer, lead, start, partner })
    };
    places.into_iter().flat_map(both).collect()
}

/// Those of each round, in turn: all of them, or a share of the lead classes where they are many (partial pricing).
/// Never none at all; each in order.
pub(super) fn in_turns(tries: Vec<Try>) -> Vec<Vec<Try>> {
    let mut turns = vec![Vec::new(); tries.len().div_ceil(MOST_TRIES).max(1)];
    let n = turns.len();
    tries.into_iter().for_each(|t| turns[t.lead % n].push(t));
    turns
}

/// The sizes of a pool that are cheapest for what they hold, at most two of one vCPU count, so that
/// small and large nodes are tried.
pub(super) fn spread(problem: &Problem<'_>, pool: usize) -> Vec<usize> {
    let sizes = &problem.sizes[pool];
    let dearest = sizes.first().map_or(0.0, |s| s.own[0] * WORST_DENSITY);
    let mut of_size: BTreeMap<u64, usize> = BTreeMap::new();
    let fresh = |s: &&Size| {
        let n = of_size.entry(s.capacity.vcpu_milli).or_insert(0);
        *n += 1;
        *n <= 2
    };
    let cheap = sizes.iter().take_while(|s| s.own[0] <= dearest);
    cheap.filter(fresh).take(SIZES).map(|s| s.offer as usize).collect()
}

/// Nodes of every size of a pool: of each number of vCPUs the cheapest, and the cheapest with much memory.
pub(super) fn ladder(problem: &Problem<'_>, pool: usize) -> Vec<usize> {
    let market = problem.market;
    let mut cheapest: BTreeMap<(u64, bool), (UsdPerHour, usize)> = BTreeMap::new();
    for &o in problem.pools[pool].offers.iter().filter(|&&o| problem.most_nodes[o] > 0) {
        let capacity = market.type_of(&market.offers[o]).capacity;
        let roomy = capacity.memory_mib * 1000 >= MUCH_MEMORY_MIB * capacity.vcpu_milli;
        let this = (market.hourly(&market.offers[o]), o);
        for key in [(capacity.vcpu_milli, false), (capacity.vcpu_milli, true)] {
            if !key.1 || roomy {
                cheapest.entry(key).and_modify(|c| *c = (*c).min(this)).or_insert(this);
            }
        }
    }
    let rungs: BTreeSet<usize> = cheapest.into_values().map(|(_, o)| o).collect();
    rungs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_try_has_its_turn_once() {
        let of = |lead| Try { offer: lead % 7, lead, start: 0, partner: Partner::Best };
        let all: Vec<Try> = (0..2 * MOST_TRIES + 1).map(of).collect();
        let turns = in_turns(all.clone());
        assert_eq!(turns.len(), 3);
        assert!(turns.iter().all(|turn| turn.len() <= MOST_TRIES));
        let mut taken: Vec<Try> = turns.concat();
        taken.sort_by_key(|t| t.lead);
        assert_eq!(taken, all);
        assert_eq!(in_turns(Vec::new()), [Vec::new()]);
    }
}
