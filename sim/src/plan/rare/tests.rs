//! Rare misses against closed forms and long plain runs.

use tradewind_core::market::CapacityType;
use tradewind_core::stint::Rhythm;
use tradewind_core::work::Spread;

use super::*;
use crate::plan::run::tests::{HOUR, SIZE, model};
use crate::stats::proportion;

/// One minute of boot, as the market of the tests has it.
const BOOT: f64 = 1.0 / 60.0;

/// A task of five hours in the median, due at an hour.
fn due(world: &str, capacity_type: CapacityType, sigma: f64, deadline: f64) -> Model {
    let mut model = model(world, 1, capacity_type);
    model.tasks[0].runtime = Spread { median: 5.0, sigma };
    model.tasks[0].deadline = (deadline * HOUR as f64) as i64;
    model
}

/// Three jobs of one task each on spot: the first two share a node one after the other, the third, on a node of its
/// own, waits for the second; in a world where capacity comes and goes.
fn chain() -> Model {
    let world = r#"{"hazard_factor":0.3,"shortages":[{"when":{"random":{"plenty_hours":10,"tight_hours":1,"sigma":1}},"loses":0.05,"refuses":0.5}]}"#;
    let mut model = model(world, 3, CapacityType::Spot);
    for (t, task) in (0..).zip(&mut model.tasks) {
        task.job = t;
        task.runtime = Spread { median: 2.0, sigma: 0.2 };
        task.deadline = 9 * HOUR;
    }
    model.tasks[1].first_node = 0;
    model.tasks[1].demand = SIZE;
    model.tasks[2].waits_for = 1;
    model.nodes[0].parts = 2;
    model.nodes[1].parts = 0;
    model.of_job = vec![vec![0], vec![1], vec![2]];
    model.followers = vec![Vec::new(), vec![2], Vec::new()];
    model.close();
    model
}

fn found(model: &Model, job: u32, seed: u64) -> RareMiss {
    rare_miss(model, job, Seed(seed), Sharpness::default(), &|_| {}).expect("a deadline")
}

/// That the truth lies within three and a half standard errors, that the answer is as sharp as asked, and how many times
/// as many events a plain simulation takes.
fn agrees(found: &RareMiss, truth: f64, times: f64) {
    let half = 0.5 * (found.interval[1] - found.interval[0]);
    assert!((found.probability - truth).abs() < 3.5 / 1.96 * half, "{found:?}, truth {truth:e}");
    assert!(found.is_sharp && half <= 0.2 * found.probability, "{found:?}");
    let saved = found.plain_events.expect("a miss") / found.events as f64;
    assert!(saved >= times, "{saved} times: {found:?}");
}

/// P(a lognormal running time and the boot pass the deadline) = P(normal > ln((D - boot) / median) / sigma).
#[test]
fn an_overrun_on_demand_is_the_tail_of_its_law() {
    for (deviations, times) in [(3.719_f64, 20.0), (4.753, 500.0)] {
        let deadline = BOOT + 5.0 * libm::exp(0.2 * deviations);
        let truth = 0.5 * libm::erfc(deviations / core::f64::consts::SQRT_2);
        agrees(&found(&due("{}", CapacityType::OnDemand, 0.2, deadline), 0, 1), truth, times);
    }
}

/// A node of a mean life of 10 hours over the hazard's factor: without time to begin again a loss is a miss, but for one
/// in the first minutes.
#[test]
fn a_loss_on_spot_is_the_tail_of_its_law() {
    for (factor, times) in [(2e-4, 20.0), (2e-6, 500.0)] {
        let mut model = due(&format!(r#"{{"hazard_factor":{factor}}}"#), CapacityType::Spot, 0.0, 5.1);
        model.tasks[0].rhythm.interval = Rhythm::NEVER;
        let spare = 0.1 - 2.0 * BOOT;
        let truth = -libm::expm1(-0.1 * factor * (5.0 - spare));
        agrees(&found(&model, 0, 1), truth, times);
    }
}

#[test]
fn any_replication_of_the_cone_ends_the_job_as_the_whole_does() {
    let model = chain();
    for (job, tasks) in [(0, 2), (1, 2), (2, 3)] {
        let cone = model.cone(job);
        assert_eq!(cone.tasks(), tasks);
        let (mut part, mut whole) = (Run::default(), Run::default());
        for replication in 0..300 {
            let draws = Draws::new(Seed(2), replication);
            let (a, b) = (part.fate(&cone, &draws, job).late, whole.fate(&model, &draws, job).late);
            assert_eq!(a, b, "job {job}, replication {replication}");
            let missed = whole.replicate(&model, &draws).missed.iter().any(|(j, _)| *j == job);
            assert_eq!(missed, a > 0, "job {job}, replication {replication}");
        }
    }
}

#[test]
fn it_agrees_with_a_long_plain_run_where_nodes_are_shared_and_capacity_comes_and_goes() {
    let model = chain();
    let found = found(&model, 2, 1);
    let (runs, mut run) = (200_000, Run::default());
    let missed = (0..runs).filter(|&r| run.fate(&model, &Draws::new(Seed(9), r), 2).late > 0).count();
    let plain = proportion(missed as u64, runs, 0.999).interval.expect("runs");
    let overlap = found.interval[0] <= plain.high && plain.low <= found.interval[1];
    assert!(found.probability < 0.02 && found.is_sharp && overlap, "{found:?} against {plain:?}");
}

#[test]
fn the_same_at_any_number_of_threads() {
    let model = due(r#"{"hazard_factor":0.001}"#, CapacityType::Spot, 0.2, 8.0);
    let of = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| found(&model, 0, 3))
    };
    assert_eq!(of(1), of(3));
}

#[test]
fn what_cannot_happen_has_a_bound() {
    let found = found(&due("{}", CapacityType::OnDemand, 0.0, 6.0), 0, 1);
    assert_eq!((found.probability, found.is_sharp, found.plain_events), (0.0, false, None));
    assert!(found.interval[1] < 1.1e-4, "{found:?}");
    assert_eq!(rare_miss(&model("{}", 1, CapacityType::Spot), 0, Seed(1), Sharpness::default(), &|_| {}), None);
}
