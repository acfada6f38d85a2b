//! What the tests of the nightly share: a desk with a queue, and a night on it.

// Each test file uses its part of this.
#![allow(dead_code)]

use serde_json::Value;

use crate::common::{Desk, Ran};

/// Spot work on one cloud, so that the daily prices count, with a deadline, a GPU, a budget and a dependency.
pub const QUEUE: &str = r#"{"id":"etl","project":"warehouse","count":12,"vcpus":8,"memory":"28GiB","runtime":"3h","earliest_start":"2024-03-31T00:00:00Z","deadline":"2024-03-31T12:00:00Z","clouds":["aws"],"interruptible":true}
{"id":"train","project":"vision","count":4,"vcpus":4,"memory":"12GiB","gpu":{"model":"T4","count":1,"alternatives":{"A10G":1.9}},"runtime":{"p50":"5h","p95":"6h"},"earliest_start":"2024-03-31T00:00:00Z","clouds":["aws"],"interruptible":true,"checkpoint":{"save":"30s","restore":"30s","size":"4GiB"}}
{"id":"risk","project":"risk","count":30,"vcpus":2,"memory":"4GiB","runtime":{"p50":"50m","p95":"70m"},"earliest_start":"2024-03-31T01:00:00Z","deadline":"2024-03-31T06:00:00Z","clouds":["aws"],"regions":["aws/us-east-1","aws/us-east-2","aws/eu-west-1"],"interruptible":true}
{"id":"report","project":"warehouse","vcpus":16,"memory":"60GiB","runtime":"2h","depends_on":["etl"],"clouds":["aws"]}
"#;

/// Of one project.
pub const BUDGETS: &str = "[budgets]\nrisk = \"3.00\"\n";

/// A folder with the queue and its budgets, and no clouds.
pub fn desk(name: &str) -> Desk {
    let desk = Desk::new(&format!("nightly-{name}"));
    desk.write("q.jsonl", QUEUE).write("c.toml", BUDGETS);
    std::fs::create_dir(desk.path("clouds")).expect("a folder of the test");
    desk
}

/// A night on the desk's own folders.
pub const FLAGS: [&str; 8] = ["reevaluate", "q.jsonl", "--config", "c.toml", "--state", "s", "--world", "clouds"];

/// A night, with more arguments.
pub fn night(desk: &Desk, as_of: &str, more: &[&str]) -> Ran {
    desk.run(&[&FLAGS[..], &["--as-of", as_of], more].concat())
}

/// A night as JSON.
pub fn report(desk: &Desk, as_of: &str, more: &[&str]) -> Value {
    let ran = night(desk, as_of, &[more, &["--format", "json"]].concat());
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// An amount in dollars.
pub fn usd(value: &Value) -> f64 {
    value.as_str().expect("an amount").parse().expect("a number")
}

/// The nights that are kept.
pub fn nights(desk: &Desk) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path("s/nights")).expect("the state");
    let mut names: Vec<String> = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
