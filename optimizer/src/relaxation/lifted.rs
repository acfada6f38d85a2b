//! The relaxation of a queue from that of its sketch.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::pricing::Pricing;
use super::{Column, Objective, Relaxation, Way, caps, price_all};
use crate::occupancy::Windows;
use crate::problem::Problem;

/// A class runs where the sketch runs what stands for it if that is dearer than its cheapest way by no more
/// than this: who runs together can share nodes.
const TOGETHER: f64 = 1.05;

/// The relaxation of a problem from that of a sketch of it: `stands[k]` is the class of the sketch that
/// stands for class k. Its prices are the sketch's; each class runs where the sketch runs its like, or in
/// its cheapest way at these prices, as the concentration cap leaves.
pub(crate) fn lift(
    problem: &Problem<'_>,
    counts: &[u32],
    penalty: &[f64],
    objective: Objective,
    (small, solved): (&Problem<'_>, &Relaxation),
    stands: &[usize],
) -> Relaxation {
    let mut prices = solved.prices.clone();
    // The sketch may read fewer datasets, so theirs are found by name.
    let named = |d: usize| problem.datasets.iter().position(|x| x.name == small.datasets[d].name);
    let of_queue = |(d, region): (usize, u16)| named(d).map(|d| (d, region));
    let shares = solved.prices.staging.iter().filter_map(|(&copy, shares)| Some((of_queue(copy)?, shares)));
    prices.staging = lifted_shares(problem, counts, shares, stands);
    let (mut ways, bound) = price_all(problem, counts, penalty, objective, &prices);
    let alpha = ways.iter().zip(penalty).map(|(w, p)| w.first().map_or(*p, |(price, _)| price.min(*p))).collect();
    let pricing = Pricing::new(problem, counts, &prices, Windows::of(problem), objective);
    let taken = taken_offers(problem, counts, &solved.columns, stands);
    ways.par_iter_mut().zip(&taken).enumerate().for_each(|(k, (ways, offer))| {
        let like = offer.and_then(|offer| like(problem, &pricing, k, offer, ways.first()?.0));
        if let Some(like) = like {
            ways.insert(0, like);
        }
    });
    Relaxation {
        alpha,
        columns: caps::spread(problem, counts, &ways),
        prices,
        bound,
        staged: solved.staged.iter().filter_map(|&copy| of_queue(copy)).collect(),
        unserved: solved.unserved,
        cost: solved.cost,
        peaks: solved.peaks.clone(),
    }
}

/// The offer on whose nodes each class runs if the classes of a cluster share out the columns of what
/// stands for them, by work and in order.
fn taken_offers(problem: &Problem<'_>, counts: &[u32], columns: &[Column], stands: &[usize]) -> Vec<Option<u32>> {
    let mut of_stand: BTreeMap<usize, Vec<&Column>> = BTreeMap::new();
    columns.iter().for_each(|c| of_stand.entry(c.class).or_default().push(c));
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    stands.iter().enumerate().for_each(|(k, &s)| members.entry(s).or_default().push(k));
    let mut taken = vec![None; stands.len()];
    for (stand, members) in &members {
        let Some(columns) = of_stand.get(stand) else { continue };
        let all: f64 = columns.iter().map(|c| c.value).sum();
        let work = |&k: &usize| crate::sketch::class_work(problem, k) * f64::from(counts[k]);
        let total: f64 = members.iter().map(work).sum();
        let (mut done, mut at, mut upto) = (0.0, 0, columns[0].value / all);
        for k in members {
            // By the middle of the class's share.
            let middle = done + work(k) / 2.0;
            while middle > upto * total && at + 1 < columns.len() {
                at += 1;
                upto += columns[at].value / all;
            }
            taken[*k] = Some(columns[at].way.offer);
            done += work(k);
        }
    }
    taken
}

/// The way of class `k` in the pool of an offer, if it is not much dearer than its cheapest.
fn like(problem: &Problem<'_>, pricing: &Pricing<'_, '_>, k: usize, offer: u32, cheapest: f64) -> Option<(f64, Way)> {
    let class = &problem.classes[k];
    let choice = class.choices.binary_search_by_key(&problem.pool_of[offer as usize], |c| c.pool).ok()?;
    let below = cheapest.max(0.0) * TOGETHER + f64::MIN_POSITIVE;
    let (price, offer, start) = pricing.choice(Some(k), class, &class.choices[choice], below)?;
    Some((price, Way { choice: choice as u32, offer, start }))
}

/// The shares of copies by class: those of what stands for it, where it reads the dataset, scaled so that
/// the tasks of each copy bear what the sketch's bear.
fn lifted_shares<'s>(
    problem: &Problem<'_>,
    counts: &[u32],
    small: impl Iterator<Item = ((usize, u16), &'s BTreeMap<usize, f64>)>,
    stands: &[usize],
) -> BTreeMap<(usize, u16), BTreeMap<usize, f64>> {
    let mut lifted = BTreeMap::new();
    for ((d, region), shares) in small {
        let of = |(k, s): (usize, &usize)| {
            let share = shares.get(s).copied().filter(|_| problem.classes[k].datasets.contains(&d))?;
            Some((k, share))
        };
        let mut of_class: BTreeMap<usize, f64> = stands.iter().enumerate().filter_map(of).collect();
        let borne: f64 = of_class.iter().map(|(&k, share)| share * f64::from(counts[k])).sum();
        let egress = problem.staging_egress(d, region).unwrap_or(0.0);
        if borne > egress {
            of_class.values_mut().for_each(|share| *share *= egress / borne);
        }
        lifted.insert((d, region), of_class);
    }
    lifted
}
