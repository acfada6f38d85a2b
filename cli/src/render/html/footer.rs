//! What the plan was made from, so that anyone can make it again.

use maud::{Markup, html};
use tradewind_core::plan::Plan;

/// Hashes, dates, seed, version.
pub fn of(plan: &Plan) -> Markup {
    let (i, h) = (&plan.inputs, &plan.rules.horizon);
    let rows = [
        ("made by", plan.made_by.clone()),
        ("plan", plan.content_hash.clone()),
        ("schema", plan.schema.clone()),
        ("snapshot", format!("{}, prices of {}", i.snapshot, i.market_as_of)),
        ("as of", i.as_of.to_string()),
        ("horizon", format!("{} to {}, windows of {}", h.start, h.end, h.window)),
        ("seed", plan.seed.0.to_string()),
        (
            "reproducible",
            if plan.reproducible { "yes" } else { "no: a limit of time or a signal cut the search" }.to_owned(),
        ),
        ("market", i.market_hash.clone()),
        ("market rows", i.market_rows_hash.clone()),
        ("queue", i.workload_hash.clone()),
        ("rules", i.rules_hash.clone()),
    ];
    html! {
        footer {
            p { "Prices are list prices of the snapshot's date. " code { "tradewind check PLAN" } " proves this plan again from its file alone." }
            dl { @for (name, value) in rows { dt { (name) } dd { (value) } } }
        }
    }
}
