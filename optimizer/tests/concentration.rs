//! The concentration cap: kept by every plan, felt by the bound, priced.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::cap::{holds, tasks_of, work_by_pool};
use support::{Instance, START, exhaustive, instance, plan};
use tradewind_core::certificate::{Certificate, ConcentrationDual, PlacementCertificate};
use tradewind_core::check::{self, View};
use tradewind_core::concentration::work_of_queue;
use tradewind_core::hash;
use tradewind_core::job::{Job, Runtime, Workload};
use tradewind_core::market::{CapacityType, Delay, InstanceType, Offer};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::plan::Plan;
use tradewind_core::pool::Pool;
use tradewind_core::resources::Resources;
use tradewind_core::rules::Rules;
use tradewind_core::time::Millis;
use tradewind_optimizer::explain::{Change, explain_unplaced};

const SHARES: [&str; 6] = ["5%", "25%", "40%", "55.5%", "75%", "99%"];

/// An instance in which most jobs are due and accept spot, under a share.
fn capped(seed: u64, n: usize) -> Instance {
    let mut i = instance(seed, n);
    let mut jobs = i.workload.jobs().to_vec();
    for (k, job) in jobs.iter_mut().enumerate() {
        job.interruptible |= (seed + k as u64) % 5 != 0;
        if (seed + k as u64) % 4 != 0 {
            job.deadline = job.deadline.or(Some(START + Millis::from_hours(20)));
        }
    }
    i.workload = Workload::new(jobs).unwrap();
    i.rules.concentration = Some(SHARES[seed as usize % SHARES.len()].parse().unwrap());
    i
}

fn checked(i: &Instance) -> Plan {
    let plan = plan(i);
    let report = check::check(&plan);
    assert!(report.is_clean(), "{:#?}", report.violations);
    plan
}

#[test]
fn plans_keep_the_cap_and_the_bound_stays_below_the_exhaustive_optimum() {
    let (mut felt, mut equal, mut compared, mut fewer) = (0, 0, 0_u32, 0);
    let tried = 240;
    for seed in 0..tried {
        let i = capped(40_000 + seed, 2 + (seed % 2) as usize);
        let plan = checked(&i);
        assert!(holds(&i, tasks_of(&i, &plan).into_iter()), "seed {seed}");
        let best = exhaustive(&i);
        let total: u64 = best.placed.iter().sum();
        assert!(plan.summary.placed_upper_bound >= total, "seed {seed}: the placement bound is below {total}");
        let free = exhaustive(&Instance { rules: Rules { concentration: None, ..i.rules.clone() }, ..i.clone() });
        felt += u32::from((&free.placed, free.cost) != (&best.placed, best.cost));
        let mut by_job = vec![0; i.workload.jobs().len()];
        tasks_of(&i, &plan).iter().for_each(|(k, _)| by_job[*k] += 1);
        if by_job == best.by_job {
            assert!(plan.summary.lower_bound_usd <= best.cost, "seed {seed}: the bound is above the optimum");
            compared += 1;
            equal += u32::from(plan.summary.cost_usd.as_f64() <= best.cost.as_f64() * (1.0 + 1e-9));
        } else {
            fewer += u32::from(plan.summary.placed < total);
        }
    }
    println!(
        "{tried} instances, the cap felt in {felt}: {equal} of {compared} at the optimum, {fewer} with fewer tasks"
    );
    assert!(felt * 4 > tried as u32, "{felt}: the cap is felt in a quarter of them, or the test says little");
    assert!(f64::from(equal) >= 0.97 * f64::from(compared), "{equal} of {compared}");
    assert!(fewer * 50 <= tried as u32, "{fewer} plans place fewer tasks than possible");
}

/// Any prices of the cap give valid bounds.
#[test]
fn random_prices_of_the_cap_never_prove_too_much() {
    let mut rng = StdRng::seed_from_u64(8);
    let mut sharper = 0;
    for seed in 0..150 {
        let i = capped(50_000 + seed, 2 + (seed % 2) as usize);
        let best = exhaustive(&i);
        let placed: u64 = best.placed.iter().sum();
        let view = View::of(&i.workload, &i.market, &i.rules);
        let unpriced = check::lower_bound(&view, &Certificate::default(), &best.by_job);
        for _ in 0..30 {
            let scale = 10_f64.powf(rng.random_range(-3.0..1.0)) * 1e7;
            let spot = view.pools.iter().filter(|p| p.capacity_type == CapacityType::Spot);
            let dual = |p: &Pool, rng: &mut StdRng| ConcentrationDual {
                pool: p.key.clone(),
                price: (rng.random::<f64>() * scale) as i64,
            };
            let concentration: Vec<ConcentrationDual> = spot.map(|p| dual(p, &mut rng)).collect();
            let certificate = Certificate { concentration: concentration.clone(), ..Certificate::default() };
            let bound = check::lower_bound(&view, &certificate, &best.by_job);
            assert!(bound <= best.cost, "seed {seed}: {bound} above {}", best.cost);
            sharper += u32::from(bound > unpriced);
            let (quotas, budgets) = (Vec::new(), Vec::new());
            let level = PlacementCertificate { priority: 0, quotas, budgets, concentration, upper_bound: 0 };
            assert!(check::placement_bound(&view, &level) >= placed, "seed {seed}");
        }
    }
    println!("{sharper} of 4500 random prices prove more than none");
    assert!(sharper > 45, "{sharper}: some prices must help, or the test says little");
}

/// Queues of many tasks, gangs among them, go through patterns, search and repair.
#[test]
fn larger_plans_keep_the_cap() {
    let mut near = 0;
    for seed in 0..48 {
        let mut i = capped(60_000 + seed, 14);
        let mut jobs = i.workload.jobs().to_vec();
        jobs.iter_mut().enumerate().for_each(|(k, j)| {
            j.count *= 1 + (k as u32 % 4) * 3;
            j.nodes = if k % 5 == 4 { 2 } else { 1 };
        });
        i.workload = Workload::new(jobs).unwrap();
        i.market.quotas.iter_mut().for_each(|q| q.available *= 8);
        let plan = checked(&i);
        let limit = i.rules.concentration.unwrap().of(work_of_queue(&i.workload));
        let held = work_by_pool(&i, tasks_of(&i, &plan).into_iter());
        assert!(held.values().all(|work| *work <= limit), "seed {seed}");
        near += u32::from(held.values().any(|work| *work * 10 > limit * 9));
    }
    assert!(near > 12, "{near}: some pools are nearly full, or the test says little");
}

/// Ten tasks that fill a node each for an hour and cannot wait for each other: two spot pools, then
/// on demand.
fn ten_tasks(share: Option<&str>) -> Instance {
    let mut i = instance(1, 1);
    i.market = support::market(&mut StdRng::seed_from_u64(1));
    for cloud in &mut i.market.clouds {
        (cloud.boot, cloud.address, cloud.free_if_interrupted_within) =
            (Delay::default(), UsdPerHour::ZERO, Millis::ZERO);
    }
    i.market.hazards.iter_mut().for_each(|h| h.value = 0.0);
    let large = |region: u16| {
        let named = |t: &InstanceType| t.cloud == region && t.name == "large";
        i.market.types.iter().position(named).unwrap() as u32
    };
    let offer = |region: u16, capacity_type: CapacityType, cents: i64| Offer {
        instance_type: large(region),
        region,
        capacity_type,
        price: UsdPerHour::from_nanos(cents * 10_000_000),
        hazard: (capacity_type == CapacityType::Spot).then_some(region),
        quota_set: 0,
        terms: None,
    };
    let (spot, on_demand) = (CapacityType::Spot, CapacityType::OnDemand);
    i.market.offers = vec![offer(0, on_demand, 10), offer(0, spot, 3), offer(1, spot, 5)];
    i.market = i.market.validated().unwrap();
    let demand = Resources { vcpu_milli: 2000, memory_mib: 8192, gpu_milli: 0 };
    let mut job = Job::new("due", demand, Runtime { p50: Millis::HOUR, p95: Millis::HOUR });
    (job.count, job.interruptible, job.deadline) = (10, true, Some(START + Millis::from_secs(5400)));
    i.workload = Workload::new(vec![job]).unwrap();
    i.rules.concentration = share.map(|s| s.parse().unwrap());
    i
}

/// Cost and prices against figures worked out by hand: 3 cents in one pool, 5 in the other, 10 on demand.
#[test]
fn the_cost_rises_as_the_share_falls_and_the_price_is_what_a_point_saves() {
    let mut before = Usd::ZERO;
    for tenths in (0..=10_i64).rev() {
        let share = format!("{}%", (tenths * 10).max(1));
        let plan = checked(&ten_tasks(Some(&share)));
        let (first, second) = (tenths, tenths.min(10 - tenths));
        let cents = first * 3 + second * 5 + (10 - first - second) * 10;
        assert_eq!(plan.summary.cost_usd, Usd::from_nanos(cents * 10_000_000), "at {share}");
        assert!(plan.summary.cost_usd >= before, "at {share}");
        before = plan.summary.cost_usd;
    }
    // At 40 % each pool has four tasks and two are bought on demand; a point of ten tasks is a tenth of one.
    let plan = checked(&ten_tasks(Some("40%")));
    let prices: Vec<f64> = plan.shadow_prices.iter().map(|p| (p.usd_per_unit * 1e6).round() / 1e6).collect();
    assert!(plan.shadow_prices.iter().all(|p| p.kind == "concentration"), "{:?}", plan.shadow_prices);
    assert_eq!(prices, [0.007, 0.005]);
    assert!(plan.summary.gap.is_some_and(|gap| gap < 1e-6), "{:?}", plan.summary.gap);
}

#[test]
fn the_whole_is_no_limit() {
    for seed in 0..20 {
        let with = |share: Option<&str>| {
            let mut i = capped(70_000 + seed, 8);
            i.rules.concentration = share.map(|s| s.parse().unwrap());
            let p = checked(&i);
            (p.allocations, p.placements, p.stagings, p.unplaced, p.summary, p.certificate, p.shadow_prices)
        };
        assert_eq!(with(Some("100%")), with(None), "seed {seed}");
    }
}

#[test]
fn nothing_is_capped_where_nothing_is_due() {
    let mut i = ten_tasks(Some("1%"));
    let mut job = i.workload.jobs()[0].clone();
    job.deadline = None;
    i.workload = Workload::new(vec![job]).unwrap();
    let plan = checked(&i);
    assert_eq!(plan.summary.cost_usd, "0.30".parse().unwrap(), "all ten in the cheapest pool");
}

/// A plan beyond the cap is named, pool by pool, and so is a price that is no price.
#[test]
fn the_check_names_every_pool_beyond_the_cap() {
    let i = ten_tasks(Some("50%"));
    let mut forged = checked(&i);
    forged.rules.concentration = Some("45%".parse().unwrap());
    forged.inputs.rules_hash = hash::of(&forged.rules);
    let report = check::check(&forged.sealed());
    let broken: Vec<&check::Violation> = report.violations.iter().filter(|v| v.rule == "concentration").collect();
    let said: Vec<String> = broken.iter().map(|v| format!("{} {}; {}", v.code, v.got, v.expected)).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    TW3006 50.000 % of the deadline-critical work on one/east/spot/x86_64/0% per 30d10h; at most 45% on one spot pool
    TW3006 50.000 % of the deadline-critical work on two/west/spot/x86_64/0% per 1d; at most 45% on one spot pool
    ");
    let mut negative = checked(&i);
    negative.certificate.concentration.push(ConcentrationDual { pool: "p".to_owned(), price: -1 });
    assert!(check::check(&negative.sealed()).violations.iter().any(|v| v.rule == "certificate"));
}

/// What would place the rest is told: a larger share, which does.
#[test]
fn a_larger_share_places_the_rest() {
    let mut i = ten_tasks(Some("35%"));
    i.market.offers.retain(|o| o.capacity_type == CapacityType::Spot);
    let relief = explain_unplaced(&checked(&i), &i.market, "due").unwrap().expect("four tasks are left");
    let way = &relief.ways[0];
    let changes: Vec<String> = way.changes.iter().map(Change::sentence).collect();
    let told = format!("{} of {}: {}", way.tasks, relief.tasks, changes.join(", "));
    insta::assert_snapshot!(told, @"4 of 4: raise the share of deadline-critical work on one spot pool from 35% to 60%");
    i.rules.concentration = Some("60%".parse().unwrap());
    assert_eq!(checked(&i).summary.placed, 10);
}

/// Where the cap leaves no place, the plan says so.
#[test]
fn what_the_cap_keeps_out_is_told() {
    let mut i = ten_tasks(Some("40%"));
    i.market.offers.retain(|o| o.capacity_type == CapacityType::Spot);
    let plan = checked(&i);
    assert_eq!((plan.summary.placed, plan.summary.placed_upper_bound), (8, 8), "four in each pool, and no more");
    let reason = &plan.unplaced[0].reasons[0];
    insta::assert_snapshot!(format!("{}: {}", reason.reason, reason.detail), @"its spot pools hold their share of the deadline-critical work already: at most 40% of it on any one");
    i.rules.concentration = Some("9%".parse().unwrap());
    let reason = &checked(&i).unplaced[0].reasons[0];
    insta::assert_snapshot!(reason.detail, @"one task alone is more than the 9% that a spot pool may hold");
}
