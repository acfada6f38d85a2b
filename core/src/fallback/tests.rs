//! The law against simulation of its policy, and the policy against the best one.

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;
use crate::work::{Segments, Spread};

/// A law with known runtime and boot: work and segments in hours.
fn law(work: f64, count: f64, save: f64, restore: f64, hazard: f64) -> TaskLaw {
    let boot = 0.02;
    TaskLaw {
        runtime: Spread { median: work, sigma: 0.0 },
        boot: Spread { median: boot, sigma: 0.0 },
        hazard,
        segments: Segments { interval: work / count, save, restore: restore + boot, chosen: false },
        max_miss: 0.01,
        useful: Millis::from_hours_f64(work),
        mean: Millis::ZERO,
        reserved: Millis::ZERO,
        required: Millis::ZERO,
        checkpoint_interval: None,
        fallback: None,
    }
}

/// Work, segments, save, restore, hazard, and slack over the least time.
const CASES: [(f64, f64, f64, f64, f64, f64); 8] = [
    (3.0, 1.0, 0.0, 0.0, 0.05, 4.0),
    (8.0, 8.0, 0.02, 0.1, 0.1, 3.0),
    (8.0, 4.0, 0.05, 0.1, 0.3, 5.0),
    (24.0, 48.0, 0.02, 0.05, 0.2, 4.0),
    (12.0, 24.0, 0.02, 0.1, 1.0, 10.0),
    (2.0, 1.0, 0.0, 0.0, 1.0, 6.0),
    (10.0, 10.0, 0.1, 0.1, 0.0001, 2.0),
    (4.0, 4.0, 0.05, 0.1, 0.2, 1.5),
];

fn left(law: &TaskLaw, slack: f64) -> Millis {
    Millis::from_hours_f64(law.segments.restore + law.runtime.median + slack)
}

/// One run of the policy: hours on spot, hours on on-demand, hours left at the end.
fn simulate(law: &TaskLaw, left: f64, rng: &mut StdRng) -> (f64, f64, f64) {
    let s = law.segments;
    let (boot, restore) = (law.boot.median, s.restore - law.boot.median);
    let (mut spot, mut clock, mut todo) = (0.0, left, law.runtime.median);
    let fits = |clock: f64, todo: f64| clock + 1e-9 >= boot + restore + todo + s.interval + s.save;
    while todo > 1e-9 {
        if !fits(clock, todo) {
            let moved = boot + if todo < law.runtime.median - 1e-9 { restore } else { 0.0 } + todo;
            return (spot, moved, clock - moved);
        }
        let life = -(1.0 - rng.random::<f64>()).ln() / law.hazard;
        let lived = life.min(s.interval + s.save);
        (spot, clock) = (spot + lived, clock - lived);
        if life >= s.interval + s.save {
            todo -= s.interval;
        } else if fits(clock - s.restore, todo) {
            (spot, clock) = (spot + s.restore, clock - s.restore);
        } else {
            let moved = boot + if todo < law.runtime.median - 1e-9 { restore } else { 0.0 } + todo;
            return (spot, moved, clock - moved);
        }
    }
    (spot, 0.0, clock)
}

#[test]
fn the_law_agrees_with_monte_carlo_of_its_policy_and_is_never_late() {
    let mut rng = StdRng::seed_from_u64(11);
    let n = 100_000;
    for (work, count, save, restore, hazard, slack) in CASES {
        let law = law(work, count, save, restore, hazard);
        let left = left(&law, slack);
        let got = FallbackLaw::new(&law, left).unwrap();
        let runs: Vec<_> = (0..n).map(|_| simulate(&law, left.hours(), &mut rng)).collect();
        assert!(runs.iter().all(|r| r.2 >= -1e-6), "late");
        let near = |what: &str, got: f64, of: &dyn Fn(&(f64, f64, f64)) -> f64, grid: f64| {
            let mean = runs.iter().map(of).sum::<f64>() / f64::from(n);
            let var = runs.iter().map(|r| (of(r) - mean).powi(2)).sum::<f64>() / f64::from(n);
            let error = 4.0 * (var / f64::from(n)).sqrt() + grid;
            assert!((got - mean).abs() <= error, "{what} {work} {count} {hazard}: {got} simulated {mean} +- {error}");
        };
        near("spot", got.spot.hours(), &|r| r.0, 0.005 * work);
        near("on-demand", got.on_demand.hours(), &|r| r.1, 0.005 * work);
        near("switch", got.switch_probability, &|r| f64::from(r.1 > 0.0), 0.01);
        assert_eq!(got.miss_probability, 0.0);
    }
}

/// The least cost of any policy that keeps on-demand in reach, by the programme backwards, every loss looked at.
fn best_cost(race: &Race, spot: f64, on_demand: f64) -> f64 {
    let grid = Grid::new(race, 400);
    let tried = -libm::expm1(-race.hazard * race.segment) / race.hazard;
    let mut next = vec![0.0; 401];
    for done in (0..race.segments).rev() {
        let (moved, mut here) = (on_demand * race.moved(done), vec![0.0; 401]);
        for lost in (0..=400).rev() {
            let room = race.slack - race.save * done as f64 - race.segment - lost as f64 * grid.step;
            here[lost] = moved;
            if room < -1e-9 {
                continue;
            }
            let after = |k: usize| here.get(lost + k).map_or(moved, |v: &f64| moved.min(spot * race.restart + v));
            let geometric = |i: usize| grid.second_mass * grid.ratio.powi(i as i32) * after(grid.first + 1 + i);
            let fails = grid.first_mass * after(grid.first) + (0..grid.count).map(geometric).sum::<f64>();
            here[lost] = moved.min(spot * tried + grid.succeeds * next[lost] + fails);
        }
        next = here;
    }
    next[0]
}

#[test]
fn staying_on_spot_to_the_last_is_near_the_best_policy() {
    for (work, count, save, restore, hazard, slack) in CASES {
        let law = law(work, count, save, restore, hazard);
        let left = left(&law, slack);
        let got = FallbackLaw::new(&law, left).unwrap();
        let race = Race::new(&law, left);
        let cost = 0.3 * got.spot.hours() + got.on_demand.hours();
        let best = best_cost(&race, 0.3, 1.0);
        assert!(cost <= best * 1.005, "{work} {count} {hazard}: {cost} best {best}");
        assert!(cost >= best * 0.99, "{work} {count} {hazard}: {cost} below the best {best}");
    }
}

#[test]
fn limits_and_order() {
    let law = law(8.0, 8.0, 0.02, 0.1, 0.1);
    let full = FallbackLaw::new(&law, left(&law, 0.0)).unwrap();
    assert_eq!((full.switch_probability, full.spot, full.switch_at), (1.0, Millis::ZERO, Millis::ZERO));
    assert_eq!(full.required, left(&law, 0.0));
    assert!(FallbackLaw::new(&law, left(&law, -0.001)).is_none());
    let long = FallbackLaw::new(&law, left(&law, 60.0)).unwrap();
    assert!(long.switch_probability < 1e-4, "{}", long.switch_probability);
    let mean = crate::work::expected_hours(8.0, 8.0, 0.02, 0.12, 0.1);
    assert!((long.spot.hours() - mean).abs() < 0.001 * mean, "{} {mean}", long.spot.hours());
    let switching: Vec<f64> =
        (0..40).map(|i| FallbackLaw::new(&law, left(&law, f64::from(i) / 4.0)).unwrap().switch_probability).collect();
    assert!(switching.windows(2).all(|w| w[1] <= w[0] + 0.01), "{switching:?}");
    assert!(long.on_demand_from < long.switch_at && long.switch_at < long.spot_until);
}

#[test]
fn spread_is_left_to_the_quantiles() {
    let mut law = law(8.0, 8.0, 0.02, 0.1, 0.1);
    law.runtime.sigma = 0.2;
    law.boot.sigma = 0.5;
    let got = FallbackLaw::new(&law, Millis::from_hours(24)).unwrap();
    assert!((got.miss_probability - 0.01).abs() < 1e-12);
    assert!(got.required > left(&law, 0.0));
}

#[test]
fn the_probability_of_a_miss_is_never_above_what_is_allowed() {
    // 0.1 and 0.9 of 0.01 add up to 0.010000000000000002.
    for max_miss in [0.05, 0.01, 0.003, 0.001] {
        let known = law(8.0, 8.0, 0.02, 0.1, 0.1);
        let spread = |median: f64| Spread { median, sigma: 0.1 };
        let law = TaskLaw { max_miss, runtime: spread(8.0), boot: spread(0.02), ..known };
        let got = FallbackLaw::new(&law, Millis::from_hours_f64(16.0)).unwrap();
        assert!(got.miss_probability > 0.9 * max_miss && got.miss_probability <= max_miss, "{got:?}");
    }
}
