//! The best choice among the nodes that a search came upon.

mod support;

use support::{instance, plan_with};
use tradewind_core::check;
use tradewind_core::plan::Baseline;

const INSTANCES: u64 = 120;

/// The choice is made, proven, checked, not dearer than any baseline, and the same at one and two threads.
#[test]
fn the_choice_is_settled_and_the_same_at_any_number_of_threads() {
    let mut settled = 0;
    for seed in 0..INSTANCES {
        let i = instance(70_000 + seed, 5);
        let plan = plan_with(&i, 1);
        let s = &plan.summary;
        assert!(check::check(&plan).is_clean(), "seed {seed}");
        let dearer = |b: &Baseline| b.placed < s.placed || b.cost_usd >= s.cost_usd;
        assert!(s.baselines.values().all(dearer), "seed {seed}: {:?}", s.baselines);
        assert_eq!(plan, plan_with(&i, 2), "seed {seed}");
        settled += u64::from(s.column_gap.is_some_and(|gap| gap <= 1e-3));
    }
    assert!(settled * 10 >= INSTANCES * 9, "{settled} of {INSTANCES}");
}
