//! The figures of the plan: `cargo bench -p tradewind-benches`.
//!
//! Times are of this machine; the ratios at the end are of one run and say more. The gap of each
//! planned queue is printed beside its time: a fast plan that is dear is not a good one.

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use highs::{ColProblem, Sense};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tradewind_core::check;
use tradewind_datasets::{LoadedMarket, MarketRequest};
use tradewind_optimizer::master::{LiveMaster, Master, RowId, RowKind, StatedMaster};

fn market() -> LoadedMarket {
    tradewind_datasets::load(&MarketRequest::default()).expect("the embedded market loads")
}

fn plans(c: &mut Criterion) {
    let loaded = market();
    c.bench_function("load_market", |b| b.iter(|| black_box(market())));
    let mut group = c.benchmark_group("plan");
    group.sample_size(10);
    let queues = [
        ("1_job", tradewind_benches::queue(1, 1)),
        ("200_jobs", tradewind_benches::queue(200, 1)),
        ("1000_jobs_24_windows", tradewind_benches::queue(1000, 1)),
        ("1000_distinct_jobs_24_windows", tradewind_benches::distinct(1000, 1)),
    ];
    for (name, queue) in &queues {
        let begun = Instant::now();
        let p = tradewind_benches::plan(queue, &loaded);
        let took = begun.elapsed();
        let s = &p.summary;
        eprintln!(
            "{name}: {} of {} placed, {:.2} USD, gap {:.2} %, {took:.1?}",
            s.placed,
            s.tasks,
            s.cost_usd,
            100.0 * s.gap.unwrap_or(f64::NAN)
        );
        for (rule, b) in &s.baselines {
            eprintln!(
                "    {rule}: {} placed, {:.2} USD, {:.3} x this plan",
                b.placed,
                b.cost_usd,
                b.cost_usd.as_f64() / s.cost_usd.as_f64()
            );
        }
        // Planned once above; ten more runs would take minutes and say nothing new.
        if *name != "1000_distinct_jobs_24_windows" {
            group.bench_function(*name, |b| b.iter(|| black_box(tradewind_benches::plan(queue, &loaded))));
        }
    }
    group.bench_function("check_1000_jobs", |b| {
        let p = tradewind_benches::plan(&queues[2].1, &loaded);
        b.iter(|| assert!(check::check(&p).is_clean()));
    });
    group.finish();
    for seed in 1..=4 {
        let s = tradewind_benches::plan(&tradewind_benches::queue(1000, seed), &loaded).summary;
        eprintln!("1000 jobs, seed {seed}: {} placed, gap {:.2} %", s.placed, 100.0 * s.gap.unwrap_or(f64::NAN));
    }
}

/// A transport-like program: classes covered by columns that share capacity rows.
struct Lp {
    demand: Vec<f64>,
    capacity: Vec<f64>,
    /// Cost, class, capacity row, use.
    columns: Vec<(f64, usize, usize, f64)>,
}

fn lp(classes: usize, each: usize) -> Lp {
    let mut rng = StdRng::seed_from_u64(9);
    let rows = classes / 4;
    let columns = (0..classes * each)
        .map(|i| (rng.random_range(0.1..5.0), i % classes, rng.random_range(0..rows), rng.random_range(0.5..2.0)))
        .collect();
    Lp { demand: vec![1.0; classes], capacity: vec![12.0; rows], columns }
}

fn through(mut master: impl Master, lp: &Lp) -> f64 {
    let cover: Vec<RowId> = lp.demand.iter().map(|&d| master.add_row(RowKind::Equal(d), &[])).collect();
    let cap: Vec<RowId> = lp.capacity.iter().map(|&c| master.add_row(RowKind::AtMost(c), &[])).collect();
    for &row in &cover {
        master.add_column(100.0, f64::INFINITY, &[(row, 1.0)]);
    }
    for &(cost, k, r, x) in &lp.columns {
        master.add_column(cost, f64::INFINITY, &[(cover[k], 1.0), (cap[r], x)]);
    }
    master.solve().expect("a feasible program").objective
}

fn raw(lp: &Lp) -> f64 {
    let mut problem = ColProblem::new();
    let cover: Vec<_> = lp.demand.iter().map(|&d| problem.add_row(d..=d)).collect();
    let cap: Vec<_> = lp.capacity.iter().map(|&c| problem.add_row(..=c)).collect();
    for &row in &cover {
        problem.add_column(100.0, 0.0.., [(row, 1.0)]);
    }
    for &(cost, k, r, x) in &lp.columns {
        problem.add_column(cost, 0.0.., [(cover[k], 1.0), (cap[r], x)]);
    }
    let mut model = problem.optimise(Sense::Minimise);
    model.make_quiet();
    model.set_option("threads", 1);
    model.solve().objective_value()
}

fn model_layer(c: &mut Criterion) {
    let lp = lp(2_000, 40);
    let time = |f: &dyn Fn() -> f64| {
        let mut best = f64::INFINITY;
        let mut value = 0.0;
        for _ in 0..3 {
            let t = Instant::now();
            value = f();
            best = best.min(t.elapsed().as_secs_f64());
        }
        (best, value)
    };
    let (r, x) = time(&|| raw(&lp));
    let (live, y) = time(&|| through(LiveMaster::new(), &lp));
    let (stated, z) = time(&|| through(StatedMaster::new(), &lp));
    assert!((x - y).abs() < 1e-6 * x && (x - z).abs() < 1e-6 * x, "{x} {y} {z}");
    eprintln!(
        "80,000 columns, best of 3: raw HiGHS {r:.3} s, good_lp layer {:.3} x, live layer {:.3} x",
        stated / r,
        live / r
    );
    let mut group = c.benchmark_group("model_layer_80000_columns");
    group.sample_size(10);
    group.bench_function("raw_highs", |b| b.iter(|| black_box(raw(&lp))));
    group.bench_function("good_lp_layer", |b| b.iter(|| black_box(through(StatedMaster::new(), &lp))));
    group.bench_function("live_layer", |b| b.iter(|| black_box(through(LiveMaster::new(), &lp))));
    group.finish();
}

criterion_group!(benches, model_layer, plans);
criterion_main!(benches);
