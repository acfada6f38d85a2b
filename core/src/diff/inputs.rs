//! What the plans were made from: dates, rules, quotas, prices, queue.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job::Job;
use crate::market::{CapacityType, QuotaRow};
use crate::money::UsdPerHour;
use crate::place::RegionName;
use crate::plan::Plan;

/// A value that differs; `None` where a plan does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputChange {
    /// What it is: `snapshot`, `rules/budgets/vision`, `quota/aws/us-east-1/...`.
    pub name: String,
    /// In the old plan.
    pub old: Option<String>,
    /// In the new plan.
    pub new: Option<String>,
}

/// What was done to a job between two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Only the new queue has it.
    Added,
    /// Its fields differ.
    Changed,
    /// Only the old queue has it.
    Removed,
}

/// A job of the queues that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobEdit {
    /// The job.
    pub job: String,
    /// What was done to it.
    pub edit: Edit,
    /// The fields that differ, as the plan file names them.
    pub fields: Vec<String>,
}

/// Prices of offers in both plan files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceChanges {
    /// Offers in both.
    pub compared: u64,
    /// Cheaper in the new plan.
    pub cheaper: u64,
    /// Dearer in the new plan.
    pub dearer: u64,
}

/// The values that differ, by name.
pub(super) fn changes(old: &Plan, new: &Plan) -> Vec<InputChange> {
    let (before, after) = (values(old), values(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| InputChange {
        name: name.clone(),
        old: before.get(name).cloned(),
        new: after.get(name).cloned(),
    };
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    differing.map(change).chain(quotas(old, new)).collect()
}

/// Quotas with another limit. A plan file has the rows that its offers need, so one that stands in a
/// single file says nothing.
fn quotas(old: &Plan, new: &Plan) -> Vec<InputChange> {
    let before: BTreeMap<&str, u64> = old.market.quotas.iter().map(|q| (q.name.as_str(), q.available)).collect();
    let change = |q: &QuotaRow| {
        let old = before.get(q.name.as_str()).filter(|old| **old != q.available)?;
        let name = format!("quota/{}", q.name);
        Some(InputChange { name, old: Some(old.to_string()), new: Some(q.available.to_string()) })
    };
    let mut changes: Vec<InputChange> = new.market.quotas.iter().filter_map(change).collect();
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

/// Every input with a name of its own. The rules are taken as the plan file has them, so that a new
/// rule is compared without a word here. Hashes of the rules and the queue are left out: what they
/// stand for is compared itself; so is the hash of the rows, which depend on what was bought.
fn values(plan: &Plan) -> BTreeMap<String, String> {
    let i = &plan.inputs;
    let mut values = BTreeMap::from([
        ("snapshot".to_owned(), i.snapshot.clone()),
        ("market_as_of".to_owned(), i.market_as_of.to_string()),
        ("market_hash".to_owned(), i.market_hash.clone()),
        ("as_of".to_owned(), i.as_of.to_string()),
        ("made_by".to_owned(), plan.made_by.clone()),
        ("seed".to_owned(), plan.seed.0.to_string()),
    ]);
    if let Ok(rules) = serde_json::to_value(&plan.rules) {
        flatten("rules", &rules, &mut values);
    }
    values
}

/// Leaves of a value by their path.
fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let mut step = |name: &str, value: &Value| flatten(&format!("{path}/{name}"), value, into);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| step(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| step(&n.to_string(), item)),
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), other.to_string());
        }
    }
}

/// Prices by region, type and way of buying. Rows whose indices lead nowhere are `check`'s to report.
fn price_list(plan: &Plan) -> BTreeMap<(&RegionName, &str, CapacityType, Option<u16>), UsdPerHour> {
    let m = &plan.market;
    m.offers
        .iter()
        .filter_map(|o| {
            let (region, kind) = (m.regions.get(usize::from(o.region))?, m.types.get(o.instance_type as usize)?);
            Some(((&region.name, kind.name.as_str(), o.capacity_type, o.commitment()), o.price))
        })
        .collect()
}

/// How the prices of the offers in both plan files differ.
pub(super) fn prices(old: &Plan, new: &Plan) -> PriceChanges {
    let (before, after) = (price_list(old), price_list(new));
    let mut changes = PriceChanges::default();
    for (offer, old) in &before {
        let Some(new) = after.get(offer) else { continue };
        changes.compared += 1;
        changes.cheaper += u64::from(new < old);
        changes.dearer += u64::from(new > old);
    }
    changes
}

/// The jobs that differ, by id.
pub(super) fn queue(old: &Plan, new: &Plan) -> Vec<JobEdit> {
    let (before, after) = (jobs(old), jobs(new));
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let edit = |id: &str| {
        let (edit, fields) = match (before.get(id), after.get(id)) {
            (Some(a), Some(b)) if a == b => return None,
            (Some(a), Some(b)) => (Edit::Changed, fields(a, b)),
            (None, _) => (Edit::Added, Vec::new()),
            (_, None) => (Edit::Removed, Vec::new()),
        };
        Some(JobEdit { job: id.to_owned(), edit, fields })
    };
    ids.into_iter().filter_map(edit).collect()
}

fn jobs(plan: &Plan) -> BTreeMap<&str, &Job> {
    plan.workload.jobs().iter().map(|j| (j.id.as_str(), j)).collect()
}

/// The fields in which two jobs differ.
fn fields(a: &Job, b: &Job) -> Vec<String> {
    let object = |job: &Job| match serde_json::to_value(job) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (a, b) = (object(a), object(b));
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    names.into_iter().filter(|name| a.get(*name) != b.get(*name)).cloned().collect()
}
