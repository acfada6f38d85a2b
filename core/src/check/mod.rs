//! The independent check: re-proves a plan from the file alone.
//!
//! It shares [`crate::cost`], [`crate::work`] and the types with the optimizer and nothing else: who
//! may run where, when, on which capacity, under which quota, and what the certificate proves are
//! worked out here a second time. It reports every violation it can reach, not the first.
//!
//! Advisory fields it does not judge, because no cost, bound or feasibility rests on them:
//! [`ADVISORY`].

mod alike;
mod bound;
mod concentration;
mod eligible;
mod inputs;
mod ledger;
mod money;
mod node_prices;
mod nodes;
mod quotas;
mod schedule;
mod stagings;
mod view;

use std::collections::BTreeMap;

use serde::Serialize;

pub use bound::{lower_bound, placement_bound};
pub use inputs::{compare_with_inputs, market_rows};
pub use ledger::{Cause, Line, Table, ledger};
pub use view::View;

use crate::hash;
use crate::plan::{self, Plan};

/// JSON pointers (prefixes) of what is said for people and proves nothing.
pub const ADVISORY: [&str; 13] = [
    "/made_by",
    "/assumptions",
    "/seed",
    "/reproducible",
    "/shadow_prices",
    "/summary/termination",
    "/summary/baselines",
    "/summary/one_more_fits",
    "/summary/column_gap",
    "/inputs/as_of",
    "/inputs/market_hash",
    "/unplaced/*/reasons",
    "/market/hazards/*/source",
];

/// One thing that is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Stable code: `TW3001` a hash, `TW3002` other inputs, `TW3004` a name that leads nowhere, `TW3006`
    /// what the plan promises and does not hold.
    pub code: &'static str,
    /// Stable name of the rule, e.g. `quota`, `capacity`, `cost-line`, `hash`.
    pub rule: String,
    /// JSON pointer into the plan.
    pub at: String,
    /// What the plan says.
    pub got: String,
    /// What holds.
    pub expected: String,
}

/// What a check found: every violation, and how much was examined.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Everything that is wrong, in the order of the rules.
    pub violations: Vec<Violation>,
    /// How many single conditions were examined, by rule.
    pub examined: BTreeMap<String, u64>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// Notes that a condition was examined, and that it failed unless `holds`.
    pub(crate) fn expect(
        &mut self,
        rule: &str,
        holds: bool,
        at: impl FnOnce() -> String,
        got: impl FnOnce() -> String,
        expected: impl FnOnce() -> String,
    ) -> bool {
        match self.examined.get_mut(rule) {
            Some(n) => *n += 1,
            None => {
                self.examined.insert(rule.to_owned(), 1);
            }
        }
        if !holds {
            let code = code_of(rule);
            self.violations.push(Violation { code, rule: rule.to_owned(), at: at(), got: got(), expected: expected() });
        }
        holds
    }

    /// [`Report::expect`] for two values that must be equal.
    pub(crate) fn equal<T: PartialEq + ToString>(&mut self, rule: &str, at: &str, got: &T, expected: &T) -> bool {
        self.same(rule, || at.to_owned(), got, expected)
    }

    /// [`Report::equal`] for the many rows of a table: where it stands is only said if it differs.
    pub(crate) fn same<T: PartialEq + ToString>(
        &mut self,
        rule: &str,
        at: impl FnOnce() -> String,
        got: &T,
        expected: &T,
    ) -> bool {
        self.expect(rule, got == expected, at, || got.to_string(), || expected.to_string())
    }
}

/// Re-proves a plan from the file alone: every constraint at every instant, every cost line, both
/// certificates, the hashes.
///
/// ```
/// use tradewind_core::{check, plan::Plan};
///
/// fn holds(plan: &Plan) -> bool {
///     check::check(plan).is_clean()
/// }
/// ```
pub fn check(plan: &Plan) -> Report {
    let mut report = Report::default();
    check_hashes(plan, &mut report);
    let Some(view) = View::new(plan, &mut report) else { return report };
    let nodes = schedule::check(plan, &view, &mut report);
    money::check(plan, &view, &nodes, &mut report);
    concentration::check(plan, &view, &nodes, &mut report);
    bound::check(plan, &view, &mut report);
    report
}

/// Checks only that the plan's queue, market rows and rules hold together and match their hashes: what
/// must be true before anything can be worked out from them.
pub fn check_inputs(plan: &Plan) -> Report {
    let mut report = Report::default();
    check_hashes(plan, &mut report);
    let _ = View::new(plan, &mut report);
    report
}

/// The code of a rule.
fn code_of(rule: &str) -> &'static str {
    match rule {
        "hash" => "TW3001",
        "inputs" | "input-queue" | "input-market" | "input-rules" => "TW3002",
        "reference" | "offer" => "TW3004",
        _ => "TW3006",
    }
}

fn check_hashes(plan: &Plan, report: &mut Report) {
    report.equal("schema", "/schema", &plan.schema, &plan::SCHEMA.to_owned());
    report.equal("hash", "/content_hash", &plan.content_hash, &plan.computed_hash());
    report.equal("hash", "/inputs/market_rows_hash", &plan.inputs.market_rows_hash, &hash::of(&plan.market));
    report.equal("hash", "/inputs/workload_hash", &plan.inputs.workload_hash, &hash::of(&plan.workload));
    report.equal("hash", "/inputs/rules_hash", &plan.inputs.rules_hash, &hash::of(&plan.rules));
    report.equal("inputs", "/inputs/snapshot", &plan.inputs.snapshot, &plan.market.snapshot);
    report.equal("inputs", "/inputs/market_as_of", &plan.inputs.market_as_of, &plan.market.as_of);
}
