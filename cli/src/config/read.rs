//! TOML to [`Config`], with the line of everything that is wrong.

use std::path::{Path, PathBuf};

use toml::de::DeTable;
use tradewind_datasets::queue::{MAX_SHOWN, Problem, Problems};
use tradewind_datasets::{HazardReading, MemoryBasis, QuotaChoice, QuotaScale};

use super::keys::KEYS;
use super::source::{Source, Value};
use super::{Config, callers, contract, egress, policy, secrets};

pub(super) fn parse(name: &str, text: &str, folder: &Path) -> Result<Config, Problems> {
    let mut source = Source::new(name, text, "TW4001", KEYS);
    let Some(root) = source.root() else { return Err(problems(source.problems)) };
    let root = root.get_ref();
    // First of all, so that no other problem repeats a secret.
    let found = secrets::find(name, text, root);
    if !found.is_empty() {
        return Err(problems(found));
    }
    let mut config = Config::default();
    let files = read(&mut source, root, folder, &mut config);
    config.origins.note(name, &source.lines);
    source.problems.sort_by_key(|p| (p.line, p.column));
    // Policies first: a file that cannot be kept must be among the problems that are shown.
    let mut all = policy::read_files(&files, &mut config);
    all.extend(source.problems);
    if all.is_empty() { Ok(config) } else { Err(problems(all)) }
}

/// The first of them, and how many there are.
fn problems(mut all: Vec<Problem>) -> Problems {
    let total = all.len() as u64;
    all.truncate(MAX_SHOWN);
    Problems { shown: all, total }
}

/// Reads every table; gives the policy files that are named.
fn read(source: &mut Source<'_>, root: &DeTable<'_>, folder: &Path, config: &mut Config) -> Vec<PathBuf> {
    source.open("", "", root);
    config.quotas = source.field(root, "", "quotas", |s, v, at| quotas(s, v, at, folder));
    config.budgets = source.map(root, "", "budgets", Source::budget);
    config.spending.tenants = source.map(root, "", "tenants", Source::budget);
    source.section(root, "", "spending", "spending", |source, table, at| {
        if let Some(soft) = source.field(table, at, "soft", Source::share) {
            config.spending.soft = soft;
        }
        if let Some(priority) = source.field(table, at, "critical_priority", Source::priority) {
            config.spending.critical_priority = priority;
        }
    });
    config.settings.speed = source.map(root, "", "speed", Source::speed);
    source.section(root, "", "settings", "settings", |source, table, at| settings(source, table, at, config));
    source.section(root, "", "risk", "risk", |source, table, at| {
        if let Some(p) = source.field(table, at, "max_miss_probability", Source::probability) {
            config.max_miss_probability = p;
        }
        config.concentration = source.field(table, at, "concentration", Source::share);
    });
    source.section(root, "", "horizon", "horizon", |source, table, at| {
        config.horizon = source.field(table, at, "length", Source::duration);
        config.window = source.field(table, at, "window", Source::duration);
    });
    source.section(root, "", "limits", "limits", |source, table, at| {
        config.spot_age = source.field(table, at, "spot_age", Source::duration);
        config.on_demand_age = source.field(table, at, "on_demand_age", Source::duration);
    });
    config.contract = contract::read(source, root);
    config.egress = egress::read(source, root);
    config.callers = callers::read(source, root);
    let accepted = "policy files, relative to this one";
    let files = source.field(root, "", "policy", |s, v, at| s.list(v, at, accepted, |text| !text.is_empty()));
    files.unwrap_or_default().iter().map(|file| folder.join(file)).collect()
}

fn settings(source: &mut Source<'_>, table: &DeTable<'_>, at: &str, config: &mut Config) {
    const MEMORY: &[(&str, MemoryBasis)] = &[("usable", MemoryBasis::Usable), ("nominal", MemoryBasis::Nominal)];
    const HAZARD: &[(&str, HazardReading)] = &[
        ("default", HazardReading::Default),
        ("azure-per-hour", HazardReading::AzurePerHour),
        ("aws-per-launch", HazardReading::AwsPerLaunch),
        ("none", HazardReading::None),
    ];
    let settings = &mut config.settings;
    if let Some(memory) = source.field(table, at, "memory", |s, v, at| s.word(v, at, MEMORY)) {
        settings.memory = memory;
    }
    if let Some(hazard) = source.field(table, at, "hazard", |s, v, at| s.word(v, at, HAZARD)) {
        settings.hazard = hazard;
    }
    for (name, flag) in [
        ("boot", &mut settings.boot),
        ("disk", &mut settings.disk),
        ("address", &mut settings.address),
        ("allow_inverted", &mut settings.allow_inverted),
    ] {
        if let Some(value) = source.field(table, at, name, Source::boolean) {
            *flag = value;
        }
    }
}

fn quotas(source: &mut Source<'_>, value: &Value<'_>, at: &str, folder: &Path) -> Option<QuotaChoice> {
    let accepted = "a file, \"none\", or \"scaled:\" and a number from 0.001 to 1000";
    let text = source.text(value, at, accepted)?;
    match QuotaScale::of_choice(&text) {
        None if text == "none" => Some(QuotaChoice::Unlimited),
        None => Some(QuotaChoice::File(folder.join(text))),
        Some(_) => source.quota_scale(value, at, accepted).map(QuotaChoice::Scaled),
    }
}
