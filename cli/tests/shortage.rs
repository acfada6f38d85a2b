//! A shortage of a pool: one launch asks for all, and the work is done for the same money.

#[path = "common/audited.rs"]
mod audited;
mod common;

use std::fs;

use audited::{carried_out, planned};
use common::Desk;
use serde_json::{Value, json};
use tradewind_core::money::Usd;
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_mcp::simulated::What;
use tradewind_scheduler::drive::Trouble;
use tradewind_scheduler::run::Intent;
use tradewind_sim::plan::Moment;

/// Jobs of one region that begin one after another, in allocations of their own.
fn queue() -> String {
    let job = |i: usize| {
        let start = format!("2024-03-31T{:02}:00:00Z", i % 6);
        let job = json!({"id": format!("j{i:02}"), "vcpus": 8, "memory": "16GiB", "count": 6, "earliest_start": start,
            "runtime": format!("{}h", 2 + i % 5), "regions": ["aws/us-east-1"]});
        format!("{job}\n")
    };
    (0..12).map(job).collect()
}

#[test]
fn a_pool_without_room_is_asked_by_one_launch_at_a_time() {
    let desk = Desk::new("shortage");
    let what = json!({"kind": "capacity", "left": 0});
    let trouble = json!([{"cloud": "aws", "what": what, "place": "us-east-1", "from": "+0s", "until": "+8h"}]);
    desk.write("q.jsonl", queue()).write("t.json", trouble.to_string());
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let ran = desk.run(&["apply", "p.json", "--state", "s", "--troubles", "t.json", "--format", "json"]).expect(0);
    let bill: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(bill["figures"]["tasks"]["done"], json!(72));

    let run = fs::read_dir(desk.path("s")).expect("runs").flatten().next().expect("a run").path();
    let calls = fs::read_to_string(run.join("aws/calls.jsonl")).expect("the calls");
    let launches = calls.lines().filter(|line| line.contains("/launch\"")).count();
    // Each of the 12 allocations by itself asked 320 times; three pools, every quarter of an hour or more, ask 90 times.
    assert!((12..=120).contains(&launches), "{launches} launches were asked for");
    let told = ran.stderr;
    assert!(told.contains("leave it alone until") && told.contains("its pause is over"), "{told}");
    // The choices are in the journal, with what else could have been chosen.
    let name = run.file_name().expect("a name").to_string_lossy().into_owned();
    let steps = desk.run(&["replay", &name, "--state", "s", "--step"]).expect(0).stdout;
    assert!(steps.contains("ask again (not: wait on), as a launch was answered"), "{steps}");
}

/// The pause of a pool is over while all money of the project is set aside for what runs elsewhere: its probe waits for
/// money, nobody asks in the meantime, and the pool is no longer one without room, so the launch is made as soon as the
/// money is back.
#[test]
fn a_probe_waits_for_money_and_is_made_when_it_is_back() {
    let desk = Desk::new("shortage-budget");
    let job = |id: &str, region: &str, start: &str| {
        let job = json!({"id": id, "project": "vision", "vcpus": 4, "memory": "16GiB", "regions": [region],
            "runtime": {"p50": "1h", "p95": "5h"}, "earliest_start": start});
        format!("{job}\n")
    };
    // The second begins after the first was refused, and before the pause is over.
    let first = job("wants", "aws/us-east-1", "2024-03-31T01:00:00Z");
    let second = job("runs", "aws/us-west-2", "2024-03-31T01:02:00Z");
    let mut plan = planned(&desk, &(first + &second));
    let worst = |a: &tradewind_core::plan::Allocation| a.usd_per_hour.as_f64() * (a.reserved_end - a.start).hours();
    let (sum, most) = plan.allocations.iter().map(worst).fold((0.0, 0.0_f64), |(sum, most), w| (sum + w, most.max(w)));
    let limit = Usd::from_nanos(((sum * 0.4 + most * 0.6) * 1e9) as i64);
    plan.rules.budgets.insert("vision".to_owned(), limit);
    plan.rules.spending.soft = "100%".parse().expect("a share");
    let after = |minutes: i64| Moment::After(Millis::from_secs(60 * minutes));
    let (from, until) = (after(0), after(80));
    let what = What::Capacity { left: 0 };
    let shortage = Trouble { cloud: "aws".to_owned(), what, place: "us-east-1".to_owned(), from, until };
    let mut held = 0;
    for seed in (0..30).map(Seed) {
        let (run, auditor) = carried_out(&plan, seed, vec![shortage.clone()], Some(limit));
        assert!(auditor.beyond <= 0, "seed {}: {} nano-dollars too many", seed.0, auditor.beyond);
        let wanted = plan.placements.iter().find(|p| p.job == "wants").expect("it is placed").allocation.clone();
        let is_it = |about: &str| about.split('/').next() == Some(wanted.as_str());
        let waits = auditor.choices().find(|(_, d)| is_it(&d.about) && d.choice == "wait with the launch");
        let Some((begun, told)) = waits else { continue };
        assert!(told.because.contains("TW4061"), "{told:?}");
        held += 1;
        // Until the other has ended and is billed nobody asks.
        let ends = run.state().lives.iter().filter_map(|life| life.ended).min().expect("the other ended first");
        let launches = auditor.entries.iter().filter(|entry| {
            let is_launch = |intent: &Intent| matches!(intent, Intent::Launch { .. });
            entry.time > begun.time && entry.data.calls.iter().any(|call| is_launch(&call.intent))
        });
        let next = launches.map(|entry| entry.time).next().expect("it is launched in the end, or asks once more");
        assert!(next >= ends, "seed {}: asked at {next}, before the money was back at {ends}", seed.0);
        assert!(run.state().pools.is_empty() && run.state().ledger.held.is_empty());
        assert_eq!(run.figures().tasks.done, 2, "seed {}", seed.0);
    }
    assert!(held >= 20, "{held} of 30 probes waited for money");
}
