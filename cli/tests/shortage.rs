//! A shortage of a pool: one launch asks for all, and the work is done for the same money.

mod common;

use std::fs;

use common::Desk;
use serde_json::{Value, json};

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
