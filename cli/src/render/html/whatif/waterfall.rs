//! From the base to the arm that differs most, cause by cause.

use maud::{Markup, html};
use tradewind_core::money::Usd;

use super::plot::{self, HEIGHT, MIDDLE};
use crate::render::html::scale::Scale;
use crate::render::html::{section, table};
use crate::render::signed;
use crate::render::whatif::{Report, is_shown, phrase, waterfall};

/// A step: its cause, what it adds, and the level before it.
struct Step {
    cause: &'static str,
    usd: Usd,
    before: Usd,
}

/// The section; nothing without arms.
pub fn of(report: &Report) -> Markup {
    let Some((arm, compared)) = report.largest() else { return html! {} };
    let end = compared.figures.cost.mean_usd;
    let start = end - compared.difference.usd;
    let mut level = start;
    let mut steps: Vec<Step> = Vec::new();
    for step in compared.steps.iter().filter(|s| is_shown(s.usd)) {
        steps.push(Step { cause: step.cause, usd: step.usd, before: level });
        level = level + step.usd;
    }
    let levels = steps.iter().flat_map(|s| [s.before, s.before + s.usd]).chain([start, end]);
    let scale = Scale::over(levels.map(Usd::as_f64));
    let body = html! {
        div.chart.waterfall {
            (total(&scale, "base", start, false))
            @for step in &steps { (row(&scale, step)) }
            (total(&scale, &arm.label(), end, true))
            (plot::axis(&scale, "mean cost, USD; the axis does not start at 0"))
        }
        div.sum { (table::of(&waterfall(report))) }
    };
    let heading = format!("Where the money goes {}", phrase(&report.axes, arm));
    section(&heading, "The arm that changes the mean cost most. The steps sum to the change exactly.", &body)
}

fn total(scale: &Scale, name: &str, level: Usd, is_last: bool) -> Markup {
    let x = plot::pc(scale.percent(level.as_f64()));
    let (from, to) = if is_last { (0, MIDDLE) } else { (MIDDLE, HEIGHT) };
    let mark = html! {
        g data-chart="waterfall" data-total=(level) {
            line.link x1=(x) x2=(x) y1=(from) y2=(to) {}
            circle.total cx=(x) cy=(MIDDLE) r="5" {}
        }
    };
    plot::row(scale, &html! { b { (name) } }, &format!("{level:.2}"), &format!("{name}: USD {level:.2}"), &mark)
}

fn row(scale: &Scale, step: &Step) -> Markup {
    let after = step.before + step.usd;
    let (from, to) = (step.before.as_f64(), after.as_f64());
    let (x, next) = (plot::pc(scale.percent(from)), plot::pc(scale.percent(to)));
    let class = if step.usd < Usd::ZERO { "less" } else { "more" };
    let mark = html! {
        g data-chart="waterfall" data-cause=(step.cause) data-usd=(step.usd) {
            line.link x1=(x) x2=(x) y1="0" y2=(MIDDLE) {}
            line.link x1=(next) x2=(next) y1=(MIDDLE) y2=(HEIGHT) {}
            (plot::span(scale, class, from, to, 14))
        }
    };
    let title = format!("{}: USD {}, to {after:.2}", step.cause, signed(step.usd));
    plot::row(scale, &html! { (step.cause) }, &signed(step.usd), &title, &mark)
}
