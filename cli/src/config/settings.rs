//! Every setting in force, in words, with where it was said.

use std::fmt::Debug;

use serde::Serialize;
use tradewind_core::policy::Policy;
use tradewind_core::select::Selector;
use tradewind_core::time::Millis;
use tradewind_datasets::QuotaChoice;

use super::Config;
use crate::inputs::{HORIZON, WINDOW};

/// Where nobody said anything.
const DEFAULT: &str = "default";

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its path, e.g. `horizon.length`.
    pub key: String,
    /// What it is, with its unit.
    pub value: String,
    /// `default`, `file:line`, `argument --x` or `environment X`.
    pub origin: String,
}

impl Setting {
    /// From a key, a value and where it was said.
    pub fn new(key: impl Into<String>, value: impl ToString, origin: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.to_string(), origin: origin.into() }
    }
}

/// Every setting of a configuration, in the order of its documentation.
pub fn in_force(config: &Config) -> Vec<Setting> {
    let origin = |key: &str| config.origins.of(key).unwrap_or(DEFAULT).to_owned();
    let one = |key: &str, value: String| Setting { key: key.to_owned(), value, origin: origin(key) };
    let age = |limit: Option<Millis>| limit.map_or_else(|| "as the tables say".to_owned(), |l| l.to_string());
    let s = &config.settings;
    let mut all = vec![one("quotas", quotas(config))];
    all.extend(config.budgets.iter().map(|(p, usd)| one(&format!("budgets.{p}"), format!("{usd} USD"))));
    all.extend(config.spending.tenants.iter().map(|(t, usd)| one(&format!("tenants.{t}"), format!("{usd} USD"))));
    all.extend([
        one("spending.soft", config.spending.soft.to_string()),
        one("spending.critical_priority", config.spending.critical_priority.to_string()),
        one("settings.memory", word(&s.memory)),
        one("settings.hazard", word(&s.hazard)),
        one("settings.boot", s.boot.to_string()),
        one("settings.disk", s.disk.to_string()),
        one("settings.address", s.address.to_string()),
        one("settings.allow_inverted", s.allow_inverted.to_string()),
    ]);
    all.extend(s.speed.iter().map(|(family, speed)| one(&format!("speed.{family}"), speed.to_string())));
    all.extend([
        one("risk.max_miss_probability", config.max_miss_probability.to_string()),
        one("risk.concentration", config.concentration.map_or_else(|| "no limit".to_owned(), |s| s.to_string())),
        one("horizon.length", config.horizon.unwrap_or(HORIZON).to_string()),
        one("horizon.window", config.window.unwrap_or(WINDOW).to_string()),
        one("limits.spot_age", age(config.spot_age)),
        one("limits.on_demand_age", age(config.on_demand_age)),
        one("egress.programme", config.egress.programme.clone().unwrap_or_else(|| "none".to_owned())),
    ]);
    all.extend(config.egress.usd_per_gb.map(|rate| one("egress.usd_per_gb", format!("{rate} USD/GB"))));
    for (d, on) in &config.contract.discounts {
        all.push(one(&format!("discount.{}", d.name), format!("{} off list on {}", d.percent, offers(on))));
    }
    for (c, on) in &config.contract.commitments {
        let from = c.starts.map_or(String::new(), |t| format!(" from {t}"));
        let until = c.ends.map_or(String::new(), |t| format!(" until {t}"));
        let terms = format!("{} USD/h{from}{until}, covers at {} off list", c.usd_per_hour, c.percent);
        all.push(one(&format!("commitment.{}", c.name), format!("{terms} on {}", offers(on))));
    }
    all.extend(config.policies.iter().map(|p| one(&format!("policy.{}", p.id), rule(p))));
    all.extend(config.callers.iter().map(|(id, role)| one(&format!("callers.{id}"), role.clone())));
    all
}

/// The name a unit variant has in files.
fn word<T: Serialize + Debug>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => format!("{value:?}"),
    }
}

fn quotas(config: &Config) -> String {
    match &config.quotas {
        None | Some(QuotaChoice::Scenario) => "the embedded mid-size account".to_owned(),
        Some(QuotaChoice::Unlimited) => "none".to_owned(),
        Some(QuotaChoice::Scaled(scale)) => scale.to_string(),
        Some(QuotaChoice::File(path)) => path.display().to_string(),
    }
}

/// What a selector names, in words.
fn offers(on: &Selector) -> String {
    let mut parts: Vec<String> = Vec::new();
    let lists = [
        ("clouds", &on.clouds),
        ("regions", &on.regions),
        ("residency", &on.residency),
        ("families", &on.families),
        ("types", &on.instance_types),
    ];
    parts.extend(lists.iter().filter(|(_, l)| !l.is_empty()).map(|(name, l)| format!("{name} {}", l.join(", "))));
    parts.extend(on.capacity.map(|c| c.to_string()));
    if parts.is_empty() { "all offers".to_owned() } else { parts.join("; ") }
}

fn rule(policy: &Policy) -> String {
    let when = &policy.when;
    let mut jobs: Vec<String> = Vec::new();
    let lists = [("projects", &when.projects), ("datasets", &when.datasets)];
    jobs.extend(lists.iter().filter(|(_, l)| !l.is_empty()).map(|(name, l)| format!("{name} {}", l.join(", "))));
    jobs.extend(when.labels.iter().map(|(key, value)| format!("label {key} = {value}")));
    jobs.extend(when.priorities.map(|[least, most]| format!("priority {least} to {most}")));
    jobs.extend(when.interruptible.map(|i| if i { "interruptible" } else { "not interruptible" }.to_owned()));
    let jobs = if jobs.is_empty() { "all jobs".to_owned() } else { jobs.join("; ") };
    let deny = policy.deny.as_ref().map(|s| format!("not {}", offers(s)));
    let allow = policy.allow.as_ref().filter(|s| **s != Selector::default()).map(|s| format!("only {}", offers(s)));
    let most = policy.max_price.map(|p| format!("at most {p} USD/h a node"));
    let said: Vec<String> = [deny, allow, most].into_iter().flatten().collect();
    format!("{jobs}: {} ({})", said.join(", "), policy.text)
}
