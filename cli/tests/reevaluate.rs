//! The nightly, on the embedded daily prices: its digest, its exit codes, and what it looks at.

mod common;
#[path = "common/nightly.rs"]
mod nightly;

use std::fs::File;

use common::Ran;
use nightly::{desk, night, nights, report, usd};
use serde_json::{Value, json};

/// The digest without what the quarantine and the embedded tables say every night.
fn digest(ran: &Ran) -> String {
    ran.stdout.split("\nPrices not believed").next().unwrap_or_default().to_owned()
}

#[test]
fn three_nights() {
    let desk = desk("three");
    insta::assert_snapshot!(digest(&night(&desk, "2024-03-29", &[]).expect(2)), @r"
    The first night: 47 of 47 tasks planned for USD 5.84; there is no earlier plan to hold it against.
    Prices of 2024-03-29 (new at 2024-03-29T00:00:00Z): 84,261 offers, 74 not believed.
    47 of 47 tasks placed on 18 nodes; USD 5.84, proven bound 5.17, at most 13.0 % above any other.
    3 spot prices held against the past: none moved as it never does.
    Spending is judged from 7 nights on; there are 0.

    Budgets
      project  may spend  planned   share  tasks waiting for it
      -------  ---------  -------  ------  --------------------
      risk          3.00     0.74  24.6 %                     -
    ");
    insta::assert_snapshot!(digest(&night(&desk, "2024-03-30", &[]).expect(0)), @r"
    Nothing to do: the last plan stands, at tonight's prices for USD 5.93 (planned for 5.84); a plan
    from scratch would be no cheaper.
    Prices of 2024-03-30 (new at 2024-03-30T00:00:00Z): 84,262 offers, 73 not believed.
    47 of 47 tasks placed on 18 nodes; USD 5.93, proven bound 5.20, at most 14.0 % above any other.
    Regret: the last plan at the prices that came costs USD 5.93, with perfect foresight 5.93: 0.00 more
    (0.0 %); 100.0 % of the possible saving over list prices was captured. None of it has begun.
    3 spot prices held against the past: none moved as it never does.
    Spending is judged from 7 nights on; there are 1.

    Last plan's tasks at the prices that came
      way                            placed    USD  against what ran
      -----------------------------  ------  -----  -----------------------------------
      what ran                           47   5.93
      perfect foresight                  47   5.93
      no way costs less (proven)         47   5.20  -0.73
      cheapest first                     47   6.13  +0.20
      all on demand                      39  21.53  8 tasks fewer: costs do not compare
      all on demand, without limits      47  22.16  +16.23

    Budgets
      project  may spend  planned   share  tasks waiting for it
      -------  ---------  -------  ------  --------------------
      risk          3.00     0.74  24.7 %                     -
    ");
    insta::assert_snapshot!(digest(&night(&desk, "2024-03-31", &[]).expect(0)), @r"
    Nothing to do: the last plan stands, at tonight's prices for USD 6.03 (planned for 5.93); a plan
    from scratch would be no cheaper.
    Prices of 2024-03-31 (new at 2024-03-31T00:00:00Z): 84,262 offers, 73 not believed.
    47 of 47 tasks placed on 18 nodes; USD 6.03, proven bound 5.22, at most 15.5 % above any other.
    Regret: the last plan at the prices that came costs USD 6.03, with perfect foresight 6.03: 0.00 more
    (0.0 %); 100.0 % of the possible saving over list prices was captured. None of it has begun.
    3 spot prices held against the past: none moved as it never does.
    Spending is judged from 7 nights on; there are 2.

    Last plan's tasks at the prices that came
      way                            placed    USD  against what ran
      -----------------------------  ------  -----  -----------------------------------
      what ran                           47   6.03
      perfect foresight                  47   6.03
      no way costs less (proven)         47   5.22  -0.81
      cheapest first                     47   6.23  +0.20
      all on demand                      39  21.53  8 tasks fewer: costs do not compare
      all on demand, without limits      47  22.16  +16.13

    Budgets
      project  may spend  planned   share  tasks waiting for it
      -------  ---------  -------  ------  --------------------
      risk          3.00     0.75  25.0 %                     -
    ");
}

#[test]
fn the_clock_of_the_machine_is_past_the_embedded_days() {
    let desk = desk("now");
    let ran = night(&desk, "now", &["--metrics", "m.prom"]).expect(6);
    let told = ran.error();
    let (head, tail) = (told.split("night as of").next().unwrap_or_default(), told.split("accepted").nth(1));
    assert!(head.starts_with("error[TW2004]: the spot prices are too old\n  got: prices of 2024-03-31"), "{told}");
    assert!(tail.is_some_and(|t| t.contains("at most 6h")), "{told}");
    assert!(!desk.path("m.prom").exists(), "a night that fails leaves the heartbeat as it was");
    assert_eq!(nights(&desk), Vec::<String>::new(), "nothing is done on a stale basis");
    let early = night(&desk, "2024-01-08", &[]).expect(6).error();
    insta::assert_snapshot!(early, @r"
    error[TW2005]: the prices are from the future
      got: prices from 2024-01-09 on, night as of 2024-01-08T00:00:00Z
      accepted: prices of 2024-01-08T00:00:00Z or before
      help: take a night from that day on, or give the prices of the night with --market
    exit 6
    ");
}

/// Two months apart a plan from scratch is another one: what is charged decides whether it is followed.
#[test]
fn moves_are_made_where_they_pay() {
    let desk = desk("moves");
    night(&desk, "2024-01-09", &["--plan-output", "old.plan.json"]).expect(2);
    let after = |state: &str, more: &[&str]| -> Value {
        let flags = ["--config", "c.toml", "--world", "clouds", "--last", "old.plan.json", "--format", "json"];
        let night = ["--as-of", "2024-03-31", "--state", state];
        let ran = desk.run(&[&["reevaluate", "q.jsonl"][..], &flags, &night, more].concat());
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let held = after("hold", &["--hold"]);
    let free = after("free", &["--change-cost", "0", "--margin", "0%"]);
    let usual = after("usual", &[]);
    assert_eq!((&held["verdict"], &held["has_changes"]), (&json!("nothing"), &json!(false)));
    assert_eq!(held["plan"]["cost_usd"], held["last"]["stands"]["cost_usd"]);
    assert_eq!((&free["verdict"], &usual["verdict"]), (&json!("changes"), &json!("changes")));
    let cost = |r: &Value| usd(&r["plan"]["cost_usd"]);
    assert!(cost(&free) <= cost(&usual) && cost(&usual) < cost(&held));
    let ways = &usual["regret"]["ways"];
    assert_eq!(ways["ran"]["cost_usd"], held["plan"]["cost_usd"]);
    let (ran, foresight) = (usd(&ways["ran"]["cost_usd"]), usd(&ways["foresight"]["cost_usd"]));
    assert!(foresight <= ran && usd(&ways["foresight_bound_usd"]) <= foresight);
    assert_eq!(ways["on_demand"]["placed"], json!(39), "the budget does not pay for more on demand");
    for rule in ["greedy", "on_demand_unlimited"] {
        assert_eq!(ways[rule]["placed"], json!(47), "{rule}");
        assert!(usd(&ways[rule]["cost_usd"]) >= usd(&ways["foresight_bound_usd"]), "{rule}");
    }
    let captured = usual["regret"]["captured"].as_f64().expect("a share");
    assert!((0.5..=1.0).contains(&captured), "{captured}");
    insta::assert_snapshot!(usual["answer"].as_str().expect("a sentence"), @r"16 tasks moved: the plan costs USD 6.03, USD 6.98 less than if the last plan were left as it is.");
    desk.run(&["check", "old.plan.json"]).expect(0);
}

/// By its own times the last plan has begun: what runs is left alone, what waits is planned around it.
#[test]
fn what_runs_stays() {
    let desk = desk("runs");
    night(&desk, "2024-03-31", &[]).expect(2);
    let later = report(&desk, "2024-03-31T02:30:00Z", &[]);
    let started: u64 = tasks_of(&later).iter().map(|s| s["tasks"].as_u64().unwrap()).sum();
    let waiting = later["queue"]["tasks"].as_u64().expect("a number");
    assert!(started > 0 && waiting > 0 && started + waiting == 47, "{started} begun, {waiting} waiting");
    assert_eq!(later["has_changes"], json!(false), "{}", later["answer"]);
    assert_eq!(later["regret"]["has_begun"], json!(true));
    // What had begun is still known when the plan of that night is long the last but one.
    let latest = report(&desk, "2024-03-31T05:00:00Z", &[]);
    let (before, after) = (tasks_of(&later), tasks_of(&latest));
    assert!(after.len() >= before.len() && after.iter().zip(&before).all(|(a, b)| a["job"] == b["job"]));
    let all: u64 = after.iter().map(|s| s["tasks"].as_u64().expect("a number")).sum();
    assert_eq!(all + latest["queue"]["tasks"].as_u64().expect("a number"), 47);
}

fn tasks_of(report: &Value) -> Vec<Value> {
    report["running"]["tasks"].as_array().expect("a list").clone()
}

#[test]
fn the_heartbeat_is_what_prometheus_reads() {
    let desk = desk("heartbeat");
    night(&desk, "2024-03-29", &[]).expect(2);
    night(&desk, "2024-03-30", &["--metrics", "m.prom"]).expect(0);
    let text = desk.read("m.prom");
    let (body, time) = text.trim_end().rsplit_once(' ').expect("a last sample");
    assert!(time.parse::<u64>().expect("seconds") > 1_700_000_000);
    for line in body.lines().filter(|l| !l.starts_with('#') && !l.ends_with("_seconds")) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("tradewind_") && value.parse::<f64>().is_ok(), "{line}");
    }
    let samples: Vec<&str> = body.lines().filter(|l| !l.starts_with('#')).collect();
    insta::assert_snapshot!(samples.join("\n"), @r#"
    tradewind_plan_cost_usd 5.929427811
    tradewind_plan_gap_ratio 0.14006487046359384
    tradewind_jobs{state="placed"} 47
    tradewind_jobs{state="unplaced"} 0
    tradewind_jobs{state="started"} 0
    tradewind_deadline_risk_ratio 0.0000009708028864804241
    tradewind_orphans 0
    tradewind_budget_remaining_usd{project="risk"} 2.257638796
    tradewind_price_age_seconds 0
    tradewind_nightly_changes 0
    tradewind_nightly_gaps 0
    tradewind_nightly_regret_usd 0
    tradewind_nightly_last_success_timestamp_seconds
    "#);
}

#[test]
fn what_stands_in_the_clouds_is_told_by_owner() {
    let desk = desk("leaks");
    let launch = json!({"region": "us-east-1", "instance_type": "m5.large", "idempotency_key": "a", "owner": "gone",
        "ttl_s": 86_400, "epoch": 1, "decision": "a/0/0/launch"});
    let call = ["mcp", "call", "launch_spot", "--args", &launch.to_string(), "--cloud", "aws", "--world", "clouds"];
    desk.run(&call).expect(0);
    let seen = report(&desk, "2024-03-29", &[]);
    assert_eq!(seen["leaks"]["clouds"], json!(["aws"]));
    assert_eq!(seen["leaks"]["owners"][0]["owner"], json!("gone"));
    assert_eq!(seen["verdict"], json!("changes"), "within its time to live it is no orphan");
    let world = desk.path("clouds/aws/world.json");
    let text = std::fs::read_to_string(&world).expect("a world");
    File::create(&world).expect("ours");
    let gone = report(&desk, "2024-03-30", &[]);
    assert_eq!(gone["verdict"], json!("partial"), "{}", gone["gaps"]);
    assert!(gone["gaps"][0].as_str().expect("a sentence").starts_with("leaks: clouds/aws/world.json: "));
    std::fs::write(&world, late(&text)).expect("ours");
    let orphaned = night(&desk, "2024-03-31", &[]).expect(7).stdout;
    let sentence = "Not all is well: 1 resource in the clouds is past its time to live.";
    assert!(orphaned.replace('\n', " ").contains(sentence), "{orphaned}");
}

/// The world a year later, its clean-up lost: what it would have ended is still there.
fn late(world: &str) -> String {
    let mut world: Value = serde_json::from_str(world).expect("JSON");
    world["now"] = json!("2025-03-31T00:00:00Z");
    world.to_string()
}
