//! A queue as Parquet is the queue as CSV.

use std::fs;
use std::path::PathBuf;

use polars::prelude::{ParquetWriter, df};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::{Format, Options, Problems, Queue, read};
use tradewind_datasets::synth::{Generator, SynthRequest, sources};
use tradewind_datasets::{read_queue, scan_queue, write_parquet};

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("queue-parquet-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the test's folder");
    folder
}

fn table(name: &str, memory: [&str; 2]) -> Result<Queue, Problems> {
    let path = folder().join(name);
    let mut frame = df!(
        "id" => ["a", "b"],
        "vcpus" => [2.0, 0.5],
        "memory" => memory,
        "count" => [Some(3_i64), None],
        "runtime.p50" => ["1h", "2h"],
        "runtime.p95" => ["1h", "3h"],
        "clouds" => ["aws;gcp", ""],
    )
    .expect("a frame");
    ParquetWriter::new(fs::File::create(&path).expect("a file")).finish(&mut frame).expect("a table");
    read_queue(&path, &Options::default())
}

#[test]
fn parquet_and_csv_are_the_same_queue() {
    let csv = "id,vcpus,memory,count,runtime.p50,runtime.p95,clouds\na,2,4GiB,3,1h,1h,aws;gcp\nb,0.5,1GiB,,2h,3h,\n";
    let plain = read("q", csv.as_bytes(), Format::Csv, &Options::default()).expect("a sound table");
    for name in ["q.parquet", "without-an-ending"] {
        assert_eq!(table(name, ["4GiB", "1GiB"]).expect("a sound table").workload, plain.workload);
    }
    let mut ids = Vec::new();
    let scanned =
        scan_queue(&folder().join("q.parquet"), &Options::default(), &mut |job, line| ids.push((job.id, line)));
    assert_eq!(scanned.expect("a sound table").tasks, 4);
    assert_eq!(ids, [("a".to_owned(), 2), ("b".to_owned(), 3)]);
}

#[test]
fn rows_and_broken_tables_are_told() {
    let problems = table("bad.parquet", ["4GiB", "4G"]).expect_err("a bad row");
    assert_eq!((problems.shown[0].code, problems.shown[0].line), ("TW1012", Some(3)));
    let path = folder().join("cut.parquet");
    fs::write(&path, b"PAR1 but no more").expect("a file");
    let problems = read_queue(&path, &Options::default()).expect_err("a broken table");
    assert_eq!((problems.shown[0].code, problems.shown[0].title.as_str()), ("TW1003", "broken Parquet"));
}

#[test]
fn a_queue_written_as_parquet_reads_back_equal() {
    for source in sources().expect("our table") {
        let request = SynthRequest {
            source: source.clone(),
            jobs: 400,
            classes: None,
            span: Millis::from_hours(24),
            start: "2024-03-31T00:00:00Z".parse().expect("an instant"),
            seed: Seed(5),
        };
        let generator = Generator::new(&request).expect("a queue");
        let (mut jobs, summary) = generator.jobs(2).expect("jobs");
        let mut lines = Vec::new();
        assert_eq!(generator.write(&mut lines, 1).expect("lines").jobs, summary.jobs);
        let plain =
            read("q", lines.as_slice(), Format::JsonLines, &Options::default()).expect("a sound queue").workload;
        assert_eq!(plain.jobs(), jobs);
        // A text that looks like a number stays a text.
        jobs[7].labels.insert("team".to_owned(), "007".to_owned());
        let path = folder().join(format!("{source}.parquet"));
        fs::write(&path, write_parquet(&jobs).expect("a table")).expect("a file");
        let read_back = read_queue(&path, &Options::default()).expect("a sound table").workload;
        assert_eq!(read_back.jobs(), jobs);
    }
}

#[test]
fn what_a_table_cannot_say_is_refused() {
    let line = br#"{"id":"a","vcpus":1,"memory":"1GiB","runtime":"1h","command":["sh","-c","x;y"]}"#;
    let queue = read("q", line.as_slice(), Format::JsonLines, &Options::default()).expect("a sound queue");
    let problem = write_parquet(queue.workload.jobs()).expect_err("a semicolon in a list");
    assert_eq!((problem.shown[0].code, problem.shown[0].got.as_str()), ("TW1031", "\"a\""));
}
