//! Every bad input of the catalogue (docs/bad-inputs.md), through the command itself: what a person
//! reads, and what the shell is told. A test of row 5 is called `row_05_...`.

#[path = "../common/mod.rs"]
mod common;

mod config;
mod document;
mod jobs_foreign;
mod jobs_market;
mod jobs_text;
mod jobs_values;
mod market;
mod mcp;
mod plan;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Desk, Ran};

/// A desk with these files.
fn desk(files: &[(&str, &str)]) -> Desk {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let desk = Desk::new(&format!("bad-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    for (name, text) in files {
        let folder = desk.path(name).parent().expect("a folder").to_owned();
        std::fs::create_dir_all(folder).expect("a folder of the test");
        desk.write(name, text);
    }
    desk
}

/// What is said, and nothing printed, where these files lie.
fn run(files: &[(&str, &str)], arguments: &[&str]) -> String {
    desk(files).run(arguments).error()
}

/// What is said, whatever is printed.
fn talk(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let Ran { code, stderr, .. } = desk(files).run(arguments);
    format!("{stderr}exit {code}")
}

/// What is printed and said.
fn printed(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let Ran { code, stdout, stderr } = desk(files).run(arguments);
    format!("{stdout}{stderr}exit {code}")
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
    line + "}"
}

/// What is said of a queue.
fn queue(text: &str) -> String {
    run(&[("q.jsonl", text)], &["plan", "q.jsonl"])
}

/// What is said of a queue of these bytes.
fn bytes(bytes: &[u8]) -> String {
    let desk = desk(&[]);
    desk.write("q.jsonl", bytes).run(&["plan", "q.jsonl"]).error()
}

/// What is wrong with a job that has these fields.
fn refused(fields: &str) -> String {
    queue(&job("a", fields))
}

/// What a plan of a job with these fields warns of; notes on the embedded tables apart.
fn warned(fields: &str) -> String {
    let text = talk(&[("q.jsonl", &job("a", fields))], &["plan", "q.jsonl", "--format", "csv"]);
    let notes = |line: &&str| !line.contains("notes on the embedded tables");
    text.lines().filter(notes).collect::<Vec<_>>().join("\n")
}
