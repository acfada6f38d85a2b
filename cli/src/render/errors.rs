//! Errors: the one place that renders them.

use crate::failure::Failure;
use crate::output::Style;
use tradewind_core::time::Millis;
use tradewind_mcp::refusal::Refusal;

/// The failure for the person at the terminal, or as JSON for a program.
pub fn render(failure: &Failure, as_json: bool, style: Style) -> String {
    if as_json {
        #[derive(serde::Serialize)]
        struct Errors<'a> {
            errors: &'a [tradewind_datasets::queue::Problem],
            total: u64,
            exit: u8,
        }
        let Failure { exit, problems } = failure;
        return super::json(&Errors { errors: &problems.shown, total: problems.total, exit: *exit as u8 });
    }
    let mut text = String::new();
    for p in &failure.problems.shown {
        text.push_str(&format!("{}: {}\n", style.error(&format!("error[{}]", p.code)), p.title));
        text.push_str(&place(p));
        for (label, value) in [("got", &p.got), ("accepted", &p.accepted), ("help", &p.help)] {
            if !value.is_empty() {
                text.push_str(&format!("  {label}: {value}\n"));
            }
        }
    }
    let shown = failure.problems.shown.len() as u64;
    if failure.problems.total > shown {
        text.push_str(&format!("{} problems in all, the first {shown} shown\n", failure.problems.total));
    }
    text
}

/// What a tool refused, for the person at the terminal.
pub fn refusal(refusal: &Refusal, style: Style) -> String {
    let mut text = format!("{}: {}\n", style.error(&format!("error[{}]", refusal.code)), refusal.message);
    // One fault alone is the message.
    for fault in refusal.faults.iter().filter(|_| refusal.faults.len() > 1) {
        text.push_str(&format!("  at {}: {}\n", fault.pointer, fault.message));
    }
    if let Some(word) = &refusal.cloud_code {
        text.push_str(&format!("  cloud: {word}\n"));
    }
    let retry = match refusal.retry_after_ms {
        _ if !refusal.retryable => "no".to_owned(),
        Some(ms) => format!("in {}", Millis::new(ms.try_into().unwrap_or(i64::MAX))),
        None => "yes".to_owned(),
    };
    text.push_str(&format!("  retry: {retry}\n  help: {}\n", refusal.help));
    text
}

fn place(p: &tradewind_datasets::queue::Problem) -> String {
    if p.file.is_empty() {
        return String::new();
    }
    let number = |n: Option<u64>| n.map_or(String::new(), |n| format!(":{n}"));
    let at = p.pointer.as_ref().map_or(String::new(), |at| format!(" at {at}"));
    format!(" --> {}{}{}{at}\n", p.file, number(p.line), number(p.column.filter(|_| p.line.is_some())))
}
