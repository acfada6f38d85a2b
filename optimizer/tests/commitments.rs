//! What commitments cost and save, against figures worked out by hand.

mod support;

use support::{START, instance, plan};
use tradewind_core::check::check;
use tradewind_core::contract::Contract;
use tradewind_core::job::{Job, Runtime, Workload};
use tradewind_core::market::{CapacityType, Delay, Market, Offer, QuotaRow, QuotaUnit};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::plan::Plan;
use tradewind_core::resources::Resources;
use tradewind_core::select::Selector;
use tradewind_core::terms::{Commitment, Discount};
use tradewind_core::time::Millis;

/// One region, one type of 2 vCPU and 8 GiB at 0.10 USD/h on demand; no boot, no address.
fn market() -> Market {
    let mut market = instance(1, 1).market;
    for cloud in &mut market.clouds {
        cloud.boot = Delay::default();
        cloud.address = UsdPerHour::ZERO;
    }
    let large = market.types.iter().position(|t| t.name == "large").expect("a type") as u32;
    market.quotas = vec![QuotaRow { name: "one/east/all/on_demand".to_owned(), unit: QuotaUnit::Vcpu, available: 64 }];
    market.quota_sets = vec![vec![], vec![0]];
    market.offers = vec![Offer {
        instance_type: large,
        region: 0,
        capacity_type: CapacityType::OnDemand,
        price: UsdPerHour::from_nanos(100_000_000),
        hazard: None,
        quota_set: 1,
        terms: None,
    }];
    market
}

fn commitment(usd_per_hour: &str, percent: &str) -> (Commitment, Selector) {
    let commitment = Commitment {
        name: "sp".to_owned(),
        usd_per_hour: usd_per_hour.parse().unwrap(),
        percent: percent.parse().unwrap(),
        starts: None,
        ends: None,
        quota: 0,
    };
    (commitment, Selector::default())
}

/// `n` tasks of an hour that fill a node each.
fn tasks(n: u32) -> Workload {
    let demand = Resources { vcpu_milli: 2000, memory_mib: 8192, gpu_milli: 0 };
    let mut job = Job::new("j", demand, Runtime { p50: Millis::HOUR, p95: Millis::HOUR });
    job.count = n;
    job.deadline = Some(START + Millis::HOUR);
    Workload::new(vec![job]).unwrap()
}

/// The plan over three hours, checked.
fn planned(workload: Workload, market: Market) -> Plan {
    let mut i = support::Instance { market, workload, ..instance(1, 1) };
    i.rules.budgets.clear();
    let plan = plan(&i);
    let report = check(&plan);
    assert!(report.is_clean(), "{:#?}", report.violations);
    plan
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[test]
fn a_covered_task_costs_nothing_more_and_the_rest_is_reported_unused() {
    // 0.10 USD/h less 30 % is 0.07: a commitment of 0.14 USD/h covers two such nodes at a time.
    let contract = Contract { commitments: vec![commitment("0.14", "30%")], ..Contract::default() };
    let plan = planned(tasks(1), contract.applied_to(market()).unwrap());
    assert_eq!(plan.rules.horizon.end - plan.rules.horizon.start, Millis::from_hours(3));
    assert_eq!(plan.cost.commitment_usd, usd("0.42"), "owed for three hours");
    assert_eq!(plan.summary.cost_usd, usd("0.42"), "and nothing else");
    assert_eq!(plan.summary.lower_bound_usd, usd("0.42"), "which is proven least");
    assert_eq!(plan.placements[0].expected_cost_usd, Usd::ZERO);
    let allocation = &plan.allocations[0];
    assert_eq!((allocation.commitment.as_deref(), allocation.usd_per_hour), (Some("sp"), UsdPerHour::ZERO));
    let uses = plan.commitments();
    assert_eq!((uses[0].owed, uses[0].used, uses[0].unused), (usd("0.42"), usd("0.07"), usd("0.35")));
}

#[test]
fn what_the_commitment_cannot_hold_is_bought() {
    let contract = Contract { commitments: vec![commitment("0.14", "30%")], ..Contract::default() };
    let plan = planned(tasks(3), contract.applied_to(market()).unwrap());
    assert_eq!(plan.summary.cost_usd, usd("0.52"), "two of three at once are covered, one is bought");
    let bound = plan.summary.lower_bound_usd;
    assert!(bound > usd("0.51999") && bound <= usd("0.52"), "{bound}: the LP's prices are rounded down");
    assert_eq!(plan.commitments()[0].unused, usd("0.28"));
}

#[test]
fn a_node_is_covered_whole_or_not_at_all() {
    let contract = Contract { commitments: vec![commitment("0.069", "30%")], ..Contract::default() };
    let plan = planned(tasks(1), contract.applied_to(market()).unwrap());
    assert_eq!(plan.summary.cost_usd, usd("0.307"), "a tenth of a cent too little covers nothing");
    assert_eq!(plan.commitments()[0].used, Usd::ZERO);
}

#[test]
fn a_commitment_covers_only_while_it_is_in_force() {
    let mut expired = commitment("0.14", "30%");
    expired.0.ends = Some(START + Millis::from_secs(3_599));
    let contract = Contract { commitments: vec![expired], ..Contract::default() };
    let plan = planned(tasks(1), contract.applied_to(market()).unwrap());
    assert_eq!(plan.cost.commitment_usd, usd("0.139961111"), "owed until it ends");
    assert_eq!(plan.summary.cost_usd, usd("0.239961111"), "the task would outlive it by a second");
    assert!(plan.allocations[0].commitment.is_none());
}

#[test]
fn a_discount_keeps_the_list_price_and_the_first_that_matches_applies() {
    let discount = |name: &str, percent: &str| Discount { name: name.to_owned(), percent: percent.parse().unwrap() };
    let elsewhere = Selector { clouds: vec!["two".to_owned()], ..Selector::default() };
    let discounts = vec![
        (discount("other", "90%"), elsewhere),
        (discount("edp", "12.5%"), Selector::default()),
        (discount("late", "50%"), Selector::default()),
    ];
    let contract = Contract { discounts, ..Contract::default() };
    let plan = planned(tasks(1), contract.applied_to(market()).unwrap());
    assert_eq!(plan.summary.cost_usd, usd("0.0875"));
    let offer = &plan.market.offers[0];
    assert_eq!(offer.list_price().to_string(), "0.10");
    assert_eq!(plan.market.discounts.len(), 1, "only what the plan's offers name is in its market");
    assert_eq!(plan.market.discounts[0], discount("edp", "12.5%"));
}

/// A larger commitment can only lower what has to be bought besides, by the bound.
#[test]
fn more_commitment_never_raises_what_is_bought() {
    for seed in 0..60 {
        let i = instance(80_000 + seed, 3 + (seed % 4) as usize);
        let mut bought: Option<(u64, Usd)> = None;
        for usd_per_hour in ["0.010", "0.060", "0.120", "0.500"] {
            let contract = Contract { commitments: vec![commitment(usd_per_hour, "20%")], ..Contract::default() };
            let market = contract.applied_to(i.market.clone()).unwrap();
            let plan = plan(&support::Instance { market, ..i.clone() });
            assert!(check(&plan).is_clean(), "seed {seed}");
            let bound = (plan.summary.placed, plan.summary.lower_bound_usd - plan.cost.commitment_usd);
            if let Some((placed, before)) = bought.filter(|(placed, _)| *placed == bound.0) {
                let slack = Usd::from_nanos(before.nanos() / 2_000 + 1_000);
                assert!(bound.1 <= before + slack, "seed {seed}: {placed} tasks, {before} to {}", bound.1);
            }
            bought = Some(bound);
        }
    }
}
