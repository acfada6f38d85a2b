//! Spot, then on demand: what a user sees of it, from the plan to its explanation.

mod common;

use common::Desk;
use serde_json::{Value, json};

/// Too little time for spot alone at a risk of one in a thousand, enough to lose a segment or two.
const QUEUE: &str = r#"{"id":"train","vcpus":8,"memory":"32GiB","runtime":"8h","deadline":"2024-03-31T09:10:00Z","interruptible":true,"max_miss_probability":0.001,"checkpoint":{"save":"60s","restore":"90s","size":"10GiB"},"count":4,"regions":["gcp/us-central1"]}
"#;

fn planned(name: &str, queue: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", queue);
    desk.run(&["plan", "q.jsonl", "-o", "p.json", "--quotas", "none"]).expect(0);
    desk
}

fn plan(desk: &Desk) -> Value {
    serde_json::from_str(&desk.read("p.json")).expect("JSON")
}

fn usd(value: &Value) -> f64 {
    value.as_str().expect("a decimal").parse().expect("a number")
}

#[test]
fn a_tight_deadline_is_met_on_spot_with_on_demand_behind_it() {
    let desk = planned("fallback-plan", QUEUE);
    desk.run(&["check", "p.json"]).expect(0);
    let with = plan(&desk);
    let placement = &with["placements"][0];
    let behind = &placement["fallback"];
    let miss = placement["miss_probability"].as_f64().expect("a deadline");
    assert!(miss <= 0.001, "{miss}");
    assert_eq!(behind["until"], json!("2024-03-31T09:10:00Z"));
    let order = [&placement["start"], &behind["on_demand_from"], &behind["switch_at"], &behind["until"]];
    assert!(order.is_sorted_by_key(|t| t.as_str()), "{order:?}");
    let probability = behind["probability"].as_f64().expect("a number");
    assert!(probability > 0.0 && probability < 0.1, "{probability}");
    // The lines of the cost sum to it, the fallback's among them.
    let parts: f64 =
        with["placements"].as_array().expect("a list").iter().map(|p| usd(&p["fallback"]["expected_cost_usd"])).sum();
    assert!((parts - usd(&with["cost"]["fallback_usd"])).abs() < 1e-8 && parts > 0.0);
    // Without spot the same deadline costs several times as much.
    let alone = planned("fallback-none", &QUEUE.replace("\"interruptible\":true", "\"interruptible\":false"));
    assert!(usd(&plan(&alone)["summary"]["cost_usd"]) > 3.0 * usd(&with["summary"]["cost_usd"]));
}

#[test]
fn a_user_is_told_when_a_task_moves() {
    let desk = planned("fallback-told", QUEUE);
    let shown = desk.run(&["show", "p.json"]).expect(0).stdout;
    let table = shown.lines().skip_while(|l| *l != "Spot, then on demand").take_while(|l| !l.is_empty());
    insta::assert_snapshot!(table.collect::<Vec<_>>().join("\n"), @r"
    Spot, then on demand
      job    tasks  on spot            then on       moves at        deadline        probability     USD
      -----  -----  -----------------  ------------  --------------  --------------  -----------  ------
      train      3  gcp/us-central1/   e2-highmem-8  03-31 01:03:54  03-31 09:10:00      0.700 %  0.0071
                    c2-standard-30
      train      1  gcp/us-central1/   e2-highmem-8  03-31 01:03:54  03-31 09:10:00      0.700 %  0.0024
                    c3-highmem-8
    ");
    let told = desk.run(&["explain", "p.json", "--job", "train"]).expect(0).stdout;
    let said = told.lines().skip_while(|l| !l.starts_with("Spot, then")).take_while(|l| !l.is_empty());
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r"
    Spot, then on demand: with no work saved by 03-31 01:03:54 it moves to e2-highmem-8 (0.361599
    USD/h); probability 0.7004 %, expected USD 0.0071.
    Spot, then on demand: with no work saved by 03-31 01:03:54 it moves to e2-highmem-8 (0.361599
    USD/h); probability 0.7004 %, expected USD 0.0024.
    ");
    let cost = desk.run(&["explain", "p.json", "--cost"]).expect(0).stdout;
    assert!(cost.contains("The lines sum to the plan's cost to the nano-dollar."), "{cost}");
    assert!(cost.lines().any(|l| l.starts_with("fallback: USD")), "{cost}");
}

#[test]
fn a_forged_fallback_is_found() {
    let desk = planned("fallback-forged", QUEUE);
    let mut forged = plan(&desk);
    forged["placements"][0]["fallback"]["on_demand_from"] = json!("2024-03-31T08:00:00Z");
    desk.write("forged.json", forged.to_string());
    let found = desk.run(&["check", "forged.json"]).expect(5).stdout;
    assert!(found.contains("/placements/0/fallback"), "{found}");
}

#[test]
fn where_spot_alone_is_in_time_nothing_stands_behind_it() {
    let desk = planned("fallback-needless", &QUEUE.replace("09:10:00", "20:00:00"));
    assert!(plan(&desk)["placements"].as_array().expect("a list").iter().all(|p| p["fallback"].is_null()));
}
