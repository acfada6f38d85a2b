//! Reading a queue against the physical limit: JSON of the same bytes, parsed and thrown away.

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::de::IgnoredAny;
use tradewind_datasets::queue::{self, Format, Options};

/// Jobs of the queue that is read.
const JOBS: usize = 100_000;

/// A queue as a company's night has it: every field that is common, none that is rare.
fn lines() -> Vec<u8> {
    let mut text = String::new();
    for i in 0..JOBS {
        let (gpu, terms) = (["T4", "A100", "L4"][i % 3], i % 2 == 0);
        text.push_str(&format!(r#"{{"id":"job-{i:07}","project":"team-{}","vcpus":{}"#, i % 13, 1 << (i % 5)));
        text.push_str(&format!(r#","memory":"{}GiB","runtime":{{"p50":"{}m","p95":"2h"}}"#, 4 << (i % 4), 5 + i % 60));
        if i % 5 == 0 {
            text.push_str(&format!(r#","gpu":{{"model":"{gpu}","count":1}}"#));
        }
        if terms {
            text.push_str(r#","deadline":"2024-04-02T06:00:00Z","interruptible":true"#);
            text.push_str(r#","checkpoint":{"save":"30s","restore":"45s","size":"10GiB"}"#);
        }
        text.push_str("}\n");
    }
    text.into_bytes()
}

fn limit(bytes: &[u8]) -> usize {
    bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice::<IgnoredAny>(l)).count()
}

fn scanned(bytes: &[u8]) -> u64 {
    queue::scan("q", bytes, Format::JsonLines, &Options::default(), &mut |job, _| drop(black_box(job)))
        .expect("a sound queue")
        .jobs
}

fn reading(c: &mut Criterion) {
    let bytes = lines();
    let best = |f: &dyn Fn()| {
        let runs = (0..3).map(|_| {
            let begun = Instant::now();
            f();
            begun.elapsed().as_secs_f64()
        });
        runs.fold(f64::INFINITY, f64::min)
    };
    let floor = best(&|| drop(black_box(limit(&bytes))));
    let ours = best(&|| drop(black_box(scanned(&bytes))));
    eprintln!("{JOBS} jobs: {ours:.3} s, {:.1} x JSON parsed and thrown away on one thread", ours / floor);
    let mut group = c.benchmark_group("queue");
    group.sample_size(10).throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("json_thrown_away", |b| b.iter(|| black_box(limit(&bytes))));
    group.bench_function("scan", |b| b.iter(|| black_box(scanned(&bytes))));
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
