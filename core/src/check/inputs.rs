//! The plan against the inputs it claims to be made from, field by field.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Report;
use crate::job::{Job, Workload};
use crate::market::{CapacityType, Market};
use crate::plan::Plan;
use crate::pool;
use crate::rules::Rules;

/// Compares the plan's workload, market rows and rules with the originals, field by field.
/// `market` is the whole market with the settings of the plan applied.
pub fn compare_with_inputs(
    plan: &Plan,
    workload: Option<&Workload>,
    market: Option<(&Market, &str)>,
    rules: Option<&Rules>,
) -> Report {
    let mut report = Report::default();
    if let Some(workload) = workload {
        compare("input-queue", "/workload", &plan.workload, workload, &mut report);
    }
    if let Some((market, hash)) = market {
        report.equal("input-market", "/inputs/market_hash", &plan.inputs.market_hash, &hash.to_owned());
        // By the plan's own rules: that they are the original ones is compared on its own.
        let workload = workload.unwrap_or(&plan.workload);
        let rows = market_rows(market, workload, &plan.rules, &bought(plan, market));
        compare("input-market", "/market", &plan.market, &rows, &mut report);
    }
    if let Some(rules) = rules {
        compare("input-rules", "/rules", &plan.rules, rules, &mut report);
    }
    report
}

/// The offers that the plan buys, by their index in `market`; unknown ones are left out (the rows
/// then differ and are reported).
fn bought(plan: &Plan, market: &Market) -> Vec<usize> {
    let find = |a: &crate::plan::Allocation| {
        market.find_offer(&a.region, &a.instance_type, a.capacity_type, a.commitment.as_deref())
    };
    plan.allocations.iter().filter_map(find).collect()
}

/// The market rows that belong into a plan of `workload` buying the offers `bought`: these, and the
/// offers that a bound needs (`pool::frontier`) of every pool that the static rules open to some job,
/// with what stands behind those on spot of jobs with deadlines.
pub fn market_rows(market: &Market, workload: &Workload, rules: &Rules, bought: &[usize]) -> Market {
    let pools = pool::pools(market, &rules.policies);
    let frontier = pool::frontier(market, &pools);
    let kinds = kinds(workload, rules);
    let mut keep = vec![false; market.offers.len()];
    for pool in &pools {
        let region = &market.regions[usize::from(pool.region)];
        let open = |job: &&Job| {
            (job.interruptible || pool.capacity_type == CapacityType::OnDemand)
                && super::eligible::allowed(job, rules, pool, region)
        };
        if kinds.iter().any(open) {
            pool.offers.iter().filter(|&&o| frontier[o]).for_each(|&o| keep[o] = true);
        }
        if kinds.iter().any(|job| job.deadline.is_some() && open(job)) {
            pool.behind.iter().for_each(|&o| keep[o] = true);
        }
    }
    bought.iter().for_each(|&o| keep[o] = true);
    let mut regions: Vec<u16> = workload.places().filter_map(|p| market.region_index(p)).collect();
    regions.sort_unstable();
    regions.dedup();
    market.subset(|i, _| keep[i], &regions)
}

/// One job of each kind that the static rules can tell apart: large queues have few.
fn kinds<'w>(workload: &'w Workload, rules: &Rules) -> Vec<&'w Job> {
    let mut kinds = BTreeMap::new();
    for job in workload.jobs() {
        let gpu = job.gpu.as_ref().map(|g| (&g.model, g.alternatives.keys().collect::<Vec<_>>()));
        let node = (&job.arch, job.burstable, job.interruptible, gpu);
        let place = (&job.clouds, &job.regions, &job.residency, rules.concerning(job));
        kinds.entry((node, place, job.deadline.is_some())).or_insert(job);
    }
    kinds.into_values().collect()
}

fn compare<T: Serialize>(rule: &str, at: &str, got: &T, expected: &T, report: &mut Report) {
    let value = |x: &T| serde_json::to_value(x).unwrap_or(Value::Null);
    walk(rule, at, &value(got), &value(expected), report);
}

/// Every leaf that differs.
fn walk(rule: &str, at: &str, got: &Value, expected: &Value, report: &mut Report) {
    match (got, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (x, y) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                walk(rule, &format!("{at}/{key}"), x, y, report);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            report.equal(rule, &format!("{at} (rows)"), &a.len(), &b.len());
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                walk(rule, &format!("{at}/{i}"), x, y, report);
            }
        }
        _ => {
            report.expect(rule, got == expected, || at.to_owned(), || got.to_string(), || expected.to_string());
        }
    }
}
