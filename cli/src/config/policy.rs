//! Policy files. Fail closed: whatever is wrong with one, `TW4007`, nothing is planned.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use toml::de::{DeTable, DeValue};
use tradewind_core::policy::{Policy, When};
use tradewind_datasets::queue::Problem;

use super::Config;
use super::contract::selector;
use super::keys::POLICY_KEYS;
use super::secrets;
use super::source::{Source, Value, text_of};

/// What refuses a policy file, and with it every command that would have to keep it.
pub const CODE: &str = "TW4007";
/// Most rules: pools refer to them by a small number.
const MOST_RULES: usize = 1000;

/// Reads the files into the configuration; everything that is wrong with them.
pub(super) fn read_files(files: &[PathBuf], config: &mut Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for path in files {
        let name = path.display().to_string();
        match text_of(path) {
            Ok(text) => problems.extend(read(&name, &text, config)),
            Err(reason) => problems.push(
                Problem::of_file(CODE, "the policy file cannot be read", &name)
                    .got(reason.to_string())
                    .help("nothing is planned without the rules that the configuration names"),
            ),
        }
    }
    problems
}

fn read(name: &str, text: &str, config: &mut Config) -> Vec<Problem> {
    let mut source = Source::new(name, text, CODE, POLICY_KEYS);
    let Some(root) = source.root() else { return source.problems };
    let found = secrets::find(name, text, root.get_ref());
    if !found.is_empty() {
        return found;
    }
    source.open("", "", root.get_ref());
    let known: BTreeSet<String> = config.policies.iter().map(|p| p.id.clone()).collect();
    let seen = std::cell::RefCell::new(known);
    let rules = source.each(root.get_ref(), "rule", |source, table, at, place| {
        let policy = rule(source, table, at, place)?;
        if !seen.borrow_mut().insert(policy.id.clone()) {
            source.refuse(place, &format!("{at}.id"), "a rule id is used twice", &policy.id, "unique ids in all files");
        }
        Some(policy)
    });
    if rules.is_empty() && source.problems.is_empty() {
        source.refuse(&(0..0), "", "a policy file without a rule", "no [[rule]]", "at least one [[rule]]");
    }
    config.policies.extend(rules);
    if config.policies.len() > MOST_RULES {
        let got = config.policies.len().to_string();
        source.refuse(&(0..0), "", "too many rules", &got, &format!("at most {MOST_RULES} in all"));
    }
    config.origins.note(name, &source.lines);
    source.problems.sort_by_key(|p| (p.line, p.column));
    source.problems
}

fn rule(source: &mut Source<'_>, table: &DeTable<'_>, at: &str, place: &Range<usize>) -> Option<Policy> {
    let id = source.required(table, at, place, "id", Source::name);
    let text = source.required(table, at, place, "text", |s, v, at| s.text(v, at, "a sentence for people"));
    let (mut when, mut deny, mut allow, mut max_price) = (When::default(), None, None, None);
    source.section(table, at, "when", "rule/-/when", |source, table, at| when = conditions(source, table, at));
    source.section(table, at, "deny", "rule/-/deny", |source, table, at| deny = Some(selector(source, table, at)));
    source.section(table, at, "allow", "rule/-/allow", |source, table, at| {
        allow = Some(selector(source, table, at));
        max_price = source.field(table, at, "max_usd_per_hour", Source::usd_per_hour);
    });
    for name in ["deny", "allow"] {
        if let Some(value) = table.get(name).filter(|v| matches!(v.get_ref(), DeValue::Table(t) if t.is_empty())) {
            let at = format!("{at}.{name}");
            source.refuse(&value.span(), &at, "an empty table", "nothing selected", "at least one key");
        }
    }
    if table.get("deny").is_none() && table.get("allow").is_none() {
        source.refuse(place, at, "a rule that says nothing", "neither deny nor allow", "one of them, or both");
    }
    let id = id?;
    source.note(&format!("policy.{id}"), place);
    Some(Policy { id, text: text?, when, deny, allow, max_price })
}

fn conditions(source: &mut Source<'_>, table: &DeTable<'_>, at: &str) -> When {
    let label = |source: &mut Source<'_>, value: &Value<'_>, at: &str| {
        source.text(value, at, "a value as a string, whole or ending in *")
    };
    When {
        projects: source.field(table, at, "projects", Source::patterns).unwrap_or_default(),
        labels: source.map(table, at, "labels", label),
        priorities: source.field(table, at, "priorities", priorities),
        interruptible: source.field(table, at, "interruptible", Source::boolean),
        datasets: source.field(table, at, "datasets", Source::patterns).unwrap_or_default(),
    }
}

fn priorities(source: &mut Source<'_>, value: &Value<'_>, at: &str) -> Option<[u8; 2]> {
    let accepted = "the least and the highest priority, e.g. [80, 100]";
    let number = |v: &Value<'_>| match v.get_ref() {
        DeValue::Integer(i) => i.to_string().parse::<u8>().ok().filter(|p| *p <= 100),
        _ => None,
    };
    let range = match value.get_ref() {
        DeValue::Array(list) if list.len() == 2 => number(&list[0]).zip(number(&list[1])),
        _ => None,
    };
    match range {
        Some((least, most)) if least <= most => Some([least, most]),
        _ => {
            source.refuse(&value.span(), at, "not understood", "another value", accepted);
            None
        }
    }
}
