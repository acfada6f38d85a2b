//! Plans edited by hand, one field at a time, with every hash made right again: each edit is named by
//! the check, or by the comparison with the inputs, or shown to touch nothing that is proved.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Number, Value};
use support::{Instance, instance, instance_under_contract, plan};
use tradewind_core::check::{ADVISORY, check, compare_with_inputs};
use tradewind_core::hash;
use tradewind_core::plan::Plan;

const EDITS: usize = 10_000;

/// Pointers of all leaves.
fn leaves(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| leaves(v, format!("{at}/{k}"), out)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| leaves(v, format!("{at}/{i}"), out)),
        _ => out.push(at),
    }
}

/// Another value of the same kind.
fn edited(old: &Value, rng: &mut StdRng) -> Value {
    match old {
        Value::Bool(b) => Value::Bool(!b),
        Value::Null => Value::from(1),
        Value::Number(n) => match n.as_i64() {
            Some(i) => {
                let by = [1, -1, 7, -7, 1_000, -1_000, i][rng.random_range(0..7)];
                Value::from(i.saturating_add(if by == 0 { 1 } else { by }).max(0))
            }
            None => {
                let x = n.as_f64().unwrap_or(0.0);
                Value::Number(Number::from_f64(x * [0.5, 1.5, 1.0 + 1e-9][rng.random_range(0..3)] + 1e-12).unwrap())
            }
        },
        Value::String(s) => Value::String(edited_text(s, rng)),
        other => other.clone(),
    }
}

fn edited_text(s: &str, rng: &mut StdRng) -> String {
    if let Ok(t) = s.parse::<tradewind_core::time::Time>() {
        let by = [1, -1, 60_000, -60_000, 3_600_000, -3_600_000][rng.random_range(0..6)];
        return (t + tradewind_core::time::Millis::new(by)).to_string();
    }
    if let Ok(usd) = s.parse::<tradewind_core::money::Usd>() {
        let by = [1, -1, 1_000, -1_000, usd.nanos() / 2 + 1, -usd.nanos() / 2 - 1][rng.random_range(0..6)];
        return tradewind_core::money::Usd::from_nanos(usd.nanos() + by).to_string();
    }
    match s {
        "on_demand" => "spot".to_owned(),
        "spot" => "on_demand".to_owned(),
        "any" => "same".to_owned(),
        "at_notice" => "last_periodic".to_owned(),
        "last_periodic" | "restart" => "at_notice".to_owned(),
        "one/east" => "two/west".to_owned(),
        "two/west" => "one/east".to_owned(),
        _ => format!("{s}x"),
    }
}

/// Makes every hash right again, as a forger would.
fn rehash(mut plan: Plan) -> Plan {
    plan.inputs.market_rows_hash = hash::of(&plan.market);
    plan.inputs.workload_hash = hash::of(&plan.workload);
    plan.inputs.rules_hash = hash::of(&plan.rules);
    plan.sealed()
}

/// Whether a pointer lies under one of the advisory ones (`*` stands for one step).
fn advisory(pointer: &str) -> bool {
    let steps: Vec<&str> = pointer.split('/').collect();
    ADVISORY.iter().any(|prefix| {
        let prefix: Vec<&str> = prefix.split('/').collect();
        prefix.len() <= steps.len() && prefix.iter().zip(&steps).all(|(p, s)| *p == "*" || p == s)
    })
}

/// What a plan decides and claims: the same decisions at the same cost and bound, over the same inputs
/// as far as they matter, are the same plan.
fn claims(p: &Plan) -> Value {
    serde_json::json!([
        p.allocations,
        p.placements,
        p.stagings,
        p.cost,
        p.summary.cost_usd,
        p.summary.lower_bound_usd,
        p.summary.placed,
        p.summary.placed_upper_bound,
        p.summary.gap
    ])
}

#[test]
fn every_single_edit_is_named_or_harmless() {
    let mut rng = StdRng::seed_from_u64(42);
    let plans: Vec<(Instance, Plan)> = (0..40)
        .map(|s| (s, 4 + (s % 12) as usize))
        .map(|(s, n)| if s % 2 == 0 { instance(70_000 + s, n) } else { instance_under_contract(70_000 + s, n) })
        .map(|mut i| {
            i.rules.budgets.insert("p".to_owned(), tradewind_core::money::Usd::from_nanos(50_000_000_000));
            i.rules.concentration = i.workload.jobs().len().is_multiple_of(2).then(|| "40%".parse().unwrap());
            let p = plan(&i);
            (i, p)
        })
        .collect();
    assert!(plans.iter().all(|(_, p)| check(p).is_clean()));
    let (mut unreadable, mut by_check, mut by_inputs, mut said, mut harmless, mut same) = (0, 0, 0, 0, 0, 0);
    let mut effective = 0;
    while effective < EDITS {
        effective += 1;
        let (i, original) = &plans[rng.random_range(0..plans.len())];
        let mut value = serde_json::to_value(original).unwrap();
        let mut pointers = Vec::new();
        leaves(&value, String::new(), &mut pointers);
        // Every top-level part as often as any other, however many leaves it has.
        let parts: Vec<&str> = [
            "summary",
            "cost",
            "allocations",
            "placements",
            "stagings",
            "certificate",
            "workload",
            "market",
            "rules",
            "inputs",
            "unplaced",
        ]
        .into();
        let part = format!("/{}", parts[rng.random_range(0..parts.len())]);
        let of_part: Vec<&String> = pointers.iter().filter(|p| p.starts_with(&part)).collect();
        let pointer = if of_part.is_empty() {
            &pointers[rng.random_range(0..pointers.len())]
        } else {
            of_part[rng.random_range(0..of_part.len())]
        };
        let leaf = value.pointer_mut(pointer).unwrap();
        let new = edited(leaf, &mut rng);
        if *leaf == new {
            same += 1;
            effective -= 1;
            continue;
        }
        *leaf = new;
        let Ok(forged) = serde_json::from_value::<Plan>(value) else {
            unreadable += 1;
            continue;
        };
        let forged = rehash(forged);
        if &forged == original {
            same += 1;
            effective -= 1;
            continue;
        }
        if !check(&forged).is_clean() {
            by_check += 1;
            continue;
        }
        let full = hash::of(&i.market);
        let compared = compare_with_inputs(&forged, Some(&i.workload), Some((&i.market, &full)), Some(&i.rules));
        if !compared.is_clean() {
            // The edited inputs are not the originals. Over the edited ones the plan is still right:
            // the check has just recomputed every cost line, constraint and bound from them.
            assert_eq!(claims(&forged), claims(original), "{pointer}: a claim changed unseen");
            by_inputs += 1;
        } else if advisory(pointer) {
            assert_eq!(claims(&forged), claims(original), "{pointer}");
            said += 1;
        } else {
            // Nothing names it: then the claims must be the same, and the edited price must prove the
            // same bound (a certificate's price that no minimum rests on).
            assert_eq!(claims(&forged), claims(original), "{pointer}: unseen and not harmless");
            assert!(pointer.starts_with("/certificate/"), "{pointer}: not named");
            harmless += 1;
        }
    }
    println!(
        "{EDITS} edits: {by_check} named by check, {unreadable} refused on reading, {by_inputs} inputs named by comparison \
         (plan still right over them), {said} in advisory text, {harmless} prices that prove the same bound, {same} more changed nothing"
    );
    assert!(by_check > EDITS / 2);
}
