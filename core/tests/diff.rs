//! Laws of `core::diff`, on plans made at random.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tradewind_core::certificate::Certificate;
use tradewind_core::diff::{Kind, PlanDiff, UsdChange, diff};
use tradewind_core::job::{Job, Runtime, Workload};
use tradewind_core::market::{CapacityType, Market};
use tradewind_core::money::{Usd, UsdPerHour};
use tradewind_core::notice::OnInterruption;
use tradewind_core::place::RegionName;
use tradewind_core::plan::{
    Allocation, CostBreakdown, Inputs, Placement, Plan, SCHEMA, Staging, Summary, Termination, Unplaced, ZoneRule,
};
use tradewind_core::resources::Resources;
use tradewind_core::rules::{Horizon, Rules};
use tradewind_core::seed::Seed;
use tradewind_core::size::Bytes;
use tradewind_core::time::{Millis, Time};

/// Nodes with tasks of one job on them.
#[derive(Debug, Clone)]
struct Lot {
    job: u8,
    tasks: u32,
    nodes: u32,
    region: u8,
    spot: bool,
    kind: u8,
    launch: u8,
    interval: Option<u8>,
    saves: bool,
    nanos: i64,
}

#[derive(Debug, Clone)]
struct Sketch {
    lots: Vec<Lot>,
    stagings: BTreeMap<u8, (u8, i64)>,
    unplaced: u32,
    commitment: i64,
}

fn lot() -> impl Strategy<Value = Lot> {
    let place = (0..2_u8, any::<bool>(), 0..2_u8, 0..3_u8, proptest::option::of(0..2_u8), any::<bool>());
    ((0..3_u8, 1..4_u32, 1..4_u32), place, 0..5_000_000_007_i64).prop_map(
        |((job, tasks, nodes), (region, spot, kind, launch, interval, saves), nanos)| Lot {
            job,
            tasks,
            nodes,
            region,
            spot,
            kind,
            launch,
            interval,
            saves,
            nanos,
        },
    )
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let stagings = proptest::collection::btree_map(0..2_u8, (0..2_u8, 0..1_000_000_000_i64), 0..3);
    (proptest::collection::vec(lot(), 0..7), stagings, 0..3_u32, 0..1_000_000_000_i64)
        .prop_map(|(lots, stagings, unplaced, commitment)| Sketch { lots, stagings, unplaced, commitment })
}

fn region(n: u8) -> RegionName {
    RegionName::new("cloud", ["east", "west"][usize::from(n)])
}

fn hours(n: u8) -> Time {
    Time::from_ms(i64::from(n) * Millis::HOUR.get())
}

fn allocation(i: usize, lot: &Lot) -> Allocation {
    Allocation {
        id: format!("a{i}"),
        region: region(lot.region),
        zone: ZoneRule::Any,
        instance_type: ["small", "large"][usize::from(lot.kind)].to_owned(),
        capacity_type: if lot.spot { CapacityType::Spot } else { CapacityType::OnDemand },
        count: lot.nodes,
        start: hours(lot.launch),
        commitment: None,
        end: hours(lot.launch + 1),
        reserved_end: hours(lot.launch + 2),
        usd_per_hour: UsdPerHour::from_nanos(1),
        expected_cost_usd: Usd::from_nanos(lot.nanos),
    }
}

fn kept(lot: &Lot) -> OnInterruption {
    if lot.saves { OnInterruption::AtNotice } else { OnInterruption::LastPeriodic }
}

fn placement(i: usize, lot: &Lot) -> Placement {
    Placement {
        job: format!("job-{}", lot.job),
        tasks: [0, lot.tasks - 1],
        allocation: format!("a{i}"),
        nodes: [0, lot.nodes - 1],
        start: hours(lot.launch),
        end: hours(lot.launch + 1),
        reserved_end: hours(lot.launch + 2),
        checkpoint_interval_ms: lot.interval.map(|n| Millis::new(i64::from(n))),
        on_interruption: lot.spot.then_some(kept(lot)),
        fallback: None,
        expected_cost_usd: Usd::from_nanos(lot.nanos),
        miss_probability: None,
    }
}

fn staging(dataset: u8, start: u8, nanos: i64) -> Staging {
    Staging {
        dataset: format!("d{dataset}"),
        region: region(0),
        bytes: Bytes::from_gb(1),
        start: hours(start),
        ready: hours(start),
        until: hours(9),
        egress_usd: Usd::from_nanos(nanos),
        storage_usd: Usd::ZERO,
    }
}

fn plan(s: &Sketch) -> Plan {
    let nanos = |n: i64| Usd::from_nanos(n);
    let stagings: Vec<Staging> = s.stagings.iter().map(|(d, (start, n))| staging(*d, *start, *n)).collect();
    let cost = CostBreakdown {
        compute_usd: nanos(s.lots.iter().map(|l| l.nanos).sum()),
        egress_usd: stagings.iter().map(|s| s.egress_usd).sum(),
        commitment_usd: nanos(s.commitment),
        ..CostBreakdown::default()
    };
    let placed = s.lots.iter().map(|l| u64::from(l.tasks)).sum();
    Plan {
        schema: SCHEMA.to_owned(),
        made_by: "test".to_owned(),
        content_hash: String::new(),
        inputs: Inputs {
            snapshot: "s".to_owned(),
            market_as_of: hours(0),
            as_of: hours(0),
            market_hash: String::new(),
            market_rows_hash: String::new(),
            workload_hash: String::new(),
            rules_hash: String::new(),
        },
        seed: Seed(0),
        reproducible: true,
        assumptions: Vec::new(),
        summary: Summary {
            jobs: 3,
            tasks: placed + u64::from(s.unplaced),
            placed,
            placed_upper_bound: placed,
            unplaced: u64::from(s.unplaced),
            one_more_fits: false,
            column_gap: None,
            cost_usd: cost.total(),
            lower_bound_usd: Usd::ZERO,
            gap: None,
            termination: Termination::WorkLimit,
            baselines: BTreeMap::new(),
        },
        cost,
        allocations: s.lots.iter().enumerate().map(|(i, l)| allocation(i, l)).collect(),
        placements: s.lots.iter().enumerate().map(|(i, l)| placement(i, l)).collect(),
        stagings,
        unplaced: if s.unplaced == 0 {
            Vec::new()
        } else {
            vec![Unplaced { job: "job-9".to_owned(), tasks: s.unplaced, reasons: Vec::new() }]
        },
        shadow_prices: Vec::new(),
        rules: Rules::over(Horizon { start: hours(0), end: hours(9), window: Millis::HOUR }),
        certificate: Certificate::default(),
        workload: Workload::default(),
        market: market(),
    }
    .sealed()
}

fn market() -> Market {
    Market {
        snapshot: "s".to_owned(),
        as_of: hours(0),
        clouds: Vec::new(),
        regions: Vec::new(),
        types: Vec::new(),
        hazards: Vec::new(),
        quotas: Vec::new(),
        quota_sets: vec![Vec::new()],
        offers: Vec::new(),
        discounts: Vec::new(),
        commitments: Vec::new(),
        transfers: BTreeMap::new(),
    }
}

fn swap<T>(pair: &mut [T; 2]) {
    pair.swap(0, 1);
}

fn backwards(kind: Kind) -> Kind {
    match kind {
        Kind::Add => Kind::Remove,
        Kind::Remove => Kind::Add,
        same => same,
    }
}

fn turned(usd: UsdChange) -> UsdChange {
    UsdChange::new(usd.new, usd.old)
}

/// The comparison read backwards, with lists that have no order of their own sorted.
fn mirrored(mut d: PlanDiff) -> PlanDiff {
    std::mem::swap(&mut d.old, &mut d.new);
    d.cost_usd = turned(d.cost_usd);
    d.comparable.usd = turned(d.comparable.usd);
    d.stagings_usd = turned(d.stagings_usd);
    d.nodes.kept_usd = turned(d.nodes.kept_usd);
    d.causes.iter_mut().for_each(|c| c.usd = turned(c.usd));
    for c in &mut d.nodes.changes {
        std::mem::swap(&mut c.from, &mut c.to);
        (c.kind, c.usd) = (backwards(c.kind), turned(c.usd));
    }
    for job in &mut d.jobs {
        job.usd = turned(job.usd);
        swap(&mut job.placed);
        swap(&mut job.unplaced);
        for f in &mut job.flows {
            std::mem::swap(&mut f.from, &mut f.to);
            f.kind = backwards(f.kind);
        }
    }
    d.stagings.iter_mut().for_each(|s| (s.kind, s.usd) = (backwards(s.kind), turned(s.usd)));
    (d.prices.cheaper, d.prices.dearer) = (d.prices.dearer, d.prices.cheaper);
    sorted(d)
}

fn sorted(mut d: PlanDiff) -> PlanDiff {
    d.nodes.changes.sort_by_key(|c| (c.kind, c.from.clone(), c.to.clone()));
    d.jobs.iter_mut().for_each(|j| j.flows.sort_by_key(|f| (f.kind, f.from.clone(), f.to.clone())));
    d
}

proptest! {
    #[test]
    fn a_plan_does_not_differ_from_itself(a in sketch()) {
        let a = plan(&a);
        let d = diff(&a, &a);
        prop_assert!(!d.has_changes && d.nodes.changes.is_empty() && d.jobs.is_empty() && d.stagings.is_empty());
        prop_assert!(d.inputs.is_empty() && d.queue.is_empty() && d.cost_usd.delta == Usd::ZERO);
        prop_assert_eq!(d.nodes.kept, d.new.nodes);
    }

    #[test]
    fn swapping_the_plans_turns_everything_round(a in sketch(), b in sketch()) {
        let (a, b) = (plan(&a), plan(&b));
        prop_assert_eq!(mirrored(diff(&a, &b)), sorted(diff(&b, &a)));
    }

    #[test]
    fn every_node_and_task_is_accounted_for(a in sketch(), b in sketch()) {
        let d = diff(&plan(&a), &plan(&b));
        let n = |kind| d.nodes.count(kind) as i64;
        prop_assert_eq!(n(Kind::Add) - n(Kind::Remove), d.new.nodes as i64 - d.old.nodes as i64);
        let changed = |kinds: &[Kind]| kinds.iter().map(|k| d.nodes.count(*k)).sum::<u64>();
        let paired = [Kind::Move, Kind::Resize, Kind::Shift];
        prop_assert_eq!(d.nodes.kept + changed(&paired) + d.nodes.count(Kind::Remove), d.old.nodes);
        for job in &d.jobs {
            let tasks = |kind| job.flows.iter().filter(|f| f.kind == kind).map(|f| f.tasks as i64).sum::<i64>();
            prop_assert_eq!(tasks(Kind::Add) - tasks(Kind::Remove), job.placed[1] as i64 - job.placed[0] as i64);
        }
    }

    #[test]
    fn the_parts_sum_to_the_whole_to_the_nano_dollar(a in sketch(), b in sketch()) {
        let (old, new) = (plan(&a), plan(&b));
        let d = diff(&old, &new);
        let sum = |parts: &mut dyn Iterator<Item = UsdChange>| parts.map(|u| u.delta).sum::<Usd>();
        prop_assert_eq!(sum(&mut d.causes.iter().map(|c| c.usd)), d.cost_usd.delta);
        let commitments = new.cost.commitment_usd - old.cost.commitment_usd;
        let jobs = sum(&mut d.jobs.iter().map(|j| j.usd));
        prop_assert_eq!(jobs + d.stagings_usd.delta + commitments, d.cost_usd.delta);
        let bill = |p: &Plan| p.allocations.iter().map(|a| a.expected_cost_usd).sum::<Usd>();
        let nodes = sum(&mut d.nodes.changes.iter().map(|c| c.usd));
        prop_assert_eq!(nodes + d.nodes.kept_usd.delta, bill(&new) - bill(&old));
    }

    /// Names and order of allocations are the plan's own business.
    #[test]
    fn names_and_order_do_not_count(a in sketch(), b in sketch()) {
        let (old, new) = (plan(&a), plan(&b));
        let mut renamed = new.clone();
        renamed.allocations.reverse();
        renamed.placements.reverse();
        renamed.allocations.iter_mut().for_each(|a| a.id.insert(0, 'x'));
        renamed.placements.iter_mut().for_each(|p| p.allocation.insert(0, 'x'));
        prop_assert_eq!(sorted(diff(&old, &new)), sorted(diff(&old, &renamed)));
    }
}

fn one(region: u8, kind: u8, launch: u8) -> Sketch {
    let lot =
        Lot { job: 0, tasks: 2, nodes: 2, region, spot: true, kind, launch, interval: None, saves: true, nanos: 10 };
    Sketch { lots: vec![lot], stagings: BTreeMap::new(), unplaced: 0, commitment: 0 }
}

#[test]
fn the_coarsest_difference_names_the_change() {
    let base = plan(&one(0, 0, 0));
    for (other, kind) in [(one(1, 1, 1), Kind::Move), (one(0, 1, 1), Kind::Resize), (one(0, 0, 1), Kind::Shift)] {
        let d = diff(&base, &plan(&other));
        assert_eq!((d.nodes.count(kind), d.nodes.changes.len()), (2, 1), "{kind:?}");
        assert_eq!((d.jobs[0].flows[0].kind, d.jobs[0].flows[0].tasks), (kind, 2));
    }
}

#[test]
fn a_checkpoint_interval_is_a_decision_of_the_task_alone() {
    let mut other = one(0, 0, 0);
    other.lots[0].interval = Some(1);
    let d = diff(&plan(&one(0, 0, 0)), &plan(&other));
    assert!(d.has_changes && d.nodes.changes.is_empty());
    assert_eq!(d.jobs[0].flows[0].kind, Kind::Checkpoint);
}

#[test]
fn what_an_interruption_leaves_is_told_of_the_task_alone() {
    let mut other = one(0, 0, 0);
    other.lots[0].saves = false;
    let d = diff(&plan(&one(0, 0, 0)), &plan(&other));
    assert!(d.has_changes && d.nodes.changes.is_empty());
    assert_eq!(d.jobs[0].flows[0].kind, Kind::Checkpoint);
}

#[test]
fn inputs_that_differ_are_named() {
    let a = plan(&one(0, 0, 0));
    let mut b = a.clone();
    b.seed = Seed(7);
    b.rules.budgets.insert("vision".to_owned(), Usd::from_nanos(5_000_000_000));
    let hour = Runtime { p50: Millis::HOUR, p95: Millis::HOUR };
    b.workload = Workload::new(vec![Job::new("j", Resources::ZERO, hour)]).expect("a queue");
    let d = diff(&a, &b);
    assert!(!d.has_changes, "inputs alone decide nothing");
    insta::assert_snapshot!(
        d.inputs.iter().map(|i| format!("{}: {:?} {:?}\n", i.name, i.old, i.new)).collect::<String>(),
        @r#"
    rules/budgets/vision: None Some("5.00")
    seed: Some("0") Some("7")
    "#);
    assert_eq!(d.queue.len(), 1);
    let mut c = b.clone();
    c.workload = Workload::new(vec![Job { priority: 51, ..b.workload.jobs()[0].clone() }]).expect("a queue");
    assert_eq!(diff(&b, &c).queue[0].fields, ["priority"]);
}
