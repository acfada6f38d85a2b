//! Whole files: packed, large, of any format by name or content, written as CSV.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use tradewind_queue::{self as queue, Format, MAX_SHOWN, Options, Problems, Queue, write_csv};

const JOB: &str = r#"{"id":"a","vcpus":2,"memory":"4GiB","runtime":"1h"}"#;

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("queue-files-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the test's folder");
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a file of the test");
    path
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn read_file(path: &PathBuf) -> Result<Queue, Problems> {
    queue::read_file(path, &Options::default())
}

fn lines(text: &str, threads: usize) -> Result<Queue, Problems> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| queue::read("q", text.as_bytes(), Format::JsonLines, &Options::default()))
}

#[test]
fn a_packed_queue_is_unpacked_in_proportion() {
    let queue = read_file(&file("fair.jsonl.gz", &packed(JOB.as_bytes()))).expect("a sound queue");
    assert_eq!(queue.workload.jobs().len(), 1);
    for name in ["bomb.jsonl.gz", "bomb.csv.gz", "bomb.swf.gz", "bomb.yaml.gz"] {
        let bomb = packed(&b"\n".repeat(32 << 20));
        let problems = read_file(&file(name, &bomb)).expect_err("a bomb");
        assert_eq!(problems.shown[0].code, "TW1025", "{name}: {problems:?}");
    }
}

#[test]
fn the_format_is_told_by_name_or_content() {
    let script = b"#!/bin/sh\n#SBATCH -J a --mem=1G -t 5\n";
    for name in ["job.sbatch", "job.sh", "job", "job.txt"] {
        assert_eq!(read_file(&file(name, script)).expect(name).workload.jobs()[0].id, "a");
    }
    let swf = b"1 0 10 3600 4 -1 1048576 4 7200 -1 1 7 3 2 1 -1 -1 -1\n";
    for name in ["log.swf", "log.txt"] {
        assert_eq!(read_file(&file(name, swf)).expect(name).workload.jobs()[0].id, "1");
    }
    let options = Options { from: Some(Format::JsonLines), ..Options::default() };
    assert!(queue::read_file(&file("wrong.csv", JOB.as_bytes()), &options).is_ok(), "--from decides");
}

/// Blocks are cut anywhere, and threads are as they come: what is told is the same, in the order of
/// the file and with its true lines.
#[test]
fn problems_are_the_same_at_any_number_of_threads() {
    let mut text = String::new();
    for i in 1..=30_000 {
        match i {
            // A blank line, a broken one, a duplicate, a wrong unit: over several blocks.
            n if n % 9_000 == 0 => text.push('\n'),
            20_001 => text.push_str("{\"id\":\n"),
            25_000 => text.push_str(&JOB.replace("\"a\"", "\"job 5\"")),
            n if n > 20_000 && n % 1_000 == 7 => text.push_str(&JOB.replace("4GiB", "4G")),
            n => text.push_str(&JOB.replace("\"a\"", &format!("\"job {n}\""))),
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    let one = lines(&text, 1).expect_err("problems");
    let places: Vec<(u64, &str)> = one.shown.iter().map(|p| (p.line.unwrap_or(0), p.code)).collect();
    assert_eq!(places[..3], [(20_001, "TW1003"), (20_007, "TW1012"), (21_007, "TW1012")]);
    assert!(places.contains(&(25_000, "TW1008")) && places.is_sorted());
    assert_eq!(lines(&text, 2).expect_err("problems"), one);
    assert_eq!(lines(&text, 7).expect_err("problems"), one);
    let bad = "{}\n".repeat(200_000);
    let all = lines(&bad, 4).expect_err("problems");
    assert_eq!((all.total, all.shown.len()), (800_000, MAX_SHOWN));
    assert_eq!(lines(&bad, 1).expect_err("problems"), all);
}

#[test]
fn csv_says_what_it_can() {
    let read = |line: &str| queue::read("q", line.as_bytes(), Format::JsonLines, &Options::default()).expect("a job");
    let full = read(
        r#"{"id":"a","vcpus":2,"memory":"4GiB","gpu":{"model":"A100","count":2,"alternatives":{"L4":0.3}},"runtime":{"p50":"1h","p95":"2h"},"inputs":[{"dataset":"d","location":"aws/us-east-1","size":"1GB"}],"clouds":["aws","gcp"],"labels":{"b":"c"},"command":["x","y z"]}"#,
    );
    let table = write_csv(full.workload.jobs()).expect("CSV can say it");
    let back = queue::read("q", table.as_slice(), Format::Csv, &Options::default()).expect("a table");
    assert_eq!(back.workload, full.workload);
    let problems =
        write_csv(read(r#"{"id":"a","vcpus":2,"memory":"4GiB","runtime":"1h","command":["a;b"]}"#).workload.jobs());
    let problem = &problems.expect_err("CSV cannot say it").shown[0];
    assert_eq!((problem.code, problem.got.as_str()), ("TW1031", "\"a\""));
}
