//! What the queue reader refuses, word for word, and what it accepts.
//!
//! Numbers in comments are rows of the bad-input catalogue.

use tradewind_core::job::Workload;
use tradewind_queue::{self as queue, Format, MAX_SHOWN, Options, Problem, Problems, Queue};

fn read(text: &str) -> Result<Queue, Problems> {
    queue::read("jobs.jsonl", text.as_bytes(), Format::JsonLines, &Options::default())
}

fn read_csv(text: &str) -> Result<Queue, Problems> {
    queue::read("jobs.csv", text.as_bytes(), Format::Csv, &Options::default())
}

/// A job with these fields besides the required ones; a field given here replaces a required one.
fn job(id: &str, fields: &str) -> String {
    let mut line = format!(r#"{{"id":"{id}""#);
    for (name, value) in [("vcpus", "2"), ("memory", r#""4GiB""#), ("runtime", r#""1h""#)] {
        if !fields.contains(&format!("\"{name}\"")) {
            line.push_str(&format!(r#","{name}":{value}"#));
        }
    }
    if !fields.is_empty() {
        line.push(',');
        line.push_str(fields);
    }
    line.push('}');
    line
}

fn render(p: &Problem) -> String {
    let place = |n: Option<u64>| n.map_or(String::new(), |n| format!(":{n}"));
    let at = p.pointer.as_ref().map_or(String::new(), |at| format!(" at {at}"));
    let mut text = format!("{} {}: {}{}{}{at}", p.code, p.title, p.file, place(p.line), place(p.column));
    for (label, value) in [("got", &p.got), ("accepted", &p.accepted), ("help", &p.help)] {
        if !value.is_empty() {
            text.push_str(&format!("\n  {label}: {value}"));
        }
    }
    text
}

fn errors<T: std::fmt::Debug>(result: Result<T, Problems>) -> String {
    let problems = result.expect_err("the input must be refused");
    assert_eq!(problems.total, problems.shown.len() as u64);
    problems.shown.iter().map(render).collect::<Vec<_>>().join("\n")
}

/// What is wrong with a job that has these fields.
fn refused(fields: &str) -> String {
    errors(read(&job("a", fields)))
}

// 3, 4: text
#[test]
fn text_that_is_not_text() {
    let bytes = |b: &[u8]| errors(queue::read("q", b, Format::JsonLines, &Options::default()));
    insta::assert_snapshot!(bytes(b"{\"id\":\"\xff\"}"), @r"
    TW1002 not UTF-8 text: q:1:8
      got: byte 0xff at offset 7
      accepted: UTF-8 without NUL bytes
      help: compressed and binary tables are not read as queues; reading stopped here
    ");
    insta::assert_snapshot!(bytes(b"\n{\"id\":\0}"), @r"
    TW1002 not UTF-8 text: q:2:7
      got: a NUL byte at offset 7
      accepted: UTF-8 without NUL bytes
      help: compressed and binary tables are not read as queues; reading stopped here
    ");
    insta::assert_snapshot!(bytes(b"\x1f\x8b\x08 gzip"), @r"
    TW1002 not UTF-8 text: q:1:2
      got: byte 0x8b at offset 1
      accepted: UTF-8 without NUL bytes
      help: compressed and binary tables are not read as queues; reading stopped here
    ");
}

#[test]
fn broken_json_is_placed() {
    insta::assert_snapshot!(errors(read("{\"id\":\"a\",\n")), @r"
    TW1003 the line ends in the middle of a value: jobs.jsonl:1:10
      got: EOF while parsing a value
      accepted: one whole JSON object a line
      help: the file may be cut off; write it again
    ");
    insta::assert_snapshot!(errors(read(&format!("{}\n{{\"id\":\"b\" \"vcpus\":1}}", job("a", "")))), @r"
    TW1003 broken JSON: jobs.jsonl:2:11
      got: expected `,` or `}`
      accepted: one JSON object a line
    ");
    insta::assert_snapshot!(errors(read("[]")), @r"
    TW1030 wrong kind of value: jobs.jsonl:1
      got: a list of 0
      accepted: an object
      help: write the items of the array one a line, e.g. `jq -c .[] queue.json`
    ");
    insta::assert_snapshot!(errors(read("[\n{}\n]")), @r#"
    TW1003 a JSON array: jobs.jsonl:1:1
      got: EOF while parsing a list
      accepted: one JSON object a line
      help: write the items of the array one a line, e.g. `jq -c .[] queue.json`
    TW1029 the field "id" is missing: jobs.jsonl:2
      got: nothing
      accepted: a unique name, e.g. "train-017"
    TW1029 the field "vcpus" is missing: jobs.jsonl:2
      got: nothing
      accepted: vCPUs of a node, e.g. 8 or 0.5
    TW1029 the field "memory" is missing: jobs.jsonl:2
      got: nothing
      accepted: memory of a node with its unit, e.g. "32GiB"
    TW1029 the field "runtime" is missing: jobs.jsonl:2
      got: nothing
      accepted: e.g. "3h" or {"p50": "3h", "p95": "4h"}
    TW1003 broken JSON: jobs.jsonl:3:1
      got: expected value
      accepted: one JSON object a line
    "#);
    insta::assert_snapshot!(errors(read("{} {}")), @r"
    TW1003 broken JSON: jobs.jsonl:1:4
      got: trailing characters
      accepted: one JSON object a line
    ");
    insta::assert_snapshot!(errors(read("NaN")), @r"
    TW1003 broken JSON: jobs.jsonl:1:1
      got: expected value
      accepted: one JSON object a line
    ");
}

// 5 to 8: time
#[test]
fn instants() {
    insta::assert_snapshot!(refused(r#""earliest_start":"2026-11-02T00:00:00Z","deadline":"2026-11-01T06:00:00Z""#), @r"
    TW1004 the deadline is not after the earliest start: jobs.jsonl:1 at /deadline
      got: deadline 2026-11-01T06:00:00Z, earliest_start 2026-11-02T00:00:00Z
      accepted: a deadline after earliest_start
      help: check offsets and dates
    ");
    insta::assert_snapshot!(refused(r#""submit":"2026-11-02T00:00:00+01:00","deadline":"2026-11-01T23:00:00Z""#), @r"
    TW1004 the deadline is not after the earliest start: jobs.jsonl:1 at /deadline
      got: deadline 2026-11-01T23:00:00Z, submit 2026-11-01T23:00:00Z
      accepted: a deadline after submit
      help: check offsets and dates
    ");
    insta::assert_snapshot!(refused(r#""deadline":"2026-11-02 06:00""#), @r#"
    TW1006 an instant without an offset: jobs.jsonl:1 at /deadline
      got: "2026-11-02 06:00"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: append Z for UTC, or the offset such as +01:00; it is never guessed
    "#);
    insta::assert_snapshot!(refused(r#""deadline":"2026-02-30T00:00:00Z""#), @r#"
    TW1007 not an existing instant: jobs.jsonl:1 at /deadline
      got: "2026-02-30T00:00:00Z"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: parsed date is not valid: parameter 'day' for `2026-02` is invalid, must be in range `1..=28`
    "#);
    insta::assert_snapshot!(refused(r#""deadline":1764547200"#), @r#"
    TW1030 wrong kind of value: jobs.jsonl:1 at /deadline
      got: 1764547200
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
    "#);
}

// 9 to 11: names of jobs and fields
#[test]
fn duplicates_and_strangers() {
    insta::assert_snapshot!(errors(read(&[job("a", ""), job("b", ""), job("a", "")].join("\n"))), @r#"
    TW1008 two jobs with one id: jobs.jsonl:3 at /id
      got: "a", also on line 1
      accepted: each id once
      help: use "count" for identical tasks
    "#);
    insta::assert_snapshot!(refused(r#""priority":1,"priority":2"#), @r"
    TW1009 the same key twice in one object: jobs.jsonl:1 at /priority
      got: priority
      accepted: each key once
      help: remove one of the two
    ");
    insta::assert_snapshot!(refused(r#""deadlne":"2026-11-01T06:00:00Z""#), @r#"
    TW1010 unknown field: jobs.jsonl:1 at /deadlne
      got: deadlne
      help: did you mean "deadline"?
    "#);
    insta::assert_snapshot!(refused(r#""gpu":{"model":"A100","cuont":1}"#), @r#"
    TW1010 unknown field: jobs.jsonl:1 at /gpu/cuont
      got: cuont
      help: did you mean "count"?
    "#);
    insta::assert_snapshot!(errors(read(r#"{"id":"a"}"#)), @r#"
    TW1029 the field "vcpus" is missing: jobs.jsonl:1
      got: nothing
      accepted: vCPUs of a node, e.g. 8 or 0.5
    TW1029 the field "memory" is missing: jobs.jsonl:1
      got: nothing
      accepted: memory of a node with its unit, e.g. "32GiB"
    TW1029 the field "runtime" is missing: jobs.jsonl:1
      got: nothing
      accepted: e.g. "3h" or {"p50": "3h", "p95": "4h"}
    "#);
    insta::assert_snapshot!(refused(r#""deadline":null"#), @r#"
    TW1030 wrong kind of value: jobs.jsonl:1 at /deadline
      got: null
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: leave the field out instead of writing null
    "#);
    insta::assert_snapshot!(refused(r#""interruptible":"yes""#), @r#"
    TW1030 wrong kind of value: jobs.jsonl:1 at /interruptible
      got: "yes"
      accepted: true or false
    "#);
}

// 12: ranges
#[test]
fn numbers_out_of_range() {
    for value in ["0", "-1", "1e308", "0.0001", "1e9"] {
        assert!(refused(&format!(r#""vcpus":{value}"#)).starts_with("TW1011"), "{value}");
    }
    for value in [r#""-1GiB""#, r#""0GiB""#, r#""NaN""#, r#""Infinity""#, "-4"] {
        assert!(refused(&format!(r#""memory":{value}"#)).starts_with("TW1011"), "{value}");
    }
    for value in [r#""-1h""#, r#""0s""#, r#""2000w9999d999999h""#, "-1"] {
        assert!(refused(&format!(r#""runtime":{value}"#)).starts_with("TW1011"), "{value}");
    }
    for value in [r#""-1""#, r#""0""#, r#""0.0000000001""#, r#""99999999999""#] {
        assert!(refused(&format!(r#""budget_usd":{value}"#)).starts_with("TW1011"), "{value}");
    }
    for value in ["0", "0.6", "-0.1", "1"] {
        assert!(refused(&format!(r#""max_miss_probability":{value}"#)).starts_with("TW1011"), "{value}");
    }
    insta::assert_snapshot!(refused(r#""vcpus":-1"#), @r"
    TW1011 out of range: jobs.jsonl:1 at /vcpus
      got: -1
      accepted: 0.001 to 100000, in steps of 0.001
    ");
    insta::assert_snapshot!(refused(r#""vcpus":1e999"#), @r"
    TW1011 out of range: jobs.jsonl:1:54
      got: a number beyond 1e308
      accepted: finite numbers
    ");
    insta::assert_snapshot!(refused(r#""priority":101"#), @r"
    TW1011 out of range: jobs.jsonl:1 at /priority
      got: 101
      accepted: a whole number, 0 to 100
    ");
    insta::assert_snapshot!(refused(r#""nodes":1.5"#), @r"
    TW1011 out of range: jobs.jsonl:1 at /nodes
      got: 1.5
      accepted: a whole number, 1 to 10000
    ");
}

// 12, 23, 24: units, money
#[test]
fn units_and_currencies() {
    insta::assert_snapshot!(refused(r#""memory":"16G""#), @r#"
    TW1012 not a size with a unit: jobs.jsonl:1 at /memory
      got: "16G"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" (powers of 1024) or "16GB" (powers of 1000)
    "#);
    insta::assert_snapshot!(refused(r#""memory":"16Gi""#), @r#"
    TW1012 not a size with a unit: jobs.jsonl:1 at /memory
      got: "16Gi"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" (powers of 1024) or "16GB" (powers of 1000)
    "#);
    insta::assert_snapshot!(refused(r#""memory":"16""#), @r#"
    TW1012 not a size with a unit: jobs.jsonl:1 at /memory
      got: "16"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" or the unit you mean; it is never guessed
    "#);
    insta::assert_snapshot!(refused(r#""memory":16"#), @r"
    TW1012 a number without a unit: jobs.jsonl:1 at /memory
      got: 16
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write the unit; it is never guessed
    ");
    insta::assert_snapshot!(refused(r#""runtime":"3""#), @r#"
    TW1012 not a duration with a unit: jobs.jsonl:1 at /runtime
      got: "3"
      accepted: a duration with its unit, e.g. "90s", "1h30m" or "2d"
      help: units are ms, s, m, h, d and w
    "#);
    insta::assert_snapshot!(refused(r#""budget_usd":20"#), @r#"
    TW1030 money as a JSON number: jobs.jsonl:1 at /budget_usd
      got: 20
      accepted: dollars as a decimal string, e.g. "20.00"
      help: write it as a string, "20": money is kept exactly, not as a float
    "#);
    insta::assert_snapshot!(refused(r#""budget_usd":"20 EUR""#), @r#"
    TW1023 a currency in an amount of dollars: jobs.jsonl:1 at /budget_usd
      got: "20 EUR"
      accepted: dollars as a decimal string, e.g. "20.00"
      help: convert it first; nothing is converted silently
    "#);
    insta::assert_snapshot!(refused(r#""outputs":[{"location":"aws/us-east-1"}]"#), @r#"
    TW1022 data without a size: jobs.jsonl:1 at /outputs/0
      got: no size
      accepted: e.g. "150GiB"
      help: moving data costs by its size; it is never guessed
    "#);
    insta::assert_snapshot!(refused(r#""outputs":[{"location":"us-east-1","size":"-2GiB"}]"#), @r#"
    TW1018 not a region: jobs.jsonl:1 at /outputs/0/location
      got: "us-east-1"
      accepted: cloud/region, e.g. "aws/us-east-1"
      help: put its cloud before it: "CLOUD/us-east-1"
    TW1011 out of range: jobs.jsonl:1 at /outputs/0/size
      got: "-2GiB"
      accepted: 0 to 1024TiB
    "#);
}

// 14, 16, 17
#[test]
fn gpus_runtimes_checkpoints() {
    insta::assert_snapshot!(refused(r#""gpu":{"count":2}"#), @r#"
    TW1013 a GPU without a model: jobs.jsonl:1 at /gpu
      got: no model
      accepted: a model, e.g. {"model": "A100", "count": 1}
      help: the column gpu of `tradewind offers --format csv` has the models of the market
    "#);
    insta::assert_snapshot!(refused(r#""gpu":{"model":"A100","count":0.5}"#), @r"
    TW1013 a fraction of a GPU: jobs.jsonl:1 at /gpu/count
      got: 0.5
      accepted: whole GPUs, 1 to 1024
      help: ask for a whole one; machines with a part of a GPU are not offered to jobs
    ");
    insta::assert_snapshot!(refused(r#""gpu":{"model":"A100","alternatives":{"H100":0}}"#), @r"
    TW1011 out of range: jobs.jsonl:1 at /gpu/alternatives/H100
      got: 0
      accepted: a speed relative to the model, 0.001 to 1000
    ");
    insta::assert_snapshot!(refused(r#""runtime":{"p50":"4h","p95":"3h"}"#), @r"
    TW1015 the 95th percentile is below the median: jobs.jsonl:1 at /runtime/p95
      got: p95 3h, p50 4h
      accepted: p95 at least p50
      help: are the two swapped? Write one duration if it is always the same
    ");
    insta::assert_snapshot!(
        refused(r#""checkpoint":{"interval":"60s","save":"60s","restore":"90s","size":"40GiB"}"#), @r#"
    TW1016 checkpoints take longer than what lies between them: jobs.jsonl:1 at /checkpoint
      got: interval 1m, save 1m
      accepted: an interval longer than save
      help: write "interval": "auto" to let the planner choose the best
    "#);
}

// 20: dependencies
#[test]
fn dependencies() {
    let after = |id: &str, other: &str| job(id, &format!(r#""depends_on":["{other}"]"#));
    insta::assert_snapshot!(errors(read(&[job("prep-1", ""), after("train", "prep1")].join("\n"))), @r#"
    TW1019 a dependency that is not in the queue: jobs.jsonl:2 at /depends_on
      got: "prep1"
      accepted: ids of jobs in this queue
      help: did you mean "prep-1"?
    "#);
    insta::assert_snapshot!(errors(read(&[after("a", "b"), after("b", "c"), after("c", "a")].join("\n"))), @r"
    TW1019 jobs that wait for each other: jobs.jsonl:1 at /depends_on
      got: a -> b -> c -> a
      accepted: no cycles
      help: remove one of the dependencies
    ");
    insta::assert_snapshot!(errors(read(&after("a", "a"))), @r"
    TW1019 jobs that wait for each other: jobs.jsonl:1 at /depends_on
      got: a -> a
      accepted: no cycles
      help: remove one of the dependencies
    ");
}

#[test]
fn a_dataset_has_one_place_and_size() {
    let with = |id: &str, size: &str| {
        job(id, &format!(r#""inputs":[{{"dataset":"d","location":"aws/us-east-1","size":"{size}"}}]"#))
    };
    insta::assert_snapshot!(errors(read(&[with("a", "1GiB"), with("b", "2GiB")].join("\n"))), @r#"
    TW1022 one dataset, two descriptions: jobs.jsonl:2 at /inputs
      got: "d": 2GiB in aws/us-east-1
      accepted: 1GiB in aws/us-east-1, as on line 1
      help: a dataset name stands for one shared copy; name different data differently
    "#);
    assert!(read(&[with("a", "1GiB"), with("b", "1GiB")].join("\n")).is_ok());
}

// 21, 26: limits
#[test]
fn limits() {
    insta::assert_snapshot!(refused(r#""count":0"#), @r"
    TW1020 an array of impossible size: jobs.jsonl:1 at /count
      got: 0
      accepted: 1 to 1000000 tasks
    ");
    let half = |id: &str| job(id, r#""count":600000"#);
    insta::assert_snapshot!(errors(read(&[half("a"), half("b"), "junk".to_owned()].join("\n"))), @r"
    TW1020 more tasks than a queue may have: jobs.jsonl:2
      got: 1200000 tasks up to this line
      accepted: 1000000 tasks in all
      help: split the queue; reading stopped here
    ");
    let deep = format!(r#""labels":{}1{}"#, "[".repeat(70), "]".repeat(70));
    insta::assert_snapshot!(refused(&deep), @r"
    TW1025 nested deeper than 64 levels: jobs.jsonl:1:124
      got: deeper nesting
      accepted: 64 levels
    ");
    let long = job("a", &format!(r#""image":"{}""#, "x".repeat(1 << 20)));
    insta::assert_snapshot!(errors(read(&long)), @r"
    TW1025 a line longer than 1 MiB: jobs.jsonl:1
      got: more than 1048576 bytes
      accepted: one JSON object a line
      help: if the file is one JSON array, write its items one a line; reading stopped here
    ");
}

// 22: names
#[test]
fn unsafe_names() {
    for id in ["", " ", "a\\nb", "../etc", "=1+1", "@x", "+x", "-x", &"x".repeat(129), "a ", "a\\u0000"] {
        let text = errors(read(&job(id, "")));
        assert!(text.starts_with("TW1021"), "{id:?}: {text}");
        assert!(!text.contains('\0'), "{id:?}");
    }
    insta::assert_snapshot!(errors(read(&job("=cmd", ""))), @r#"
    TW1021 unusable name: a spreadsheet would read it as a formula: jobs.jsonl:1 at /id
      got: "=cmd"
      accepted: 1 to 128 bytes without control characters, ".." or a leading = + - @
    "#);
}

#[test]
fn all_problems_are_counted_and_the_first_are_shown() {
    let lines: Vec<String> = (0..100).map(|i| job(&format!("j{i}"), r#""priority":-1"#)).collect();
    let problems = read(&lines.join("\n")).unwrap_err();
    assert_eq!((problems.shown.len(), problems.total), (MAX_SHOWN, 100));
    assert_eq!(problems.shown[4].line, Some(5));
}

#[test]
fn a_job_reports_all_its_problems() {
    insta::assert_snapshot!(refused(r#""vcpus":0,"memory":"16","runtime":{"p50":"1h"},"prioritty":3"#), @r#"
    TW1010 unknown field: jobs.jsonl:1 at /prioritty
      got: prioritty
      help: did you mean "priority"?
    TW1011 out of range: jobs.jsonl:1 at /vcpus
      got: 0
      accepted: 0.001 to 100000, in steps of 0.001
    TW1012 not a size with a unit: jobs.jsonl:1 at /memory
      got: "16"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" or the unit you mean; it is never guessed
    TW1029 the field "p95" is missing: jobs.jsonl:1 at /runtime
      got: nothing
      accepted: a duration with its unit, e.g. "90s"
    "#);
}

#[test]
fn marks_and_endings_are_accepted() {
    let text = format!("\u{feff}{}\r\n\r\n  \n{}", job("a", ""), job("b", ""));
    let queue = read(&text).unwrap();
    assert_eq!(queue.workload.jobs().len(), 2);
    assert_eq!(queue.line_of("b"), Some(4));
    assert_eq!(read("").unwrap().workload.jobs().len(), 0);
}

/// The example of the design, word for word.
const EXAMPLE: &str = r#"{"id":"train-017","project":"vision","count":1,"nodes":1,
 "vcpus":8,"memory":"32GiB","gpu":{"model":"A100","count":1,"alternatives":{"H100":2.1,"L4":0.35}},"disk":"100GiB","arch":["x86_64"],"burstable":false,
 "runtime":{"p50":"3h","p95":"4h"},
 "submit":"2026-11-22T00:00:00Z","earliest_start":"2026-11-22T18:00:00Z","deadline":"2026-11-23T06:00:00Z","max_miss_probability":0.01,
 "inputs":[{"dataset":"imagenet","location":"aws/us-east-1","size":"150GiB"}],"outputs":[{"location":"aws/us-east-1","size":"2GiB"}],
 "residency":["EU"],"clouds":["aws","gcp"],"regions":["aws/eu-west-1"],
 "interruptible":true,"checkpoint":{"interval":"auto","save":"60s","restore":"90s","size":"40GiB"},
 "priority":50,"budget_usd":"20.00","max_price_usd_per_hour":"3.00","depends_on":["prep-017"],"max_attempts":5,
 "labels":{"team":"cv"},"image":"registry/train:1","command":["python","train.py"]}"#;

#[test]
fn the_example_is_read_whole() {
    let text = format!("{}\n{}", EXAMPLE.replace('\n', ""), job("prep-017", ""));
    let queue = read(&text).unwrap();
    insta::assert_snapshot!(serde_json::to_string(&queue.workload.jobs()[1]).unwrap(), @r#"{"id":"train-017","project":"vision","count":1,"nodes":1,"demand":{"vcpu_milli":8000,"memory_mib":32768,"gpu_milli":1000},"gpu":{"model":"A100","count":1,"alternatives":{"H100":2.1,"L4":0.35}},"disk":107374182400,"arch":["x86_64"],"burstable":false,"runtime":{"p50":10800000,"p95":14400000},"submit":"2026-11-22T00:00:00Z","earliest_start":"2026-11-22T18:00:00Z","deadline":"2026-11-23T06:00:00Z","max_miss_probability":0.01,"inputs":[{"dataset":"imagenet","location":"aws/us-east-1","size":161061273600}],"outputs":[{"location":"aws/us-east-1","size":2147483648}],"residency":["EU"],"clouds":["aws","gcp"],"regions":["aws/eu-west-1"],"interruptible":true,"checkpoint":{"save":60000,"restore":90000,"size":42949672960},"priority":50,"budget":"20.00","max_price":"3.00","depends_on":["prep-017"],"max_attempts":5,"labels":{"team":"cv"},"image":"registry/train:1","command":["python","train.py"]}"#);
}

#[test]
fn defaults() {
    let options = Options { max_miss_probability: 0.05, ..Options::default() };
    let queue = queue::read("q", job("a", "").as_bytes(), Format::JsonLines, &options).unwrap();
    insta::assert_snapshot!(serde_json::to_string(&queue.workload).unwrap(), @r#"[{"id":"a","count":1,"nodes":1,"demand":{"vcpu_milli":2000,"memory_mib":4096,"gpu_milli":0},"disk":0,"arch":["x86_64"],"burstable":false,"runtime":{"p50":3600000,"p95":3600000},"max_miss_probability":0.05,"interruptible":false,"priority":50}]"#);
}

#[test]
fn csv_says_the_same_as_json() {
    let csv = "id,vcpus,memory,runtime.p50,runtime.p95,gpu.model,gpu.count,gpu.alternatives.H100,arch,inputs.0.dataset,\
               inputs.0.location,inputs.0.size,inputs.1.location,inputs.1.size,interruptible,residency,labels.team\r\n\
               b,0.5,1GiB,1h,2h,A100,2,2.1,x86_64;arm64,d,aws/us-east-1,10GB,gcp/us-central1,1GB,true,EU;US,cv\r\n\
               a,2,4GiB,,,,,,,,,,,,,,\n";
    let json = [
        r#"{"id":"b","vcpus":0.5,"memory":"1GiB","runtime":{"p50":"1h","p95":"2h"},
            "gpu":{"model":"A100","count":2,"alternatives":{"H100":2.1}},"arch":["arm64","x86_64"],
            "inputs":[{"dataset":"d","location":"aws/us-east-1","size":"10GB"},{"location":"gcp/us-central1","size":"1GB"}],
            "interruptible":true,"residency":["US","EU"],"labels":{"team":"cv"}}"#
            .replace('\n', ""),
    ];
    insta::assert_snapshot!(errors(read_csv(csv)), @r#"
    TW1029 the field "runtime" is missing: jobs.csv:2
      got: nothing
      accepted: e.g. "3h" or {"p50": "3h", "p95": "4h"}
    "#);
    let without_a = csv.split_inclusive('\n').take(2).collect::<String>();
    assert_eq!(read_csv(&without_a).unwrap().workload, read(&json.join("\n")).unwrap().workload);
}

#[test]
fn csv_headers_are_strict() {
    insta::assert_snapshot!(errors(read_csv("id,vcpu,memory,runtime\na,1,1GiB,1h")), @r#"
    TW1010 unknown column: jobs.csv:1
      got: vcpu
      help: did you mean "vcpus"?
    "#);
    insta::assert_snapshot!(errors(read_csv("id,runtime,runtime.p50\na,1h,1h")), @r"
    TW1009 two columns for one field: jobs.csv:1
      got: runtime and runtime.p50
      accepted: each field once
    ");
    insta::assert_snapshot!(errors(read_csv("id,vcpus,memory,runtime\na,1,1GiB")), @r"
    TW1003 a row of another length than the header: jobs.csv:2
      got: 3 cells
      accepted: 4 cells
      help: the file may be cut off, or a cell with a comma lacks its quotes
    ");
    insta::assert_snapshot!(errors(read_csv("id,vcpus,memory,runtime\na,one,1GiB,1h")), @r"
    TW1030 wrong kind of value: jobs.csv:2 at /vcpus
      got: one
      accepted: 0.001 to 100000, in steps of 0.001
    ");
    let unclosed = format!("id,vcpus,memory,runtime\n\"a,1,1GiB,{}", "x".repeat(3 << 20));
    insta::assert_snapshot!(errors(read_csv(&unclosed)), @r"
    TW1025 a line longer than 1 MiB: jobs.csv:2
      got: more than 1048576 bytes
      accepted: shorter lines
      help: a quote may be missing; reading stopped here
    ");
}

#[test]
fn the_order_of_lines_does_not_matter() {
    let mut lines: Vec<String> = (0..200)
        .map(|i| {
            let after =
                if i % 3 == 2 { format!(r#","depends_on":["j{}","j{}"]"#, i - 1, i - 2) } else { String::new() };
            job(&format!("j{i}"), &format!(r#""count":{},"labels":{{"n":"{i}"}}{after}"#, 1 + i % 5))
        })
        .collect();
    let expected: Workload = read(&lines.join("\n")).unwrap().workload;
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(7);
    for _ in 0..50 {
        rand::seq::SliceRandom::shuffle(&mut lines[..], &mut rng);
        assert_eq!(read(&lines.join("\n")).unwrap().workload, expected);
    }
}

/// A million-line file is read in one pass; the place of its first error is true.
#[test]
fn large_queues_are_read_quickly() {
    let mut text = String::new();
    for i in 0..100_000 {
        text.push_str(&job(
            &format!("job-{i}"),
            r#""labels":{"team":"cv"},"inputs":[{"dataset":"d","location":"aws/us-east-1","size":"1GB"}]"#,
        ));
        text.push('\n');
    }
    let started = std::time::Instant::now();
    assert_eq!(read(&text).unwrap().workload.jobs().len(), 100_000);
    let took = started.elapsed();
    println!("100000 lines, {} MB: {took:?}", text.len() / 1_000_000);
    assert!(took.as_secs() < 10, "{took:?}");
    text.push_str("{\"id\":\"last\"}");
    assert_eq!(read(&text).unwrap_err().shown[0].line, Some(100_001));
}

/// The fuzzer is told every word that the reader knows.
#[test]
fn the_fuzzer_knows_every_field() {
    let words = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/words.dict")).unwrap();
    for field in queue::FIELDS.iter().flat_map(|(_, fields)| *fields) {
        assert!(words.contains(&format!("\"{field}\"\n")), "add {field:?} to datasets/queue/fuzz/words.dict");
    }
}
