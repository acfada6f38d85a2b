//! Simple rules on the same input, beside this plan.

use maud::{Markup, html};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;

use super::{meter, section, table};
use crate::render::plan_tables;

/// The columns with the cost and with what is said about it.
const USD: usize = 2;
const AGAINST: usize = 3;

/// The section; nothing where no rule places anything.
pub fn of(plan: &Plan) -> Markup {
    let grid = plan_tables::baselines(plan);
    if grid.is_empty() {
        return html! {};
    }
    let costs: Vec<f64> = grid.rows().iter().map(|row| row[USD].parse().map_or(0.0, |usd: Usd| usd.as_f64())).collect();
    let dearest = costs.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let mark = |row: usize, column: usize| {
        let class = if row + 1 == costs.len() { "accent" } else { "soft" };
        if column == AGAINST {
            meter::of(costs[row] / dearest, class)
        } else {
            html! {}
        }
    };
    let note = "What simple rules make of the same queue, prices and limits. Costs compare only where the tasks are \
                the same.";
    section("Against simple rules", note, &html! { div.sum { (table::with(&grid, mark)) } })
}
