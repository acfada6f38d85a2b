//! `tradewind bench calibrate`: a small run.

mod common;

use common::{Desk, root};
use serde_json::Value;

/// On spot in three clouds, so that a plan has parts.
const QUEUE: &str = r#"{"id":"a","vcpus":8,"memory":"32GiB","runtime":{"p50":"5h","p95":"6h"},"interruptible":true,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":6,"clouds":["gcp"]}
{"id":"b","vcpus":16,"memory":"64GiB","runtime":"3h","interruptible":true,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":6,"clouds":["aws"]}
{"id":"c","vcpus":4,"memory":"16GiB","runtime":"9h","interruptible":true,"count":6,"clouds":["azure"]}
{"id":"d","vcpus":4,"memory":"16GiB","runtime":"2h","count":2}
"#;

#[test]
fn an_oracle_is_calibrated_and_the_planner_is_measured() {
    let desk = Desk::new("calibrate");
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    let arguments = ["bench", "calibrate", "p.json", "--scenarios", "100", "--sample", "79", "--format"];
    let run = |format: &str| desk.run(&[&arguments[..], &[format]].concat()).expect(0).stdout;
    let text = run("json");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let schema = std::fs::read_to_string(root().join("docs/schema/calibration.schema.json")).expect("a schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    let errors: Vec<String> = validator.iter_errors(&found).map(|e| format!("{e} at {}", e.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let number = |name: &str| found[name].as_f64().expect("a number");
    // Who knows the prior of the truth holds 95 %: within four standard errors of 100 worlds and a sample of 79.
    assert!((number("oracle_covered") - 0.95).abs() < 4.0 * 0.033, "{found:#}");
    // The planner's intervals, from other processes, hold the truth nearly as often.
    assert!((0.7..=1.0).contains(&number("covered")), "{found:#}");
    let pit: f64 = found["pit"].as_array().expect("ten").iter().map(|x| x.as_f64().expect("a number")).sum();
    assert!((pit - 1.0).abs() < 1e-9);
    let page = run("table");
    assert!(page.contains("real traces") && page.lines().all(|l| l.chars().count() <= 100), "{page}");
    desk.run(&["bench", "calibrate", "p.json", "--scenarios", "1"]).expect(64);
}
