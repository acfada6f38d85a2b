//! The same bill: a plan carried out through the MCP servers, with all their layers, gives the timeline of the
//! simulator's replication of the same seed to the millisecond, and its cost to the nano-dollar.

mod common;

use std::sync::Arc;

use common::Desk;
use tradewind_core::money::Usd;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_scheduler::drive::{Driver, NoWatch, Simulation};
use tradewind_scheduler::journal::Memory;
use tradewind_scheduler::run::{Figures, Run, Script};
use tradewind_sim::plan::{Model, Outcome, Stop, World, simulate, timeline};

/// Spot with checkpoints, a gang, a spread of running times, and jobs that wait for others.
const MIXED: &str = r#"{"id":"spot","count":12,"vcpus":8,"memory":"16GiB","runtime":{"p50":"9h","p95":"12h"},"interruptible":true,"clouds":["gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"gang","nodes":3,"vcpus":4,"memory":"8GiB","runtime":"5h","interruptible":true,"clouds":["azure","gcp"],"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"10GiB"}}
{"id":"prep","count":5,"vcpus":2,"memory":"4GiB","runtime":"1h","clouds":["aws"]}
{"id":"after","count":3,"vcpus":4,"memory":"8GiB","runtime":{"p50":"2h","p95":"3h"},"depends_on":["prep"],"clouds":["aws","azure"]}
"#;

/// On-demand behind spot: a task by itself, and a gang of two.
const TIGHT: &str = r#"{"id":"train","vcpus":8,"memory":"32GiB","runtime":"8h","deadline":"2024-03-31T09:10:00Z","interruptible":true,"max_miss_probability":0.001,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":4,"regions":["gcp/us-central1"]}
{"id":"pair","nodes":2,"vcpus":8,"memory":"32GiB","runtime":"8h","deadline":"2024-03-31T09:20:00Z","interruptible":true,"max_miss_probability":0.001,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"regions":["gcp/us-central1"]}
"#;

/// A plan in whose world nodes are taken back more often than its market says.
fn planned(desk: &Desk, queue: &str, hazard: f64) -> Plan {
    desk.write("q.jsonl", queue);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let mut plan: Plan = serde_json::from_str(&desk.read("p.json")).expect("a plan");
    plan.market.hazards.iter_mut().for_each(|h| h.value = hazard);
    plan
}

/// Carries a plan out over the wire; the clouds' limits on calls are off, for the simulator knows none.
fn carried_out(plan: &Plan, seed: Seed, folder: &std::path::Path) -> (Figures, Vec<tradewind_sim::plan::Span>) {
    let script = Arc::new(Script::new("same-bill", plan.clone()).expect("a sound plan"));
    let budget = Usd::from_nanos(i64::MAX);
    let simulation = Simulation { seed, troubles: Vec::new(), budget, limits: false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let clients = simulation.open(&script, folder).await.expect("clouds");
        let mut nobody = NoWatch;
        let mut driver = Driver::open(script, Memory::default(), clients, &mut nobody).expect("a run");
        driver.finish().await.expect("an end");
        let run: &Run = driver.run();
        (run.figures(), run.timeline())
    })
}

/// Carries a plan out and simulates it, seed by seed; interruptions and tasks that left spot, over all seeds.
fn compare(name: &str, queue: &str, hazard: f64, seeds: u64) -> (u32, u32) {
    let desk = Desk::new(name);
    let plan = planned(&desk, queue, hazard);
    let model = Model::new(&plan, &World::default()).expect("a sound plan");
    let mut seen = (0, 0);
    for seed in (0..seeds).map(Seed) {
        let outcome: Outcome = simulate(&model, seed, Stop::Trials(1), 1, &|_| ()).outcomes.remove(0);
        let (figures, spans) = carried_out(&plan, seed, &desk.path(&format!("clouds-{}", seed.0)));
        assert_eq!(spans, timeline(&model, seed, 0), "seed {}", seed.0);
        assert_eq!(figures.cost_usd.nanos(), outcome.cost, "seed {}", seed.0);
        assert_eq!((figures.interruptions, figures.moved), (outcome.interruptions, outcome.moved));
        seen = (seen.0 + figures.interruptions, seen.1 + figures.moved);
    }
    seen
}

#[test]
fn a_run_with_interruptions_gangs_and_dependencies_costs_what_the_simulator_says() {
    let (interruptions, _) = compare("run-bill-mixed", MIXED, 0.4, 10);
    assert!(interruptions >= 3, "{interruptions} interruptions were compared");
}

#[test]
fn a_run_that_leaves_spot_costs_what_the_simulator_says() {
    let (interruptions, moved) = compare("run-bill-tight", TIGHT, 0.3, 10);
    assert!(interruptions >= 3 && moved >= 1, "{interruptions} interruptions, {moved} tasks left spot");
}

/// On demand: `cargo test --test run_bill -- --ignored`.
#[test]
#[ignore = "a hundred seeds take a minute"]
fn a_hundred_seeds() {
    println!("{:?} {:?}", compare("run-bill-100a", MIXED, 0.4, 100), compare("run-bill-100b", TIGHT, 0.3, 100));
}
