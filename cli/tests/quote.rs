//! The deadline quote: cost and risk by finishing time.

mod common;

use common::{Desk, root};
use serde_json::Value;

/// Two jobs that take hours, one of them with a deadline of its own.
const QUEUE: &str = concat!(
    r#"{"id":"a","vcpus":8,"memory":"16GiB","runtime":{"p50":"2h","p95":"3h"},"interruptible":true,"count":4}"#,
    "\n",
    r#"{"id":"b","vcpus":4,"memory":"16GiB","runtime":"90m","deadline":"2024-03-31T18:00:00Z"}"#,
    "\n"
);

fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.write("q.jsonl", QUEUE);
    desk
}

#[test]
fn the_question_is_answered_in_a_sentence_and_a_table() {
    let desk = desk("quote-table");
    let ran =
        desk.run(&["plan", "q.jsonl", "--quote", "--by", "02:00", "--by", "06:00", "--by", "2024-04-01T00:00:00Z"]);
    insta::assert_snapshot!(ran.expect(0).stdout, @r"
    Done by 2024-03-31 06:00 costs USD 0.42; no later time here costs less.
    2 jobs, 5 tasks, from 2024-03-31T00:00:00Z for 2d, each planned whole for every row.
    A job without a deadline of its own may be late with a probability of 1.0 % at most.

    By finishing time
      finish by         placed  not   USD  bound     gap  over least  worst task  late tasks  any late
      ----------------  ------  ---  ----  -----  ------  ----------  ----------  ----------  --------
      2024-03-31 02:00       1    4  0.22   0.17  28.7 %                 0.000 %       0.000   0.000 %
      2024-03-31 06:00       5    0  0.42   0.36  15.7 %      +0.0 %     0.002 %       0.000   0.009 %
      2024-04-01 00:00       5    0  0.42   0.36  15.7 %      +0.0 %     0.000 %       0.000   0.000 %

    Warnings
      - 9 notes on the embedded tables: `tradewind prices show` lists them
    ");
    let csv = desk.run(&["plan", "q.jsonl", "--quote", "--by", "06:00", "--format", "csv"]).expect(0).stdout;
    assert!(csv.starts_with("finish by,placed,not,USD,bound,"), "{csv}");
}

/// Without times about six round ones are taken; the earlier, the dearer, and so is what is proven.
#[test]
fn an_earlier_end_is_never_cheaper() {
    let desk = desk("quote-json");
    let json = desk.run(&["plan", "q.jsonl", "--quote", "--quote-risk", "0.05", "--format", "json"]).expect(0).stdout;
    let quote: Value = serde_json::from_str(&json).expect("JSON");
    let schema = std::fs::read_to_string(root().join("docs/schema/quote.schema.json")).expect("a schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    jsonschema::validate(&schema, &quote).expect("as the schema says");
    let usd = |row: &Value, field: &str| row[field].as_str().and_then(|t| t.parse::<f64>().ok()).expect("dollars");
    let rows = quote["rows"].as_array().expect("rows");
    assert!((4..=8).contains(&rows.len()), "{json}");
    for pair in rows.windows(2).filter(|pair| pair[0]["placed"] == pair[1]["placed"]) {
        assert!(usd(&pair[0], "cost_usd") >= usd(&pair[1], "cost_usd"), "{json}");
        assert!(usd(&pair[0], "lower_bound_usd") >= usd(&pair[1], "lower_bound_usd"), "{json}");
    }
    for row in rows {
        assert!(row["largest_miss_probability"].as_f64().expect("a probability") <= 0.05, "{json}");
        assert!(usd(row, "cost_usd") >= usd(row, "lower_bound_usd"), "{json}");
    }
}

#[test]
fn what_cannot_be_quoted_is_a_usage_error() {
    let desk = desk("quote-refused");
    let run = |arguments: &[&str]| desk.run(&[&["plan", "q.jsonl"], arguments].concat());
    insta::assert_snapshot!(run(&["--quote", "-o", "p.json"]).error(), @r"
    error[TW4005]: a quote makes no plan file
      got: -o p.json
      help: choose a finishing time, give it as the jobs' deadline, and plan without --quote
    exit 64
    ");
    insta::assert_snapshot!(run(&["--quote", "--by", "2024-03-30T00:00:00Z"]).error(), @r"
    error[TW4005]: nothing is done before the plan starts
      got: --by 2024-03-30T00:00:00Z
      help: the plan starts at 2024-03-31T00:00:00Z: give a later time
    exit 64
    ");
    for wrong in [&["--by", "06:00"][..], &["--quote", "--by", "noon"], &["--quote", "--quote-risk", "0"]] {
        assert!(run(wrong).expect(64).stdout.is_empty(), "{wrong:?}");
    }
    assert_eq!(desk.names(), ["q.jsonl"]);
}
