//! Deadline risk against simulation, in its limits, and against the bound it replaced.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use statrs::distribution::{ContinuousCDF, DiscreteCDF, Normal, Poisson};

use super::*;
use crate::job::{Checkpoint, Job, Runtime};
use crate::market::{CloudFacts, Delay};
use crate::money::{UsdPerGbMonth, UsdPerHour};
use crate::resources::Resources;
use crate::size::Bytes;
use crate::work::Spread;

/// A case in hours: runtime by median and 95th percentile, boot alike, hazard per hour, and interval,
/// save and restore of checkpoints.
#[derive(Debug, Clone, Copy)]
struct Case {
    runtime: (f64, f64),
    boot: (f64, f64),
    hazard: f64,
    checkpoint: Option<(f64, f64, f64)>,
    max_miss: f64,
}

const PLAIN: Case = Case { runtime: (3.0, 3.0), boot: (0.02, 0.02), hazard: 0.05, checkpoint: None, max_miss: 0.05 };

/// Hazards from 0.0001 to 1, with and without checkpoints, spreads of the logarithm from 0 to 0.5.
const CASES: [Case; 14] = [
    PLAIN,
    Case { hazard: 0.0001, boot: (0.02, 0.05), ..PLAIN },
    Case { hazard: 0.0001, runtime: (8.0, 12.0), ..PLAIN },
    Case { hazard: 0.001, runtime: (24.0, 24.0), boot: (0.05, 0.1), ..PLAIN },
    Case { hazard: 0.01, runtime: (3.0, 5.0), boot: (0.02, 0.05), ..PLAIN },
    Case { hazard: 0.01, runtime: (10.0, 22.0), boot: (0.1, 0.3), checkpoint: Some((1.0, 0.02, 0.1)), ..PLAIN },
    Case { hazard: 0.05, runtime: (8.0, 8.0), checkpoint: Some((2.0, 0.05, 0.1)), boot: (0.02, 0.05), ..PLAIN },
    Case { hazard: 0.05, runtime: (2.0, 4.5), boot: (0.02, 0.05), ..PLAIN },
    Case { hazard: 0.1, runtime: (4.0, 6.0), checkpoint: Some((4.0, 0.05, 0.1)), ..PLAIN },
    Case { hazard: 0.2, runtime: (6.0, 6.0), checkpoint: Some((1.0, 0.1, 0.2)), ..PLAIN },
    Case { hazard: 0.3, runtime: (24.0, 30.0), checkpoint: Some((0.5, 0.02, 0.1)), boot: (0.05, 0.15), ..PLAIN },
    Case { hazard: 0.3, runtime: (2.0, 2.0), ..PLAIN },
    Case { hazard: 1.0, runtime: (1.0, 1.5), boot: (0.05, 0.15), ..PLAIN },
    Case { hazard: 1.0, runtime: (12.0, 12.0), checkpoint: Some((0.25, 0.01, 0.05)), ..PLAIN },
];

fn hours(h: f64) -> Millis {
    Millis::from_hours_f64(h)
}

impl Case {
    fn law(self) -> Option<TaskLaw> {
        let runtime = Runtime { p50: hours(self.runtime.0), p95: hours(self.runtime.1) };
        let demand = Resources { vcpu_milli: 1000, memory_mib: 1024, gpu_milli: 0 };
        let mut job = Job::new("case", demand, runtime);
        job.max_miss_probability = self.max_miss;
        job.checkpoint = self.checkpoint.map(|(interval, save, restore)| Checkpoint {
            interval: Some(hours(interval)),
            save: hours(save),
            restore: hours(restore),
            size: Bytes::ZERO,
        });
        let cloud = CloudFacts {
            name: "c".to_owned(),
            boot: Delay { median: hours(self.boot.0), p95: hours(self.boot.1) },
            billing_minimum: Millis::ZERO,
            free_if_interrupted_within: Millis::ZERO,
            notice: Millis::ZERO,
            address: UsdPerHour::ZERO,
            disk: UsdPerGbMonth::ZERO,
            storage: UsdPerGbMonth::ZERO,
            staging_bytes_per_second: 1,
        };
        TaskLaw::new(&job, &cloud, 1.0, self.hazard)
    }
}

/// A sample of a lognormal.
fn sample(spread: Spread, normal: &Normal, rng: &mut StdRng) -> f64 {
    spread.median * (spread.sigma * normal.inverse_cdf(1.0 - rng.random::<f64>())).exp()
}

/// Total hours of one run, interruption by interruption.
fn simulate(law: &TaskLaw, normal: &Normal, rng: &mut StdRng) -> f64 {
    let s = law.segments;
    let mut total = (sample(law.boot, normal, rng) - law.boot.mean()).max(0.0);
    let mut todo = sample(law.runtime, normal, rng);
    while todo > 1e-9 {
        let segment = s.interval.min(todo) + s.save;
        let life = if law.hazard > 0.0 { -(1.0 - rng.random::<f64>()).ln() / law.hazard } else { f64::INFINITY };
        if life < segment {
            total += life + s.restore;
        } else {
            total += segment;
            todo -= s.interval.min(todo);
        }
    }
    total
}

#[test]
fn risk_agrees_with_monte_carlo() {
    let normal = Normal::standard();
    let mut rng = StdRng::seed_from_u64(10);
    let n = 200_000;
    for case in CASES {
        let law = case.law().unwrap();
        // What rounding may add, as a share: most where spread work meets many interruptions.
        let rough = case.runtime.0 < case.runtime.1 && case.hazard * case.runtime.0 > 0.1;
        let share = if rough { 0.25 } else { 0.03 };
        let mut totals: Vec<f64> = (0..n).map(|_| simulate(&law, &normal, &mut rng)).collect();
        totals.sort_by(f64::total_cmp);
        for tail in [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.003, 0.001] {
            let left = hours(totals[n - 1 - (tail * n as f64) as usize] + 2e-6);
            let seen = totals.iter().rev().take_while(|t| **t > left.hours() + SAME_HOURS).count() as f64 / n as f64;
            let error = 4.0 * (seen.max(1e-5) * (1.0 - seen) / n as f64).sqrt();
            let (low, high) = (law.least_miss_probability(left), law.miss_probability(left));
            assert!(high >= seen - error && low <= seen + error, "{case:?} {left:?}: {low} {seen} {high}");
            assert!(high <= seen + error + 0.004 + share * seen, "{case:?} {left:?}: {seen} {high}");
        }
    }
}

/// Cases with the same law but for one thing, from less to more risk.
fn grows(of: impl Fn(f64) -> Case, values: &[f64]) {
    for left in [3.0, 3.5, 5.0, 7.0, 12.0, 30.0].map(hours) {
        let risks: Vec<f64> = values.iter().map(|&v| of(v).law().unwrap().miss_probability(left)).collect();
        assert!(risks.windows(2).all(|w| w[0] <= w[1] + NEGLIGIBLE_SHARE * PLAIN.max_miss), "{left:?}: {risks:?}");
    }
}

#[test]
fn risk_falls_with_time_and_grows_with_hazard_work_and_spread() {
    for case in CASES {
        let law = case.law().unwrap();
        let risk = DeadlineRisk::new(&law, Rounding::Up);
        let points: Vec<f64> = (0..2000).map(|i| risk.miss(hours(f64::from(i) * case.runtime.0 / 500.0))).collect();
        assert!(points.windows(2).all(|w| w[0] >= w[1] - 1e-12), "{case:?}");
        assert!(points[0] > 1.0 - 1e-9, "{case:?} {}", points[0]);
        let never = risk.miss(hours(1e5));
        assert!(never <= 3.0 * NEGLIGIBLE_SHARE * case.max_miss, "{case:?} {never}");
    }
    grows(|hazard| Case { hazard, ..PLAIN }, &[0.0, 1e-9, 1e-5, 1e-3, 0.01]);
    grows(|work| Case { runtime: (work, work), hazard: 0.01, ..PLAIN }, &[0.5, 2.0, 3.0, 4.0, 10.0]);
    grows(|p95| Case { runtime: (2.0, p95), hazard: 0.0, ..PLAIN }, &[2.0, 2.5, 4.0]);
}

#[test]
fn limits_are_exact() {
    let at = |case: Case, left: f64| case.law().unwrap().miss_probability(hours(left));
    let calm = Case { hazard: 1e-12, ..PLAIN };
    assert!(at(calm, 3.0) < 1e-9 && at(calm, 2.999) == 1.0);
    let normal = Normal::standard();
    let spread = Case { runtime: (3.0, 6.0), hazard: 0.0, ..PLAIN };
    for left in [2.0, 3.0, 5.0, 9.0_f64] {
        let known = normal.sf((left / 3.0).ln() / (2.0_f64.ln() / normal.inverse_cdf(0.95)));
        assert!((at(spread, left) - known).abs() < 1e-7, "{left}");
        assert!((at(Case { hazard: 1e-9, ..spread }, left) - known).abs() < 1e-6, "{left}");
    }
    // Saves and restores that take no time: the atom of no interruption is the exponential's.
    let free = Case { boot: (0.0, 0.0), checkpoint: Some((1.0, 0.0, 0.0)), hazard: 0.1, ..PLAIN };
    assert!((at(free, 3.0) - (1.0 - (-0.3_f64).exp())).abs() < 1e-9);
}

#[test]
fn the_required_time_is_the_least_to_the_second() {
    for case in
        CASES.into_iter().chain([Case { hazard: 0.0, boot: (0.02, 0.05), ..PLAIN }, Case { hazard: 0.0, ..PLAIN }])
    {
        for max_miss in [0.3, 0.05, 0.01, 1e-4, 1e-7] {
            let law = Case { max_miss, ..case }.law().unwrap();
            assert!(law.miss_probability(law.required) <= max_miss, "{case:?} {max_miss}");
            let sooner = law.required - Millis::from_secs(1);
            assert!(law.miss_probability(sooner) > max_miss * (1.0 - 2.0 * MARGIN), "{case:?} {max_miss}");
            assert!(law.reserved >= law.required.max(law.mean));
        }
    }
}

/// The bound used before: at most k interruptions cost at most s + R each, for the best k; work fixed.
fn poisson_bound(law: &TaskLaw, left: f64) -> f64 {
    let s = law.segments;
    let (free, loss) = (s.failure_free(law.runtime.median), s.interval.min(law.runtime.median) + s.save + s.restore);
    let most = ((left - free) / loss + 1e-9).floor();
    let done = |k: u64| Poisson::new(law.hazard * (free + k as f64 * loss)).unwrap().cdf(k);
    if most < 0.0 { 1.0 } else { 1.0 - (0..=most as u64).map(done).fold(0.0, f64::max) }
}

#[test]
fn risk_is_below_the_bound_by_the_number_of_interruptions() {
    let mut gained = 0.0_f64;
    for case in CASES.into_iter().filter(|c| c.runtime.0 == c.runtime.1) {
        let law = Case { boot: (0.02, 0.02), ..case }.law().unwrap();
        let risk = DeadlineRisk::new(&law, Rounding::Up);
        for i in 0..200 {
            let left = case.runtime.0 * (1.0 + f64::from(i) / 50.0);
            let (new, old) = (risk.miss(hours(left)), poisson_bound(&law, left));
            assert!(new <= old + NEGLIGIBLE_SHARE * law.max_miss + 1e-12, "{case:?} {left}: {new} {old}");
            gained = gained.max(old - new);
        }
    }
    assert!(gained > 0.2, "{gained}");
}

#[test]
fn hostile_laws_end() {
    let hostile = Case { hazard: 50.0, runtime: (10.0, 20.0), boot: (0.02, 0.1), ..PLAIN };
    assert!(hostile.law().is_none());
    let second = 1.0 / 3600.0;
    let many = Case { checkpoint: Some((second, second / 10.0, 0.0)), boot: (0.0, 0.0), ..hostile };
    assert!(many.law().is_none(), "more interruptions than are worth planning");
    let fine =
        Case { checkpoint: Some((second, 0.0, 0.0)), hazard: 1.0, runtime: (2.8, 2.8), boot: (0.0, 0.0), ..PLAIN };
    let law = fine.law().unwrap();
    assert!(law.required < hours(2.81), "{:?}", law.required);
    assert!(Case { max_miss: 1e-300, hazard: 0.5, ..PLAIN }.law().is_none());
}
