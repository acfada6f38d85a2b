//! `tradewind explain`, as people read it.

mod common;

use common::Desk;
use serde_json::Value;
use tradewind_core::time::{Millis, Time};

/// A spot job whose data lies in one region, one that must stay in the EU, one too large for its
/// quota, one too late.
const QUEUE: &str = r#"{"id":"near-data","vcpus":4,"memory":"8GiB","runtime":"2h","interruptible":true,"inputs":[{"location":"aws/us-east-1","size":"500GB"}]}
{"id":"at-home","vcpus":4,"memory":"8GiB","runtime":"2h","residency":["EU"],"interruptible":true}
{"id":"greedy","vcpus":8,"memory":"16GiB","runtime":"2h","gpu":{"model":"A100","count":8},"nodes":4}
{"id":"late","vcpus":4,"memory":"8GiB","runtime":"2h","deadline":"2024-03-31T01:30:00Z"}
"#;

fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    desk
}

fn json(desk: &Desk, arguments: &[&str]) -> Value {
    let all: Vec<&str> = ["explain", "p.json"].iter().chain(arguments).chain(&["--format", "json"]).copied().collect();
    serde_json::from_str(&desk.run(&all).expect(0).stdout).expect("JSON")
}

#[test]
fn a_job_by_its_data() {
    let desk = desk("explain-data");
    let text = desk.run(&["explain", "p.json", "--job", "near-data"]).expect(0).stdout;
    assert!(text.contains("near-data: 1 task placed") && text.contains("Runner-up"), "{text}");
    assert!(text.contains("egress +"), "data keeps it home: {text}");
    let value = json(&desk, &["--job", "near-data"]);
    assert!(value["job"]["shares"][0]["offer"].as_str().is_some_and(|o| o.starts_with("aws/us-east-1/")), "{value}");
    let losers = value["job"]["losers"].as_array().expect("losers");
    assert!(!losers.is_empty());
    for loser in losers.iter().flat_map(|g| g["shown"].as_array().expect("shown")) {
        let told = !loser["forced"].is_null() || loser["obstacles"].as_array().is_some_and(|o| !o.is_empty());
        assert!(told, "a reason or a price: {loser}");
    }
}

#[test]
fn a_rule_and_what_it_costs() {
    let desk = desk("explain-rule");
    let offer = "aws/us-east-1/m6i.xlarge/spot";
    let text = desk.run(&["explain", "p.json", "--why-not", "at-home", offer]).expect(0).stdout;
    let wanted = ["outside the residency groups", "must stay in EU", "allow region aws/us-east-1", "1 of 1 task there"];
    for part in wanted {
        assert!(text.contains(part), "{part}: {text}");
    }
    let same = json(&desk, &["--why-not", "at-home", offer]);
    assert_eq!(same["why_not"]["forced"]["changes"][0]["change"], "allow_region");
    let small = desk.run(&["explain", "p.json", "--why-not", "near-data", "aws/us-east-1/t3.nano/spot"]).expect(0);
    assert!(small.stdout.contains("does not hold the job"), "{}", small.stdout);
}

#[test]
fn what_would_place_the_rest() {
    let desk = desk("explain-rest");
    let text = desk.run(&["explain", "p.json", "--job", "late"]).expect(0).stdout;
    assert!(text.contains("move the deadline") && text.contains("places all"), "{text}");
    let late = json(&desk, &["--job", "late"]);
    let to = late["relief"]["ways"][0]["changes"][0]["to"].as_str().expect("a deadline").to_owned();
    // The proof: with just that deadline it is placed, with a minute less it is not.
    let placed = |deadline: &str| {
        let queue = QUEUE.replace("2024-03-31T01:30:00Z", deadline);
        desk.write("again.jsonl", queue);
        let run = desk.run(&["plan", "again.jsonl", "--format", "json"]).expect(0);
        let plan: Value = serde_json::from_str(&run.stdout).expect("a plan");
        plan["placements"].as_array().expect("placements").iter().any(|p| p["job"] == "late")
    };
    assert!(placed(&to), "{to}");
    let instant: Time = to.parse().expect("an instant");
    let earlier = instant - Millis::from_secs(60);
    assert!(!placed(&earlier.to_string()), "{earlier}");
    let all = desk.run(&["explain", "p.json"]).expect(0).stdout;
    assert!(all.contains("What would place the rest") && all.contains("greedy"), "{all}");
}

#[test]
fn rules_have_prices_and_quotas_their_own_names() {
    let desk = desk("explain-prices");
    let text = desk.run(&["explain", "p.json", "--prices"]).expect(0).stdout;
    assert!(text.contains("deadline 2024-03-31T01:30:00Z"), "{text}");
    let value = json(&desk, &["--prices"]);
    let rules = value["prices"]["rules"].as_array().expect("rules");
    assert!(rules.iter().any(|r| r["places_tasks"].as_f64().is_some_and(|n| n > 0.9)), "{value}");
}

#[test]
fn every_dollar_has_a_row() {
    let desk = desk("explain-cost");
    let text = desk.run(&["explain", "p.json", "--cost"]).expect(0).stdout;
    assert!(text.contains("The lines sum to the plan's cost to the nano-dollar."), "{text}");
    let csv = desk.run(&["explain", "p.json", "--cost", "--format", "csv"]).expect(0).stdout;
    assert!(csv.starts_with("cause,usd,of,job,quantity,rate,table,row,rule\n"), "{csv}");
    let mine = desk.run(&["explain", "p.json", "--cost", "--job", "at-home"]).expect(0).stdout;
    assert!(mine.contains("Job at-home") && !mine.contains("near-data"), "{mine}");
}

#[test]
fn strangers_and_other_markets_are_named() {
    let desk = desk("explain-strangers");
    insta::assert_snapshot!(desk.run(&["explain", "p.json", "--job", "at-hone"]).error(), @r#"
    error[TW3004]: no such job in the plan
     --> p.json
      got: "at-hone"
      help: did you mean "at-home"?
    exit 4
    "#);
    let offer = "aws/us-east-1/m6i.xlage/spot";
    insta::assert_snapshot!(desk.run(&["explain", "p.json", "--why-not", "late", offer]).error(), @r"
    error[TW3004]: no such offer in the market
     --> p.json
      got: aws/us-east-1/m6i.xlage/spot
      help: did you mean aws/us-east-1/m6i.xlarge/spot?
    exit 4
    ");
    assert_eq!(desk.run(&["explain", "p.json", "--why-not", "late", "aws"]).code, 64);
    assert_eq!(desk.run(&["explain", "p.json", "--snapshot", "2026"]).code, 6);
    let edited = std::fs::read_to_string(desk.path("p.json")).expect("the plan").replace("at-home", "at-work");
    desk.write("edited.json", edited);
    assert_eq!(desk.run(&["explain", "edited.json"]).code, 6);
}

#[test]
fn every_question_fills_a_table() {
    let desk = desk("explain-csv");
    let offer = "aws/us-east-1/m6i.xlarge/spot";
    for question in
        [&["--job", "near-data"][..], &["--job", "late"], &["--why-not", "at-home", offer], &["--prices"], &[]]
    {
        let all: Vec<&str> =
            ["explain", "p.json"].iter().chain(question).chain(&["--format", "csv"]).copied().collect();
        let text = desk.run(&all).expect(0).stdout;
        let widths: Vec<usize> = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes())
            .records()
            .map(|r| r.expect("rows of one length").len())
            .collect();
        assert!(widths.len() > 1, "{question:?}: {text}");
    }
}

/// A queue of last week against today's prices: told at once, and why.
#[test]
fn a_deadline_before_the_plan_starts() {
    let desk = Desk::new("explain-past");
    desk.write("q.jsonl", QUEUE);
    desk.run(&["plan", "q.jsonl", "--snapshot", "2026", "-o", "p.json"]).expect(0);
    let text = desk.run(&["explain", "p.json", "--job", "late"]).expect(0).stdout;
    assert!(text.contains("lies before the plan starts"), "{text}");
}
