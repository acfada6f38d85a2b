//! What tasks cost on nodes of their own: as many as quota lets at a price, more of them at higher prices.
//!
//! At the relaxation's prices a scarce node alone costs as much as a share of a better one, so price alone
//! would send everybody to the first few machines that quota leaves.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::problem::{Choice, Problem};
use crate::relaxation::{CapTolls, QuotaTolls, Relaxation};
use crate::singles::{Single, Singles};

/// Tasks at a price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// Dollars for each, quota and the cap at their prices.
    pub cost: f64,
    /// How many at most; infinite for the last step.
    pub most: f64,
}

/// The steps of each class, cheapest first; one of infinite cost where it cannot run alone.
pub(super) struct Alone(Vec<Vec<Step>>);

impl Alone {
    /// At a relaxation's prices.
    pub(super) fn new(problem: &Problem<'_>, relaxation: &Relaxation, singles: &Singles) -> Self {
        let (tolls, cap) = (relaxation.quota_tolls(problem), relaxation.cap_tolls(problem));
        let ledger = Ledger { problem, relaxation, tolls, cap };
        Self((0..problem.classes.len()).into_par_iter().map(|k| ledger.steps(k, singles.of(k))).collect())
    }

    /// The steps of a class.
    pub(super) fn of(&self, class: usize) -> &[Step] {
        &self.0[class]
    }

    /// What the first task of each class costs.
    pub(super) fn least(&self) -> Vec<f64> {
        self.0.iter().map(|steps| steps[0].cost).collect()
    }
}

/// What prices a task alone.
struct Ledger<'p, 'a> {
    problem: &'p Problem<'a>,
    relaxation: &'p Relaxation,
    tolls: QuotaTolls,
    cap: CapTolls,
}

impl Ledger<'_, '_> {
    /// The steps of class `k` until all its tasks have room. Quota that several steps take is counted once.
    fn steps(&self, k: usize, singles: &[Single]) -> Vec<Step> {
        let tasks = f64::from(self.problem.classes[k].tasks);
        let priced = self.priced(k, singles, tasks);
        let mut left: BTreeMap<u16, f64> = BTreeMap::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut sum = 0.0;
        for (cost, single) in priced {
            let most = self.room(k, single, &mut left);
            sum += most;
            steps.extend((most > 0.0).then_some(Step { cost, most }));
            if sum >= tasks {
                break;
            }
        }
        match steps.last_mut() {
            Some(last) => last.most = f64::INFINITY,
            None => steps.push(Step { cost: f64::INFINITY, most: f64::INFINITY }),
        }
        steps
    }

    /// The singles of class `k` at the prices of quota and the cap, cheapest first, as far as its tasks need them.
    fn priced<'s>(&self, k: usize, singles: &'s [Single], tasks: f64) -> Vec<(f64, &'s Single)> {
        let mut priced: Vec<(f64, &Single)> = Vec::new();
        let mut dearest = f64::INFINITY;
        for single in singles {
            // In order of cost without the rest: what costs more than is needed with it is not needed.
            if single.cost >= dearest {
                break;
            }
            let cost = self.cost(k, single);
            priced.insert(priced.partition_point(|p| p.0 <= cost), (cost, single));
            dearest = self.enough(k, &priced, tasks);
        }
        priced
    }

    /// The price at which all tasks have room; infinite where they do not.
    fn enough(&self, k: usize, priced: &[(f64, &Single)], tasks: f64) -> f64 {
        let (mut left, mut sum) = (BTreeMap::new(), 0.0);
        for (cost, single) in priced {
            sum += self.room(k, single, &mut left);
            if sum >= tasks {
                return *cost;
            }
        }
        f64::INFINITY
    }

    fn cost(&self, k: usize, single: &Single) -> f64 {
        let problem = self.problem;
        let class = &problem.classes[k];
        let choice = &class.choices[single.choice as usize];
        let held = class.laws[usize::from(choice.law)].reserved.get();
        let toll = self.tolls.least_of_node(single.offer as usize, choice.earliest, choice.latest, held);
        let region = problem.pools[choice.pool as usize].region;
        // A copy that the relaxation makes is paid for by all its readers; any other by this class.
        let staged = |d: usize| self.relaxation.staged.contains(&(d, region));
        let fresh = |&&d: &&usize| problem.datasets[d].home != region && !staged(d);
        let egress = |&d: &usize| problem.staging_egress(d, region).unwrap_or(f64::INFINITY);
        let copies: f64 = class.datasets.iter().filter(fresh).map(egress).sum();
        single.cost + self.cap.of(class, choice.pool) + toll * f64::from(class.nodes) + copies / f64::from(class.tasks)
    }

    /// How many tasks of class `k` the account's quota lets run alone so, one after another in all the time
    /// they have; takes them from what is `left` of each quota, all of it being 1.
    fn room(&self, k: usize, single: &Single, left: &mut BTreeMap<u16, f64>) -> f64 {
        let market = self.problem.market;
        let class = &self.problem.classes[k];
        let choice = &class.choices[single.choice as usize];
        let offer = &market.offers[single.offer as usize];
        let turns = self.turns(k, choice);
        let whole = |q: u16| {
            let row = &market.quotas[usize::from(q)];
            let taken = market.taken_milli(row.unit, offer) as f64 * f64::from(class.nodes);
            (row.available as f64 * 1e3 / taken).floor() * turns
        };
        let quotas = market.quotas_of(offer);
        let room = quotas.iter().map(|&q| whole(q) * *left.entry(q).or_insert(1.0)).fold(f64::INFINITY, f64::min);
        for &q in quotas.iter().filter(|&&q| whole(q).is_finite() && room > 0.0) {
            *left.entry(q).or_insert(1.0) -= room / whole(q);
        }
        room
    }

    /// How many tasks follow one another on one share of quota.
    fn turns(&self, k: usize, choice: &Choice) -> f64 {
        let problem = self.problem;
        let law = &problem.classes[k].laws[usize::from(choice.law)];
        let boot = problem.boot[problem.cloud(&problem.pools[choice.pool as usize])];
        let turn = (boot + law.reserved.get()).max(1);
        ((choice.latest - choice.earliest) / turn + 1) as f64
    }
}
