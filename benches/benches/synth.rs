//! Making queues by seed: `cargo bench -p tradewind-benches --bench synth`.
//!
//! The limit beside it is of the same run: writing the same bytes to the same disk, synced, with
//! nothing computed. The ratio says how much of the time is ours.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tradewind_core::seed::Seed;
use tradewind_core::time::Millis;
use tradewind_datasets::synth::{Generator, SynthRequest};

fn request(source: &str, jobs: u64, classes: Option<u64>) -> SynthRequest {
    let span = Millis::from_hours(24);
    SynthRequest { source: source.to_owned(), jobs, classes, span, start: tradewind_benches::start(), seed: Seed(1) }
}

fn threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("tradewind-synth-{}.jsonl", std::process::id()))
}

/// Makes and writes a queue, from the request to the synced file.
fn to_file(asked: &SynthRequest) -> (Duration, u64) {
    let begun = Instant::now();
    let mut file = File::create(scratch()).expect("a scratch file");
    let summary = Generator::new(asked).and_then(|g| g.write(&mut file, threads())).expect("a queue");
    file.sync_all().expect("a synced file");
    (begun.elapsed(), summary.bytes)
}

/// Writes so many bytes in the generator's portions.
fn bytes_alone(bytes: u64) -> Duration {
    let portion = vec![b'x'; 1 << 20];
    let begun = Instant::now();
    let mut file = File::create(scratch()).expect("a scratch file");
    let mut left = bytes;
    while left > 0 {
        let n = left.min(portion.len() as u64);
        file.write_all(&portion[..n as usize]).expect("room on the disk");
        left -= n;
    }
    file.sync_all().expect("a synced file");
    begun.elapsed()
}

fn a_million(_: &mut Criterion) {
    for (source, classes) in [("philly", None), ("fitted", None), ("fitted", Some(2000))] {
        let (took, bytes) = to_file(&request(source, 1_000_000, classes));
        let limit = bytes_alone(bytes);
        eprintln!(
            "1,000,000 jobs of {source}, {}: {took:.2?} for {} MB; the bytes alone {limit:.2?}, {:.1} x",
            classes.map_or("all distinct".to_owned(), |k| format!("{k} classes")),
            bytes / 1_000_000,
            took.as_secs_f64() / limit.as_secs_f64()
        );
    }
    let _ = std::fs::remove_file(scratch());
}

fn synth(c: &mut Criterion) {
    const JOBS: u64 = 50_000;
    let mut group = c.benchmark_group("synth_50000_jobs");
    group.sample_size(10).throughput(Throughput::Elements(JOBS));
    for source in ["philly", "nasa", "fitted"] {
        let asked = request(source, JOBS, None);
        group.bench_function(source, |b| {
            b.iter(|| Generator::new(&asked).and_then(|g| g.write(&mut io::sink(), threads())).map(black_box));
        });
    }
    group.finish();
}

criterion_group!(benches, a_million, synth);
criterion_main!(benches);
