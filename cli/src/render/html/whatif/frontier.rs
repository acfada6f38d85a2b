//! Cost against deadline risk: a point a plan.

use maud::{Markup, html};

use super::plot::pc;
use crate::render::html::scale::Scale;
use crate::render::html::{section, table};
use crate::render::whatif::{FrontierRow, Report, frontier};
use crate::render::{percent, thousands};
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
                @for (n, (rows, figures)) in points(&known).iter().enumerate() { (point(&field, rows, figures, n % 2 == 1)) }
            }
        }
        (table::of(&frontier(&report.frontier)))
    };
    let note = "Plans that allow each job no more risk than the number beside them. Lines are 95 % intervals: of the mean cost up, \
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

/// Lines between plans one might choose that place as many tasks, by risk.
fn path(field: &Field, known: &[(&FrontierRow, &Figures)]) -> Markup {
    let mut chosen: Vec<&Figures> = known.iter().filter(|(row, _)| !row.dominated).map(|(_, f)| *f).collect();
    chosen.sort_by(|a, b| a.any_miss.value.total_cmp(&b.any_miss.value).then(b.cost.mean_usd.cmp(&a.cost.mean_usd)));
    let place = |f: &Figures| (field.x(f.any_miss.value), field.y(f.cost.mean_usd.as_f64()));
    html! {
        @for pair in chosen.windows(2).filter(|pair| pair[0].placed == pair[1].placed) {
            @let ((x1, y1), (x2, y2)) = (place(pair[0]), place(pair[1]));
            line.way x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
        }
    }
}

/// Plans whose replications come to the same stand on one point, which has all their names.
fn points<'r>(known: &[(&'r FrontierRow, &'r Figures)]) -> Vec<(Vec<&'r FrontierRow>, &'r Figures)> {
    let mut points: Vec<(Vec<&FrontierRow>, &Figures)> = Vec::new();
    for (row, figures) in known {
        let same = |f: &Figures| f.cost.mean_usd == figures.cost.mean_usd && f.any_miss == figures.any_miss;
        match points.iter_mut().find(|(_, f)| same(f)) {
            Some((rows, _)) => rows.push(row),
            None => points.push((vec![row], figures)),
        }
    }
    // Neighbours have their names on either side.
    points.sort_by_key(|(_, f)| f.cost.mean_usd);
    points
}

fn name(row: &FrontierRow) -> String {
    row.allowed.map_or_else(|| "base".to_owned(), |p| p.to_string())
}

fn point(field: &Field, rows: &[&FrontierRow], f: &Figures, is_left: bool) -> Markup {
    let (risk, cost, half) = (f.any_miss.value, f.cost.mean_usd.as_f64(), f.cost.half_width_usd.as_f64());
    let (x, y) = (field.x(risk), field.y(cost));
    let class = match () {
        () if rows.iter().any(|row| row.allowed.is_none()) => "base",
        () if rows.iter().all(|row| row.dominated) => "soft",
        () => "accent",
    };
    let names = rows.iter().map(|row| name(row)).collect::<Vec<_>>().join(", ");
    let label = format!("{names} ({} tasks)", thousands(f.placed));
    let title = format!(
        "{names}: USD {cost:.2} ± {half:.2} in the mean, some deadline missed in {}, {} tasks placed",
        percent(risk),
        thousands(f.placed)
    );
    html! {
        g class=(class) {
            title { (title) }
            @for row in rows {
                g data-chart="frontier" data-allowed=(name(row)) data-mean-usd=(f.cost.mean_usd) data-any-miss=(risk)
                    data-dominated=(row.dominated) {}
            }
            @if let Some(i) = f.any_miss.interval {
                line.whisker x1=(field.x(i.low)) x2=(field.x(i.high)) y1=(y) y2=(y) {}
            }
            line.whisker x1=(x) x2=(x) y1=(field.y(cost - half)) y2=(field.y(cost + half)) {}
            circle.point cx=(x) cy=(y) r="5.5" {}
            text.last[is_left] x=(x) y=(y) dx=(if is_left { -9 } else { 9 }) dy="-7" { (label) }
        }
    }
}
