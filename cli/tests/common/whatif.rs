//! A what-if with everything a page can show.

use serde_json::Value;

use super::Desk;

/// Four kinds of jobs on three clouds: spot and on demand, one that is interrupted often, one with a name that is nobody's
/// friend.
fn queue() -> String {
    let region = |n: usize| ["aws/us-east-1", "gcp/us-central1", "azure/eastus"][n % 3];
    let line = |n: usize| {
        format!(
            r#"{{"id":"<b>{n}","vcpus":{},"memory":"16GiB","runtime":{{"p50":"{}h","p95":"{}h"}},"deadline":"2024-03-31T{}:00:00Z","interruptible":{},"regions":["{}"]}}{}"#,
            4 << (n % 3),
            2 + n % 4,
            3 + n % 4,
            10 + n % 6,
            n % 2 == 0,
            region(n),
            "\n"
        )
    };
    (0..12).map(line).collect()
}

/// Writes `q<b>.jsonl`, asks, and gives the page and the report of the same run.
pub fn page_and_report(desk: &Desk) -> (String, Value) {
    desk.write("q<b>.jsonl", queue());
    let vary = [
        "--vary",
        "scenario.hazard_factor=0.5,20",
        "--vary",
        "scenario.spot_price_factor=0.7,1.3",
        "--vary",
        "scenario.runtime_factor=0.8,1.2",
        "--vary",
        "scenario.boot_factor=0,3",
        "--vary",
        "config.settings.memory=nominal",
    ];
    let more = ["--frontier", "risk=0.2,0.01,0.001", "--trials", "300", "-o", "r.html", "-o", "r.json"];
    desk.run(&[&["whatif", "q<b>.jsonl"][..], &vary, &more].concat()).expect(0);
    (desk.read("r.html"), serde_json::from_str(&desk.read("r.json")).expect("JSON"))
}
