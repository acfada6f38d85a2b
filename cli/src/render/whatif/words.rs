//! Changes and differences in words.

use tradewind_core::money::Usd;
use tradewind_sim::whatif::Difference;

use super::report::{ArmRow, AxisRow, Kind, Setting};
use crate::render::signed;

/// What a field is, from what its schema says: `On every spot price.` is a factor on `every spot price`, and a switch
/// turns on what it names.
pub fn about(description: &str, is_switch: bool) -> (Kind, String) {
    let text = description.trim_end_matches('.');
    match text.strip_prefix("On ") {
        Some(what) if what.starts_with("every ") => (Kind::Factor, what.to_owned()),
        _ if is_switch && !text.starts_with("Whether ") => (Kind::Switch, small(text)),
        // What comes after the first stop is detail.
        _ => (Kind::Value, small(text.split([';', ':', ',', '(']).next().unwrap_or_default().trim_end())),
    }
}

/// The change of an arm as a part of a sentence: `with every spot price doubled`.
pub fn phrase(axes: &[AxisRow], arm: &ArmRow) -> String {
    let one = |s: &Setting| axes.iter().find(|a| a.key == s.key).map_or_else(String::new, |axis| of(axis, &s.value));
    arm.settings.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn of(axis: &AxisRow, value: &str) -> String {
    let Some((_, name)) = axis.key.split_once('.') else { return format!("in the {} {value}", axis.key) };
    match (axis.kind, value) {
        (Kind::Factor, "0") => format!("with {} at zero", axis.about),
        (Kind::Factor, "0.5") => format!("with {} halved", axis.about),
        (Kind::Factor, "2") => format!("with {} doubled", axis.about),
        (Kind::Factor, factor) => format!("with {} x {factor}", axis.about),
        (Kind::Switch, "false") => format!("without {}", axis.about),
        (Kind::Switch, _) => format!("with {}", axis.about),
        (Kind::Value, value) => format!("with {name} at {value}"),
    }
}

/// `+1.20 (95 %: 1.10 to 1.30; +0.2 %)`, dollars.
pub fn change(d: &Difference) -> String {
    let share = d.share.map_or_else(String::new, |s| format!("; {}", signed_percent(s)));
    format!("{} (95 %: {}{share})", signed(d.usd), interval(d.interval_usd))
}

/// `1.10 to 1.30`, in cents.
pub fn interval(of: Option<[Usd; 2]>) -> String {
    of.map_or_else(|| "not known".to_owned(), |[low, high]| format!("{low:.2} to {high:.2}"))
}

/// A share as a percentage with its sign.
pub fn signed_percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    match text.as_str() {
        "0.0" | "-0.0" => "0.0 %".to_owned(),
        _ if share > 0.0 => format!("+{text} %"),
        _ => format!("{text} %"),
    }
}

/// With a small first letter, unless the first word is a name in capitals.
fn small(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_become_phrases() {
        let said = |key: &str, description: &str, is_switch: bool, value: &str| {
            let (kind, about) = about(description, is_switch);
            of(&AxisRow { key: key.to_owned(), about, kind, base: None }, value)
        };
        let rate = "On every interruption rate.";
        assert_eq!(said("scenario.hazard_factor", rate, false, "2"), "with every interruption rate doubled");
        assert_eq!(said("scenario.hazard_factor", rate, false, "1.3"), "with every interruption rate x 1.3");
        let least = "The least billed time of a node.";
        assert_eq!(said("scenario.billing.minimum", least, true, "false"), "without the least billed time of a node");
        let boot = "Whether nodes take time to boot.";
        assert_eq!(said("config.settings.boot", boot, true, "false"), "with settings.boot at false");
        assert_eq!(said("config.quotas", "A table.", false, "none"), "with quotas at none");
        assert_eq!(said("scenario", "The world: a name.", false, "spot-storm"), "in the scenario spot-storm");
    }

    #[test]
    fn signs_are_shown_unless_there_is_nothing() {
        assert_eq!([0.0123, -0.5, 0.0001, -0.0001].map(signed_percent), ["+1.2 %", "-50.0 %", "0.0 %", "0.0 %"]);
    }
}
