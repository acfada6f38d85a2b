//! Laws of single processes, on a model of a few nodes made by hand.

use tradewind_core::job::Arch;
use tradewind_core::market::{
    CapacityType, CloudFacts, Delay, Hazard, HazardUnit, InstanceType, Market, Offer, Region,
};
use tradewind_core::money::{UsdPerGbMonth, UsdPerHour};
use tradewind_core::place::RegionName;
use tradewind_core::resources::Resources;
use tradewind_core::seed::Seed;
use tradewind_core::stint::Rhythm;
use tradewind_core::time::{Millis, Time};
use tradewind_core::work::Spread;

use super::*;
use crate::plan::model::{PlannedNode, PlannedTask, PoolOf, Sites};
use crate::stats::Moments;

pub(in crate::plan) const HOUR: i64 = 3_600_000;
pub(in crate::plan) const SIZE: Resources = Resources { vcpu_milli: 4_000, memory_mib: 16_384, gpu_milli: 0 };

/// One machine, at 1 $ an hour: on demand first, then on spot with an interruption every ten hours in the mean.
fn market() -> Market {
    let offer = |capacity_type, hazard| Offer {
        instance_type: 0,
        region: 0,
        capacity_type,
        price: UsdPerHour::from_nanos(1_000_000_000),
        hazard,
        quota_set: 0,
        terms: None,
    };
    let delay = Delay { median: Millis::from_secs(60), p95: Millis::from_secs(60) };
    Market {
        snapshot: "test".to_owned(),
        as_of: Time::default(),
        clouds: vec![CloudFacts {
            name: "c".to_owned(),
            boot: delay,
            billing_minimum: Millis::ZERO,
            free_if_interrupted_within: Millis::ZERO,
            notice: Millis::ZERO,
            address: UsdPerHour::ZERO,
            disk: UsdPerGbMonth::ZERO,
            storage: UsdPerGbMonth::ZERO,
            staging_bytes_per_second: 1,
        }],
        regions: vec![Region {
            name: RegionName::new("c", "r"),
            cloud: 0,
            continent: String::new(),
            country: String::new(),
            residency: Vec::new(),
            zones: 3,
        }],
        types: vec![InstanceType {
            cloud: 0,
            name: "m.large".to_owned(),
            family: "m".to_owned(),
            arch: Arch::X86_64,
            capacity: SIZE,
            gpu: String::new(),
            burstable: false,
            speed_milli: 1000,
            counted_vcpu_milli: None,
        }],
        hazards: vec![Hazard {
            value: -libm::expm1(-0.1),
            unit: HazardUnit::PerHour,
            window: Millis::HOUR,
            source: String::new(),
        }],
        quotas: Vec::new(),
        quota_sets: vec![Vec::new()],
        discounts: Vec::new(),
        commitments: Vec::new(),
        offers: vec![offer(CapacityType::OnDemand, None), offer(CapacityType::Spot, Some(0))],
        transfers: Default::default(),
    }
}

/// So many tasks of 5 hours, each on a node of its own that is launched at the start.
pub(in crate::plan) fn model(world: &str, count: u32, capacity_type: CapacityType) -> Model {
    let world: crate::plan::World = serde_json::from_str(world).expect("a scenario");
    assert_eq!(world.problem(), None);
    let machine = u32::from(capacity_type == CapacityType::Spot);
    let mut model = Model::bare((&market(), &PoolOf::new(&market())), &world, Time::default(), Millis::from_hours(48));
    model.sites = Sites::new(&market(), &world, Time::default(), |_| true);
    for n in 0..count {
        let luck = Seed(u64::from(n)).bits("node", 0);
        let site = model.sites.of(machine, luck);
        model.nodes.push(PlannedNode { machine, launch: 0, until: 0, luck, site, parts: 1 });
        model.tasks.push(PlannedTask {
            job: 0,
            index: n,
            luck,
            start: 0,
            deadline: i64::MAX,
            first_node: n,
            nodes: 1,
            demand: SIZE,
            runtime: Spread { median: 5.0, sigma: 0.0 },
            rhythm: Rhythm { interval: Millis::HOUR, save: Millis::ZERO, restore: Millis::ZERO },
            rescue: None,
            waits_for: 0,
            most_attempts: u32::MAX,
            is_awaited: false,
            pool: 0,
            kept: UsdPerHour::ZERO,
            on_nodes: UsdPerHour::ZERO,
        });
    }
    model.of_job = vec![(0..count).collect()];
    model.followers = vec![Vec::new()];
    model.close();
    model
}

fn on_demand(world: &str, count: u32) -> Model {
    model(world, count, CapacityType::OnDemand)
}

fn spot(world: &str, count: u32) -> Model {
    model(world, count, CapacityType::Spot)
}

fn once(model: &Model) -> Outcome {
    Run::default().replicate(model, &Draws::new(Seed(1), 0))
}

/// Whether an expected value lies in the 99.9 % interval of the mean of a figure.
fn agrees(model: &Model, expected: f64, figure: impl Fn(&Outcome) -> f64) {
    let mut run = Run::default();
    let all = (0..4000).map(|r| figure(&run.replicate(model, &Draws::new(Seed(1), r))));
    let estimate = all.collect::<Moments>().estimate(0.999);
    assert!(estimate.interval.is_some_and(|i| i.contains(expected)), "{estimate:?}, expected {expected}");
}

const MINUTE: i64 = 60_000;

#[test]
fn nothing_happens_but_what_is_planned() {
    let outcome = once(&on_demand("{}", 3));
    assert_eq!((outcome.end, outcome.interruptions, outcome.refusals), (MINUTE + 5 * HOUR, 0, 0));
    assert_eq!(outcome.cost, 3 * UsdPerHour::from_nanos(1_000_000_000).times(Millis::new(outcome.end)).nanos());
}

/// The number of failed attempts of a task is geometric: p / (1 - p) in the mean, and p^n never end in n attempts.
#[test]
fn attempts_fail_as_a_geometric_law_says() {
    let flaky = r#"{"failure_probability": 0.3}"#;
    agrees(&on_demand(flaky, 5), 5.0 * 0.3 / 0.7, |o| f64::from(o.failures));
    let mut limited = on_demand(flaky, 5);
    limited.tasks.iter_mut().for_each(|t| t.most_attempts = 2);
    agrees(&limited, 5.0 * 0.09, |o| f64::from(o.unfinished));
    // An attempt fails halfway in the mean, and keeps the whole hours that it saved.
    limited.tasks.iter_mut().for_each(|t| t.most_attempts = 1);
    agrees(&limited, 5.0 * 0.3 * 0.5, |o| o.rework_ms as f64 / HOUR as f64);
}

/// What waits for a task that never ends never ends itself, and everything that ran is billed.
#[test]
fn what_waits_for_a_failed_task_never_ends() {
    let mut model = on_demand(r#"{"failure_probability": 0.9}"#, 2);
    (model.tasks[0].most_attempts, model.tasks[1].job, model.tasks[1].waits_for) = (1, 1, 1);
    (model.of_job, model.followers) = (vec![vec![0], vec![1]], vec![vec![1], Vec::new()]);
    model.close();
    agrees(&model, 2.0 * 0.9, |o| f64::from(o.unfinished));
}

/// Refused until the third hour: after pauses of 1, 2, 4, 8 and then 15 minutes it is let in at 3h.
#[test]
fn a_refused_launch_is_tried_again_after_longer_and_longer_pauses() {
    let world = r#"{"shortages": [{"when": {"window": {"start": "+0s", "end": "+3h"}}}]}"#;
    let outcome = once(&on_demand(world, 1));
    // 1 + 2 + 4 + 8 = 15 minutes, then 11 more pauses of 15 reach 180.
    assert_eq!((outcome.refusals, outcome.end), (15, 3 * HOUR + MINUTE + 5 * HOUR));
}

/// A launch at any instant finds capacity tight as often as it is.
#[test]
fn launches_are_refused_as_often_as_capacity_is_tight() {
    let world = r#"{"shortages": [{"each": "pool", "refuses": 0.5, "when": {"random": {"plenty_hours": 6, "tight_hours": 2}}}],
                    "retry": {"first_seconds": 86400, "longest_seconds": 86400}}"#;
    let refused_at_first = |o: &Outcome| f64::from(u8::from(o.end > 10 * HOUR));
    agrees(&on_demand(world, 1), 0.25 * 0.5, refused_at_first);
}

/// Pools of one region are lost together, zones of it apart: the variance of a batch is that of one draw.
#[test]
fn who_shares_a_course_shares_its_luck() {
    let storm = |each: &str, loses: f64| {
        format!(
            r#"{{"hazard_factor": 0, "shortages": [{{"each": "{each}", "loses": {loses}, "refuses": 0,
                    "when": {{"trace": {{"hours": 10, "tight": [[1, 1]], "shift": true}}}}}}]}}"#
        )
    };
    // Each course begins at another time of its trace: a region's nodes are lost at one time.
    let spread = |each: &str| {
        let model = spot(&storm(each, 1.0), 12);
        let mut spans = Run::timeline(&model, &Draws::new(Seed(1), 0));
        spans.retain(|s| matches!(s.what, What::Node { lost: true, .. }));
        spans.iter().map(|s| s.until).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert!(spread("region") == 1 && spread("zone") <= 3 && spread("zone") > 1);
    // Each of 12 nodes is lost with this probability when it begins; half of the times of the trace it begins in time.
    agrees(&spot(&storm("region", 0.25), 12), 12.0 * 0.25 * (5.0 + 1.0 / 60.0) / 10.0, |o| {
        f64::from(o.interruptions.min(12))
    });
}

/// In tight spells the rate is multiplied: survivors of 5 hours of which the second and third are five times as bad.
#[test]
fn the_rate_is_multiplied_in_tight_spells() {
    let world =
        r#"{"shortages": [{"hazard_in_tight": 5, "refuses": 0, "when": {"window": {"start": "+1h", "end": "+3h"}}}]}"#;
    let kept = libm::exp(-0.1 * (3.0 + 1.0 / 60.0 + 5.0 * 2.0));
    agrees(&spot(world, 1), kept, |o| f64::from(u8::from(o.interruptions == 0)));
}

/// A trace of losses replaces the rate: every node is lost at its times and at no other.
#[test]
fn a_replayed_trace_is_the_only_source_of_losses() {
    let world = r#"{"shortages": [{"hazard_in_plenty": 0, "loses": 1,
                    "when": {"trace": {"hours": 100, "tight": [[1.5, 2], [4.25, 4.25]], "shift": false}}}]}"#;
    let outcome = once(&spot(world, 4));
    assert_eq!(outcome.interruptions, 8);
    // 1h is saved at 1h01m, lost until 2h at least; the clouds refuse until then.
    assert!(outcome.refusals >= 4 && outcome.end > 6 * HOUR, "{outcome:?}");
}

/// 40 launches at once, 10 let through and then one every 2 s.
#[test]
fn launches_take_turns() {
    let outcome = once(&on_demand(r#"{"launch_rates": [{"per_minute": 30, "burst": 10}]}"#, 40));
    assert_eq!(outcome.end, 30 * 2_000 + MINUTE + 5 * HOUR);
    assert_eq!((outcome.refusals, outcome.idle), (0, 0));
}

/// A dollar an hour for the first hour, two for the next two, 50 cents then.
#[test]
fn bills_follow_the_price_by_the_second() {
    let world = r#"{"price_paths": [{"course": {"steps": [[1, 2], [3, 0.5]]}}]}"#;
    let outcome = once(&on_demand(world, 1));
    let hours = 1.0 + 2.0 * 2.0 + 0.5 * (2.0 + 1.0 / 60.0);
    assert!((outcome.cost as f64 / 1e9 - hours).abs() < 1e-6, "{}", outcome.cost);
}

/// Ten nodes run when only four may: the six newest are lost, and come back when it is over.
#[test]
fn a_cut_takes_the_newest_and_gives_back_later() {
    let world = |limit: &str| format!(r#"{{"quota_cuts": [{{"start": "+90m", "end": "+4h", {limit}}}]}}"#);
    for limit in [r#""nodes": 4"#, r#""vcpus": 19"#] {
        let outcome = once(&on_demand(&world(limit), 10));
        assert_eq!(outcome.interruptions, 6, "{limit}");
        assert!((4 * HOUR + 4 * HOUR..4 * HOUR + 5 * HOUR).contains(&outcome.end), "{outcome:?}");
    }
    assert_eq!(once(&on_demand(&world(r#""nodes": 10"#), 10)).interruptions, 0);
}

/// A quota that never comes back: tasks are given up after a while, and the run ends.
#[test]
fn what_is_never_let_in_is_given_up() {
    let mut model = on_demand(r#"{"quota_cuts": [{"start": "+0s", "end": "+9000h", "nodes": 1}]}"#, 2);
    model.patience = 40 * HOUR;
    let outcome = once(&model);
    assert_eq!((outcome.unfinished, outcome.end), (0, 10 * HOUR + 16 * MINUTE), "one after the other: {outcome:?}");
    model.patience = 4 * HOUR;
    let outcome = once(&model);
    assert_eq!((outcome.unfinished, outcome.missed.len()), (2, 0));
    assert_eq!(outcome.cost, UsdPerHour::from_nanos(1_000_000_000).times(Millis::from_hours(4)).nanos());
}

/// A task with on-demand behind it does not wait for spot longer than its deadline allows.
#[test]
fn a_task_leaves_spot_that_is_refused() {
    let world =
        r#"{"shortages": [{"offers": {"capacity": "spot"}, "when": {"window": {"start": "+0s", "end": "+40h"}}}]}"#;
    let mut model = spot(world, 1);
    model.tasks[0].deadline = 12 * HOUR;
    model.tasks[0].rescue =
        Some(crate::plan::model::Rescue { machine: 0, required: 5 * HOUR + 30 * MINUTE, first_luck: 0 });
    model.luck_behind = vec![7];
    model.close();
    let outcome = once(&model);
    assert_eq!((outcome.moved, outcome.missed.len(), outcome.unfinished), (1, 0, 0));
    // The last instant with time for a segment, a boot and what on-demand needs: 12h - 5h30m - 1h - 1m.
    assert_eq!(outcome.end, 5 * HOUR + 29 * MINUTE + 1 + MINUTE + 5 * HOUR);
}

/// Processes that never bite change no draw and no bill: common random numbers hold across worlds.
#[test]
fn a_world_that_never_bites_is_the_plain_one() {
    let calm = r#"{"shortages": [{}], "launch_rates": [{"per_minute": 1000000, "burst": 1000}],
                   "price_paths": [{"course": {"steps": [[4000, 3]]}}],
                   "quota_cuts": [{"start": "+4000h", "end": "+4001h", "nodes": 0}]}"#;
    let (plain, calm) = (spot("{}", 20), spot(calm, 20));
    for r in 0..20 {
        let of = |model: &Model| Outcome { events: 0, ..Run::default().replicate(model, &Draws::new(Seed(2), r)) };
        assert_eq!(of(&plain), of(&calm));
    }
}

/// A room that was used before gives the same as a new one.
#[test]
fn replications_leave_nothing_behind() {
    let world = r#"{"failure_probability": 0.2, "shortages": [{"each": "zone", "loses": 0.5,
                    "when": {"random": {"plenty_hours": 3, "tight_hours": 1}}}], "launch_rates": [{"per_minute": 2}]}"#;
    let model = spot(world, 9);
    let mut used = Run::default();
    for r in 0..10 {
        let draws = Draws::new(Seed(3), r);
        assert_eq!(used.replicate(&model, &draws), Run::default().replicate(&model, &draws));
    }
}
