//! The folder of nights: asked twice, late, at once, killed, torn.

mod common;
#[path = "common/nightly.rs"]
mod nightly;

use std::fs::OpenOptions;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::Desk;
use nightly::{FLAGS, desk, night, nights, report};
use serde_json::json;

#[test]
fn asked_twice_it_answers_the_same_and_does_nothing() {
    let desk = desk("twice");
    let first = night(&desk, "2024-03-29", &[]).expect(2);
    let again = night(&desk, "2024-03-29", &["--threads", "1"]).expect(2);
    assert_eq!(first.stdout, again.stdout);
    assert_eq!(nights(&desk), ["2024-03-29.00.json"]);
    // Another charge, another queue: other questions.
    night(&desk, "2024-03-29", &["--hold"]).expect(0);
    assert_eq!(nights(&desk), ["2024-03-29.00.json", "2024-03-29.01.json"]);
    let page = night(&desk, "2024-03-29", &["--format", "html", "-o", "night.html"]).expect(2);
    assert_eq!(page.stdout, "");
    let page = desk.read("night.html");
    assert!(page.contains("<h1>The first night: 47 of 47 tasks") && !page.contains("<script"));
    let markdown = night(&desk, "2024-03-29", &["--format", "md"]).expect(2).stdout;
    assert!(markdown.starts_with("## The first night: 47 of 47 tasks planned"), "{markdown}");
}

#[test]
fn missed_nights_are_caught_up_in_order_and_those_without_prices_are_named() {
    let desk = desk("missed");
    night(&desk, "2024-02-03", &[]).expect(2);
    let late = night(&desk, "2024-02-08", &[]).expect(7);
    let found = report(&desk, "2024-02-08", &[]);
    assert_eq!(found["gaps"], json!(["the night of 2024-02-06 missed: there are no prices of that day"]));
    let nights_done: Vec<&str> =
        found["caught_up"].as_array().expect("a list").iter().map(|n| n["night"].as_str().expect("a night")).collect();
    assert_eq!(nights_done, ["2024-02-04T00:00:00Z", "2024-02-05T00:00:00Z", "2024-02-07T00:00:00Z"]);
    assert!(late.stdout.contains("Not all is well: 1 thing could not be looked at."), "{}", late.stdout);
    assert_eq!(nights(&desk).len(), 5);
    // The same nights one by one come to the same plan.
    let steady = steadily(&["2024-02-03", "2024-02-04", "2024-02-05", "2024-02-07"]);
    let one_by_one = report(&steady, "2024-02-08", &[]);
    assert_eq!(one_by_one["plan"], found["plan"]);
}

fn steadily(before: &[&str]) -> Desk {
    let desk = desk("steady");
    before.iter().for_each(|as_of| drop(night(&desk, as_of, &[])));
    desk
}

#[test]
fn one_night_at_a_time() {
    let desk = desk("lock");
    std::fs::create_dir_all(desk.path("s")).expect("a folder of the test");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(desk.path("s/lock")).expect("a lock");
    lock.try_lock().expect("free");
    let held = night(&desk, "2024-03-29", &[]).expect(75);
    insta::assert_snapshot!(held.error(), @r"
    error[TW4006]: another night is under way
     --> s
      got: its lock is taken
      help: try again when it is over, or take another --state
    exit 75
    ");
    drop(lock);
    night(&desk, "2024-03-29", &[]).expect(2);
}

#[test]
fn killed_at_any_time_the_state_is_the_old_or_the_new_one() {
    let undisturbed = desk("undisturbed");
    let expected = night(&undisturbed, "2024-03-30", &[]).expect(2).stdout;
    let (mut old, mut new) = (0, 0);
    for ms in [1, 40, 80, 120, 160, 200, 240, 280, 320, 400, 480, 600] {
        let desk = desk(&format!("killed-{ms}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_tradewind"))
            .args([&FLAGS[..], &["--as-of", "2024-03-30"]].concat())
            .current_dir(desk.path("."))
            .env_remove("TRADEWIND_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        std::thread::sleep(Duration::from_millis(ms));
        child.kill().expect("ours");
        child.wait().expect("ended");
        let kept = if desk.path("s/nights").exists() { nights(&desk) } else { Vec::new() };
        match kept.iter().filter(|n| !n.starts_with('.')).count() {
            0 => old += 1,
            1 => new += 1,
            more => panic!("{more} nights after {ms} ms"),
        }
        assert_eq!(night(&desk, "2024-03-30", &[]).expect(2).stdout, expected, "killed after {ms} ms");
    }
    println!("{old} old, {new} new");
    assert!(old > 0, "some were killed before they were done");
}

#[test]
fn what_a_torn_write_leaves_is_not_read_and_what_is_edited_is_refused() {
    let desk = desk("torn");
    night(&desk, "2024-03-29", &[]).expect(2);
    desk.write("s/nights/.2024-03-30.00.json.4711.tmp", "{\"schema\":\"tradewind.ni");
    night(&desk, "2024-03-30", &[]).expect(0);
    desk.write("s/nights/2024-03-30.00.json", "{}");
    insta::assert_snapshot!(night(&desk, "2024-03-31", &[]).expect(4).error(), @r"
    error[TW4020]: a night of the state folder cannot be read
     --> s/nights/2024-03-30.00.json
      got: missing field `schema` at line 1 column 2
      accepted: tradewind.night/1
      help: another version wrote it, or somebody edited it: take it away, or take another --state
    exit 4
    ");
}

#[test]
fn mistakes_are_told_before_any_work() {
    let desk = desk("mistakes");
    let refused = |more: &[&str]| night(&desk, "2024-03-29", more).expect(64).stderr;
    assert!(refused(&["-o", "q.jsonl"]).contains("the night would overwrite its input"));
    assert!(refused(&["--margin", "3"]).contains("or 0%"));
    let nothing = desk.run(&["reevaluate", "none.jsonl", "--state", "s", "--as-of", "2024-03-29"]).expect(4);
    assert!(nothing.stderr.contains("error[TW1000]"), "{}", nothing.stderr);
    desk.write("empty.jsonl", "");
    let empty = desk.run(&["reevaluate", "empty.jsonl", "--state", "s", "--as-of", "2024-03-29"]).expect(4);
    assert!(empty.stderr.contains("error[TW1001]"), "{}", empty.stderr);
}
