//! The page of a what-if: its sections in reading order. Its charts are drawn here, and carry their figures.

mod footer;
mod frontier;
mod gantt;
mod headline;
mod plot;
mod ranges;
mod tornado;
mod waterfall;

use maud::{Markup, html};

use super::{document_with, section, table};
use crate::render::plan_tables::scarce_of;
use crate::render::whatif::Report;

const STYLE: &str = include_str!("whatif.css");
/// Rows of a list before it is cut.
const MAX_ROWS: usize = 40;

/// The whole file.
pub fn document(report: &Report) -> String {
    let body = html! {
        (headline::of(report))
        (ranges::of(report))
        (waterfall::of(report))
        (tornado::of(report))
        (frontier::of(report))
        (gantt::of(report))
        (scarce(report))
        (footer::of(report))
    };
    document_with("Tradewind: what if", STYLE, &body)
}

fn scarce(report: &Report) -> Markup {
    let grid = scarce_of(&report.shadow_prices, MAX_ROWS);
    if grid.is_empty() {
        return html! {};
    }
    let note = "What one more unit would save the base plan: an estimate of the linear model.";
    section("Scarce", note, &table::of(&grid))
}
