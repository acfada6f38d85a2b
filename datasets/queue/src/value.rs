//! Single values: numbers with ranges, durations, instants, sizes, money, names.
//!
//! Each reader takes JSON or a CSV cell and either gives the value or says what is wrong with it.

use std::ops::RangeInclusive;

use tradewind_core::money::{MoneyError, Usd, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::size::{Bytes, SizeError};
use tradewind_core::time::{Millis, Time, TimeError};

use crate::fields::{At, Sink};
use crate::node::Node;

/// Longest name in bytes.
const MAX_NAME: usize = 128;
/// The most data or memory that one field may state: 1 PiB.
const MAX_BYTES: u64 = 1 << 50;

/// A string.
pub(crate) fn text<'n>(node: &'n Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<&'n str> {
    match node {
        Node::Text(t) | Node::Cell(t) if t.contains('\0') => {
            sink.push(sink.problem("TW1002", "a NUL character", at).got(t).accepted("text without NUL"));
            None
        }
        Node::Text(t) | Node::Cell(t) => Some(t),
        other => {
            sink.wrong_kind(at, other, "a string");
            None
        }
    }
}

/// A name that is safe in files, tags, tables and shells: `TW1021` if not.
pub(crate) fn name(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<String> {
    let name = match node {
        Node::Text(t) | Node::Cell(t) => t,
        other => {
            sink.wrong_kind(at, other, "a string");
            return None;
        }
    };
    match unsafe_name(name) {
        None => Some(name.clone()),
        Some(why) => {
            let problem = sink.problem("TW1021", format!("unusable name: {why}"), at).got(format!("{name:?}"));
            sink.push(problem.accepted("1 to 128 bytes without control characters, \"..\" or a leading = + - @"));
            None
        }
    }
}

fn unsafe_name(name: &str) -> Option<&'static str> {
    let first = name.chars().next();
    if name.trim().is_empty() {
        Some("it is empty")
    } else if name.len() > MAX_NAME {
        Some("it is longer than 128 bytes")
    } else if name.chars().any(char::is_control) {
        Some("it has a control character")
    } else if name.contains("..") {
        Some("it contains \"..\"")
    } else if first.is_some_and(|c| "=+-@".contains(c)) {
        Some("a spreadsheet would read it as a formula")
    } else if name.trim() != name {
        Some("it starts or ends with a space")
    } else {
        None
    }
}

/// A yes or no.
pub(crate) fn boolean(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<bool> {
    match node {
        Node::Bool(b) => Some(*b),
        Node::Cell(t) if t == "true" => Some(true),
        Node::Cell(t) if t == "false" => Some(false),
        other => {
            sink.wrong_kind(at, other, "true or false");
            None
        }
    }
}

/// A finite number.
fn number(node: &Node, at: &At<'_>, sink: &mut Sink<'_>, accepted: &str) -> Option<f64> {
    let value = match node {
        Node::Number(n) => Some(*n),
        Node::Cell(t) => t.trim().parse().ok(),
        _ => None,
    };
    if value.is_none() {
        sink.wrong_kind(at, node, accepted);
    }
    value
}

fn out_of_range(sink: &mut Sink<'_>, at: &At<'_>, node: &Node, accepted: &str) {
    sink.push(sink.problem("TW1011", "out of range", at).got(node.describe()).accepted(accepted));
}

/// A number for which `holds` is true; `accepted` says what that means.
pub(crate) fn number_where(
    node: &Node,
    at: &At<'_>,
    sink: &mut Sink<'_>,
    accepted: &str,
    holds: impl Fn(f64) -> bool,
) -> Option<f64> {
    let value = number(node, at, sink, accepted)?;
    if !value.is_finite() || !holds(value) {
        out_of_range(sink, at, node, accepted);
        return None;
    }
    Some(value)
}

/// A whole number in a range.
pub(crate) fn whole(node: &Node, at: &At<'_>, sink: &mut Sink<'_>, range: RangeInclusive<u32>) -> Option<u32> {
    let accepted = format!("a whole number, {} to {}", range.start(), range.end());
    let within = |v: f64| v.fract() == 0.0 && v >= f64::from(*range.start()) && v <= f64::from(*range.end());
    number_where(node, at, sink, &accepted, within).map(|v| v as u32)
}

/// vCPUs in thousandths.
pub(crate) fn vcpu_milli(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<u64> {
    let accepted = "0.001 to 100000, in steps of 0.001";
    let exact = |v: f64| {
        let milli = v * 1000.0;
        (1.0..=1e8).contains(&milli.round()) && (milli - milli.round()).abs() < 1e-6
    };
    number_where(node, at, sink, accepted, exact).map(|v| (v * 1000.0).round() as u64)
}

/// The text of a quantity; a bare number is told that its unit is missing.
fn quantity<'n>(node: &'n Node, at: &At<'_>, sink: &mut Sink<'_>, accepted: &str) -> Option<&'n str> {
    match node {
        Node::Text(t) | Node::Cell(t) => Some(t),
        Node::Number(n) if !n.is_finite() || *n < 0.0 => {
            out_of_range(sink, at, node, accepted);
            None
        }
        Node::Number(_) => {
            let problem = sink.problem("TW1012", "a number without a unit", at).got(node.describe());
            sink.push(problem.accepted(accepted).help("write the unit; it is never guessed"));
            None
        }
        other => {
            sink.wrong_kind(at, other, accepted);
            None
        }
    }
}

fn looks_like_a_bad_number(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    lower.starts_with('-') || lower.starts_with("nan") || lower.starts_with("inf")
}

/// A duration, zero allowed.
pub(crate) fn duration(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Millis> {
    let accepted = "a duration with its unit, e.g. \"90s\", \"1h30m\" or \"2d\"";
    let text = quantity(node, at, sink, accepted)?;
    match text.parse::<Millis>() {
        Ok(d) => Some(d),
        Err(TimeError::Range(_)) => {
            out_of_range(sink, at, node, "at most a hundred years");
            None
        }
        Err(_) if looks_like_a_bad_number(text) => {
            out_of_range(sink, at, node, accepted);
            None
        }
        Err(_) => {
            let problem = sink.problem("TW1012", "not a duration with a unit", at).got(node.describe());
            sink.push(problem.accepted(accepted).help("units are ms, s, m, h, d and w"));
            None
        }
    }
}

/// A duration above zero.
pub(crate) fn positive_duration(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Millis> {
    let value = duration(node, at, sink)?;
    if value <= Millis::ZERO {
        out_of_range(sink, at, node, "more than zero, at most a hundred years");
        return None;
    }
    Some(value)
}

/// An instant with its offset.
pub(crate) fn instant(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Time> {
    let accepted = "an ISO 8601 instant with its offset, e.g. \"2026-11-22T18:00:00Z\"";
    let text = match node {
        Node::Text(t) | Node::Cell(t) => t,
        other => {
            sink.wrong_kind(at, other, accepted);
            return None;
        }
    };
    let problem = match text.parse::<Time>() {
        Ok(time) => return Some(time),
        Err(TimeError::NoOffset(_)) => sink
            .problem("TW1006", "an instant without an offset", at)
            .help("append Z for UTC, or the offset such as +01:00; it is never guessed"),
        Err(TimeError::Instant(_, why)) => {
            sink.problem("TW1007", "not an existing instant", at).help(crate::problem::printable(&why))
        }
        Err(other) => sink.problem("TW1007", other.to_string(), at),
    };
    sink.push(problem.got(node.describe()).accepted(accepted));
    None
}

/// An amount of data, zero allowed.
pub(crate) fn size(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Bytes> {
    let accepted = "a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)";
    let text = quantity(node, at, sink, accepted)?;
    match text.parse::<Bytes>() {
        Ok(bytes) if bytes.get() <= MAX_BYTES => Some(bytes),
        Ok(_) | Err(SizeError::Range(_)) => {
            out_of_range(sink, at, node, "at most 1024TiB");
            None
        }
        Err(_) if looks_like_a_bad_number(text) => {
            out_of_range(sink, at, node, "0 to 1024TiB");
            None
        }
        Err(_) => {
            let problem = sink.problem("TW1012", "not a size with a unit", at).got(node.describe());
            sink.push(problem.accepted(accepted).help(size_help(text)));
            None
        }
    }
}

/// `16G` and `16Gi` are one letter away from two meanings: name both.
fn size_help(text: &str) -> String {
    let trimmed = text.trim();
    match trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').map(|i| trimmed.split_at(i)) {
        Some((number, unit)) if !number.is_empty() => {
            match unit.trim().chars().next().map(|c| c.to_ascii_uppercase()) {
                Some(c @ ('K' | 'M' | 'G' | 'T')) => {
                    format!("write \"{number}{c}iB\" (powers of 1024) or \"{number}{c}B\" (powers of 1000)")
                }
                _ => String::new(),
            }
        }
        None if !trimmed.is_empty() => format!("write \"{trimmed}GiB\" or the unit you mean; it is never guessed"),
        _ => String::new(),
    }
}

/// A size above zero, in MiB, rounded up.
pub(crate) fn memory_mib(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<u64> {
    let bytes = size(node, at, sink)?;
    if bytes == Bytes::ZERO {
        out_of_range(sink, at, node, "more than zero, at most 1024TiB");
        return None;
    }
    Some(bytes.mib_up())
}

/// A positive amount of dollars.
pub(crate) fn usd(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<Usd> {
    let accepted = "dollars as a decimal string, e.g. \"20.00\"";
    let text = match node {
        Node::Text(t) | Node::Cell(t) => t.trim(),
        Node::Number(n) => {
            let problem = sink.problem("TW1030", "money as a JSON number", at).got(node.describe());
            let help = format!("write it as a string, \"{n}\": money is kept exactly, not as a float");
            sink.push(problem.accepted(accepted).help(help));
            return None;
        }
        other => {
            sink.wrong_kind(at, other, accepted);
            return None;
        }
    };
    match text.parse::<Usd>() {
        Ok(usd) if usd > Usd::ZERO => Some(usd),
        Ok(_) => {
            out_of_range(sink, at, node, "more than zero");
            None
        }
        Err(MoneyError::Syntax(_)) if names_a_currency(text) => {
            let problem = sink.problem("TW1023", "a currency in an amount of dollars", at).got(node.describe());
            sink.push(problem.accepted(accepted).help("convert it first; nothing is converted silently"));
            None
        }
        Err(MoneyError::Syntax(_)) if !looks_like_a_bad_number(text) && text.parse::<f64>().is_err() => {
            sink.push(sink.problem("TW1030", "not an amount", at).got(node.describe()).accepted(accepted));
            None
        }
        Err(why) => {
            let problem = sink.problem("TW1011", "out of range", at).got(node.describe());
            sink.push(problem.accepted("more than zero, at most 9.2 billion, nine decimals").help(why.to_string()));
            None
        }
    }
}

fn names_a_currency(text: &str) -> bool {
    let has_amount = text.chars().any(|c| c.is_ascii_digit());
    let has_sign = text.chars().any(|c| "$€£¥".contains(c));
    let letters = text.chars().filter(|c| c.is_ascii_alphabetic()).count();
    has_amount && (has_sign || letters == 3)
}

/// A positive price in dollars per hour.
pub(crate) fn usd_per_hour(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<UsdPerHour> {
    usd(node, at, sink).map(|usd| UsdPerHour::from_nanos(usd.nanos()))
}

/// A region, `cloud/region`.
pub(crate) fn region(node: &Node, at: &At<'_>, sink: &mut Sink<'_>) -> Option<RegionName> {
    let text = text(node, at, sink)?;
    match text.parse() {
        Ok(name) => Some(name),
        Err(_) => {
            let is_uri = text.contains("://");
            let (code, title) =
                if is_uri { ("TW1022", "an address in place of a region") } else { ("TW1018", "not a region") };
            let help = match text {
                _ if is_uri => "say in which region the data lies; the address itself is not needed".to_owned(),
                _ if text.contains('/') => String::new(),
                _ => format!("put its cloud before it: \"CLOUD/{}\"", crate::problem::printable(text)),
            };
            let problem = sink.problem(code, title, at).got(node.describe());
            sink.push(problem.accepted("cloud/region, e.g. \"aws/us-east-1\"").help(help));
            None
        }
    }
}

/// A list; in CSV one cell with `;` between the items.
pub(crate) fn list<T>(
    node: &Node,
    at: &At<'_>,
    sink: &mut Sink<'_>,
    read: impl Fn(&Node, &At<'_>, &mut Sink<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let cells;
    let items = match node {
        Node::List(items) => items,
        Node::Cell(text) => {
            cells = text.split(';').map(|t| Node::Cell(t.trim().to_owned())).collect::<Vec<_>>();
            &cells
        }
        other => {
            sink.wrong_kind(at, other, "a list");
            return None;
        }
    };
    items.iter().enumerate().map(|(i, item)| read(item, &at.index(i), sink)).collect()
}

/// A list as a set: sorted, duplicates removed.
pub(crate) fn set<T: Ord>(
    node: &Node,
    at: &At<'_>,
    sink: &mut Sink<'_>,
    read: impl Fn(&Node, &At<'_>, &mut Sink<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let mut items = list(node, at, sink, read)?;
    items.sort();
    items.dedup();
    Some(items)
}
