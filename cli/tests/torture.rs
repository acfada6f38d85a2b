//! Torture of the scheduler: promises hold over seeds, every fault and every cell of the kill matrix is reached, and
//! planted bugs are found.

mod common;

use std::collections::BTreeMap;

use common::Desk;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_scheduler::torture::{Bug, Fault, Matrix, NOT_HERE, Promise, Tally, run_round, run_unwatched_round};

/// On each of three clouds: spot with checkpoints, on demand; a gang, and a job that waits for others.
const QUEUE: &str = r#"{"id":"spot-aws","count":2,"vcpus":8,"memory":"16GiB","runtime":{"p50":"5h","p95":"6h"},"interruptible":true,"clouds":["aws"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"spot-azure","nodes":2,"vcpus":4,"memory":"8GiB","runtime":"5h","interruptible":true,"clouds":["azure"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"spot-gcp","count":2,"vcpus":8,"memory":"16GiB","runtime":{"p50":"5h","p95":"6h"},"interruptible":true,"clouds":["gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"prep-aws","count":2,"vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["aws"]}
{"id":"prep-azure","vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["azure"]}
{"id":"after-gcp","vcpus":4,"memory":"8GiB","runtime":"2h","depends_on":["prep-aws"],"clouds":["gcp"]}
"#;
/// Rounds in the tests, in four parts that run at once.
const ROUNDS: u64 = 300;
/// Rounds in which a planted bug must be found here; 1,000 is what is promised.
const ROUNDS_A_BUG: u64 = 100;

/// The plan of the queue on clouds that interrupt as the data say.
fn calm_plan(name: &str) -> (Desk, Plan) {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    (desk, plan)
}

/// The same on clouds that interrupt a node every three hours or so.
fn plan(name: &str) -> (Desk, Plan) {
    let (desk, mut plan) = calm_plan(name);
    plan.market.hazards.iter_mut().for_each(|h| h.value = 0.3);
    (desk, plan)
}

fn on_a_runtime<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(what)
}

/// A quarter of the rounds, and what they reached.
fn quarter(part: u64) {
    let (_desk, plan) = plan(&format!("torture-{part}"));
    let (mut tally, mut reached) = (Tally::default(), BTreeMap::new());
    on_a_runtime(async {
        for seed in (0..ROUNDS).filter(|seed| seed % 4 == part) {
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
        assert!(reached.get(fault).is_some_and(|&n: &u64| n > 0), "{fault:?} was never reached");
    }
}

#[test]
fn promises_hold_in_the_first_quarter() {
    quarter(0);
}

#[test]
fn promises_hold_in_the_second_quarter() {
    quarter(1);
}

#[test]
fn promises_hold_in_the_third_quarter() {
    quarter(2);
}

#[test]
fn promises_hold_in_the_last_quarter() {
    quarter(3);
}

/// Seeds that broke a promise once, on clouds that interrupt as the data say: looks that came too late for a late node;
/// a node whose readiness was told before its name, so that it stood idle until its time to live was over; a cloud that
/// forgot the bill of a node when another took its name.
#[test]
fn rounds_that_broke_once_hold() {
    let (_desk, plan) = calm_plan("torture-once");
    on_a_runtime(async {
        for seed in [10216, 11321, 12016, 13936, 14320, 15402, 17428, 18068, 22385, 30560, 33341] {
            assert_eq!(run_unwatched_round(&plan, Seed(seed)).await.tally.broken, [], "seed {seed}");
        }
        // Places were called out: a node that was ready before its launch was given up, and a leader that began behind its
        // event; launches that came after the last look.
        for seed in [50752, 51453, 52087] {
            assert_eq!(run_round(&plan, Seed(seed), None).await.tally.broken, [], "seed {seed}");
        }
    });
}

#[test]
fn every_fault_of_the_model_is_reached_or_has_a_reason() {
    let reached = Fault::ALL.iter().map(|fault| fault.number());
    let mut numbers: Vec<u8> = reached.chain(NOT_HERE.map(|(number, _)| number)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, (1..=26).collect::<Vec<_>>());
}

/// Two seeds a cell: one with a kill, one with a kill of the next leader too.
#[test]
fn every_cell_of_the_kill_matrix_is_reached_and_holds() {
    let (_desk, plan) = plan("torture-matrix");
    let mut matrix = Matrix::new(&plan).expect("a plan");
    on_a_runtime(async {
        for seed in 0..2 {
            matrix.play(&plan, Seed(seed)).await.expect("a plan");
        }
    });
    assert_eq!((matrix.cells.len(), matrix.without_meaning.len()), (114, 9 * 12 * 3 - 114));
    assert_eq!(matrix.unreached().collect::<Vec<_>>(), Vec::<&tradewind_scheduler::torture::Cell>::new());
    assert!(matrix.cells.values().any(|played| played.double > 0), "no leader was killed while it took over");
    assert_eq!(matrix.tally.broken, []);
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
    for &bug in Bug::ALL {
        let found = on_a_runtime(async {
            for seed in 0..ROUNDS_A_BUG {
                let broken = run_round(&plan, Seed(seed), Some(bug)).await.tally.broken;
                if let Some(first) = broken.into_iter().next() {
                    return Some((seed, first));
                }
            }
            None
        });
        assert!(found.is_some(), "{bug:?} was not found in {ROUNDS_A_BUG} rounds");
    }
}

#[test]
fn the_table_of_promises_is_printed() {
    let (desk, _) = plan("torture-table");
    let table = desk.run(&["torture", "p.json", "--seeds", "3"]).expect(0).stdout;
    assert!(table.contains("3 rounds: every promise held") && table.contains("no double provisioning"), "{table}");
}

#[test]
fn the_kill_matrix_is_printed() {
    let (desk, _) = plan("torture-print");
    let table = desk.run(&["torture", "p.json", "--matrix", "--seeds", "1"]).expect(0).stdout;
    assert!(table.contains("every promise held") && table.contains("no run calls this tool yet"), "{table}");
}

#[test]
fn without_a_plan_it_is_the_demos() {
    let desk = Desk::new("torture-demo");
    let table = desk.run(&["torture", "--seeds", "1"]).expect(0).stdout;
    assert!(table.contains("1 round: every promise held"), "{table}");
}
