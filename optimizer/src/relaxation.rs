//! The fluid relaxation by column generation: its value is the bound, its prices guide the search.
//!
//! Master over the columns made so far (fractions `f` of a class run on nodes of one offer from a start):
//!
//! ```text
//! min  sum n_k own f  +  sum least_rate_s y_s  +  sum egress_dr u_dr  +  sum penalty_k n_k o_k
//! cover    sum f + o_k = 1                                   per class          alpha_k n_k
//! capacity sum n_k d_k H f <= C_s y_s                        per offer, resource mu
//! quota    sum n_k a_kq |[start, start+W) x window t| f <= Q_q |t|   lazily     w
//! stage    sum over region r of f <= u_dr                    per class, dataset sigma
//! budget   sum n_k (own + mu0.d H) f <= B_b                  per project        beta
//! cap      sum n_k work_k / W f <= share                     per spot pool      gamma
//! ```
//!
//! Quota rows come as they are felt, those of all windows at once, and a class enters with several starts: who has no
//! room in a window goes to the next.
//!
//! The windows t go on after the horizon: no task starts there, but quota holds for what still runs.
//! A task runs only on nodes that hold it, so capacity is counted by size of node. H is the least time
//! that is billed for a task. Capacity is one row an offer and resource over the whole horizon: prices
//! are flat in time, so what is lost is only that tasks of different hours cannot share a node, which a
//! bound may ignore.

mod caps;
mod lifted;
mod prices;
mod pricing;
mod restricted;
mod tolls;

use std::collections::BTreeSet;

use rayon::prelude::*;

pub(crate) use caps::CapTolls;
pub(crate) use lifted::lift;
pub(crate) use prices::Prices;
pub(crate) use tolls::QuotaTolls;

use crate::master::{LiveMaster, Master, MasterError};
use crate::occupancy::Windows;
use crate::problem::{Choice, Class, Problem};
use pricing::Pricing;
use restricted::Restricted;

/// Stop when the bound is this close to the master's value.
const GAP: f64 = 1e-4;
/// Most rounds of pricing.
const ROUNDS: usize = 80;
/// Columns added per class and round.
const PER_CLASS: usize = 3;

/// A way to run a class: in a pool, on nodes of one size, from a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    /// Index in its choices.
    pub choice: u32,
    /// The offer of the nodes.
    pub offer: u32,
    /// Start in ms.
    pub start: i64,
}

/// A class run in a way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// The class.
    pub class: usize,
    /// How it is run.
    pub way: Way,
    /// Fraction of the class in the solution.
    pub value: f64,
}

/// The relaxation's answer.
#[derive(Debug, Clone)]
pub(crate) struct Relaxation {
    /// Marginal cost of one more task of each class.
    pub alpha: Vec<f64>,
    /// Prices with the best bound.
    pub prices: Prices,
    /// Columns of the last solution with a positive value.
    pub columns: Vec<Column>,
    /// Best lower bound in dollars (by floats; the plan's is recomputed in integers).
    pub bound: f64,
    /// Copies that the relaxation makes at least half: (dataset, region).
    pub staged: BTreeSet<(usize, u16)>,
    /// Tasks left unserved by the relaxation.
    pub unserved: f64,
    /// Cost of the last solution in dollars, without the penalties of what is unserved.
    pub cost: f64,
    /// The most that the last solution takes of each quota row, units in the mean of a window.
    pub peaks: Vec<f64>,
}

impl Relaxation {
    /// What quota costs at the relaxation's prices.
    pub(crate) fn quota_tolls(&self, problem: &Problem<'_>) -> QuotaTolls {
        QuotaTolls::new(problem, &self.prices, Windows::of(problem))
    }

    /// What deadline-critical work costs at the relaxation's prices.
    pub(crate) fn cap_tolls(&self, problem: &Problem<'_>) -> CapTolls {
        CapTolls::new(problem, &self.prices.concentration)
    }
}

/// What the relaxation minimizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objective {
    /// Expected cost.
    Cost,
    /// Tasks left unserved: money and capacity count for nothing, quotas and budgets hold.
    Unserved,
}

/// Where the rounds begin and end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds<'c> {
    /// Columns to begin with besides the cheapest: classes and their ways.
    pub seeds: &'c [(usize, Way)],
    /// Prices of a similar problem: the bound is no lower than what they prove.
    pub prices: Option<&'c Prices>,
    /// Stop when the bound is this close to the master's value, relative.
    pub gap: f64,
}

impl<'c> Rounds<'c> {
    /// From these columns to the usual gap.
    pub(crate) fn from(seeds: &'c [(usize, Way)]) -> Self {
        Self { seeds, prices: None, gap: GAP }
    }
}

/// Solves the relaxation for `counts[k]` tasks of each class. `penalty[k]` is what leaving a task of
/// the class unserved costs; `stop` ends the rounds early with the best bound so far. What solved a similar
/// problem solves this one in few rounds.
pub(crate) fn solve(
    problem: &Problem<'_>,
    counts: &[u32],
    penalty: &[f64],
    objective: Objective,
    from: Rounds<'_>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Relaxation, MasterError> {
    let mut lp = Restricted::new(problem, counts, penalty, objective, LiveMaster::new());
    let start = Prices { budget: vec![0.0; problem.budgets.len()], ..Prices::default() };
    let price_all = |prices: &Prices| price_all(problem, counts, penalty, objective, prices);
    let (first, bound) = price_all(&start);
    for (k, best) in first.iter().enumerate() {
        for &(_, way) in best {
            lp.add(k, way);
        }
    }
    for &(k, way) in from.seeds {
        lp.add(k, way);
    }
    let mut best = (bound, start);
    if let Some(known) = from.prices {
        let bound = price_all(known).1;
        if bound > best.0 {
            best = (bound, known.clone());
        }
    }
    let mut solution = lp.master.solve()?;
    let mut rounds = 0;
    while rounds < ROUNDS && !stop() {
        rounds += 1;
        let prices = lp.prices(&solution);
        let rows = lp.add_violated_quotas(&solution);
        let (columns, bound) = price_all(&prices);
        if bound > best.0 {
            best = (bound, prices.clone());
        }
        if rows == 0 && solution.objective - best.0 <= from.gap * solution.objective.abs() {
            break;
        }
        if rows + lp.add_cheaper(&columns, &prices, &solution) == 0 {
            break;
        }
        solution = lp.master.solve()?;
    }
    let alpha = (0..counts.len()).map(|k| solution.duals[lp.cover[k].0] / f64::from(counts[k].max(1))).collect();
    let columns: Vec<Column> = lp
        .columns
        .iter()
        .map(|(c, id)| Column { value: solution.primal[id.0], ..*c })
        .filter(|c| c.value > 1e-7)
        .collect();
    let left: Vec<f64> = lp.unserved.iter().map(|id| solution.primal[id.0]).collect();
    let unserved = left.iter().zip(counts).map(|(left, &n)| left * f64::from(n)).sum();
    let penalties: f64 = left.iter().zip(counts).zip(penalty).map(|((left, &n), p)| left * f64::from(n) * p).sum();
    let staged = lp.copies.iter().filter(|(_, id)| solution.primal[id.0] >= 0.5).map(|(key, _)| *key).collect();
    let peaks = lp.quota_peaks(&columns);
    let cost = solution.objective - penalties;
    Ok(Relaxation { alpha, prices: best.1, columns, staged, bound: best.0, unserved, cost, peaks })
}

/// Ways to run a class with their prices.
type Ways = Vec<(f64, Way)>;

/// The cheapest ways to run each class at given prices, and the bound that the prices prove.
fn price_all(
    problem: &Problem<'_>,
    counts: &[u32],
    penalty: &[f64],
    objective: Objective,
    prices: &Prices,
) -> (Vec<Ways>, f64) {
    let windows = Windows::of(problem);
    let pricing = Pricing::new(problem, counts, prices, windows, objective);
    let best: Vec<Ways> = (0..problem.classes.len())
        .into_par_iter()
        .map(|k| if counts[k] == 0 { Vec::new() } else { pricing.best(k, PER_CLASS) })
        .collect();
    let tasks: f64 = best
        .iter()
        .enumerate()
        .map(|(k, b)| f64::from(counts[k]) * b.first().map_or(penalty[k], |x| x.0.min(penalty[k])))
        .sum();
    (best, tasks + pricing.constant(windows))
}

/// What given prices prove about a problem: no way to run all tasks, or leave them at the penalty,
/// costs less.
pub(crate) fn bound_at(problem: &Problem<'_>, counts: &[u32], penalty: &[f64], prices: &Prices) -> f64 {
    price_all(problem, counts, penalty, Objective::Cost, prices).1
}

/// The choices of each class that cost no more than `dearer` times its cheapest at a relaxation's prices.
pub(crate) fn near(problem: &Problem<'_>, relaxation: &Relaxation, dearer: f64) -> Vec<Vec<u32>> {
    let counts: Vec<u32> = problem.classes.iter().map(|c| c.tasks).collect();
    let pricing = Pricing::new(problem, &counts, &relaxation.prices, Windows::of(problem), Objective::Cost);
    (0..problem.classes.len()).into_par_iter().map(|k| pricing.near(k, dearer)).collect()
}

/// Narrows classes of any problem over the same market to the choices that are cheapest at given prices.
pub(crate) struct Narrower<'p, 'a>(Pricing<'p, 'a>);

impl<'p, 'a> Narrower<'p, 'a> {
    /// `problem` and `counts` are those of which the prices are.
    pub(crate) fn new(problem: &'p Problem<'a>, counts: &'p [u32], prices: &'p Prices) -> Self {
        Self(Pricing::new(problem, counts, prices, Windows::of(problem), Objective::Cost))
    }

    /// Keeps the cheapest choices of a class, `most` wherever its data is and as many at `homes`.
    pub(crate) fn narrow(&self, class: &mut Class, homes: &[u16], most: usize) {
        let at_home = |c: &&Choice| homes.contains(&self.0.problem.pools[c.pool as usize].region);
        let home = Class { choices: class.choices.iter().filter(at_home).copied().collect(), ..class.clone() };
        let cheapest = |of: &Class| -> Vec<Choice> {
            self.0.best_of(None, of, most).into_iter().map(|(_, way)| of.choices[way.choice as usize]).collect()
        };
        let mut kept = cheapest(class);
        kept.extend(cheapest(&home));
        kept.sort_by_key(|c| c.pool);
        kept.dedup_by_key(|c| c.pool);
        class.choices = kept;
    }
}
