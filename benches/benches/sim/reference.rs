//! The reference plan: 10,000 jobs as Philly's log has them, seed 1, with every process of the world on.

use std::collections::BTreeMap;

use tradewind_core::market::CapacityType;
use tradewind_core::plan::Plan;
use tradewind_core::seed::Seed;
use tradewind_core::select::Selector;
use tradewind_core::time::Millis;
use tradewind_datasets::queue::{self, Format, Options};
use tradewind_datasets::synth::{Generator, SynthRequest};
use tradewind_sim::plan::{
    BUSIEST_REGION, Course, Each, LaunchRate, Moment, Outage, PricePath, QuotaCut, Shortage, When, World,
};
use tradewind_sim::whatif::Difference;

use crate::plans::{market, replications};
use crate::table::Row;

/// Jobs, and replications in each world.
const JOBS: u64 = 10_000;
const TRIALS: u64 = 200;
/// A class carries this share of the planned cost at least.
const CLASS: f64 = 0.05;
/// What its interruption rate is multiplied by.
const HAZARD: f64 = 1.1;

/// Replications a second, and how much common random numbers save.
pub fn figures(rows: &mut Vec<Row>) {
    let plan = plan();
    let (took, base) = replications(&plan, &every_process(), "10,000 philly jobs, every process on", TRIALS);
    let speed = Some(TRIALS as f64 / took);
    rows.push(Row::more("replications a CPU second of the reference plan, every process on", [150.0, 500.0], speed));
    let Some((class, share)) = class(&plan) else { return };
    let harder =
        World { shortages: [every_process().shortages, vec![interrupted(class.clone())]].concat(), ..every_process() };
    let what =
        format!("the same, {HAZARD} times the hazard of {} at {:.0} % of the cost", named(&class), 100.0 * share);
    let (_, arm) = replications(&plan, &harder, &what, TRIALS);
    let saved = Difference::of(&base, &arm).variance_reduction;
    rows.push(Row::more("variance reduction by common random numbers, every process on", [10.0, 50.0], saved));
    let (_, calm) = replications(&plan, &World::default(), "10,000 philly jobs, no process", TRIALS);
    let harder = World { shortages: vec![interrupted(class)], ..World::default() };
    let (_, arm) = replications(&plan, &harder, "the same with that hazard", TRIALS);
    let saved = Difference::of(&calm, &arm).variance_reduction;
    rows.push(Row::more("the same in a world without processes", [10.0, 50.0], saved));
}

/// The plan, without quotas, over a day.
fn plan() -> Plan {
    let (span, start) = (Millis::from_hours(24), tradewind_benches::start());
    let asked = SynthRequest { source: "philly".to_owned(), jobs: JOBS, classes: None, span, start, seed: Seed(1) };
    let mut text = Vec::new();
    Generator::new(&asked).and_then(|g| g.write(&mut text, 1)).expect("a queue");
    let read = queue::read("philly.jsonl", text.as_slice(), Format::JsonLines, &Options::default()).expect("a queue");
    tradewind_benches::plan(&read.workload, &market())
}

/// A world in which each process has something to do.
fn every_process() -> World {
    let after = |hours| Moment::After(Millis::from_hours(hours));
    let spot = || Selector { capacity: Some(CapacityType::Spot), ..Selector::default() };
    let random = |plenty_hours, tight_hours| When::Random { plenty_hours, tight_hours, sigma: 1.47 };
    let shortage =
        |each, when| Shortage { offers: spot(), each, when, hazard_in_tight: 5.0, loses: 0.5, ..Shortage::default() };
    World {
        life_shape: 0.6,
        failure_probability: 0.01,
        outages: vec![Outage { place: BUSIEST_REGION.to_owned(), start: after(6), end: after(9) }],
        shortages: vec![shortage(Each::Region, random(48.0, 2.0)), shortage(Each::Pool, random(24.0, 1.0))],
        launch_rates: vec![LaunchRate {
            offers: Selector::default(),
            each: Each::Region,
            per_minute: 120.0,
            burst: 1000,
        }],
        price_paths: vec![PricePath {
            offers: spot(),
            each: Each::Pool,
            course: Course::Daily(vec![-0.02, 0.0, 0.02]),
        }],
        quota_cuts: vec![QuotaCut {
            offers: Selector::default(),
            each: Each::Region,
            start: after(12),
            end: after(18),
            nodes: Some(200),
            vcpus: None,
        }],
        ..World::default()
    }
}

/// Of a class of machines, at all times.
fn interrupted(offers: Selector) -> Shortage {
    Shortage { offers, hazard_in_plenty: HAZARD, ..Shortage::default() }
}

/// The machines of one series on spot in one region that carry the least share of the planned cost of those that carry
/// enough: the hardest to tell.
fn class(plan: &Plan) -> Option<(Selector, f64)> {
    let families: BTreeMap<&str, &str> =
        plan.market.types.iter().map(|t| (t.name.as_str(), t.family.as_str())).collect();
    let allocations: BTreeMap<&str, _> = plan.allocations.iter().map(|a| (a.id.as_str(), a)).collect();
    let mut costs: BTreeMap<(String, &str), i64> = BTreeMap::new();
    for placement in &plan.placements {
        let Some(a) = allocations.get(placement.allocation.as_str()).filter(|a| a.capacity_type == CapacityType::Spot)
        else {
            continue;
        };
        let family = families.get(a.instance_type.as_str()).copied().unwrap_or_default();
        *costs.entry((a.region.to_string(), family)).or_default() += placement.expected_cost_usd.nanos();
    }
    let share = |nanos: i64| nanos as f64 / plan.summary.cost_usd.nanos() as f64;
    let enough = costs.into_iter().filter(|(_, nanos)| share(*nanos) >= CLASS);
    let ((region, family), nanos) = enough.min_by_key(|(_, nanos)| *nanos)?;
    let capacity = Some(CapacityType::Spot);
    Some((
        Selector { regions: vec![region], families: vec![family.to_owned()], capacity, ..Selector::default() },
        share(nanos),
    ))
}

fn named(class: &Selector) -> String {
    format!("{} {}", class.regions.join(" "), class.families.join(" "))
}
