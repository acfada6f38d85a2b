//! Which change moves the mean cost most.

use maud::{Markup, html};
use tradewind_core::money::Usd;

use super::plot;
use crate::render::html::scale::Scale;
use crate::render::html::section;
use crate::render::signed;
use crate::render::whatif::{AxisRow, Compared, Report, change, interval};

/// The section; nothing where the axes are varied together.
pub fn of(report: &Report) -> Markup {
    let all = report.tornado();
    let ends = |c: &Compared| {
        let [low, high] = c.difference.interval_usd.unwrap_or([c.difference.usd; 2]);
        [low, high, c.difference.usd].map(Usd::as_f64)
    };
    let scale = Scale::over(all.iter().flat_map(|(_, arms)| arms).flat_map(|(_, _, c)| ends(c)).chain([0.0]));
    let body = html! {
        p.legend {
            span { span.swatch.less {} "costs less" }
            span { span.swatch.more {} "costs more" }
        }
        div.chart.tornado {
            @for (axis, arms) in &all {
                div.group { b { (axis.key) } " " (about(axis)) }
                @for (n, setting, compared) in arms { (bar(&scale, *n, &setting.value, compared)) }
            }
            (plot::axis(&scale, "change of the mean cost, USD"))
        }
    };
    let note = "Each change by itself, the axis with the widest swing first. Whiskers are 95 % intervals of the paired \
                difference.";
    if all.is_empty() {
        html! {}
    } else {
        section("What moves the cost most", note, &body)
    }
}

fn about(axis: &AxisRow) -> Markup {
    html! { span.soft { (axis.about) @if let Some(base) = &axis.base { "; base: " (base) } } }
}

fn bar(scale: &Scale, arm: usize, value: &str, compared: &Compared) -> Markup {
    let d = &compared.difference;
    let usd = d.usd.as_f64();
    let class = if usd < 0.0 { "less" } else { "more" };
    let mark = html! {
        g data-chart="tornado" data-arm=(arm) data-usd=(d.usd) {
            (plot::span(scale, class, 0.0, usd, 14))
            @if let Some([low, high]) = d.interval_usd { (plot::whisker(scale, low.as_f64(), high.as_f64())) }
            (plot::stroke(scale, "zero", 0.0, plot::MIDDLE))
        }
    };
    let title = format!("{value}: USD {}", change(d));
    let half = d
        .interval_usd
        .map_or_else(|| interval(None), |[low, high]| format!("{} ±{:.2}", signed(d.usd), (high - low).as_f64() / 2.0));
    plot::row(scale, &html! { span.value { (value) } }, &half, &title, &mark)
}
