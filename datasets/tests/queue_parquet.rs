//! A queue as Parquet is the queue as CSV.

use std::fs;
use std::path::PathBuf;

use polars::prelude::{ParquetWriter, df};
use tradewind_datasets::queue::{Format, Options, Problems, Queue, read};
use tradewind_datasets::{read_queue, scan_queue};

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
