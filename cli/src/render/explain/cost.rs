//! Where every dollar comes from.

use std::collections::BTreeMap;

use tradewind_core::check::{Cause, Line, Table};
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_datasets::{LoadedMarket, TableSource};

use crate::inputs::day;
use crate::render::grid::{Grid, Side};
use crate::render::report::Page;
use crate::render::{count, thousands};

/// Lines shown of each cause; a spreadsheet gets all.
const MAX_LINES: usize = 8;

/// The whole page, of all lines or of one job's.
pub fn page(plan: &Plan, lines: &[Line], job: Option<&str>, loaded: Option<&LoadedMarket>) -> Page {
    let mut page = Page::default();
    let total: Usd = lines.iter().map(|l| l.usd).sum();
    let whose = job.map_or_else(|| "The plan".to_owned(), |id| format!("Job {id}"));
    page.title(format!("{whose}: USD {total} in {}", count(lines.len() as u64, "line")));
    let dated = day(plan.inputs.market_as_of);
    match job {
        None if total == plan.summary.cost_usd => {
            page.line("The lines sum to the plan's cost to the nano-dollar.");
        }
        None => page.line(format!("The plan says USD {}: run `tradewind check`.", plan.summary.cost_usd)),
        Some(_) => page.line("Its own lines, and those of the nodes it runs on with all that runs there."),
    }
    page.line(format!("Rates are rows of snapshot {} of {dated}.", plan.inputs.snapshot));
    for (cause, of_cause) in by_cause(lines) {
        let sum: Usd = of_cause.iter().map(|l| l.usd).sum();
        page.table(heading(cause, of_cause.len(), sum), table(&of_cause, MAX_LINES));
    }
    page.points("Tables", &sources(plan, lines, loaded));
    page
}

fn heading(cause: Cause, lines: usize, sum: Usd) -> String {
    let cut = if lines > MAX_LINES {
        format!(", {MAX_LINES} dearest of {} lines", thousands(lines as u64))
    } else {
        String::new()
    };
    format!("{cause}: USD {sum}{cut}")
}

fn by_cause(lines: &[Line]) -> Vec<(Cause, Vec<&Line>)> {
    let mut causes: BTreeMap<Cause, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        causes.entry(line.cause).or_default().push(line);
    }
    causes.values_mut().for_each(|l| l.sort_by(|a, b| b.usd.cmp(&a.usd).then(a.of.cmp(&b.of))));
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, l)| std::cmp::Reverse(l.iter().map(|l| l.usd).sum::<Usd>()));
    causes
}

fn table(lines: &[&Line], most: usize) -> Grid {
    let mut grid = Grid::new([
        ("USD", Side::Right),
        ("for", Side::Left),
        ("how much", Side::Left),
        ("rate", Side::Left),
        ("rule", Side::Left),
    ]);
    for l in lines.iter().take(most) {
        let of = l.job.as_ref().map_or_else(|| l.of.clone(), |job| format!("{job} on {}", l.of));
        let rate = if l.table == Table::Transfers { format!("{} ({})", l.rate, l.row) } else { l.rate.clone() };
        grid.row([format!("{:.4}", l.usd), of, l.quantity.clone(), rate, l.rule.clone()]);
    }
    grid
}

/// All lines, for a spreadsheet.
pub fn csv(lines: &[Line]) -> String {
    let mut grid = Grid::new([
        ("cause", Side::Left),
        ("usd", Side::Right),
        ("of", Side::Left),
        ("job", Side::Left),
        ("quantity", Side::Left),
        ("rate", Side::Left),
        ("table", Side::Left),
        ("row", Side::Left),
        ("rule", Side::Left),
    ]);
    for l in lines {
        let table = match l.table {
            Table::Offers => "offers",
            Table::Facts => "facts",
            Table::Transfers => "transfers",
            Table::Config => "config",
        };
        grid.row([
            l.cause.to_string(),
            l.usd.to_string(),
            l.of.clone(),
            l.job.clone().unwrap_or_default(),
            l.quantity.clone(),
            l.rate.clone(),
            table.to_owned(),
            l.row.clone(),
            l.rule.clone(),
        ]);
    }
    grid.to_csv()
}

/// Where the tables come from, with their dates.
fn sources(plan: &Plan, lines: &[Line], loaded: Option<&LoadedMarket>) -> Vec<String> {
    let Some(loaded) = loaded else {
        return vec![format!(
            "rows as they stand in the plan file ({} offers); give --market, --quotas and --config as when planning \
             to see their tables",
            thousands(plan.market.offers.len() as u64)
        )];
    };
    let used = |name: &str| lines.iter().any(|l| name == table_name(l.table));
    let dated = |s: &TableSource| s.as_of.map_or_else(|| "undated".to_owned(), day);
    let told = loaded.sources.iter().filter(|s| used(&s.table));
    told.map(|s| format!("{}: {} ({})", s.table, s.origin, dated(s))).collect()
}

fn table_name(table: Table) -> &'static str {
    match table {
        Table::Offers => "offers",
        Table::Facts => "facts",
        Table::Transfers => "egress",
        Table::Config => "config",
    }
}
