//! When which nodes run: a row for each type in a region, a bar for each allocation.

use maud::{Markup, html};
use tradewind_core::market::CapacityType;
use tradewind_core::plan::{Allocation, Plan};

use super::axis::{Axis, WIDTH};
use super::lanes::{Row, rows};
use super::{palette, section};
use crate::render::{bought_as, count, thousands};

/// Rows at most, the dearest; the others are counted.
const MAX_ROWS: usize = 60;
/// Lanes of a row, and bars in them, at most: the page stays small.
const MAX_LANES: usize = 12;
const MAX_BARS: usize = 60;
/// Height of a row with one lane, and the least of a lane, in pixels.
const ROW: usize = 13;
const LANE: usize = 4;

/// The section; nothing where nothing is launched.
pub fn of(plan: &Plan) -> Markup {
    let all = rows(plan);
    if all.is_empty() {
        return html! {};
    }
    let axis = Axis::of(plan);
    let left_out = all.len().saturating_sub(MAX_ROWS);
    let shown = dearest(all);
    let body = html! {
        (legend(plan, &shown))
        (axis.labels())
        @for (n, row) in shown.iter().enumerate() {
            @if n == 0 || shown[n - 1].region != row.region {
                div.region { span class={ "swatch " (palette::cloud(plan, row.region.cloud())) } {} (row.region) }
            }
            (track(plan, &axis, row))
        }
        @if left_out > 0 { p.note { (count(left_out as u64, "more row")) " of cheaper nodes; all of them are in the plan file." } }
    };
    section("Nodes over time", "From launch to mean end. Point at a bar for what it is.", &body)
}

/// The rows that cost most, in their own order.
fn dearest(mut all: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let mut costs: Vec<_> = all.iter().map(|r| r.usd).collect();
    costs.sort_unstable_by(|a, b| b.cmp(a));
    if let Some(least) = costs.get(MAX_ROWS - 1) {
        all.retain(|r| r.usd >= *least);
        all.truncate(MAX_ROWS);
    }
    all
}

fn legend(plan: &Plan, shown: &[Row<'_>]) -> Markup {
    let mut clouds: Vec<&str> = shown.iter().map(|r| r.region.cloud()).collect();
    clouds.dedup();
    html! {
        p.legend {
            @for cloud in clouds { span { span class={ "swatch " (palette::cloud(plan, cloud)) } {} (cloud) } }
            span { svg.soft viewBox="0 0 26 11" aria-hidden="true" { rect x="0" y="0" width="26" height="11" {} } "on demand" }
            span { svg.soft viewBox="0 0 26 11" aria-hidden="true" { (spot(0.0, 26.0, 0, 11)) } "spot" }
        }
    }
}

fn track(plan: &Plan, axis: &Axis, row: &Row<'_>) -> Markup {
    let lanes = row.lanes.len().clamp(1, MAX_LANES);
    let lane = (ROW / lanes).max(LANE);
    let height = lane * lanes;
    let bars = drawn(row);
    let hidden = row.lanes.iter().map(Vec::len).sum::<usize>() - bars.len();
    let name = format!(
        "{} {}, {}, USD {:.2}",
        row.instance_type,
        bought_as(row.capacity_type, row.committed),
        count(row.nodes, "node"),
        row.usd
    );
    html! {
        div.row {
            div.what title=(name) {
                (row.instance_type) i { " × " (thousands(row.nodes)) @if hidden > 0 { ", " (hidden) " bars not drawn" } }
            }
            svg class=(palette::cloud(plan, row.region.cloud())) viewBox=(format!("0 0 {WIDTH} {}", height + 4))
                height=(height + 4) preserveAspectRatio="none" role="img" aria-label=(name) {
                @for tick in axis.ticks() {
                    @let x = format!("{:.1}", axis.x(tick));
                    line.tick x1=(x) x2=(x) y1="0" y2=(height + 4) {}
                }
                @for (n, a) in bars { (bar(axis, a, 2 + n * lane, lane - 1)) }
            }
        }
    }
}

/// The bars of a row that have room, each with its lane.
fn drawn<'p>(row: &Row<'p>) -> Vec<(usize, &'p Allocation)> {
    let lanes = row.lanes.iter().take(MAX_LANES).enumerate();
    lanes.flat_map(|(n, lane)| lane.iter().map(move |a| (n, *a))).take(MAX_BARS).collect()
}

fn bar(axis: &Axis, a: &Allocation, y: usize, height: usize) -> Markup {
    let x = axis.x(a.start);
    // A bar of a minute in a week can still be seen and pointed at.
    let width = (axis.x(a.end) - x).max(1.5);
    let text = format!(
        "{} × {} {}\n{}\n{} to {}\nUSD {:.2} at {} per node and hour",
        a.count,
        a.instance_type,
        bought_as(a.capacity_type, a.commitment.is_some()),
        a.region,
        a.start,
        a.end,
        a.expected_cost_usd,
        a.usd_per_hour
    );
    html! {
        g {
            title { (text) }
            @if a.capacity_type == CapacityType::Spot {
                (spot(x, width, y, height))
            } @else {
                rect x=(format!("{x:.1}")) y=(y) width=(format!("{width:.1}")) height=(height) {}
            }
        }
    }
}

/// A pale bar with upright stripes: a dashed line as thick as the bar.
fn spot(x: f64, width: f64, y: usize, height: usize) -> Markup {
    let (x, right, middle) = (format!("{x:.1}"), format!("{:.1}", x + width), y as f64 + height as f64 / 2.0);
    html! {
        rect.faint x=(x) y=(y) width=(format!("{width:.1}")) height=(height) {}
        path.hatch d=(format!("M{x} {middle}H{right}")) stroke-width=(height) {}
    }
}
