//! What is written reads back as the same job, whatever its fields.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_core::job::{Arch, Checkpoint, GpuRequest, Input, Job, Output, Runtime};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};
use tradewind_queue::{self as queue, Format, Options, write_json_line};

/// A job that has any field with probability one half, as the reader would give it.
fn any_job(rng: &mut StdRng, id: &str) -> Job {
    let most_memory = 1 << rng.random_range(1..=30);
    let demand = Resources {
        vcpu_milli: rng.random_range(1..=100_000_000),
        memory_mib: rng.random_range(1..=most_memory),
        gpu_milli: 0,
    };
    let p50 = any_time(rng);
    let p95 = if rng.random() { p50 } else { p50 + any_time(rng) };
    let mut job = Job::new(id, demand, Runtime { p50, p95 });
    any_shape(rng, &mut job);
    any_schedule(rng, &mut job);
    any_place(rng, &mut job);
    any_terms(rng, &mut job);
    job
}

fn any_shape(rng: &mut StdRng, job: &mut Job) {
    job.count = rng.random_range(1..=3);
    job.nodes = rng.random_range(1..=3);
    if rng.random() {
        let count = rng.random_range(1..=1024);
        let speeds = (0..rng.random_range(0..3)).map(|i| (format!("model {i}"), rng.random_range(0.001..=1000.0)));
        let alternatives = speeds.collect();
        job.gpu = Some(GpuRequest { model: any_name(rng), count, alternatives });
        job.demand.gpu_milli = u64::from(count) * 1000;
    }
    job.disk = if rng.random() { any_size(rng) } else { Bytes::ZERO };
    if rng.random() {
        job.arch =
            if rng.random() { BTreeSet::from([Arch::Arm64]) } else { BTreeSet::from([Arch::X86_64, Arch::Arm64]) };
    }
    job.burstable = rng.random();
}

fn any_schedule(rng: &mut StdRng, job: &mut Job) {
    let submit = Time::from_ms(rng.random_range(0..4_000_000_000_000));
    job.submit = rng.random::<bool>().then_some(submit);
    job.earliest_start = rng.random::<bool>().then_some(submit + any_time(rng));
    job.deadline = rng.random::<bool>().then_some(submit + Millis::new(4_000_000_000_000));
    if rng.random() {
        job.max_miss_probability = rng.random_range(f64::MIN_POSITIVE..=0.5);
    }
}

fn any_place(rng: &mut StdRng, job: &mut Job) {
    for i in 0..rng.random_range(0..3) {
        let dataset = rng.random::<bool>().then(|| format!("set {i}"));
        job.inputs.push(Input { dataset, location: any_region(rng), size: any_size(rng) });
        job.outputs.push(Output { location: any_region(rng), size: any_size(rng) });
    }
    job.inputs.sort_by(|a, b| (&a.dataset, &a.location, a.size).cmp(&(&b.dataset, &b.location, b.size)));
    job.outputs.sort_by(|a, b| (&a.location, a.size).cmp(&(&b.location, b.size)));
    job.residency = any_names(rng);
    job.clouds = any_names(rng);
    job.regions = BTreeSet::from([any_region(rng), any_region(rng)]).into_iter().collect();
}

fn any_terms(rng: &mut StdRng, job: &mut Job) {
    job.project = rng.random::<bool>().then(|| any_name(rng));
    job.interruptible = rng.random();
    if rng.random() {
        let save = any_time(rng);
        let interval = rng.random::<bool>().then(|| save + any_time(rng));
        job.checkpoint = Some(Checkpoint { interval, save, restore: any_time(rng), size: any_size(rng) });
    }
    job.priority = rng.random_range(0..=100);
    job.budget = rng.random::<bool>().then(|| Usd::from_nanos(rng.random_range(1..=i64::MAX)));
    job.max_price = rng.random::<bool>().then(|| UsdPerHour::from_nanos(rng.random_range(1..=i64::MAX)));
    job.max_attempts = rng.random::<bool>().then(|| rng.random_range(1..=1000));
    job.labels = any_names(rng).into_iter().map(|n| (n, any_text(rng))).collect::<BTreeMap<_, _>>();
    job.image = rng.random::<bool>().then(|| any_text(rng));
    job.command = (0..rng.random_range(0..3)).map(|_| any_text(rng)).collect();
}

fn any_time(rng: &mut StdRng) -> Millis {
    let largest = 1 << rng.random_range(1..=40);
    Millis::new(rng.random_range(1..=largest))
}

fn any_size(rng: &mut StdRng) -> Bytes {
    let unit = [1, 1000, 1 << 10, 1_000_000, 1 << 20, 1 << 30, 1_000_000_000][rng.random_range(0..7)];
    Bytes::new(rng.random_range(0..1_000_000) * unit)
}

fn any_region(rng: &mut StdRng) -> RegionName {
    RegionName::new(["aws", "azure"][rng.random_range(0..2)], &any_name(rng))
}

fn any_name(rng: &mut StdRng) -> String {
    format!("n{}\"\\é", rng.random_range(0..1000))
}

fn any_names(rng: &mut StdRng) -> Vec<String> {
    let names: BTreeSet<String> = (0..rng.random_range(0..3)).map(|_| any_name(rng)).collect();
    names.into_iter().collect()
}

/// Any character but NUL, which no text may have.
fn any_text(rng: &mut StdRng) -> String {
    (0..rng.random_range(0..9)).map(|_| rng.random::<char>()).filter(|c| *c != '\0').collect()
}

#[test]
fn jobs_round_trip() {
    let mut rng = StdRng::seed_from_u64(11);
    let mut lines = Vec::new();
    let mut jobs: Vec<Job> = (0..2000).map(|i| any_job(&mut rng, &format!("job {i:04}"))).collect();
    for i in 1..jobs.len() {
        if rng.random() {
            jobs[i].depends_on = vec![jobs[i - 1].id.clone()];
        }
        // One dataset has one home and one size in a queue; here each job has its own.
        let id = jobs[i].id.clone();
        for input in &mut jobs[i].inputs {
            input.dataset = input.dataset.take().map(|name| format!("{id} {name}"));
        }
    }
    jobs.iter().for_each(|job| write_json_line(job, &mut lines));
    let queue = queue::read("lines", lines.as_slice(), Format::JsonLines, &Options::default()).expect("sound lines");
    for (written, read) in jobs.iter().zip(queue.workload.jobs()) {
        assert_eq!(written, read, "{}", String::from_utf8_lossy(&lines));
    }
    assert_eq!(queue.workload.jobs().len(), jobs.len());
}

#[test]
fn only_what_differs_from_the_default_is_written() {
    let mut line = Vec::new();
    let runtime = Runtime { p50: Millis::from_secs(5400), p95: Millis::from_secs(7200) };
    let mut job = Job::new("a", Resources { vcpu_milli: 250, memory_mib: 1536, gpu_milli: 0 }, runtime);
    job.disk = Bytes::from_gb(100);
    job.budget = Some("20.5".parse().expect("money"));
    write_json_line(&job, &mut line);
    insta::assert_snapshot!(String::from_utf8_lossy(&line), @r#"{"id":"a","vcpus":0.25,"memory":"1536MiB","disk":"100GB","runtime":{"p50":"1h30m","p95":"2h"},"budget_usd":"20.50"}"#);
}
