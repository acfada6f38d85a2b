//! What the rules cost, and which quotas to ask for.

use tradewind_datasets::console_name;
use tradewind_optimizer::explain::{PricedRule, RulePrice, RulePrices};

use crate::render::grid::{Grid, Side};
use crate::render::report::Page;
use crate::render::thousands;

/// The whole page.
pub fn page(prices: &RulePrices, note: &str) -> Page {
    let mut page = Page::default();
    let of = if prices.known > prices.examined { format!(" of {}", thousands(prices.known)) } else { String::new() };
    let looked_at = thousands(prices.examined);
    page.title(format!("What the rules cost: {looked_at}{of} looked at, {} felt", prices.rules.len()));
    if !of.is_empty() {
        page.line("Looked at are the rules over the most expensive jobs.");
    }
    page.line(format!(
        "The cheapest way imaginable to run this queue under all rules costs USD {:.2} and leaves {:.1} tasks out; \
         each rule below was taken away alone and the program solved again.",
        prices.relaxation_usd, prices.unplaced_tasks
    ));
    page.line(note.to_owned());
    page.table("Rules, dearest first", rules(prices));
    page.table("Quotas to ask for, most useful first, and what would be used at the peak", shopping_list(prices));
    if prices.rules.is_empty() {
        page.line("No rule costs anything: none binds.");
    }
    page
}

fn rules(prices: &RulePrices) -> Grid {
    let mut grid = Grid::new([
        ("rule", Side::Left),
        ("jobs", Side::Right),
        ("taken away", Side::Left),
        ("tasks placed", Side::Right),
        ("USD saved", Side::Right),
    ]);
    for price in &prices.rules {
        grid.row([
            price.rule.name(),
            if price.jobs == 0 { "-".to_owned() } else { thousands(price.jobs) },
            price.relaxed.clone(),
            tasks(price),
            format!("{:.2}", price.saves_usd),
        ]);
    }
    grid
}

fn tasks(price: &RulePrice) -> String {
    if price.places_tasks < 0.05 { "-".to_owned() } else { format!("+{:.1}", price.places_tasks) }
}

/// The quota rows by their names in the clouds' consoles, with what would be used without them: the most
/// to ask for. The least that places a task is told by `--job`.
fn shopping_list(prices: &RulePrices) -> Grid {
    let mut grid = Grid::new([
        ("cloud and place", Side::Left),
        ("quota", Side::Left),
        ("now", Side::Right),
        ("would use", Side::Right),
        ("tasks placed", Side::Right),
        ("USD saved", Side::Right),
    ]);
    for price in &prices.rules {
        let (PricedRule::Quota { row, available, .. }, Some(used)) = (&price.rule, price.would_use) else { continue };
        let place: Vec<&str> = row.split('/').take(2).collect();
        grid.row([
            place.join("/"),
            console_name(row),
            available.to_string(),
            used.to_string(),
            tasks(price),
            format!("{:.2}", price.saves_usd),
        ]);
    }
    grid
}
