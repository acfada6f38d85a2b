//! The laws of planning again where an earlier plan stands.

mod support;

use support::{Instance, START, instance, plan, usd_per_hour};
use tradewind_core::check::{check, compare_with_inputs};
use tradewind_core::diff::diff;
use tradewind_core::market::CapacityType;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_optimizer::Request;
use tradewind_optimizer::revise::{Earlier, Revision, Shift, revise};

const FREE: fn(&Shift) -> Usd = |_| Usd::ZERO;
const NEVER: fn(&Shift) -> Usd = |_| Usd::from_nanos(i64::MAX);
const CASES: u64 = 60;

fn revised(i: &Instance, earlier: &Plan, charge: fn(&Shift) -> Usd) -> Revision {
    let request = Request {
        workload: &i.workload,
        market: &i.market,
        rules: &i.rules,
        market_hash: tradewind_core::hash::of(&i.market),
        as_of: START,
        seed: Seed(0),
        gap: None,
        threads: 1,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|_| {},
    };
    revise(&request, &Earlier { plan: earlier, charge: &charge }).expect("a revision")
}

/// The next day: every spot price is another, some by half.
fn next_day(i: &Instance, seed: u64) -> Instance {
    let mut next = i.clone();
    for (n, offer) in next.market.offers.iter_mut().enumerate() {
        if offer.capacity_type == CapacityType::Spot {
            let percent = 50 + Seed(seed).bits("price", n as u64) % 101;
            offer.price = usd_per_hour(offer.price.nanos() * percent as i64 / 100);
        }
    }
    next.market.snapshot = "next".to_owned();
    next
}

fn is_sound(i: &Instance, plan: &Plan, what: &str) {
    let report = check(plan);
    assert!(report.is_clean(), "{what}: {:?}", report.violations.first());
    let hash = tradewind_core::hash::of(&i.market);
    let same = compare_with_inputs(plan, Some(&i.workload), Some((&i.market, &hash)), Some(&i.rules));
    assert!(same.is_clean(), "{what}: {:?}", same.violations.first());
}

#[test]
fn in_an_unchanged_market_nothing_is_shifted() {
    for seed in 0..CASES {
        let i = instance(seed, 8);
        let first = plan(&i);
        let again = revised(&i, &first, NEVER);
        assert_eq!(again.lost, 0, "seed {seed}");
        assert!(!diff(&first, &again.plan).has_changes, "seed {seed}");
        assert_eq!(again.stood.summary.cost_usd, first.summary.cost_usd, "seed {seed}");
        // The search starts from nothing each time, and comes to the same.
        assert!(again.shifts.is_empty(), "seed {seed}: {:?}", again.shifts);
    }
}

#[test]
fn beyond_all_savings_nothing_moves_and_for_nothing_all_that_pays() {
    let (mut moved, mut cheaper) = (0, 0);
    for seed in 0..CASES {
        let i = instance(seed, 8);
        let (first, next) = (plan(&i), next_day(&i, seed));
        let (fresh, never, free) = (plan(&next), revised(&next, &first, NEVER), revised(&next, &first, FREE));
        for (what, made) in
            [("stood", &never.stood), ("held", &never.held), ("never", &never.plan), ("free", &free.plan)]
        {
            is_sound(&next, made, &format!("seed {seed}, {what}"));
        }
        let placed = |p: &Plan| p.summary.placed;
        if placed(&fresh) == placed(&first) && never.lost == 0 {
            assert!(!diff(&first, &never.plan).has_changes, "seed {seed}: charged beyond all savings");
            assert!(free.plan.summary.cost_usd <= never.held.summary.cost_usd, "seed {seed}");
        }
        assert!(placed(&free.plan) >= placed(&fresh).max(placed(&free.held)), "seed {seed}");
        if placed(&free.plan) == placed(&fresh) {
            assert!(free.plan.summary.cost_usd <= fresh.summary.cost_usd, "seed {seed}: no dearer than the fresh plan");
            assert!(free.plan.summary.lower_bound_usd <= free.plan.summary.cost_usd, "seed {seed}");
        }
        let saved = free.held.summary.cost_usd - free.plan.summary.cost_usd;
        moved += usize::from(!free.shifts.is_empty());
        cheaper += usize::from(saved > Usd::ZERO);
    }
    println!("{moved} of {CASES} with something to shift, {cheaper} cheaper than held");
    assert!(cheaper >= 10, "the cases shift something: {cheaper}");
}

#[test]
fn where_nothing_waits_there_is_nothing_to_plan() {
    let mut i = instance(1, 4);
    let first = plan(&i);
    i.workload = tradewind_core::job::Workload::default();
    i.rules.budgets.insert("p".to_owned(), Usd::from_nanos(1_000_000_000));
    for made in [plan(&i), revised(&i, &first, FREE).plan] {
        is_sound(&i, &made, "empty");
        assert_eq!((made.summary.tasks, made.summary.cost_usd), (0, Usd::ZERO));
    }
}

#[test]
fn what_is_saved_is_what_the_plans_differ_by() {
    for seed in 0..CASES {
        let i = instance(seed, 8);
        let next = next_day(&i, seed);
        let half = revised(&next, &plan(&i), |s| Usd::from_nanos(s.held_usd.nanos() / 20));
        let taken: Usd = half.shifts.iter().filter(|j| j.taken).map(|j| j.shift.saves_usd).sum();
        let saved = half.held.summary.cost_usd - half.plan.summary.cost_usd;
        let whole = half.shifts.iter().all(|j| j.taken);
        assert!(taken == saved || whole, "seed {seed}: {taken} told, {saved} saved");
        for judged in half.shifts.iter().filter(|j| j.taken && !whole && !j.shift.places_more) {
            assert!(judged.shift.saves_usd > judged.charge_usd, "seed {seed}: {judged:?}");
        }
    }
}
