//! Explaining one job of a plan of 1,000 jobs, beside reading that plan's own file.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tradewind_core::plan::Plan;
use tradewind_datasets::{MarketRequest, load};
use tradewind_optimizer::explain::{explain_job, rule_prices};

fn explain(c: &mut Criterion) {
    let loaded = load(&MarketRequest::default()).expect("the embedded market loads");
    let plan = tradewind_benches::plan(&tradewind_benches::queue(1000, 1), &loaded);
    let file = serde_json::to_vec(&plan).expect("a plan file");
    let job = plan.placements[plan.placements.len() / 2].job.clone();
    let mut group = c.benchmark_group("explain-1000");
    group.sample_size(10);
    group.bench_function("read the plan file", |b| {
        b.iter(|| serde_json::from_slice::<Plan>(black_box(&file)).expect("a plan"));
    });
    group.bench_function("one job", |b| b.iter(|| explain_job(&plan, &loaded.market, black_box(&job)).expect("a job")));
    group.bench_function("prices of rules", |b| b.iter(|| rule_prices(&plan, &loaded.market).expect("prices")));
    group.finish();
}

criterion_group!(benches, explain);
criterion_main!(benches);
