//! Files made to fill memory or take for ever: each is answered within a gigabyte of address space and
//! a generous time, whatever its size.

mod common;

use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Desk, JOB};

/// Address space of the command in KiB. Most of it is what a program reserves and never touches.
const MEMORY_KIB: u32 = 1 << 20;
/// A busy machine takes several times what an idle one does: each takes well under a second there.
const LONGEST: Duration = Duration::from_secs(60);

/// Runs the command within the bounds; what it says, which ends with the exit code.
fn bounded(desk: &Desk, arguments: &str) -> String {
    let command = format!("ulimit -v {MEMORY_KIB}; exec {} {arguments}", env!("CARGO_BIN_EXE_tradewind"));
    let start = Instant::now();
    let ran = Command::new("sh")
        .args(["-c", &command])
        .current_dir(desk.path(""))
        .env_remove("TRADEWIND_CONFIG")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let time = start.elapsed();
    assert!(time < LONGEST, "{arguments} took {time:?}");
    println!("{arguments}: {time:?}");
    format!("{}exit {}", String::from_utf8_lossy(&ran.stderr), ran.status.code().unwrap_or(-1))
}

/// The code and the place of the first problem, the last lines, the exit code.
fn brief(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    let first = lines.iter().take(2).map(|l| l.trim());
    let last = lines.iter().rev().take(2).rev().map(|l| l.trim());
    first.chain(last).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_line_of_a_gigabyte() {
    let desk = Desk::new("hostile-line");
    // A sparse file: a gigabyte of NUL bytes that takes no room.
    desk.write("q.jsonl", "");
    let file = std::fs::OpenOptions::new().write(true).open(desk.path("q.jsonl")).expect("the file");
    file.set_len(1 << 30).expect("a sparse file");
    for name in ["q.csv", "p.json"] {
        std::fs::hard_link(desk.path("q.jsonl"), desk.path(name)).expect("a link");
    }
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.jsonl")), @r"
    error[TW1025]: a line longer than 1 MiB
    --> q.jsonl:1
    help: if the file is one JSON array, write its items one a line; reading stopped here
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.csv")), @r"
    error[TW1025]: a line longer than 1 MiB
    --> q.csv:1
    help: a quote may be missing; reading stopped here
    exit 4
    ");
}

#[test]
fn nesting_without_end() {
    let desk = Desk::new("hostile-deep");
    let open = "[".repeat(100_000);
    desk.write("q.jsonl", &open).write("p.json", "{\"schema\":".repeat(100_000));
    desk.write("job.jsonl", JOB).write("c.toml", format!("a = {open}"));
    desk.write("dots.toml", format!("{}a = 1", "a.".repeat(100_000)));
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.jsonl")), @r"
    error[TW1025]: nested deeper than 64 levels
    --> q.jsonl:1:65
    accepted: 64 levels
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "check p.json")), @r"
    error[TW3007]: the file is no plan
    --> p.json:1:10
    help: give a file that `tradewind plan -o` wrote
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "plan job.jsonl --config c.toml")), @r"
    error[TW4001]: broken TOML
    --> c.toml:1:85
    accepted: a TOML file
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "plan job.jsonl --config dots.toml")), @r"
    error[TW4001]: broken TOML
    --> dots.toml:1:1
    accepted: a TOML file
    exit 4
    ");
}

/// All are counted, the first twenty are shown with their true lines.
#[test]
fn ten_million_bad_lines() {
    let desk = Desk::new("hostile-many");
    let mut file = BufWriter::new(std::fs::File::create(desk.path("q.jsonl")).expect("the file"));
    writeln!(file, "{JOB}").expect("a line");
    for _ in 0..10_000 {
        file.write_all(&b"x\n".repeat(1000)).expect("a thousand lines");
    }
    file.flush().expect("a file");
    let said = bounded(&desk, "plan q.jsonl");
    assert_eq!(said.matches("error[TW1003]").count(), 20);
    insta::assert_snapshot!(brief(&said), @r"
    error[TW1003]: broken JSON
    --> q.jsonl:2:1
    10000000 problems in all, the first 20 shown
    exit 4
    ");
}

#[test]
fn a_hundred_thousand_columns() {
    let desk = Desk::new("hostile-wide");
    let header = (0..100_000).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    std::fs::create_dir(desk.path("m")).expect("a folder");
    desk.write("q.csv", &header).write("m/offers.csv", &header);
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.csv")), @r"
    error[TW1025]: more columns than a queue may have
    --> q.csv:1
    help: is it a queue? Columns are fields of a job, rows are jobs; reading stopped here
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "prices show --market m")), @r#"
    error[TW2014]: the table is not understood
    --> m/offers.csv:1 at cloud
    help: add the column "cloud"
    exit 4
    "#);
}

/// Two hundred megabytes of zeros in two hundred kilobytes of gzip.
#[test]
fn a_table_that_unpacks_to_a_thousand_times_its_size() {
    let desk = Desk::new("hostile-gzip");
    std::fs::create_dir(desk.path("m")).expect("a folder");
    let shell = "head -c 200000000 /dev/zero | gzip > m/offers.csv.gz; cp m/offers.csv.gz q.jsonl.gz";
    let made = Command::new("sh").args(["-c", shell]).current_dir(desk.path("")).status().expect("a shell");
    assert!(made.success());
    insta::assert_snapshot!(brief(&bounded(&desk, "prices show --market m")), @r"
    error[TW2015]: the table is too large
    --> m/offers.csv.gz
    help: split the market, or remove rows that no job can use
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.jsonl.gz")), @r"
    error[TW1025]: a packed file out of proportion
    --> q.jsonl.gz:1
    help: unpack it yourself if you trust it
    exit 4
    ");
}

/// A plan that claims a million nodes is judged, not built.
#[test]
fn a_plan_of_a_million_nodes() {
    let desk = Desk::new("hostile-nodes");
    desk.write("q.jsonl", JOB);
    desk.run(&["plan", "q.jsonl", "-o", "p.json"]).expect(0);
    let plan = desk.read("p.json");
    assert!(plan.contains("\"count\":1,\"start\""));
    desk.write("p.json", plan.replacen("\"count\":1,\"start\"", "\"count\":1000000,\"start\"", 1));
    assert!(bounded(&desk, "check p.json --format csv").ends_with("exit 5"));
}

/// A configuration without an end, and a policy file without one.
#[test]
fn a_configuration_without_an_end() {
    let desk = Desk::new("hostile-config");
    desk.write("q.jsonl", JOB);
    desk.write("c.toml", "policy = [\"/dev/zero\"]\n");
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.jsonl --config /dev/zero")), @r"
    error[TW1000]: the file cannot be read
    --> /dev/zero
    help: check the path and its permissions
    exit 4
    ");
    insta::assert_snapshot!(brief(&bounded(&desk, "plan q.jsonl --config c.toml")), @r"
    error[TW4007]: the policy file cannot be read
    --> /dev/zero
    help: nothing is planned without the rules that the configuration names
    exit 5
    ");
}
