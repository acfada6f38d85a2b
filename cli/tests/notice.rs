//! What an interruption of spot leaves of a task: in the plan, its check, its pages and its comparison.

mod common;

use common::Desk;
use serde_json::{Value, json};
use tradewind_core::plan::Plan;

/// The shortest notice of the clouds is 30 seconds, the longest two minutes.
fn queue(save: &str) -> String {
    let spot = r#""vcpus":2,"memory":"4GiB","runtime":"2h","clouds":["aws"],"interruptible":true"#;
    let saving = |save: &str| format!(r#""checkpoint":{{"save":"{save}","restore":"1s","size":"1GiB"}}"#);
    format!(
        "{{\"id\":\"quick\",{spot},{}}}\n{{\"id\":\"slow\",\"count\":3,{spot},{}}}\n{{\"id\":\"stubborn\",{spot}}}\n",
        saving("2s"),
        saving(save)
    )
}

fn planned(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", queue("10m"));
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    desk
}

#[test]
fn a_plan_says_from_where_its_tasks_go_on() {
    let desk = planned("notice-plan");
    let plan: Value = serde_json::from_str(&desk.read("p.json")).expect("JSON");
    for (job, kept) in [("quick", "at_notice"), ("slow", "last_periodic"), ("stubborn", "restart")] {
        let mut of = plan["placements"].as_array().expect("a list").iter().filter(|p| p["job"] == job).peekable();
        assert!(of.peek().is_some() && of.all(|p| p["on_interruption"] == json!(kept)), "{job}");
    }
    let text = desk.run(&["show", "p.json"]).expect(0).stdout;
    let said = text.lines().skip_while(|l| !l.starts_with("Work kept")).take_while(|l| !l.starts_with("Prices"));
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r"
    Work kept when spot is interrupted: all of it for 1 task, as saving fits in the notice; only up to
    the last periodic checkpoint for 3 tasks, as saving takes longer than the notice; none for 1 task
    without checkpoints.
    ");
    let page = desk.run(&["show", "p.json", "--format", "html"]).expect(0).stdout;
    assert!(page.contains("only up to the last periodic checkpoint for 3 tasks"), "{page}");
    let csv = desk.run(&["show", "p.json", "--format", "csv"]).expect(0).stdout;
    assert!(csv.lines().next().is_some_and(|head| head.contains(",on_interruption,")), "{csv}");
    assert_eq!(csv.lines().filter(|l| l.contains(",at_notice,")).count(), 1, "{csv}");
}

#[test]
fn a_job_explained_says_what_it_keeps() {
    let desk = planned("notice-explain");
    let text = desk.run(&["explain", "p.json", "--job", "slow"]).expect(0).stdout;
    assert!(text.contains("only up to the last periodic checkpoint for 3 tasks"), "{text}");
    assert!(text.lines().all(|l| l.chars().count() <= 100), "{text}");
    let told = desk.run(&["explain", "p.json", "--job", "slow", "--format", "json"]).expect(0).stdout;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["job"]["shares"][0]["on_interruption"], json!("last_periodic"));
}

#[test]
fn a_promise_to_save_that_the_notice_breaks_is_found() {
    let desk = planned("notice-check");
    let text = desk.read("p.json").replace("\"last_periodic\"", "\"at_notice\"");
    let forged: Plan = serde_json::from_str(&text).expect("a plan");
    desk.write("f.json", serde_json::to_string(&forged.sealed()).expect("JSON"));
    let found = desk.run(&["check", "f.json", "--format", "json"]).expect(5);
    let report: Value = serde_json::from_str(&found.stdout).expect("JSON");
    insta::assert_snapshot!(report["violations"][0], @r#"{"at":"/placements/1/on_interruption","code":"TW3006","expected":"last_periodic","got":"at_notice","rule":"notice"}"#);
}

#[test]
fn a_quicker_save_is_a_change() {
    let desk = planned("notice-diff");
    desk.write("q.jsonl", queue("90s"));
    desk.run(&["plan", "q.jsonl", "-o", "n.json"]).expect(0);
    let diff = desk.run(&["diff", "p.json", "n.json"]).expect(0);
    assert!(diff.stdout.contains("slow") && diff.stdout.contains("other checkpoints"), "{}", diff.stdout);
}
