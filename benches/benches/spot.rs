//! The time law of a task: what an optimizer makes by the million.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tradewind_core::fallback::FallbackLaw;
use tradewind_core::job::{Checkpoint, Job, Runtime};
use tradewind_core::market::{CloudFacts, Delay};
use tradewind_core::money::{UsdPerGbMonth, UsdPerHour};
use tradewind_core::resources::Resources;
use tradewind_core::size::Bytes;
use tradewind_core::time::Millis;
use tradewind_core::work::TaskLaw;

/// A node that boots in a minute, at the 95th percentile in two and a half.
fn cloud() -> CloudFacts {
    CloudFacts {
        name: "c".to_owned(),
        boot: Delay { median: Millis::from_secs(60), p95: Millis::from_secs(150) },
        billing_minimum: Millis::ZERO,
        free_if_interrupted_within: Millis::ZERO,
        notice: Millis::from_secs(120),
        address: UsdPerHour::ZERO,
        disk: UsdPerGbMonth::ZERO,
        storage: UsdPerGbMonth::ZERO,
        staging_bytes_per_second: 1,
    }
}

/// Three hours, fixed or to five at the 95th percentile, with checkpoints at the best interval or none.
fn job(spread: bool, checkpoints: bool) -> Job {
    let p95 = Millis::from_hours(if spread { 5 } else { 3 });
    let demand = Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 };
    let mut job = Job::new("j", demand, Runtime { p50: Millis::from_hours(3), p95 });
    let (save, restore) = (Millis::from_secs(30), Millis::from_secs(45));
    job.checkpoint = checkpoints.then_some(Checkpoint { interval: None, save, restore, size: Bytes::ZERO });
    job
}

fn laws(c: &mut Criterion) {
    let cloud = cloud();
    let mut group = c.benchmark_group("task_law");
    group.sample_size(20);
    for (name, spread, checkpoints, hazard) in [
        ("on_demand_fixed", false, false, 0.0),
        ("on_demand_spread", true, false, 0.0),
        ("spot_rare_fixed", false, false, 5e-5),
        ("spot_rare_spread", true, false, 5e-5),
        ("spot_rare_spread_checkpoints", true, true, 5e-5),
        ("spot_often_fixed_checkpoints", false, true, 0.1),
        ("spot_often_spread_checkpoints", true, true, 0.1),
        ("spot_often_spread", true, false, 0.1),
    ] {
        let job = job(spread, checkpoints);
        group.bench_function(name, |b| b.iter(|| TaskLaw::new(black_box(&job), &cloud, 1.0, hazard)));
    }
    let spot = TaskLaw::new(&job(true, true), &cloud, 1.0, 0.1).expect("a law");
    group.bench_function("fallback", |b| b.iter(|| FallbackLaw::new(black_box(&spot), Millis::from_hours(12))));
    group.finish();
}

criterion_group!(benches, laws);
criterion_main!(benches);
