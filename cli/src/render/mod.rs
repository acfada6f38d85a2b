//! What people and programs see. Nothing here decides anything.

pub mod bench_spot;
pub mod bugs;
pub mod calibration;
pub mod check;
pub mod diff;
pub mod errors;
pub mod explain;
mod exposition;
pub mod gc;
pub mod grid;
pub mod html;
pub mod matrix;
pub mod mcp;
pub mod offers;
pub mod plan;
pub mod plan_tables;
pub mod prices;
pub mod queue;
pub mod quote;
pub mod reevaluate;
pub mod report;
pub mod run;
pub mod run_metrics;
pub mod showback;
pub mod simulate;
pub mod spot;
pub mod synth;
pub mod torture;
pub mod trace;
pub mod validation;
pub mod watch;
pub mod whatif;

use serde::Serialize;
use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;

use crate::args::Format;
use crate::output::Style;
use report::Page;

/// The page as people read it: HTML or Markdown where asked for, else text.
pub fn people(page: &Page, format: Format, style: Style) -> String {
    match format {
        Format::Html => html::report::document(page),
        Format::Md => page.to_markdown(),
        Format::Table | Format::Json | Format::Csv => page.to_text(style),
    }
}

/// `on demand`, `committed` or `spot`.
pub fn bought_as(capacity_type: CapacityType, committed: bool) -> &'static str {
    match capacity_type {
        CapacityType::OnDemand if committed => "committed",
        CapacityType::OnDemand => "on demand",
        CapacityType::Spot => "spot",
    }
}

/// Indented JSON with a final newline.
pub fn json<T: Serialize>(value: &T) -> String {
    // Our report types have string keys and finite numbers.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// `1 job`, `2 jobs`.
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(n)) }
}

/// `46574` as `46,574`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value != 0.0 && value.abs() < 0.1 { format!("{value:.3} %") } else { format!("{value:.1} %") }
}

/// An amount in cents, with a sign unless it rounds to nothing.
pub fn signed(usd: Usd) -> String {
    let text = format!("{usd:.2}");
    match text.as_str() {
        "0.00" => "0.00".to_owned(),
        _ if usd > Usd::ZERO => format!("+{text}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let groups = [0, 999, 1000, 46_574, 1_000_000].map(thousands);
        assert_eq!(groups, ["0", "999", "1,000", "46,574", "1,000,000"]);
        assert_eq!((count(1, "job"), count(2, "job")), ("1 job".to_owned(), "2 jobs".to_owned()));
    }
}
