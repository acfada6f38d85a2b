//! TOML to [`Config`], with the line of everything that is wrong.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use tradewind_core::money::Usd;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::{Problem, Problems, nearest};
use tradewind_datasets::{HazardReading, MemoryBasis, QuotaChoice};

use super::Config;
use super::keys::KEYS;

type Value<'v> = Spanned<DeValue<'v>>;

pub(super) fn parse(name: &str, text: &str, folder: &Path) -> Result<Config, Problems> {
    let mut source = Source { name, text, problems: Vec::new() };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            source.refuse(&at, "", "broken TOML", error.message(), "a TOML file");
            return Err(source.into_problems());
        }
    };
    let mut config = Config::default();
    let root = source.open("", root.get_ref());
    if let Some(value) = root.get("quotas") {
        config.quotas = source.quotas(value, folder);
    }
    config.budgets = source.map(root, "budgets", Source::budget);
    config.settings.speed = source.map(root, "speed", Source::speed);
    source.section(root, "settings", |source, table| settings(source, table, &mut config));
    source.section(root, "risk", |source, table| {
        if let Some(p) = source.field(table, "risk", "max_miss_probability", Source::probability) {
            config.max_miss_probability = p;
        }
    });
    source.section(root, "horizon", |source, table| {
        config.horizon = source.field(table, "horizon", "length", Source::duration);
        config.window = source.field(table, "horizon", "window", Source::duration);
    });
    source.section(root, "limits", |source, table| {
        config.spot_age = source.field(table, "limits", "spot_age", Source::duration);
        config.on_demand_age = source.field(table, "limits", "on_demand_age", Source::duration);
    });
    if source.problems.is_empty() { Ok(config) } else { Err(source.into_problems()) }
}

fn settings(source: &mut Source<'_>, table: &DeTable<'_>, config: &mut Config) {
    const MEMORY: &[(&str, MemoryBasis)] = &[("usable", MemoryBasis::Usable), ("nominal", MemoryBasis::Nominal)];
    const HAZARD: &[(&str, HazardReading)] = &[
        ("default", HazardReading::Default),
        ("azure-per-hour", HazardReading::AzurePerHour),
        ("aws-per-launch", HazardReading::AwsPerLaunch),
        ("none", HazardReading::None),
    ];
    let settings = &mut config.settings;
    if let Some(memory) = source.field(table, "settings", "memory", |s, v, at| s.word(v, at, MEMORY)) {
        settings.memory = memory;
    }
    if let Some(hazard) = source.field(table, "settings", "hazard", |s, v, at| s.word(v, at, HAZARD)) {
        settings.hazard = hazard;
    }
    for (name, flag) in [
        ("boot", &mut settings.boot),
        ("disk", &mut settings.disk),
        ("address", &mut settings.address),
        ("allow_inverted", &mut settings.allow_inverted),
    ] {
        if let Some(value) = source.field(table, "settings", name, Source::boolean) {
            *flag = value;
        }
    }
}

/// The file, and what is wrong with it so far.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Source<'_> {
    fn refuse(&mut self, at: &Range<usize>, key: &str, title: &str, got: &str, accepted: &str) {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut problem = Problem::of_file("TW4001", title, self.name)
            .line(line)
            .column((before.len() - start) as u64 + 1)
            .got(got)
            .accepted(accepted);
        if !key.is_empty() {
            problem = problem.at(key);
        }
        self.problems.push(problem);
    }

    fn into_problems(mut self) -> Problems {
        let total = self.problems.len() as u64;
        self.problems.sort_by_key(|p| (p.line, p.column));
        self.problems.truncate(tradewind_datasets::queue::MAX_SHOWN);
        Problems { shown: self.problems, total }
    }

    /// Refuses the keys of a table that are not known. Values are not repeated: a key that strayed
    /// here may be a secret.
    fn open<'t, 'v>(&mut self, name: &str, table: &'t DeTable<'v>) -> &'t DeTable<'v> {
        let known = KEYS.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, keys)| keys);
        for key in table.keys().filter(|k| !known.contains(&k.get_ref().as_ref())) {
            let got = key.get_ref();
            let at = if name.is_empty() { got.to_string() } else { format!("{name}.{got}") };
            self.refuse(&key.span(), &at, "unknown key", got, &known.join(", "));
            if let (Some(near), Some(problem)) = (nearest(got, known.iter().copied()), self.problems.last_mut()) {
                problem.help = format!("did you mean {near:?}?");
            }
        }
        table
    }

    /// Reads a table where it is there.
    fn section(&mut self, root: &DeTable<'_>, name: &str, read: impl FnOnce(&mut Self, &DeTable<'_>)) {
        if let Some(table) = self.table(root, name) {
            self.open(name, table);
            read(self, table);
        }
    }

    fn table<'t, 'v>(&mut self, root: &'t DeTable<'v>, name: &str) -> Option<&'t DeTable<'v>> {
        let value = root.get(name)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            other => {
                self.refuse(&value.span(), name, "wrong kind of value", kind(other), "a table");
                None
            }
        }
    }

    /// A table with free names and values of one kind.
    fn map<T>(
        &mut self,
        root: &DeTable<'_>,
        name: &str,
        read: impl Fn(&mut Self, &Value<'_>, &str) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let Some(table) = self.table(root, name) else { return BTreeMap::new() };
        let one = |(key, value): (&Spanned<_>, &Value<'_>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            read(self, value, &format!("{name}.{key}")).map(|v| (key.to_string(), v))
        };
        table.iter().filter_map(one).collect()
    }

    fn field<T>(
        &mut self,
        table: &DeTable<'_>,
        section: &str,
        name: &str,
        read: impl FnOnce(&mut Self, &Value<'_>, &str) -> Option<T>,
    ) -> Option<T> {
        table.get(name).and_then(|value| read(self, value, &format!("{section}.{name}")))
    }

    fn boolean(&mut self, value: &Value<'_>, at: &str) -> Option<bool> {
        if let DeValue::Boolean(b) = value.get_ref() {
            return Some(*b);
        }
        self.refuse(&value.span(), at, "wrong kind of value", kind(value.get_ref()), "true or false");
        None
    }

    fn number(&mut self, value: &Value<'_>, at: &str, accepted: &str, holds: impl Fn(f64) -> bool) -> Option<f64> {
        let text = match value.get_ref() {
            DeValue::Integer(i) => i.to_string(),
            DeValue::Float(f) => f.to_string(),
            other => {
                self.refuse(&value.span(), at, "wrong kind of value", kind(other), accepted);
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

    fn probability(&mut self, value: &Value<'_>, at: &str) -> Option<f64> {
        self.number(value, at, "more than 0, at most 0.5", |p| p > 0.0 && p <= 0.5)
    }

    fn speed(&mut self, value: &Value<'_>, at: &str) -> Option<f64> {
        self.number(value, at, "a speed relative to 1, 0.001 to 1000", |s| (0.001..=1000.0).contains(&s))
    }

    fn text<'v>(&mut self, value: &'v Value<'_>, at: &str, accepted: &str) -> Option<&'v str> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text);
        }
        self.refuse(&value.span(), at, "wrong kind of value", kind(value.get_ref()), accepted);
        None
    }

    fn parsed<T: FromStr<Err: Display> + PartialOrd + Default>(
        &mut self,
        value: &Value<'_>,
        at: &str,
        accepted: &str,
    ) -> Option<T> {
        let text = self.text(value, at, accepted)?;
        match text.parse::<T>() {
            Ok(parsed) if parsed > T::default() => return Some(parsed),
            Ok(_) => self.refuse(&value.span(), at, "out of range", text, accepted),
            Err(why) => self.refuse(&value.span(), at, "not understood", &why.to_string(), accepted),
        }
        None
    }

    fn budget(&mut self, value: &Value<'_>, at: &str) -> Option<Usd> {
        self.parsed(value, at, "dollars above zero as a decimal string, e.g. \"250.00\"")
    }

    fn duration(&mut self, value: &Value<'_>, at: &str) -> Option<Millis> {
        self.parsed(value, at, "a duration above zero with its unit, e.g. \"48h\"")
    }

    fn word<T: Copy>(&mut self, value: &Value<'_>, at: &str, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
        let text = self.text(value, at, &names.join(", "))?;
        let found = words.iter().find(|(w, _)| *w == text).map(|(_, v)| *v);
        if found.is_none() {
            self.refuse(&value.span(), at, "unknown word", text, &names.join(", "));
            if let (Some(near), Some(problem)) = (nearest(text, names), self.problems.last_mut()) {
                problem.help = format!("did you mean {near:?}?");
            }
        }
        found
    }

    fn quotas(&mut self, value: &Value<'_>, folder: &Path) -> Option<QuotaChoice> {
        let text = self.text(value, "quotas", "a file, or \"none\"")?;
        Some(if text == "none" { QuotaChoice::Unlimited } else { QuotaChoice::File(folder.join(text)) })
    }
}

/// What a value is, without repeating it.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
