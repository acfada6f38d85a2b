//! Prices of resources, quotas, budgets and copies, and what a task takes of them.

use std::collections::BTreeMap;

use crate::problem::{Class, Problem};

/// The prices that solve the relaxation, in dollars.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    /// Per vCPU-, GiB- and GPU-hour of each pool; pools without rows have their reference prices.
    pub mu: Vec<[f64; 3]>,
    /// Whether the pool's prices come from the master.
    pub active: Vec<bool>,
    /// Per unit and hour of (quota row, window).
    pub quota: BTreeMap<(u16, usize), f64>,
    /// Per dollar of each budget.
    pub budget: Vec<f64>,
    /// Per task of (dataset, region) by class.
    pub staging: BTreeMap<(usize, u16), BTreeMap<usize, f64>>,
}

/// What a class's demand takes: vCPU-, GiB-, GPU-hours of a task under each law.
pub(super) fn taken_hours(class: &Class, law: u16) -> [f64; 3] {
    let h = class.laws[usize::from(law)].mean.hours() * f64::from(class.nodes);
    let d = class.demand;
    [d.vcpu_milli as f64 / 1e3 * h, d.memory_mib as f64 / 1024.0 * h, d.gpu_milli as f64 / 1e3 * h]
}

/// The sum of the products.
pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
/// Least that a task pays for its node share, dollars: reference prices times hours.
pub(super) fn least_share(problem: &Problem<'_>, pool: usize, hours: [f64; 3]) -> f64 {
    dot(reference(problem, pool), hours)
}

/// The reference prices of a pool, dollars per vCPU-, GiB- and GPU-hour.
pub(super) fn reference(problem: &Problem<'_>, pool: usize) -> [f64; 3] {
    let r = problem.pools[pool].reference;
    [r.vcpu as f64 / 1e9, r.gib as f64 / 1e9, r.gpu as f64 / 1e9]
}
