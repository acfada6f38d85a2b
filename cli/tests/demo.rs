//! The demo queue: its plan passes the check, and every kind of rule binds in it at least once: without
//! the rule more tasks are placed, or what is placed costs less or runs elsewhere for less.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tradewind_core::check;
use tradewind_core::job::{Job, Workload};
use tradewind_core::market::Market;
use tradewind_core::money::{Usd, UsdPerGb};
use tradewind_core::plan::Plan;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::{MarketRequest, QuotaChoice};
use tradewind_optimizer::{Request, allocate};

use common::Desk;

fn plan(workload: &Workload, market: &Market, budgets: &BTreeMap<String, Usd>) -> Plan {
    let start = market.as_of;
    let horizon = Horizon { start, end: start + Millis::from_hours(48), window: Millis::HOUR };
    let plan = allocate(&Request {
        workload,
        market,
        rules: &Rules { budgets: budgets.clone(), ..Rules::over(horizon) },
        market_hash: String::new(),
        as_of: start,
        seed: Seed(0),
        gap: None,
        threads: 2,
        assumptions: Vec::new(),
        stop: &|| None,
        progress: &|_| {},
    })
    .expect("a plan");
    let report = check::check(&plan);
    assert!(report.is_clean(), "{:#?}", report.violations);
    plan
}

/// The queue with every job changed.
fn changed(workload: &Workload, change: impl Fn(&mut Job)) -> Workload {
    let mut jobs = workload.jobs().to_vec();
    jobs.iter_mut().for_each(change);
    Workload::new(jobs).expect("the same ids and dependencies")
}

/// Tasks placed by priority level, highest first.
fn by_level(plan: &Plan) -> Vec<u32> {
    let mut levels: BTreeMap<std::cmp::Reverse<u8>, u32> = BTreeMap::new();
    for job in plan.workload.jobs() {
        let placed =
            plan.placements.iter().filter(|p| p.job == job.id).map(|p| p.tasks[1] - p.tasks[0] + 1).sum::<u32>();
        *levels.entry(std::cmp::Reverse(job.priority)).or_insert(0) += placed;
    }
    levels.into_values().collect()
}

/// Dollars that are not for moving data.
fn without_egress(plan: &Plan) -> f64 {
    (plan.summary.cost_usd - plan.cost.egress_usd).as_f64()
}

#[test]
fn every_kind_of_rule_binds_in_the_demo() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let queue = tradewind_datasets::queue::read_file(&folder.join("queue.jsonl"), &Default::default())
        .unwrap_or_else(|_| panic!("the demo queue reads"));
    let workload = queue.workload;
    let config: toml::Table = std::fs::read_to_string(folder.join("tradewind.toml"))
        .expect("the demo's configuration")
        .parse()
        .expect("TOML");
    let budgets: BTreeMap<String, Usd> = config["budgets"]
        .as_table()
        .expect("a table")
        .iter()
        .map(|(project, usd)| (project.clone(), usd.as_str().expect("a string").parse().expect("an amount")))
        .collect();
    let loaded = tradewind_datasets::load(&MarketRequest::default()).expect("the embedded market");
    let unlimited = tradewind_datasets::load(&MarketRequest { quotas: QuotaChoice::Unlimited, ..Default::default() });
    let unlimited = unlimited.expect("the embedded market without quotas").market;
    let market = &loaded.market;
    let base = plan(&workload, market, &budgets);
    let mut free = market.clone();
    free.transfers.values_mut().flat_map(|row| row.values_mut()).for_each(|(price, _)| *price = UsdPerGb::ZERO);

    let relieved = [
        ("quota", plan(&workload, &unlimited, &budgets)),
        ("budget", plan(&workload, market, &BTreeMap::new())),
        ("deadline", plan(&changed(&workload, |j| j.deadline = None), market, &budgets)),
        ("residency", plan(&changed(&workload, |j| j.residency.clear()), market, &budgets)),
    ];
    for (rule, without) in &relieved {
        let (a, b) = (&base.summary, &without.summary);
        println!("{rule}: {} placed for {:.2}, without it {} for {:.2}", a.placed, a.cost_usd, b.placed, b.cost_usd);
        // As the objective has it: more tasks at the highest level at which the plans differ.
        let more = by_level(without) > by_level(&base);
        let cheaper = b.placed == a.placed && b.cost_usd.as_f64() < 0.999 * a.lower_bound_usd.as_f64();
        let much_cheaper = b.placed == a.placed && b.cost_usd.as_f64() < 0.995 * a.cost_usd.as_f64();
        assert!(more || cheaper || much_cheaper, "{rule} does not bind");
    }
    let moved = plan(&workload, &free, &budgets);
    println!("egress: other cost {:.2}, were moving data free {:.2}", without_egress(&base), without_egress(&moved));
    assert!(
        moved.summary.placed >= base.summary.placed && without_egress(&moved) < 0.98 * without_egress(&base),
        "egress does not keep anything from a cheaper place"
    );
}

#[test]
fn the_demo_touches_nothing_but_its_plan_and_its_own_folder() {
    let desk = Desk::new("demo-beside");
    let names = ["clouds", "runs", "troubles.json"];
    for name in names {
        fs::create_dir(desk.path(name)).expect("a folder that is not the demo's");
        fs::write(desk.path(name).join("mine.txt"), "mine").expect("a file that is not the demo's");
    }
    desk.run(&["demo", "-o", "night.plan.json"]).expect(0);
    assert_eq!(desk.names(), ["clouds", "night.plan.demo", "night.plan.json", "runs", "troubles.json"]);
    for name in names {
        assert_eq!(fs::read_dir(desk.path(name)).expect("still there").count(), 1, "{name}");
    }
}
