//! The public spot benchmarks: every published run again, and what a bad table is told.

mod common;

use std::io::Read;

use common::Desk;

#[test]
fn every_published_run_costs_what_the_tables_say() {
    let desk = Desk::new("bench-spot");
    let ran = desk.run(&["bench", "spot", "--only", "published", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let lines = report["policies"].as_array().expect("policies");
    let rows: u64 = lines.iter().filter_map(|line| line["rows"].as_u64()).sum();
    assert_eq!(rows, 693 + 5040);
    for line in lines {
        assert!(line["largest_difference_usd"].as_f64().expect("a number") < 1e-9, "{line}");
        assert_eq!(line["rows_otherwise_different"], 0, "{line}");
    }
}

#[test]
fn a_cost_off_by_a_cent_is_seen() {
    let desk = Desk::new("bench-spot-cent");
    desk.write(
        "t.csv",
        "trace,window,task_hours,deadline_hours,restart_hours,policy,cost_usd,met_deadline\n\
         us-west-2a_k80_1,0,48,60,0.2,on_demand,147.91,1\n",
    );
    let ran = desk.run(&["bench", "spot", "--golden", "t.csv", "--only", "published", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let difference = report["policies"][0]["largest_difference_usd"].as_f64().expect("a number");
    assert!((difference - 0.01).abs() < 1e-9, "{difference}");
}

/// Rows of one point of the H100 sweep, at which SkyNomad's ratio is 1.056; the whole sweep takes a minute.
#[test]
fn ours_beats_the_published_policy_without_a_miss() {
    let desk = Desk::new("bench-spot-ours");
    let packed = std::fs::File::open(common::root().join("datasets/golden/golden_spot_deadline.csv.gz"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.expect("the table")).read_to_string(&mut text).expect("gzip");
    let of_point = |line: &&str| line.starts_with("sweep,") || (line.contains(",h100,") && line.contains(",optimal,"));
    let point = |line: &&str| line.starts_with("sweep,") || line.split(',').nth(11) == Some("1.1");
    let rows: Vec<&str> = text.lines().filter(of_point).filter(point).collect();
    assert_eq!(rows.len(), 1 + 6);
    desk.write("t.csv", rows.join("\n") + "\n");
    let ran = desk.run(&["bench", "spot", "--golden", "t.csv", "--only", "ours", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(report["ours"][0]["misses"], 0);
    assert!(report["ours"][0]["ratio_of_means"].as_f64().expect("a ratio") < 1.056, "{report}");
}

#[test]
fn an_unknown_policy_is_named_with_its_place() {
    let desk = Desk::new("bench-spot-bad");
    desk.write(
        "t.csv",
        "trace,window,task_hours,deadline_hours,restart_hours,policy,cost_usd,met_deadline\n\
         us-west-2a_k80_1,0,48,60,0.2,gredy,147.91,1\n",
    );
    let ran = desk.run(&["bench", "spot", "--golden", "t.csv"]);
    assert_eq!(ran.code, 4);
    insta::assert_snapshot!(ran.stderr, @r#"
    error[TW2014]: the table is not understood
     --> t.csv:2 at policy
      got: "gredy"
      accepted: on_demand, greedy, sliced_4, sliced_8, uniform_progress, uniform_progress_no_hysteresis, optimal
      help: did you mean "greedy"?
    "#);
}
