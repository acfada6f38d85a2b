//! The kinds of values of a configuration.

use std::fmt::Display;
use std::str::FromStr;

use toml::de::DeValue;
use tradewind_core::market::CapacityType;
use tradewind_core::money::{Usd, UsdPerGb, UsdPerHour};
use tradewind_core::percent::Percent;
use tradewind_core::share::Share;
use tradewind_core::time::{Millis, Time};
use tradewind_datasets::QuotaScale;

use super::source::{Source, Value, kind};

/// Longest name of a discount, commitment or rule.
const LONGEST_NAME: usize = 64;

impl Source<'_> {
    fn wrong_kind(&mut self, value: &Value<'_>, at: &str, accepted: &str) {
        self.refuse(&value.span(), at, "wrong kind of value", kind(value.get_ref()), accepted);
    }

    pub(super) fn boolean(&mut self, value: &Value<'_>, at: &str) -> Option<bool> {
        if let DeValue::Boolean(b) = value.get_ref() {
            return Some(*b);
        }
        self.wrong_kind(value, at, "true or false");
        None
    }

    fn number(&mut self, value: &Value<'_>, at: &str, accepted: &str, holds: impl Fn(f64) -> bool) -> Option<f64> {
        let text = match value.get_ref() {
            DeValue::Integer(i) => i.to_string(),
            DeValue::Float(f) => f.to_string(),
            _ => {
                self.wrong_kind(value, at, accepted);
                return None;
            }
        };
        match text.replace('_', "").parse::<f64>() {
            Ok(n) if n.is_finite() && holds(n) => Some(n),
            _ => {
                self.refuse(&value.span(), at, "out of range", &text, accepted);
                None
            }
        }
    }

    pub(super) fn probability(&mut self, value: &Value<'_>, at: &str) -> Option<f64> {
        self.number(value, at, "more than 0, at most 0.5", |p| p > 0.0 && p <= 0.5)
    }

    pub(super) fn speed(&mut self, value: &Value<'_>, at: &str) -> Option<f64> {
        self.number(value, at, "a speed relative to 1, 0.001 to 1000", |s| (0.001..=1000.0).contains(&s))
    }

    /// A priority of jobs.
    pub(super) fn priority(&mut self, value: &Value<'_>, at: &str) -> Option<u8> {
        let holds = |p: f64| (0.0..=100.0).contains(&p) && p.fract() == 0.0;
        self.number(value, at, "a whole number from 0 to 100", holds).map(|p| p as u8)
    }

    pub(super) fn text(&mut self, value: &Value<'_>, at: &str, accepted: &str) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        self.wrong_kind(value, at, accepted);
        None
    }

    fn parsed<T: FromStr<Err: Display>>(
        &mut self,
        value: &Value<'_>,
        at: &str,
        accepted: &str,
        holds: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let text = self.text(value, at, accepted)?;
        match text.parse::<T>() {
            Ok(parsed) if holds(&parsed) => return Some(parsed),
            Ok(_) => self.refuse(&value.span(), at, "out of range", &text, accepted),
            Err(why) => self.refuse(&value.span(), at, "not understood", &why.to_string(), accepted),
        };
        None
    }

    pub(super) fn budget(&mut self, value: &Value<'_>, at: &str) -> Option<Usd> {
        let accepted = "dollars above zero as a decimal string, e.g. \"250.00\"";
        self.parsed(value, at, accepted, |b: &Usd| *b > Usd::ZERO)
    }

    pub(super) fn usd_per_hour(&mut self, value: &Value<'_>, at: &str) -> Option<UsdPerHour> {
        let accepted = "dollars per hour above zero as a decimal string, e.g. \"3.00\"";
        self.parsed(value, at, accepted, |p: &UsdPerHour| *p > UsdPerHour::ZERO)
    }

    /// In whole thousandths of a dollar: what a commitment's quota counts in.
    pub(super) fn committed(&mut self, value: &Value<'_>, at: &str) -> Option<UsdPerHour> {
        let accepted = "dollars per hour from \"0.001\" to \"1000000\" with at most three decimals, e.g. \"1.250\"";
        let holds = |p: &UsdPerHour| p.nanos() > 0 && p.nanos() % 1_000_000 == 0 && p.as_f64() <= 1e6;
        self.parsed(value, at, accepted, holds)
    }

    pub(super) fn usd_per_gb(&mut self, value: &Value<'_>, at: &str) -> Option<UsdPerGb> {
        let accepted = "dollars per GB from \"0\" to \"10\" as a decimal string, e.g. \"0.008\"";
        self.parsed(value, at, accepted, |p: &UsdPerGb| (0.0..=10.0).contains(&p.as_f64()))
    }

    pub(super) fn percent(&mut self, value: &Value<'_>, at: &str) -> Option<Percent> {
        let accepted = "a share above \"0%\" and below \"100%\" with at most three decimals, e.g. \"12.5%\"";
        self.parsed(value, at, accepted, |_: &Percent| true)
    }

    pub(super) fn share(&mut self, value: &Value<'_>, at: &str) -> Option<Share> {
        let accepted = "a share above \"0%\", at most \"100%\", with at most three decimals, e.g. \"40%\"";
        self.parsed(value, at, accepted, |_: &Share| true)
    }

    pub(super) fn duration(&mut self, value: &Value<'_>, at: &str) -> Option<Millis> {
        self.parsed(value, at, "a duration above zero with its unit, e.g. \"48h\"", |d: &Millis| *d > Millis::ZERO)
    }

    pub(super) fn quota_scale(&mut self, value: &Value<'_>, at: &str, accepted: &str) -> Option<QuotaScale> {
        self.parsed(value, at, accepted, |_| true)
    }

    pub(super) fn instant(&mut self, value: &Value<'_>, at: &str) -> Option<Time> {
        self.parsed(value, at, "an instant with its zone as a string, e.g. \"2026-11-22T00:00:00Z\"", |_: &Time| true)
    }

    pub(super) fn word<T: Copy>(&mut self, value: &Value<'_>, at: &str, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
        let text = self.text(value, at, &names.join(", "))?;
        let found = words.iter().find(|(w, _)| *w == text).map(|(_, v)| *v);
        if found.is_none() {
            self.refuse_word(&value.span(), at, "unknown word", &text, &names);
        }
        found
    }

    pub(super) fn capacity(&mut self, value: &Value<'_>, at: &str) -> Option<CapacityType> {
        self.word(value, at, &[("on_demand", CapacityType::OnDemand), ("spot", CapacityType::Spot)])
    }

    /// A name that can stand in file names, keys and tables.
    pub(super) fn name(&mut self, value: &Value<'_>, at: &str) -> Option<String> {
        let accepted = "1 to 64 of the letters a-z, A-Z, 0-9, - and _";
        let text = self.text(value, at, accepted)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(plain) {
            return Some(text);
        }
        self.refuse(&value.span(), at, "not a name", &text, accepted);
        None
    }

    /// A list of strings that all hold; not empty, for an empty one would say the opposite of nothing.
    pub(super) fn list(
        &mut self,
        value: &Value<'_>,
        at: &str,
        accepted: &str,
        holds: impl Fn(&str) -> bool,
    ) -> Option<Vec<String>> {
        let items = match value.get_ref() {
            DeValue::Array(items) if !items.is_empty() => items,
            DeValue::Array(_) => {
                self.refuse(&value.span(), at, "an empty list", "[]", &format!("a list of {accepted}"));
                return None;
            }
            _ => {
                self.wrong_kind(value, at, &format!("a list of {accepted}"));
                return None;
            }
        };
        let mut all = Vec::with_capacity(items.len());
        for item in items.iter() {
            let text = self.text(item, at, accepted)?;
            if !holds(&text) {
                self.refuse(&item.span(), at, "not understood", &text, accepted);
                return None;
            }
            all.push(text);
        }
        Some(all)
    }

    /// Names, or the start of names followed by `*`.
    pub(super) fn patterns(&mut self, value: &Value<'_>, at: &str) -> Option<Vec<String>> {
        self.list(value, at, "names, each whole or ending in *", pattern)
    }

    /// Patterns of `cloud/region`.
    pub(super) fn region_patterns(&mut self, value: &Value<'_>, at: &str) -> Option<Vec<String>> {
        let accepted = "regions as cloud/region, each whole or ending in *, e.g. \"aws/eu-*\"";
        self.list(value, at, accepted, |text| pattern(text) && (text.contains('/') || text.ends_with('*')))
    }
}

fn pattern(text: &str) -> bool {
    !text.is_empty() && !text[..text.len() - text.chars().next_back().map_or(0, char::len_utf8)].contains('*')
}
