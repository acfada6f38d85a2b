//! `[[discount]]` and `[[commitment]]`.

use std::ops::Range;

use toml::de::DeTable;
use tradewind_core::contract::Contract;
use tradewind_core::select::Selector;
use tradewind_core::terms::{Commitment, Discount};

use super::source::{Source, Value};

/// Most discounts or commitments: offers refer to them by a small number.
const MOST: usize = 1000;

/// Both lists.
pub(super) fn read(source: &mut Source<'_>, root: &DeTable<'_>) -> Contract {
    let discounts = source.each(root, "discount", discount);
    let commitments = source.each(root, "commitment", commitment);
    for (table, count) in [("discount", discounts.len()), ("commitment", commitments.len())] {
        if let (true, Some(value)) = (count > MOST, root.get(table)) {
            source.refuse(&value.span(), table, "too many", &count.to_string(), &format!("at most {MOST}"));
        }
    }
    Contract { discounts, commitments }
}

/// Notes where a name was given; it may be given once.
fn note_once(source: &mut Source<'_>, key: &str, at: &str, place: &Range<usize>) {
    if let Some(line) = source.lines.get(key) {
        let accepted = format!("another name: line {line} has this one");
        source.refuse(place, &format!("{at}.name"), "a name is used twice", key, &accepted);
    }
    source.note(key, place);
}

fn discount(
    source: &mut Source<'_>,
    table: &DeTable<'_>,
    at: &str,
    place: &Range<usize>,
) -> Option<(Discount, Selector)> {
    let name = source.required(table, at, place, "name", Source::name);
    let percent = source.required(table, at, place, "percent", Source::percent);
    let on = selector(source, table, at);
    let discount = Discount { name: name?, percent: percent? };
    note_once(source, &format!("discount.{}", discount.name), at, place);
    Some((discount, on))
}

fn commitment(
    source: &mut Source<'_>,
    table: &DeTable<'_>,
    at: &str,
    place: &Range<usize>,
) -> Option<(Commitment, Selector)> {
    let name = source.required(table, at, place, "name", Source::name);
    let usd_per_hour = source.required(table, at, place, "usd_per_hour", Source::committed);
    let percent = source.required(table, at, place, "percent", Source::percent);
    let starts = source.field(table, at, "starts", Source::instant);
    let ends = source.field(table, at, "ends", |source: &mut Source<'_>, value: &Value<'_>, at| {
        let ends = source.instant(value, at)?;
        if let Some(starts) = starts.filter(|s| *s >= ends) {
            source.refuse(&value.span(), at, "it ends before it starts", &ends.to_string(), &format!("after {starts}"));
        }
        Some(ends)
    });
    let on = selector(source, table, at);
    let commitment = Commitment { name: name?, usd_per_hour: usd_per_hour?, percent: percent?, starts, ends, quota: 0 };
    note_once(source, &format!("commitment.{}", commitment.name), at, place);
    Some((commitment, on))
}

/// What a table selects. Which of the keys it may have, the list of keys says.
pub(super) fn selector(source: &mut Source<'_>, table: &DeTable<'_>, at: &str) -> Selector {
    let capacity_allowed = !at.starts_with("commitment");
    let mut patterns = |name: &str| source.field(table, at, name, Source::patterns).unwrap_or_default();
    let (clouds, residency) = (patterns("clouds"), patterns("residency"));
    let (families, instance_types) = (patterns("families"), patterns("instance_types"));
    let regions = source.field(table, at, "regions", Source::region_patterns).unwrap_or_default();
    let capacity = if capacity_allowed { source.field(table, at, "capacity", Source::capacity) } else { None };
    Selector { clouds, regions, residency, families, instance_types, capacity }
}
