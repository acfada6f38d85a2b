//! What the plan comes to, at a glance.

use std::collections::BTreeSet;

use maud::{Markup, html};
use tradewind_core::plan::Plan;

use crate::inputs::day;
use crate::render::plan::{age, capacity, ended, kept, title};
use crate::render::{count, percent, thousands};

/// Title, what is proven, and a card for each figure.
pub fn of(plan: &Plan) -> Markup {
    let (s, i) = (&plan.summary, &plan.inputs);
    let nodes: u64 = plan.allocations.iter().map(|a| u64::from(a.count)).sum();
    let regions: BTreeSet<_> = plan.allocations.iter().map(|a| &a.region).collect();
    let clouds: BTreeSet<_> = regions.iter().map(|r| r.cloud()).collect();
    let gap =
        s.gap.map_or_else(|| "no relative gap".to_owned(), |g| format!("the cost is at most {} above it", percent(g)));
    let places = format!("{} of {}", count(regions.len() as u64, "region"), count(clouds.len() as u64, "cloud"));
    let most = format!("no plan places more than {} (proven)", thousands(s.placed_upper_bound));
    html! {
        header {
            h1 { (title(plan)) }
            p.lead { (capacity(plan)) " " (ended(plan)) }
            @if let Some(kept) = kept(plan) { p { (kept) } }
            div.cards {
                @if s.placed > 0 {
                    (card("Expected cost", &format!("USD {:.2}", s.cost_usd), "interruptions, boot, data included"))
                    (card("Proven lower bound", &format!("USD {:.2}", s.lower_bound_usd), &gap))
                }
                (card("Tasks placed", &format!("{} of {}", thousands(s.placed), thousands(s.tasks)), &most))
                (card("Nodes", &thousands(nodes), &places))
                (card("Prices of", &day(i.market_as_of), &age(plan)))
            }
        }
    }
}

/// A figure with its name and what there is to say about it.
pub fn card(name: &str, figure: &str, more: &str) -> Markup {
    html! { div.card { div.name { (name) } b { (figure) } div.more { (more) } } }
}
