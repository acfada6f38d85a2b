//! The median replication: nodes over time, with those that the cloud took back.

use maud::{Markup, html};
use tradewind_core::market::CapacityType;
use tradewind_core::time::Millis;
use tradewind_sim::whatif::{Life, Row};

use super::plot::pc;
use crate::render::html::axis::{Axis, WIDTH};
use crate::render::html::{palette, section, table};
use crate::render::whatif::{Median, Report, lives};
use crate::render::{bought_as, count};

/// Lanes of a row at most.
const MAX_LANES: usize = 12;
/// Height of a row with one lane, and the least of a lane, in pixels.
const ROW: usize = 13;
const LANE: usize = 5;

/// The section; nothing where nothing is launched.
pub fn of(report: &Report) -> Markup {
    let median = &report.median;
    if median.rows.is_empty() {
        return html! {};
    }
    let axis = axis(median);
    let clouds = clouds(median);
    let body = html! {
        p.legend {
            @for (n, cloud) in clouds.iter().enumerate() { span { span class={ "swatch " (palette::nth_cloud(n)) } {} (cloud) } }
            span { svg.soft aria-hidden="true" { rect x="0" y="1" width="26" height="9" rx="1" {} } "on demand" }
            span { svg.soft aria-hidden="true" { rect.spot x="0.5" y="1" width="25" height="9" rx="1" {} } "spot" }
            span { svg aria-hidden="true" { circle.loss cx="13" cy="6" r="4.5" {} } "taken back by the cloud" }
        }
        (axis.labels())
        div.gantt {
            @for (n, row) in median.rows.iter().enumerate() {
                @if n == 0 || median.rows[n - 1].region != row.region {
                    div.region { span class={ "swatch " (colour(&clouds, row)) } {} (region(row)) }
                }
                (track(median, &axis, &clouds, row))
            }
        }
        @if median.rows_left_out > 0 {
            p.note { (count(median.rows_left_out, "more row")) " with less node time." }
        }
        details { summary { "As a table" } (table::of(&lives(median))) }
    };
    let note = format!(
        "Replication {} of the base, whose cost, USD {:.2}, is the median. From launch to release; point at a bar for what it is.",
        median.replication, median.cost_usd
    );
    section("The median run: nodes over time", &note, &body)
}

fn axis(median: &Median) -> Axis {
    let lives = || median.rows.iter().flat_map(|r| &r.lives);
    let at = |ms: i64| median.start + Millis::new(ms);
    let first = lives().map(|l| l.from_ms).min().unwrap_or(0);
    let last = lives().map(|l| l.until_ms).max().unwrap_or(0);
    Axis::between(at(first), at(last))
}

/// The clouds in the order of the rows.
fn clouds(median: &Median) -> Vec<&str> {
    let mut clouds: Vec<&str> = median.rows.iter().filter_map(|r| Some(r.region.as_ref()?.cloud())).collect();
    clouds.dedup();
    clouds
}

fn colour(clouds: &[&str], row: &Row) -> String {
    let cloud = row.region.as_ref().map(|r| r.cloud());
    palette::nth_cloud(clouds.iter().position(|c| Some(*c) == cloud).unwrap_or(clouds.len()))
}

fn region(row: &Row) -> String {
    row.region.as_ref().map_or_else(|| "behind spot, on demand".to_owned(), ToString::to_string)
}

fn track(median: &Median, axis: &Axis, clouds: &[&str], row: &Row) -> Markup {
    let lanes = pack(&row.lives);
    let shown = lanes.len().clamp(1, MAX_LANES);
    let lane = (ROW / shown).max(LANE);
    let height = lane * shown;
    let lost = if row.lost == 0 { String::new() } else { format!(", {} taken back", row.lost) };
    let name =
        format!("{} {}, launched {} times{lost}", row.instance_type, bought_as(row.capacity_type, false), row.launches);
    html! {
        div.row {
            div.what title=(name) {
                (row.instance_type) i { " × " (row.launches) ", " (bought_as(row.capacity_type, false)) (lost) }
            }
            svg class=(colour(clouds, row)) height=(height + 4) role="img" aria-label=(name) {
                @for tick in axis.ticks() {
                    @let x = pc(axis.x(tick) / WIDTH * 100.0);
                    line.tick x1=(x) x2=(x) y1="0" y2=(height + 4) {}
                }
                @for (n, lives) in lanes.iter().take(MAX_LANES).enumerate() {
                    @for life in lives { (bar(median, axis, row, life, 2 + n * lane, lane - 1)) }
                }
            }
        }
    }
}

fn bar(median: &Median, axis: &Axis, row: &Row, life: &Life, y: usize, height: usize) -> Markup {
    let (from, until) = (median.start + Millis::new(life.from_ms), median.start + Millis::new(life.until_ms));
    let (x, end) = (axis.x(from) / WIDTH * 100.0, axis.x(until) / WIDTH * 100.0);
    let fate = if life.lost { "taken back by the cloud" } else { "released" };
    let text = format!("{} {}\n{from} to {until}, {fate}", row.instance_type, bought_as(row.capacity_type, false));
    html! {
        g data-chart="gantt" data-from-ms=(life.from_ms) data-until-ms=(life.until_ms) data-lost=(life.lost) {
            title { (text) }
            rect class=[(row.capacity_type == CapacityType::Spot).then_some("spot")] x=(pc(x)) y=(y) width=(pc((end - x).max(0.15))) height=(height) rx="1" {}
            @if life.lost { circle.loss cx=(pc(end)) cy=(y + height / 2) r="4" {} }
        }
    }
}

/// Each in the first lane that is free at its launch.
fn pack(lives: &[Life]) -> Vec<Vec<&Life>> {
    let mut lanes: Vec<Vec<&Life>> = Vec::new();
    for life in lives {
        let free = |lane: &&mut Vec<&Life>| lane.last().is_some_and(|last| last.until_ms <= life.from_ms);
        match lanes.iter_mut().find(free) {
            Some(lane) => lane.push(life),
            None => lanes.push(vec![life]),
        }
    }
    lanes
}
