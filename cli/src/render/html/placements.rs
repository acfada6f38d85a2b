//! What runs where and when.

use maud::{Markup, html};
use tradewind_core::plan::Plan;

use super::{palette, section, table};
use crate::render::plan_tables;

/// Rows before the list is cut: the page stays small; `--format csv` has them all.
const MAX_ROWS: usize = 250;

/// The section; nothing where nothing is placed.
pub fn of(plan: &Plan) -> Markup {
    let all = plan.placements.len();
    if all == 0 {
        return html! {};
    }
    let grid = plan_tables::timetable(plan, MAX_ROWS);
    let cloud = |row: usize| grid.rows()[row][2].split('/').next().unwrap_or("").to_owned();
    let swatch = |row: usize, column: usize| {
        if column == 2 {
            html! { span class={ "swatch " (palette::cloud(plan, &cloud(row))) } {} }
        } else {
            html! {}
        }
    };
    let heading = match plan_tables::cut("Placements", MAX_ROWS, all) {
        whole if all <= MAX_ROWS => format!("{whole} ({all})"),
        cut => cut,
    };
    let note = "By start. Times are UTC; ends are means. All of them, exact: tradewind show PLAN --format csv.";
    section(&heading, note, &html! { div.tight { (table::with(&grid, swatch)) } })
}
