//! Colours: a class a cloud, in the order of the plan's market; a class a cause of cost.

use tradewind_core::plan::Plan;

/// Clouds that have a colour of their own; further ones share.
const CLOUDS: usize = 6;
/// Causes of cost that have a colour of their own; further ones share.
const CAUSES: usize = 9;

/// The class of a cloud.
pub fn cloud(plan: &Plan, name: &str) -> String {
    let n = plan.market.clouds.iter().position(|c| c.name == name).unwrap_or(plan.market.clouds.len());
    nth_cloud(n)
}

/// The class of the n-th cloud of whatever order.
pub fn nth_cloud(n: usize) -> String {
    format!("c{}", n % CLOUDS)
}

/// The class of a cause of cost by its place in the breakdown.
pub fn cause(line: usize) -> String {
    format!("k{}", line % CAUSES)
}
