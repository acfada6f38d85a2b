//! Rows 1 to 4 and 26: files that are no queue, or not whole.

use crate::{bytes, job, queue, run};

#[test]
fn row_01_no_file() {
    insta::assert_snapshot!(run(&[], &["plan", "none.jsonl"]), @r"
    error[TW1000]: the file cannot be read
     --> none.jsonl
      got: No such file or directory (os error 2)
      help: check the path and its permissions
    exit 4
    ");
    insta::assert_snapshot!(run(&[("folder/x", "")], &["plan", "folder"]), @r"
    error[TW1000]: the file cannot be read
     --> folder
      got: it is a directory
      help: check the path and its permissions
    exit 4
    ");
}

#[test]
fn row_02_nothing_in_it() {
    insta::assert_snapshot!(queue(""), @r"
    error[TW1001]: the queue is empty
     --> q.jsonl
      got: 0 jobs
      accepted: at least one job
      help: --allow-empty makes this exit 0
    exit 4
    ");
    insta::assert_snapshot!(run(&[("q.csv", "id,vcpus,memory,runtime\n")], &["plan", "q.csv"]), @r"
    error[TW1001]: the queue is empty
     --> q.csv
      got: 0 jobs
      accepted: at least one job
      help: --allow-empty makes this exit 0
    exit 4
    ");
    insta::assert_snapshot!(run(&[("q.jsonl", "")], &["plan", "q.jsonl", "--allow-empty"]), @r"
    0 jobs: nothing to plan
    exit 0
    ");
}

#[test]
fn row_03_not_text() {
    insta::assert_snapshot!(bytes(b"{\"id\":\"\xff\"}"), @r"
    error[TW1002]: not UTF-8 text
     --> q.jsonl:1:8
      got: byte 0xff at offset 7
      accepted: UTF-8 without NUL bytes
      help: compressed and binary tables are not read as queues; reading stopped here
    exit 4
    ");
    insta::assert_snapshot!(bytes(b"{\"id\":\"a\"\0}"), @r"
    error[TW1002]: not UTF-8 text
     --> q.jsonl:1:10
      got: a NUL byte at offset 9
      accepted: UTF-8 without NUL bytes
      help: compressed and binary tables are not read as queues; reading stopped here
    exit 4
    ");
}

#[test]
fn row_04_cut_off_or_broken() {
    insta::assert_snapshot!(queue(&(job("a", "") + "\n" + r#"{"id":"b","vcpus":2,"#)), @r"
    error[TW1003]: the line ends in the middle of a value
     --> q.jsonl:2:20
      got: EOF while parsing a value
      accepted: one whole JSON object a line
      help: the file may be cut off; write it again
    exit 4
    ");
    insta::assert_snapshot!(queue(&(job("a", "") + "\n{'id':'b'}")), @r"
    error[TW1003]: broken JSON
     --> q.jsonl:2:2
      got: key must be a string
      accepted: one JSON object a line
    exit 4
    ");
    insta::assert_snapshot!(queue(r#"[{"id":"b"}]"#), @r"
    error[TW1030]: wrong kind of value
     --> q.jsonl:1
      got: a list of 1
      accepted: an object
      help: write the items of the array one a line, e.g. `jq -c .[] queue.json`
    exit 4
    ");
    insta::assert_snapshot!(run(&[("q.csv", "id,vcpus,memory,runtime\na,2,4GiB\n")], &["plan", "q.csv"]), @r"
    error[TW1003]: a row of another length than the header
     --> q.csv:2
      got: 3 cells
      accepted: 4 cells
      help: the file may be cut off, or a cell with a comma lacks its quotes
    exit 4
    ");
}

#[test]
fn row_26_bombs() {
    insta::assert_snapshot!(queue(&format!(r#"{{"id":{}{}}}"#, "[".repeat(65), "]".repeat(65))), @r"
    error[TW1025]: nested deeper than 64 levels
     --> q.jsonl:1:70
      got: deeper nesting
      accepted: 64 levels
    exit 4
    ");
    insta::assert_snapshot!(queue(&" ".repeat((1 << 20) + 1)), @r"
    error[TW1025]: a line longer than 1 MiB
     --> q.jsonl:1
      got: more than 1048576 bytes
      accepted: one JSON object a line
      help: if the file is one JSON array, write its items one a line; reading stopped here
    exit 4
    ");
    insta::assert_snapshot!(bytes(b"\x1f\x8b\x08\0"), @r"
    error[TW1002]: not UTF-8 text
     --> q.jsonl:1:2
      got: byte 0x8b at offset 1
      accepted: UTF-8 without NUL bytes
      help: compressed and binary tables are not read as queues; reading stopped here
    exit 4
    ");
}
