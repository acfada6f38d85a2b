//! What a run of each arm costs: the range that nine in ten runs fall in, and what lies inside and beyond.

use maud::{Markup, html};
use tradewind_sim::whatif::Figures;

use super::plot;
use crate::render::html::scale::Scale;
use crate::render::html::{section, table};
use crate::render::whatif::{Report, arms, events};

/// The section.
pub fn of(report: &Report) -> Markup {
    let figures = || [&report.base].into_iter().chain(report.compared().map(|(_, _, c)| &c.figures));
    let ends = |f: &Figures| [f.cost.p5_usd, f.cost.cvar95_usd, f.cost.planned_usd].map(|usd| usd.as_f64());
    let scale = Scale::over(figures().flat_map(ends));
    let body = html! {
        (legend())
        div.chart.ranges {
            (row(&scale, "base", "base", &report.base))
            @for (n, arm, compared) in report.compared() {
                (row(&scale, &n.to_string(), &arm.label(), &compared.figures))
            }
            (plot::axis(&scale, "cost of a run, USD; the axis does not start at 0"))
        }
        h3 { "Cost, USD" }
        (table::of(&arms(report)))
        h3 { "What happens in the mean of the runs: tasks late, nodes lost, USD" }
        (table::of(&events(report)))
    };
    let note = "Nine in ten runs lie within the bar. An arm is compared with the base run by run, under the same luck: \
                the interval of the change is far narrower than the bars. CRN is how many times as many runs independent draws \
                would take.";
    section("Base and arms", note, &body)
}

fn legend() -> Markup {
    html! {
        p.legend {
            span { svg aria-hidden="true" { rect.range x="0" y="2" width="26" height="7" rx="2" {} } "5th to 95th percentile" }
            span { svg aria-hidden="true" { line.median x1="13" x2="13" y1="0" y2="11" {} } "median" }
            span { svg aria-hidden="true" { circle.mean cx="13" cy="6" r="4" {} } "mean" }
            span { svg aria-hidden="true" { circle.cvar cx="13" cy="6" r="3.5" {} } "mean of the dearest 5 %" }
            span { svg aria-hidden="true" { line.planned x1="13" x2="13" y1="0" y2="11" {} } "planned" }
        }
    }
}

fn row(scale: &Scale, arm: &str, label: &str, f: &Figures) -> Markup {
    let c = &f.cost;
    let at = |usd: tradewind_core::money::Usd| plot::pc(scale.percent(usd.as_f64()));
    let mark = html! {
        g data-chart="ranges" data-arm=(arm) data-mean-usd=(c.mean_usd) data-p50-usd=(c.p50_usd) data-p95-usd=(c.p95_usd) {
            (plot::span(scale, "range", c.p5_usd.as_f64(), c.p95_usd.as_f64(), 10))
            (plot::stroke(scale, "planned", c.planned_usd.as_f64(), 10))
            (plot::stroke(scale, "median", c.p50_usd.as_f64(), 7))
            circle.cvar cx=(at(c.cvar95_usd)) cy=(plot::MIDDLE) r="3.5" {}
            circle.mean cx=(at(c.mean_usd)) cy=(plot::MIDDLE) r="4" {}
        }
    };
    let title = format!(
        "{label}: planned USD {:.2}, mean {:.2}, median {:.2}, 5th to 95th percentile {:.2} to {:.2}, dearest 5 % {:.2}",
        c.planned_usd, c.mean_usd, c.p50_usd, c.p5_usd, c.p95_usd, c.cvar95_usd
    );
    plot::row(scale, &html! { (label) }, &format!("{:.2}", c.mean_usd), &title, &mark)
}
