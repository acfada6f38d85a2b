//! Torture of the scheduler: promises hold over seeds, every fault is reached, and planted bugs are found.

mod common;

use std::collections::BTreeMap;

use common::Desk;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_scheduler::torture::{Bug, Fault, Promise, Tally, run_round};

/// Spot with checkpoints, a gang, jobs that wait for others, on three clouds.
const QUEUE: &str = r#"{"id":"spot","count":6,"vcpus":8,"memory":"16GiB","runtime":{"p50":"5h","p95":"6h"},"interruptible":true,"clouds":["gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"gang","nodes":3,"vcpus":4,"memory":"8GiB","runtime":"5h","interruptible":true,"clouds":["azure"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"prep","count":5,"vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["aws"]}
{"id":"after","count":3,"vcpus":4,"memory":"8GiB","runtime":"2h","depends_on":["prep"],"clouds":["aws"]}
"#;

fn plan(name: &str) -> (Desk, Plan) {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let mut plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    plan.market.hazards.iter_mut().for_each(|h| h.value = 0.3);
    (desk, plan)
}

fn on_a_runtime<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(what)
}

#[test]
fn promises_hold_and_every_fault_is_reached() {
    let (_desk, plan) = plan("torture");
    let (mut tally, mut reached) = (Tally::default(), BTreeMap::new());
    on_a_runtime(async {
        for seed in 0..60 {
            let verdict = run_round(&plan, Seed(seed), None).await;
            assert_eq!(verdict.tally.broken, [], "seed {seed}");
            tally.add(&verdict.tally);
            verdict.reached.into_iter().for_each(|(fault, times)| *reached.entry(fault).or_insert(0) += times);
        }
    });
    for promise in Promise::ALL {
        assert!(tally.looks.get(&promise).is_some_and(|&n| n > 0), "nobody looked at {promise:?}");
    }
    for fault in Fault::ALL {
        assert!(reached.get(&fault).is_some_and(|&n: &u64| n > 0), "{fault:?} was never reached");
    }
}

#[test]
fn a_round_is_the_same_again() {
    let (_desk, plan) = plan("torture-again");
    let round = || on_a_runtime(run_round(&plan, Seed(7), None));
    assert_eq!(round(), round());
}

#[test]
fn planted_bugs_are_found() {
    let (_desk, plan) = plan("torture-bugs");
    for bug in Bug::ALL {
        let found = on_a_runtime(async {
            for seed in 0..20 {
                let broken = run_round(&plan, Seed(seed), Some(bug)).await.tally.broken;
                if let Some(first) = broken.into_iter().next() {
                    return Some((seed, first));
                }
            }
            None
        });
        println!("{bug:?}: {found:?}");
        assert!(found.is_some(), "{bug:?} was not found in 20 rounds");
    }
}

#[test]
fn the_table_of_promises_is_printed() {
    let (desk, _) = plan("torture-table");
    let table = desk.run(&["torture", "p.json", "--seeds", "3"]).expect(0).stdout;
    assert!(table.contains("3 rounds: every promise held") && table.contains("no double provisioning"), "{table}");
}
