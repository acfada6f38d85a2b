//! Rows 7 to 13, 16 and 20 to 24: fields and values, and what the queue as a whole says.

use crate::{job, queue, refused, run};

#[test]
fn row_07_time_without_zone() {
    insta::assert_snapshot!(refused(r#""deadline":"2024-04-01 06:00""#), @r#"
    error[TW1006]: an instant without an offset
     --> q.jsonl:1 at /deadline
      got: "2024-04-01 06:00"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: append Z for UTC, or the offset such as +01:00; it is never guessed
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""deadline":"2024-04-01T06:00:00""#), @r#"
    error[TW1006]: an instant without an offset
     --> q.jsonl:1 at /deadline
      got: "2024-04-01T06:00:00"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: append Z for UTC, or the offset such as +01:00; it is never guessed
    exit 4
    "#);
}

#[test]
fn row_08_time_that_does_not_exist() {
    insta::assert_snapshot!(refused(r#""deadline":"2024-02-30T06:00:00Z""#), @r#"
    error[TW1007]: not an existing instant
     --> q.jsonl:1 at /deadline
      got: "2024-02-30T06:00:00Z"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: parsed date is not valid: parameter 'day' for `2024-02` is invalid, must be in range `1..=29`
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""deadline":"2026-03-29T02:30:00[Europe/Berlin]""#), @r#"
    error[TW1006]: an instant without an offset
     --> q.jsonl:1 at /deadline
      got: "2026-03-29T02:30:00[Europe/Berlin]"
      accepted: an ISO 8601 instant with its offset, e.g. "2026-11-22T18:00:00Z"
      help: append Z for UTC, or the offset such as +01:00; it is never guessed
    exit 4
    "#);
}

#[test]
fn row_09_id_twice() {
    insta::assert_snapshot!(queue(&[job("a", ""), job("a", r#""count":2"#)].join("\n")), @r#"
    error[TW1008]: two jobs with one id
     --> q.jsonl:2 at /id
      got: "a", also on line 1
      accepted: each id once
      help: use "count" for identical tasks
    exit 4
    "#);
}

#[test]
fn row_10_key_twice() {
    insta::assert_snapshot!(refused(r#""priority":1,"priority":99"#), @r"
    error[TW1009]: the same key twice in one object
     --> q.jsonl:1 at /priority
      got: priority
      accepted: each key once
      help: remove one of the two
    exit 4
    ");
}

#[test]
fn row_11_unknown_field() {
    insta::assert_snapshot!(refused(r#""deadlne":"2024-04-01T06:00:00Z""#), @r#"
    error[TW1010]: unknown field
     --> q.jsonl:1 at /deadlne
      got: deadlne
      help: did you mean "deadline"?
    exit 4
    "#);
    let said =
        run(&[("q.jsonl", &job("a", r#""deadlne":"2024-04-01T06:00:00Z""#))], &["plan", "q.jsonl", "--format", "json"]);
    insta::assert_snapshot!(said, @r#"
    {
      "errors": [
        {
          "code": "TW1010",
          "title": "unknown field",
          "file": "q.jsonl",
          "line": 1,
          "pointer": "/deadlne",
          "got": "deadlne",
          "help": "did you mean \"deadline\"?"
        }
      ],
      "total": 1,
      "exit": 4
    }
    exit 4
    "#);
    let said = run(&[("q.csv", "id,vcpus,memory,runtime,gpu.modle\na,2,4GiB,1h,A100\n")], &["plan", "q.csv"]);
    insta::assert_snapshot!(said, @r#"
    error[TW1010]: unknown column
     --> q.csv:1
      got: gpu.modle
      help: did you mean "gpu.model"?
    exit 4
    "#);
}

#[test]
fn row_12_impossible_numbers() {
    let said = refused(
        r#""vcpus":-1,"memory":"0GiB","runtime":"0s","budget_usd":"-5","max_price_usd_per_hour":"1e308","priority":101"#,
    );
    insta::assert_snapshot!(said, @r#"
    error[TW1011]: out of range
     --> q.jsonl:1 at /vcpus
      got: -1
      accepted: 0.001 to 100000, in steps of 0.001
    error[TW1011]: out of range
     --> q.jsonl:1 at /memory
      got: "0GiB"
      accepted: more than zero, at most 1024TiB
    error[TW1011]: out of range
     --> q.jsonl:1 at /runtime
      got: "0s"
      accepted: more than zero, at most a hundred years
    error[TW1011]: out of range
     --> q.jsonl:1 at /priority
      got: 101
      accepted: a whole number, 0 to 100
    error[TW1011]: out of range
     --> q.jsonl:1 at /budget_usd
      got: "-5"
      accepted: more than zero
    error[TW1011]: out of range
     --> q.jsonl:1 at /max_price_usd_per_hour
      got: "1e308"
      accepted: more than zero, at most 9.2 billion, nine decimals
      help: "1e308" is not a decimal amount such as "12.50"
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""vcpus":1e999"#), @r"
    error[TW1011]: out of range
     --> q.jsonl:1:54
      got: a number beyond 1e308
      accepted: finite numbers
    exit 4
    ");
    let said = run(&[("q.csv", "id,vcpus,memory,runtime,budget_usd\na,NaN,4GiB,1h,Infinity\n")], &["plan", "q.csv"]);
    insta::assert_snapshot!(said, @r#"
    error[TW1011]: out of range
     --> q.csv:2 at /vcpus
      got: NaN
      accepted: 0.001 to 100000, in steps of 0.001
    error[TW1011]: out of range
     --> q.csv:2 at /budget_usd
      got: Infinity
      accepted: more than zero, at most 9.2 billion, nine decimals
      help: "Infinity" is not a decimal amount such as "12.50"
    exit 4
    "#);
}

#[test]
fn row_13_units() {
    insta::assert_snapshot!(refused(r#""memory":"16G""#), @r#"
    error[TW1012]: not a size with a unit
     --> q.jsonl:1 at /memory
      got: "16G"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" (powers of 1024) or "16GB" (powers of 1000)
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""memory":"16Gi""#), @r#"
    error[TW1012]: not a size with a unit
     --> q.jsonl:1 at /memory
      got: "16Gi"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" (powers of 1024) or "16GB" (powers of 1000)
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""memory":"16""#), @r#"
    error[TW1012]: not a size with a unit
     --> q.jsonl:1 at /memory
      got: "16"
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write "16GiB" or the unit you mean; it is never guessed
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""memory":16,"runtime":3"#), @r#"
    error[TW1012]: a number without a unit
     --> q.jsonl:1 at /memory
      got: 16
      accepted: a size with its unit: MiB, GiB, TiB (2^20, 2^30, 2^40) or MB, GB, TB (1e6, 1e9, 1e12)
      help: write the unit; it is never guessed
    error[TW1012]: a number without a unit
     --> q.jsonl:1 at /runtime
      got: 3
      accepted: a duration with its unit, e.g. "90s", "1h30m" or "2d"
      help: write the unit; it is never guessed
    exit 4
    "#);
}

#[test]
fn row_16_p95_below_p50() {
    insta::assert_snapshot!(refused(r#""runtime":{"p50":"4h","p95":"3h"}"#), @r"
    error[TW1015]: the 95th percentile is below the median
     --> q.jsonl:1 at /runtime/p95
      got: p95 3h, p50 4h
      accepted: p95 at least p50
      help: are the two swapped? Write one duration if it is always the same
    exit 4
    ");
}

#[test]
fn row_20_dependencies() {
    let said = queue(
        &[("a", "b"), ("b", "c"), ("c", "a")]
            .map(|(id, before)| job(id, &format!(r#""depends_on":["{before}"]"#)))
            .join("\n"),
    );
    insta::assert_snapshot!(said, @r"
    error[TW1019]: jobs that wait for each other
     --> q.jsonl:1 at /depends_on
      got: a -> b -> c -> a
      accepted: no cycles
      help: remove one of the dependencies
    exit 4
    ");
    insta::assert_snapshot!(queue(&[job("prep-017", ""), job("b", r#""depends_on":["prep-17"]"#)].join("\n")), @r#"
    error[TW1019]: a dependency that is not in the queue
     --> q.jsonl:2 at /depends_on
      got: "prep-17"
      accepted: ids of jobs in this queue
      help: did you mean "prep-017"?
    exit 4
    "#);
}

#[test]
fn row_21_too_many() {
    insta::assert_snapshot!(refused(r#""count":0"#), @r"
    error[TW1020]: an array of impossible size
     --> q.jsonl:1 at /count
      got: 0
      accepted: 1 to 1000000 tasks
    exit 4
    ");
    insta::assert_snapshot!(refused(r#""count":1000001"#), @r"
    error[TW1020]: an array of impossible size
     --> q.jsonl:1 at /count
      got: 1000001
      accepted: 1 to 1000000 tasks
    exit 4
    ");
    insta::assert_snapshot!(queue(&["a", "b"].map(|id| job(id, r#""count":600000"#)).join("\n")), @r"
    error[TW1020]: more tasks than a queue may have
     --> q.jsonl:2
      got: 1200000 tasks up to this line
      accepted: 1000000 tasks in all
      help: split the queue; reading stopped here
    exit 4
    ");
}

#[test]
fn row_22_names() {
    insta::assert_snapshot!(refused(r#""project":"a\u0007b""#), @r#"
    error[TW1021]: unusable name: it has a control character
     --> q.jsonl:1 at /project
      got: "a\u{7}b"
      accepted: 1 to 128 bytes without control characters, ".." or a leading = + - @
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""project":"../../etc/passwd""#), @r#"
    error[TW1021]: unusable name: it contains ".."
     --> q.jsonl:1 at /project
      got: "../../etc/passwd"
      accepted: 1 to 128 bytes without control characters, ".." or a leading = + - @
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""project":"=1+1""#), @r#"
    error[TW1021]: unusable name: a spreadsheet would read it as a formula
     --> q.jsonl:1 at /project
      got: "=1+1"
      accepted: 1 to 128 bytes without control characters, ".." or a leading = + - @
    exit 4
    "#);
    insta::assert_snapshot!(queue(&job(&"x".repeat(129), "")), @r#"
    error[TW1021]: unusable name: it is longer than 128 bytes
     --> q.jsonl:1 at /id
      got: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      accepted: 1 to 128 bytes without control characters, ".." or a leading = + - @
    exit 4
    "#);
}

#[test]
fn row_23_data() {
    insta::assert_snapshot!(refused(r#""inputs":[{"location":"aws/us-east-1"}]"#), @r#"
    error[TW1022]: data without a size
     --> q.jsonl:1 at /inputs/0
      got: no size
      accepted: e.g. "150GiB"
      help: moving data costs by its size; it is never guessed
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""inputs":[{"location":"aws/us-east-1","size":"-1GiB"}]"#), @r#"
    error[TW1011]: out of range
     --> q.jsonl:1 at /inputs/0/size
      got: "-1GiB"
      accepted: 0 to 1024TiB
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""inputs":[{"location":"s3://bucket/key","size":"1GiB"}]"#), @r#"
    error[TW1022]: an address in place of a region
     --> q.jsonl:1 at /inputs/0/location
      got: "s3://bucket/key"
      accepted: cloud/region, e.g. "aws/us-east-1"
      help: say in which region the data lies; the address itself is not needed
    exit 4
    "#);
}

#[test]
fn row_24_another_currency() {
    insta::assert_snapshot!(refused(r#""budget_usd":"20 EUR""#), @r#"
    error[TW1023]: a currency in an amount of dollars
     --> q.jsonl:1 at /budget_usd
      got: "20 EUR"
      accepted: dollars as a decimal string, e.g. "20.00"
      help: convert it first; nothing is converted silently
    exit 4
    "#);
    insta::assert_snapshot!(refused(r#""max_price_usd_per_hour":"€3.00""#), @r#"
    error[TW1023]: a currency in an amount of dollars
     --> q.jsonl:1 at /max_price_usd_per_hour
      got: "€3.00"
      accepted: dollars as a decimal string, e.g. "20.00"
      help: convert it first; nothing is converted silently
    exit 4
    "#);
}
