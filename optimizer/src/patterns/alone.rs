//! What tasks cost on nodes of their own: as many as quota lets at a price, more of them at higher prices.
//!
//! At the relaxation's prices a scarce node alone costs as much as a share of a better one, so price alone
//! would send everybody to the first few machines that quota leaves.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::problem::{Choice, Problem};
use crate::relaxation::{CapTolls, QuotaTolls, Relaxation};
use crate::schedule::Schedule;
use crate::singles::{Single, Singles};

/// Tasks at a price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Dollars for each, quota and the cap at their prices.
    pub cost: f64,
    /// How many at most; infinite for the last step.
    pub most: f64,
    /// On which nodes.
    offer: usize,
    /// How they run there.
    choice: Choice,
}

/// The steps of each class, cheapest first; none where it cannot run alone.
pub(super) struct Alone(Vec<Vec<Step>>);

impl Alone {
    /// At a relaxation's prices.
    pub(super) fn new(problem: &Problem<'_>, relaxation: &Relaxation, singles: &Singles) -> Self {
        let (tolls, cap) = (relaxation.quota_tolls(problem), relaxation.cap_tolls(problem));
        let ledger = Ledger { problem, relaxation, tolls, cap };
        Self((0..problem.classes.len()).into_par_iter().map(|k| ledger.steps(k, singles.of(k))).collect())
    }

    /// The steps of a class for which quota is left, and the last one in any case.
    pub(super) fn left(&self, schedule: &Schedule<'_, '_>, class: usize) -> impl Iterator<Item = &Step> {
        let has_room = move |step: &&Step| step.most.is_infinite() || step.has_room(schedule, class);
        self.0[class].iter().filter(has_room)
    }

    /// What the first task of each class costs; infinite where it cannot run alone.
    pub(super) fn least(&self) -> Vec<f64> {
        self.0.iter().map(|steps| steps.first().map_or(f64::INFINITY, |s| s.cost)).collect()
    }
}

impl Step {
    /// Whether quota lets a task start in time.
    fn has_room(&self, schedule: &Schedule<'_, '_>, k: usize) -> bool {
        let boot = schedule.boot(self.offer);
        let part = schedule.part(k, &self.choice, self.choice.earliest);
        let nodes = i64::from(schedule.problem.classes[k].nodes);
        let launch = schedule.room_from(self.offer, part.start - boot, boot + part.held - part.start, nodes);
        launch.is_some_and(|l| l + boot <= self.choice.latest)
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
    /// The steps of class `k` until all its tasks have room.
    fn steps(&self, k: usize, singles: &[Single]) -> Vec<Step> {
        let mut priced: Vec<(f64, &Single)> = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut dearest = f64::INFINITY;
        for single in singles {
            // In order of cost without the rest: what costs more than is needed with it is not needed.
            if single.cost >= dearest {
                break;
            }
            let cost = self.cost(k, single);
            priced.insert(priced.partition_point(|p| p.0 <= cost), (cost, single));
            steps = self.laid(k, &priced);
            let room: f64 = steps.iter().map(|s| s.most).sum();
            if room >= f64::from(self.problem.classes[k].tasks) {
                dearest = steps.last().map_or(f64::INFINITY, |s| s.cost);
            }
        }
        if let Some(last) = steps.last_mut() {
            last.most = f64::INFINITY;
        }
        steps
    }

    /// The steps over singles in order of price, no more than the tasks of class `k` need. Quota that several take
    /// is counted once.
    fn laid(&self, k: usize, priced: &[(f64, &Single)]) -> Vec<Step> {
        let mut left: BTreeMap<u16, f64> = BTreeMap::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut wanted = f64::from(self.problem.classes[k].tasks);
        for &(cost, single) in priced {
            let most = self.room(k, single, &mut left);
            let choice = self.problem.classes[k].choices[single.choice as usize];
            // The first stands even without room: every task has a price.
            if most > 0.0 || steps.is_empty() {
                steps.push(Step { cost, most, offer: single.offer as usize, choice });
            }
            wanted -= most;
            if wanted <= 0.0 {
                break;
            }
        }
        steps
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
