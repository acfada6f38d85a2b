//! Prices of nodes, quotas, budgets and copies, and what a task takes of them.

use std::collections::BTreeMap;

use tradewind_core::cost;
use tradewind_core::node_price::STEPS;
use tradewind_core::resources::Resources;
use tradewind_core::time::Millis;

use crate::problem::{Choice, Class, Problem, dollars, units};

/// The prices that solve the relaxation, in dollars.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    /// Of the dimensions of a node of each offer, per unit and hour; other offers have their own prices.
    pub nodes: BTreeMap<u32, [f64; DIMENSIONS]>,
    /// Per unit and hour of (quota row, window).
    pub quota: BTreeMap<(u16, usize), f64>,
    /// Per dollar of each budget.
    pub budget: Vec<f64>,
    /// For all the deadline-critical work of the queue, of the cap on a spot pool by its key.
    pub concentration: BTreeMap<String, f64>,
    /// Per task of (dataset, region) by class.
    pub staging: BTreeMap<(usize, u16), BTreeMap<usize, f64>>,
}

/// What a node has and a task takes: vCPU, GiB, GPU, and each of [`STEPS`].
pub(crate) const DIMENSIONS: usize = 3 + STEPS.len();

/// What a demand takes of each dimension of a node.
pub(super) fn dimensions(demand: Resources, capacity: Resources) -> [f64; DIMENSIONS] {
    let mut all = [0.0; DIMENSIONS];
    all[..3].copy_from_slice(&units(demand));
    for (amount, step) in all[3..].iter_mut().zip(STEPS) {
        let (part, whole) = step.taken(demand, capacity);
        *amount = part as f64 / whole as f64;
    }
    all
}

/// Node-hours for which a task is billed at least by a choice.
pub(super) fn billed_time(problem: &Problem<'_>, class: &Class, choice: &Choice) -> f64 {
    let region = problem.pools[choice.pool as usize].region;
    let boot = problem.boot[usize::from(problem.market.regions[usize::from(region)].cloud)];
    let law = &class.laws[usize::from(choice.law)];
    cost::least_billed(Millis::new(boot), law).hours() * f64::from(class.nodes)
}

/// The sum of the products.
pub(super) fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Least that a task pays for its node share by a choice, dollars: reference prices times mean hours.
pub(super) fn least_share(problem: &Problem<'_>, class: &Class, choice: &Choice) -> f64 {
    let hours = class.laws[usize::from(choice.law)].mean.hours() * f64::from(class.nodes);
    dot(&dollars(problem.pools[choice.pool as usize].reference), &units(class.demand)) * hours
}
