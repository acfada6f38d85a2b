//! The answer, and the figures that matter at a glance.

use maud::{Markup, html};

use crate::render::html::headline::card;
use crate::render::whatif::{Report, gain, middle_gain, signed_percent};
use crate::render::{count, percent, signed, thousands};

/// The answer and a card for each figure.
pub fn of(report: &Report) -> Markup {
    let c = &report.base.cost;
    let mean = format!("± {:.2} (95 %), planned {:.2}", c.half_width_usd, c.planned_usd);
    let missed = format!("{:.3} late tasks a run in the mean", report.base.late_tasks);
    let arms = 1 + report.arms.len() as u64 + report.frontier.iter().filter(|r| r.allowed.is_some()).count() as u64;
    html! {
        header {
            p.eyebrow { "What if: " (report.subject) }
            h1 { (report.answer) }
            div.cards {
                (card("Mean cost of the base", &format!("USD {:.2}", c.mean_usd), &mean))
                @if let Some((arm, compared)) = report.largest() {
                    @let d = &compared.difference;
                    @let share = d.share.map_or_else(String::new, |s| format!(", {}", signed_percent(s)));
                    (card("Largest change, USD", &signed(d.usd), &format!("{}{share}", arm.label())))
                }
                @if let Some(factor) = middle_gain(report) {
                    (card("Gained by common luck", &gain(Some(factor)), "fewer runs for the same intervals, middle arm"))
                }
                (card("Runs that miss a deadline", &percent(report.base.any_miss.value), &missed))
                (card("Simulated", &count(report.made.trials, "run"), &format!("of each of {} arms", thousands(arms))))
            }
        }
    }
}
