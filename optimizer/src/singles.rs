//! The cheapest node for one task alone, pool by pool.

use rayon::prelude::*;

use crate::problem::Problem;
use crate::schedule;

/// A task of a class alone on nodes of one offer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Single {
    /// Dollars: the bills of its nodes and its own cost, staged copies not counted.
    pub cost: f64,
    /// Index in the class's choices.
    pub choice: u32,
    /// The cheapest offer of the pool that holds it.
    pub offer: u32,
}

/// For each class, its singles, cheapest first.
pub(crate) struct Singles(Vec<Vec<Single>>);

impl Singles {
    /// Cost: classes x choices.
    pub fn new(problem: &Problem<'_>) -> Self {
        let by_price = offers_by_price(problem);
        let of = |k: usize| {
            let class = &problem.classes[k];
            let most = problem.workload.jobs()[class.jobs[0]].max_price;
            let mut list: Vec<Single> = Vec::with_capacity(class.choices.len());
            for (c, choice) in class.choices.iter().enumerate() {
                let law = &class.laws[usize::from(choice.law)];
                let pool = &problem.pools[choice.pool as usize];
                let span = problem.boot[problem.cloud(pool)] + law.mean.get();
                let holds = |&&o: &&u32| {
                    class.demand.fits_in(problem.market.type_of(&problem.market.offers[o as usize]).capacity)
                };
                let Some(&offer) = by_price[choice.pool as usize].iter().find(holds) else { continue };
                if most.is_some_and(|m| problem.market.hourly(&problem.market.offers[offer as usize]) > m) {
                    continue;
                }
                let bill = schedule::bill(problem, offer as usize, span) * f64::from(class.nodes);
                let cost = bill + class.own_cost(pool.region, choice.law);
                list.push(Single { cost, choice: c as u32, offer });
            }
            list.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.offer.cmp(&b.offer)));
            list
        };
        Self((0..problem.classes.len()).into_par_iter().map(of).collect())
    }

    /// The singles of a class, cheapest first.
    pub fn of(&self, class: usize) -> &[Single] {
        &self.0[class]
    }
}

/// The offers of each pool, cheapest node first; of a commitment's, the one charged least.
pub(crate) fn offers_by_price(problem: &Problem<'_>) -> Vec<Vec<u32>> {
    problem
        .pools
        .iter()
        .map(|pool| {
            let mut offers: Vec<u32> = pool.offers.iter().map(|&o| o as u32).collect();
            offers.sort_by_key(|&o| (problem.market.hourly(&problem.market.offers[o as usize]), o));
            offers
        })
        .collect()
}
