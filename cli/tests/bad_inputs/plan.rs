//! Rows 42 to 48: plan files.

use serde_json::Value;

use crate::common::{Desk, Ran};
use crate::{desk, job};

/// A desk with a queue, and its plan as `p.json`.
fn planned() -> Desk {
    let desk = desk(&[("q.jsonl", &job("a", ""))]);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    desk
}

/// Changes the plan by hand.
fn edit(desk: &Desk, edit: impl FnOnce(&mut Value)) {
    let mut plan: Value = serde_json::from_str(&desk.read("p.json")).expect("JSON");
    edit(&mut plan);
    desk.write("p.json", plan.to_string());
}

/// Checks the plan: code, rule and place of each violation, and the exit code.
fn violations(desk: &Desk, more: &[&str]) -> String {
    let Ran { code, stdout, .. } = desk.run(&[&["check", "p.json", "--format", "csv"], more].concat());
    let mut rows = csv::Reader::from_reader(stdout.as_bytes());
    let rows = rows.records().map(|r| r.expect("CSV")).map(|r| format!("{} {} {}\n", &r[0], &r[1], &r[2]));
    format!("{}exit {code}", rows.collect::<String>())
}

#[test]
fn row_42_edited_by_hand() {
    let desk = planned();
    edit(&desk, |plan| plan["summary"]["placed_upper_bound"] = 7.into());
    insta::assert_snapshot!(violations(&desk, &[]), @r"
    TW3001 hash /content_hash
    TW3006 placement-bound /summary/placed_upper_bound
    exit 5
    ");
}

#[test]
fn row_43_made_from_something_else() {
    let desk = planned();
    desk.write("other.jsonl", job("a", r#""priority":60,"vcpus":1"#));
    insta::assert_snapshot!(violations(&desk, &["--queue", "other.jsonl"]), @r"
    TW3002 input-queue /workload/0/demand/vcpu_milli
    TW3002 input-queue /workload/0/priority
    exit 5
    ");
    desk.write("c.toml", "[budgets]\nvision = \"1.00\"");
    insta::assert_snapshot!(violations(&desk, &["--config", "c.toml"]), @r"
    TW3002 input-rules /rules/budgets/vision
    exit 5
    ");
}

#[test]
fn row_44_written_by_a_newer_version() {
    let desk = desk(&[("p.json", r#"{"schema":"tradewind.plan/9","unknown":1}"#)]);
    insta::assert_snapshot!(desk.run(&["check", "p.json"]).error(), @r#"
    error[TW3003]: the plan is of another version
     --> p.json
      got: "tradewind.plan/9"
      accepted: "tradewind.plan/1"
      help: read it with the version that wrote it, or plan again
    exit 4
    "#);
    insta::assert_snapshot!(desk.run(&["check", "p.json", "--format", "json"]).error(), @r#"
    {
      "errors": [
        {
          "code": "TW3003",
          "title": "the plan is of another version",
          "file": "p.json",
          "got": "\"tradewind.plan/9\"",
          "accepted": "\"tradewind.plan/1\"",
          "help": "read it with the version that wrote it, or plan again"
        }
      ],
      "total": 1,
      "exit": 4
    }
    exit 4
    "#);
}

#[test]
fn row_45_names_that_lead_nowhere() {
    let desk = planned();
    edit(&desk, |plan| {
        plan["placements"][0]["job"] = "nobody".into();
        plan["allocations"][0]["instance_type"] = "m5.huge".into();
    });
    let found = violations(&desk, &[]);
    let dangling: Vec<&str> = found.lines().filter(|l| l.starts_with("TW3004") || l.starts_with("exit")).collect();
    insta::assert_snapshot!(dangling.join("\n"), @r"
    TW3004 offer /allocations/0/instance_type
    TW3004 reference /placements/0/job
    exit 5
    ");
}

#[test]
fn row_47_beyond_a_quota() {
    let desk = planned();
    edit(&desk, |plan| {
        for quota in plan["market"]["quotas"].as_array_mut().expect("quotas") {
            quota["available"] = 1.into();
        }
    });
    let ran = desk.run(&["check", "p.json", "--format", "csv"]).expect(5);
    let rows: Vec<&str> = ran.stdout.lines().filter(|l| l.contains(",quota,")).collect();
    insta::assert_snapshot!(rows.join("\n"), @"TW3006,quota,/allocations/0,2 of aws/ap-south-1/Standard/on_demand held at 2024-03-31T00:00:00Z,at most 1");
}

#[test]
fn row_48_cut_off_or_empty() {
    let desk = desk(&[("empty.json", ""), ("cut.json", r#"{"schema":"tradewind.plan/1","#), ("other.json", "{}")]);
    insta::assert_snapshot!(desk.run(&["check", "empty.json"]).error(), @r#"
    error[TW3007]: the file is empty
     --> empty.json
      got: EOF while parsing a value
      accepted: a whole "tradewind.plan/1"
      help: plan again
    exit 4
    "#);
    insta::assert_snapshot!(desk.run(&["check", "cut.json"]).error(), @r#"
    error[TW3007]: the plan is cut off
     --> cut.json:1:29
      got: EOF while parsing a value
      accepted: a whole "tradewind.plan/1"
      help: the file ends in the middle; plan again
    exit 4
    "#);
    insta::assert_snapshot!(desk.run(&["check", "other.json"]).error(), @r#"
    error[TW3007]: the file is no plan
     --> other.json:1:2
      got: missing field `schema`
      accepted: a whole "tradewind.plan/1"
      help: give a file that `tradewind plan -o` wrote
    exit 4
    "#);
}
