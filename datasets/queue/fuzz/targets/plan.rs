//! A plan with a few values changed: it cannot be read, or it is checked; never a panic, never long.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tradewind_core::check::check;
use tradewind_core::plan::Plan;
use tradewind_fuzz::Edits;

static PLAN: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_slice(include_bytes!("../plan/small.plan.json")).expect("the seed plan"));

fuzz_target!(|edits: Edits| {
    let mut document = PLAN.clone();
    edits.apply(&mut document);
    let plan = serde_json::from_value::<Plan>(document);
    tradewind_fuzz::count(plan.is_ok());
    if let Ok(plan) = plan {
        // What it finds does not matter here; that it ends does.
        let _ = check(&plan.sealed());
    }
});
