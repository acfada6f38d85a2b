//! Laws that hold for every instance.

mod support;

use support::{Instance, instance, instance_under_contract, plan, plan_with};
use tradewind_core::check;
use tradewind_core::job::Workload;
use tradewind_core::money::{UsdPerGb, UsdPerGbMonth, UsdPerHour};
use tradewind_core::plan::Plan;

/// The bound is the relaxation's value to one part in ten thousand: monotone up to that.
const SLACK: f64 = 1.0 + 3e-4;

fn bytes(plan: &Plan) -> Vec<u8> {
    serde_json::to_vec(plan).unwrap()
}

/// Instances in which everything is placed, so that costs can be compared.
fn complete(seeds: std::ops::Range<u64>, n: usize) -> impl Iterator<Item = (u64, Instance, Plan)> {
    seeds.filter_map(move |seed| {
        let i = instance(seed, n);
        let p = plan(&i);
        (p.summary.unplaced == 0).then_some((seed, i, p))
    })
}

#[test]
fn larger_queues_pass_their_check_and_respect_the_bound() {
    let (mut placed, mut total) = (0, 0);
    for seed in 0..120 {
        let n = 5 + (seed % 30) as usize;
        let i =
            if seed % 3 == 0 { instance_under_contract(50_000 + seed, n.min(12)) } else { instance(50_000 + seed, n) };
        let p = plan(&i);
        let report = check::check(&p);
        assert!(report.is_clean(), "seed {seed}: {:#?}", report.violations);
        assert!(p.summary.lower_bound_usd <= p.summary.cost_usd);
        assert!(p.summary.placed <= p.summary.placed_upper_bound);
        placed += p.summary.placed;
        total += p.summary.tasks;
        for (name, b) in &p.summary.baselines {
            let dearer = b.placed == p.summary.placed && b.cost_usd < p.summary.cost_usd;
            let close = b.cost_usd.as_f64() > p.summary.cost_usd.as_f64() * 0.999;
            assert!(!dearer || close, "seed {seed}: {name} is cheaper: {} < {}", b.cost_usd, p.summary.cost_usd);
        }
    }
    println!("{placed} of {total} tasks placed");
}

#[test]
fn same_bytes_at_one_and_two_threads() {
    for seed in 0..12 {
        let i = instance(60_000 + seed, 24);
        assert_eq!(bytes(&plan_with(&i, 1)), bytes(&plan_with(&i, 2)), "seed {seed}");
    }
}

#[test]
fn the_order_of_jobs_changes_nothing() {
    for seed in 0..20 {
        let i = instance(61_000 + seed, 9);
        let mut jobs = i.workload.jobs().to_vec();
        jobs.reverse();
        jobs.rotate_left(3);
        let shuffled = Instance { workload: Workload::new(jobs).unwrap(), ..i.clone() };
        assert_eq!(bytes(&plan(&i)), bytes(&plan(&shuffled)), "seed {seed}");
    }
}

#[test]
fn splitting_a_class_changes_no_cost() {
    let mut seen = 0;
    for (seed, i, whole) in complete(62_000..62_080, 6) {
        let mut jobs = Vec::new();
        for job in i.workload.jobs() {
            for n in 0..job.count {
                jobs.push(tradewind_core::job::Job { id: format!("{}-{n}", job.id), count: 1, ..job.clone() });
            }
        }
        seen += usize::from(jobs.len() > i.workload.jobs().len());
        let split = plan(&Instance { workload: Workload::new(jobs).unwrap(), ..i });
        assert_eq!(whole.summary.cost_usd, split.summary.cost_usd, "seed {seed}");
        let (a, b) = (whole.summary.lower_bound_usd.nanos(), split.summary.lower_bound_usd.nanos());
        assert!((a - b).abs() <= a / 1_000 + 100, "seed {seed}: bounds {a} and {b}");
    }
    assert!(seen >= 10, "only {seen} instances had a class to split");
}

#[test]
fn scaling_prices_scales_the_cost() {
    for (seed, i, p) in complete(63_000..63_040, 5) {
        let mut market = i.market.clone();
        market.offers.iter_mut().for_each(|o| o.price = UsdPerHour::from_nanos(o.price.nanos() * 4));
        for c in &mut market.clouds {
            c.address = UsdPerHour::from_nanos(c.address.nanos() * 4);
            c.disk = UsdPerGbMonth::from_nanos(c.disk.nanos() * 4);
            c.storage = UsdPerGbMonth::from_nanos(c.storage.nanos() * 4);
        }
        for row in market.transfers.values_mut() {
            row.values_mut().for_each(|(price, _)| *price = UsdPerGb::from_nanos(price.nanos() * 4));
        }
        let q = plan(&Instance { market, ..i });
        let (a, b) = (p.summary.cost_usd.nanos() * 4, q.summary.cost_usd.nanos());
        assert!((a - b).abs() <= 4 * 400, "seed {seed}: {a} and {b}: more than the rounding of each line");
    }
}

#[test]
fn more_quota_or_one_more_offer_never_raises_the_optimum_of_the_relaxation() {
    for (seed, i, p) in complete(64_000..64_060, 6) {
        let mut more = i.market.clone();
        more.quotas.iter_mut().for_each(|q| q.available += 4);
        let q = plan(&Instance { market: more, ..i.clone() });
        let (a, b) = (p.summary.lower_bound_usd.as_f64(), q.summary.lower_bound_usd.as_f64());
        assert!(b <= a * SLACK + 1e-6, "seed {seed}: more quota raised the bound from {a} to {b}");
        let mut fewer = i.market.clone();
        let used = |o: &tradewind_core::market::Offer| p.allocations.iter().any(|a| a.usd_per_hour == o.price);
        if let Some(at) = fewer.offers.iter().position(|o| !used(o)) {
            fewer.offers.remove(at);
            let r = plan(&Instance { market: fewer, ..i });
            if r.summary.unplaced == 0 {
                let c = r.summary.lower_bound_usd.as_f64();
                assert!(a <= c * SLACK + 1e-6, "seed {seed}: one offer fewer lowered the bound from {a} to {c}");
            }
        }
    }
}
