//! What a check found.

use tradewind_core::check::Report;

use super::grid::{Grid, Side};
use super::report::Page;
use super::{count, thousands};

/// Violations shown to people before the list is cut; programs get all.
const MAX_ROWS: usize = 50;

/// The whole page.
pub fn page(report: &Report, name: &str) -> Page {
    let mut page = Page::default();
    let examined: u64 = report.examined.values().sum();
    let found = report.violations.len();
    let verdict = if found == 0 { "holds".to_owned() } else { count(found as u64, "violation") };
    page.title(format!("{name}: {verdict}; {} examined", count(examined, "condition")));
    page.table("Examined", by_rule(report));
    let heading =
        if found > MAX_ROWS { format!("Violations (first {MAX_ROWS} of {found})") } else { "Violations".to_owned() };
    page.table(heading, violations(MAX_ROWS, report));
    page
}

fn by_rule(report: &Report) -> Grid {
    let mut grid = Grid::new([("rule", Side::Left), ("conditions", Side::Right), ("violations", Side::Right)]);
    let mut rules: Vec<&str> = report.examined.keys().map(String::as_str).collect();
    rules.extend(report.violations.iter().map(|v| v.rule.as_str()));
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let violations = report.violations.iter().filter(|v| v.rule == rule).count() as u64;
        let examined = report.examined.get(rule).copied().unwrap_or(0);
        grid.row([rule.to_owned(), thousands(examined), thousands(violations)]);
    }
    grid
}

fn violations(limit: usize, report: &Report) -> Grid {
    let mut grid = Grid::new(["code", "rule", "at", "got", "expected"].map(|name| (name, Side::Left)));
    for v in report.violations.iter().take(limit) {
        grid.row([v.code.to_owned(), v.rule.clone(), v.at.clone(), v.got.clone(), v.expected.clone()]);
    }
    grid
}

/// All violations, for a spreadsheet.
pub fn csv(report: &Report) -> String {
    violations(usize::MAX, report).to_csv()
}
