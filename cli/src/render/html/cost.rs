//! Where the money goes: one bar, and its parts as a table.

use maud::{Markup, html};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;

use super::{palette, section, table};
use crate::render::percent;
use crate::render::plan_tables;

/// Width of the drawing; the browser stretches it.
const WIDTH: f64 = 1000.0;

/// A part of the bar, in drawing units.
struct Part {
    class: String,
    title: String,
    x: f64,
    width: f64,
}

/// The section; nothing where nothing is placed.
pub fn of(plan: &Plan) -> Markup {
    if plan.summary.placed == 0 {
        return html! {};
    }
    let lines: Vec<usize> =
        plan.cost.lines().iter().enumerate().filter(|(_, (_, usd))| *usd != Usd::ZERO).map(|(n, _)| n).collect();
    let swatch = |row: usize, column: usize| match lines.get(row) {
        Some(line) if column == 0 => html! { span class={ "swatch " (palette::cause(*line)) } {} },
        _ => html! {},
    };
    let body = html! {
        div.bar {
            svg viewBox="0 0 1000 26" preserveAspectRatio="none" role="img" aria-label="expected cost by cause" {
                @for p in parts(plan) {
                    rect class=(p.class) x=(format!("{:.2}", p.x)) y="0" width=(format!("{:.2}", p.width)) height="26" {
                        title { (p.title) }
                    }
                }
            }
        }
        div.sum { (table::with(&plan_tables::costs(plan), swatch)) }
    };
    section("Expected cost", "By cause, in dollars. Interruptions and rework are in it as expectations.", &body)
}

/// The causes side by side. Credits, which have no width, stand in the table alone.
fn parts(plan: &Plan) -> Vec<Part> {
    let lines = plan.cost.lines();
    let positive: f64 = lines.iter().map(|(_, usd)| usd.as_f64().max(0.0)).sum();
    let mut x = 0.0;
    let mut parts = Vec::new();
    for (n, (name, usd)) in lines.iter().enumerate().filter(|(_, (_, usd))| *usd > Usd::ZERO) {
        let share = usd.as_f64() / positive;
        let title = format!("{name}: USD {usd:.2}, {}", percent(share));
        parts.push(Part { class: palette::cause(n), title, x, width: share * WIDTH });
        x += share * WIDTH;
    }
    parts
}
