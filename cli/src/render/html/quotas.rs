//! How full the quotas get, and what one more unit would save.

use maud::{Markup, html};
use tradewind_core::market::QuotaUnit;
use tradewind_core::plan::Plan;
use tradewind_core::quota_use::{QuotaPeak, peaks};

use super::{meter, section};
use crate::render::plan_tables::scarce_kind;
use crate::render::{percent, thousands};

/// Rows before the list is cut.
const MAX_ROWS: usize = 40;
/// From this share on a quota is shown as nearly used up.
const TIGHT: f64 = 0.9;

/// The section: quotas with the fullest first, then whatever else has a shadow price.
pub fn of(plan: &Plan) -> Markup {
    let mut rows = peaks(plan);
    rows.sort_by(|a, b| fill(b).total_cmp(&fill(a)).then_with(|| a.name.cmp(&b.name)));
    let others: Vec<_> = plan.shadow_prices.iter().filter(|p| !rows.iter().any(|q| q.name == p.name)).collect();
    if rows.is_empty() && others.is_empty() {
        return html! {};
    }
    let worth = |name: &str| {
        plan.shadow_prices.iter().find(|p| p.name == name).map_or(String::new(), |p| format!("{:.4}", p.usd_per_unit))
    };
    let more = rows.len().saturating_sub(MAX_ROWS);
    let body = html! {
        div.scroll {
            table {
                thead {
                    tr {
                        th scope="col" { "limit" }
                        th.right scope="col" { "most used" }
                        th.right scope="col" { "of" }
                        th scope="col" { "" }
                        th.right scope="col" { "one more saves USD" }
                    }
                }
                tbody {
                    @for q in rows.iter().take(MAX_ROWS) {
                        tr {
                            td { (q.name) }
                            td.right { (thousands(q.peak_milli.div_ceil(1000))) }
                            td.right { (thousands(q.available)) " " (unit(q.unit)) }
                            td title=(format!("{}, first at {}", percent(fill(q)), q.at)) {
                                (meter::of(fill(q), if fill(q) >= TIGHT { "bad" } else { "accent" }))
                            }
                            td.right { (worth(&q.name)) }
                        }
                    }
                    @for p in others {
                        tr { td { (scarce_kind(&p.kind)) " " (p.name) } td {} td {} td {} td.right { (format!("{:.4}", p.usd_per_unit)) } }
                    }
                }
            }
        }
        @if more > 0 { p.note { (thousands(more as u64)) " more limits are used less." } }
    };
    let note =
        "At the fullest instant, reserved ends included. What one more unit saves is an estimate of the linear model.";
    section("Limits", note, &body)
}

fn fill(q: &QuotaPeak) -> f64 {
    if q.available == 0 { 1.0 } else { q.peak_milli as f64 / 1000.0 / q.available as f64 }
}

fn unit(unit: QuotaUnit) -> &'static str {
    match unit {
        QuotaUnit::Vcpu => "vCPU",
        QuotaUnit::Gpu => "GPU",
        QuotaUnit::Instance => "nodes",
        QuotaUnit::MilliUsd => "USD/1000 an hour",
    }
}
