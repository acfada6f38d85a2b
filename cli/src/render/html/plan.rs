//! The page of a plan: its sections in reading order.

use maud::{Markup, html};
use tradewind_core::plan::Plan;

use super::{baselines, cost, footer, gantt, headline, placements, quotas, section, table};
use crate::render::plan::{assumptions, title};
use crate::render::plan_tables::{self as tables, cut};

/// Rows of a list before it is cut.
const MAX_ROWS: usize = 100;

/// The whole file.
pub fn document(plan: &Plan, warnings: &[String]) -> String {
    let unplaced = cut("Not placed", MAX_ROWS, plan.unplaced.len());
    let staged = cut("Data to stage", MAX_ROWS, plan.stagings.len());
    let body = html! {
        (headline::of(plan))
        (cost::of(plan))
        (gantt::of(plan))
        (grid_section(&unplaced, "With the most telling reason.", &tables::unplaced(plan, MAX_ROWS)))
        (baselines::of(plan))
        (quotas::of(plan))
        (grid_section(&staged, "Copies of shared datasets, made once a region.", &tables::stagings(plan, MAX_ROWS)))
        (placements::of(plan))
        (items("Warnings", warnings))
        (items("Assumptions", &assumptions(plan)))
        (footer::of(plan))
    };
    super::document(&title(plan), &body)
}

fn grid_section(heading: &str, note: &str, grid: &crate::render::grid::Grid) -> Markup {
    if grid.is_empty() {
        html! {}
    } else {
        section(heading, note, &table::of(grid))
    }
}

fn items(heading: &str, items: &[String]) -> Markup {
    if items.is_empty() {
        return html! {};
    }
    section(heading, "", &html! { ul { @for item in items { li { (item) } } } })
}
