//! The answer, and the figures that matter at a glance.

use maud::{Markup, html};

use crate::render::html::headline::card;
use crate::render::whatif::{Report, change};
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
                    (card("Largest change", &format!("USD {}", signed(compared.difference.usd)), &arm.label()))
                    (card("That is", &change(&compared.difference), "with its 95 % interval"))
                }
                (card("Runs that miss a deadline", &percent(report.base.any_miss.value), &missed))
                (card("Simulated", &count(report.made.trials, "run"), &format!("of each of {} arms", thousands(arms))))
            }
        }
    }
}
