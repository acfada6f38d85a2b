//! Cost against deadline risk: a point a plan.

use maud::{Markup, html};

use super::plot::pc;
use crate::render::html::scale::Scale;
use crate::render::html::{section, table};
use crate::render::percent;
use crate::render::whatif::{FrontierRow, Report, frontier};
use tradewind_sim::whatif::Figures;

/// Height of the drawing, and of the part over the axis, in pixels.
const HEIGHT: f64 = 320.0;
const BOTTOM: f64 = 290.0;
/// Room over the highest point.
const TOP: f64 = 14.0;

/// Both axes: risk in percent across, dollars up.
struct Field {
    risk: Scale,
    cost: Scale,
}

impl Field {
    fn of(known: &[(&FrontierRow, &Figures)]) -> Self {
        let risks = known.iter().map(|(_, f)| f.any_miss.interval.map_or(f.any_miss.value, |i| i.high) * 100.0);
        let costs = known.iter().flat_map(|(_, f)| {
            let (mean, half) = (f.cost.mean_usd.as_f64(), f.cost.half_width_usd.as_f64());
            [mean - half, mean + half]
        });
        Self { risk: Scale::over(risks.chain([0.0])), cost: Scale::over(costs) }
    }

    fn x(&self, risk: f64) -> String {
        pc(self.risk.percent(100.0 * risk))
    }

    fn y(&self, cost: f64) -> String {
        format!("{:.1}", BOTTOM - self.cost.percent(cost) / 100.0 * (BOTTOM - TOP))
    }
}

/// The section; nothing where no frontier was asked for.
pub fn of(report: &Report) -> Markup {
    let known: Vec<(&FrontierRow, &Figures)> =
        report.frontier.iter().filter_map(|row| Some((row, row.figures.as_ref()?))).collect();
    if report.frontier.is_empty() {
        return html! {};
    }
    let field = Field::of(&known);
    let body = html! {
        p.legend {
            span { span.swatch.accent {} "a plan one might choose" }
            span { span.swatch.soft {} "dominated: another is no worse in anything" }
            span { svg aria-hidden="true" { circle.base cx="13" cy="6" r="4.5" {} } "the base" }
        }
        div.chart.frontier {
            svg height=(HEIGHT) role="img" aria-label="mean cost against the share of runs that miss a deadline" {
                (grid(&field))
                (path(&field, &known))
                @for (row, figures) in &known { (point(&field, row, figures)) }
            }
        }
        (table::of(&frontier(&report.frontier)))
    };
    let note = "Plans that allow each job less risk than it allows itself. Lines are 95 % intervals: of the mean cost up, \
                of the risk across.";
    section("Cost against deadline risk", note, &body)
}

fn grid(field: &Field) -> Markup {
    html! {
        @for tick in field.cost.ticks() {
            @let y = field.y(tick);
            line.tick x1="0" x2="100%" y1=(y) y2=(y) {}
            text x="0" y=(y) dy="-4" { (field.cost.label(tick)) }
        }
        @for tick in field.risk.ticks().into_iter().filter(|t| *t >= 0.0) {
            @let x = field.x(tick / 100.0);
            line.tick x1=(x) x2=(x) y1="0" y2=(BOTTOM) {}
            text.across x=(x) y=(BOTTOM) dy="14" { (field.risk.label(tick)) " %" }
        }
        text x="0" y="11" { "mean cost, USD" }
        text.last x="100%" y=(HEIGHT) dy="-2" { "runs that miss some deadline" }
    }
}

/// Lines between the plans one might choose, by risk.
fn path(field: &Field, known: &[(&FrontierRow, &Figures)]) -> Markup {
    let mut chosen: Vec<&Figures> = known.iter().filter(|(row, _)| !row.dominated).map(|(_, f)| *f).collect();
    chosen.sort_by(|a, b| a.any_miss.value.total_cmp(&b.any_miss.value).then(b.cost.mean_usd.cmp(&a.cost.mean_usd)));
    let place = |f: &Figures| (field.x(f.any_miss.value), field.y(f.cost.mean_usd.as_f64()));
    html! {
        @for pair in chosen.windows(2) {
            @let ((x1, y1), (x2, y2)) = (place(pair[0]), place(pair[1]));
            line.way x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
        }
    }
}

fn point(field: &Field, row: &FrontierRow, f: &Figures) -> Markup {
    let (risk, cost, half) = (f.any_miss.value, f.cost.mean_usd.as_f64(), f.cost.half_width_usd.as_f64());
    let (x, y) = (field.x(risk), field.y(cost));
    let name = row.allowed.map_or_else(|| "base".to_owned(), |p| p.to_string());
    let class = match (row.allowed, row.dominated) {
        (None, _) => "base",
        (_, true) => "soft",
        _ => "accent",
    };
    let title = format!(
        "{}: USD {cost:.2} ± {half:.2} in the mean, some deadline missed in {}, {} tasks placed",
        row.allowed.map_or_else(|| "the base".to_owned(), |p| format!("at most {p} allowed")),
        percent(risk),
        f.placed
    );
    html! {
        g class=(class) data-chart="frontier" data-allowed=(name) data-mean-usd=(f.cost.mean_usd) data-any-miss=(risk)
            data-dominated=(row.dominated) {
            title { (title) }
            @if let Some(i) = f.any_miss.interval {
                line.whisker x1=(field.x(i.low)) x2=(field.x(i.high)) y1=(y) y2=(y) {}
            }
            line.whisker x1=(x) x2=(x) y1=(field.y(cost - half)) y2=(field.y(cost + half)) {}
            circle.point cx=(x) cy=(y) r="5.5" {}
            text x=(x) y=(y) dx="9" dy="-8" { (name) }
        }
    }
}
