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
    /// The cheapest offer of the pool that holds it, and of which quota lets as many nodes stand.
    pub offer: u32,
}

/// For each class, its singles, cheapest first.
pub(crate) struct Singles(Vec<Vec<Single>>);

impl Singles {
    /// Cost: classes x choices.
    pub fn new(problem: &Problem<'_>) -> Self {
        let by_price = offers_by_price(problem);
        Self((0..problem.classes.len()).into_par_iter().map(|k| cheapest(problem, k, &by_price)).collect())
    }

    /// Those of one class; the others have none.
    pub fn only(problem: &Problem<'_>, k: usize) -> Self {
        let mut all = vec![Vec::new(); problem.classes.len()];
        all[k] = cheapest(problem, k, &offers_by_price(problem));
        Self(all)
    }

    /// The singles of a class, cheapest first.
    pub fn of(&self, class: usize) -> &[Single] {
        &self.0[class]
    }
}

/// The singles of class `k`, cheapest first.
fn cheapest(problem: &Problem<'_>, k: usize, by_price: &[Vec<u32>]) -> Vec<Single> {
    let class = &problem.classes[k];
    let most = problem.workload.jobs()[class.jobs[0]].max_price;
    let mut list: Vec<Single> = Vec::with_capacity(class.choices.len());
    for (c, choice) in class.choices.iter().enumerate() {
        let holds = |&&o: &&u32| {
            let capacity = problem.market.type_of(&problem.market.offers[o as usize]).capacity;
            class.demand.fits_in(capacity) && problem.most_nodes[o as usize] >= u64::from(class.nodes)
        };
        let Some(&offer) = by_price[choice.pool as usize].iter().find(holds) else { continue };
        if most.is_none_or(|m| problem.market.hourly(&problem.market.offers[offer as usize]) <= m) {
            list.push(alone(problem, k, c, offer));
        }
    }
    list.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.offer.cmp(&b.offer)));
    list
}

/// A task of class `k` alone by choice `c` on nodes of an offer of that choice's pool.
fn alone(problem: &Problem<'_>, k: usize, c: usize, offer: u32) -> Single {
    let class = &problem.classes[k];
    let choice = &class.choices[c];
    let pool = &problem.pools[choice.pool as usize];
    let span = problem.boot[problem.cloud(pool)] + class.laws[usize::from(choice.law)].mean.get();
    let bill = schedule::bill(problem, offer as usize, span) * f64::from(class.nodes);
    Single { cost: bill + choice.own, choice: c as u32, offer }
}

/// A task of class `k` alone on nodes of the very offer, if it may run there and a node holds it.
pub(crate) fn on(problem: &Problem<'_>, k: usize, offer: usize) -> Vec<Single> {
    let class = &problem.classes[k];
    let o = &problem.market.offers[offer];
    let most = problem.workload.jobs()[class.jobs[0]].max_price;
    let holds =
        class.demand.fits_in(problem.market.type_of(o).capacity) && most.is_none_or(|m| problem.market.hourly(o) <= m);
    let choice = class.choices.binary_search_by_key(&problem.pool_of[offer], |c| c.pool);
    choice.ok().filter(|_| holds).map(|c| alone(problem, k, c, offer as u32)).into_iter().collect()
}

/// The offers of each pool of which quota lets a node be launched, cheapest node first; of a commitment's, the one
/// charged least.
pub(crate) fn offers_by_price(problem: &Problem<'_>) -> Vec<Vec<u32>> {
    problem
        .pools
        .iter()
        .map(|pool| {
            let launched = pool.offers.iter().filter(|&&o| problem.most_nodes[o] > 0);
            let mut offers: Vec<u32> = launched.map(|&o| o as u32).collect();
            offers.sort_by_key(|&o| (problem.market.hourly(&problem.market.offers[o as usize]), o));
            offers
        })
        .collect()
}
